"""Far from the repository, as on Colab: the installed wheel and one notebook, nothing else.

The quick cousin of `make colab` with the tested versions; and that run itself, on notebooks with something wrong.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from answer_key import load_set, set_names
from tests.exercise_notebooks import ROOT
from tools import colab_notebook, colab_run
from tools.bootstrap import bootstrap_source
from tools.colab_box import MACHINE, PYTHON, Box

# Runs every code cell as Colab's IPython would; `check` must come from the wheel and give points for a solution.
PROGRAM = """
import json, re, sys
import course_utils, course_utils.checks as checks
from course_utils.checks.sheets import task_sheet
assert WHEEL in course_utils.__file__, course_utils.__file__
sys.path.append(MACHINE)
import google.colab
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for name in NAMES:
    scores, check = {}, checks.check
    def counted(task, *answers):
        scores[task] = check(task, *answers)
        return scores[task]
    course_utils.check = counted
    for cell in json.load(open(name, encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and "demo" not in cell["metadata"].get("tags", []):
            source = re.sub(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", "", source, flags=re.S)
            done = shell.run_cell(source, store_history=True)
            assert done.success, (name, source, done.error_in_exec)
    print(json.dumps({task: [score, task_sheet(task).points] for task, score in scores.items()}), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def wheel_file(tmp_path_factory):
    return colab_run.built_wheel(tmp_path_factory.mktemp("wheel") / "built")


@pytest.fixture(scope="module")
def wheel(wheel_file, tmp_path_factory):
    """The built wheel, unpacked."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel_file) as archive:
        archive.extractall(folder)
    return folder


def test_wheel_holds_the_visible_checks_and_no_answers(wheel):
    assert {path.stem for path in (wheel / "course_utils/assets/checks").glob("*.json")} == set(set_names())
    tops = {path.name for path in wheel.iterdir() if not path.name.endswith(".dist-info")}
    assert tops == {"course_utils"}


@pytest.mark.parametrize("kind", ["exercises", "solutions"])
def test_every_set_runs_with_the_wheel_and_the_notebook_alone(wheel, tmp_path, kind):
    names = []
    for name in set_names():
        file = f"{load_set(name).folder}.ipynb"
        shutil.copy(ROOT / kind / load_set(name).folder / file, tmp_path / file)
        names.append(file)
    program = f"WHEEL, MACHINE, NAMES = {str(wheel)!r}, {str(MACHINE)!r}, {names!r}\n{PROGRAM}"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, env=_environment(wheel, tmp_path)
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert len(found) == len(names) and all(found)
    for scores in found:
        for task, (earned, points) in scores.items():
            assert (0 < earned <= points) if kind == "solutions" else earned == 0, task


def _environment(wheel, home):
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP") if name in os.environ}
    return kept | {"PYTHONPATH": str(wheel), "HOME": str(home), "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}


@pytest.fixture(scope="module")
def machine(wheel_file, tmp_path_factory):
    """A simulated Colab machine without a network; its wheel is the course's, to be installed by the bootstrap cell."""
    if shutil.which("bwrap") is None:
        assert os.environ.get("COURSE_SANDBOX") != "bubblewrap", "bubblewrap is missing"
        pytest.skip("no bubblewrap here")
    folder = tmp_path_factory.mktemp("colab")
    other = fake_wheel(folder, "six", "99.0")
    extra = [(f"/colab/wheels/{file.name}", file) for file in (wheel_file, other)]
    box = Box(folder / "machine", sys.executable, network=False, extra=extra)
    if box.run("/bin/true").returncode:
        assert os.environ.get("COURSE_SANDBOX") != "bubblewrap", "bubblewrap does not work"
        pytest.skip("bubblewrap does not work here")
    return box


def fake_wheel(folder, name, version):
    """A wheel with one empty module: another version of a package that is there."""
    file, info = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    tags = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", tags)
        archive.writestr(f"{info}/RECORD", "")
    return file


def notebook(folder, *sources, bootstrap=False):
    cells = [new_code_cell(bootstrap_source(), id="bootstrap")] if bootstrap else []
    path = folder / "tiny.ipynb"
    nbformat.write(new_notebook(cells=[*cells, *(new_code_cell(s, id=f"c{i}") for i, s in enumerate(sources))]), path)
    return path


def complaints_of(machine, path, **options):
    return "\n".join(colab_notebook.run_notebook(machine, path, kind="other", **options).complaints)


def test_bootstrap_cell_without_a_way_out_is_told_in_korean(machine, tmp_path):
    """First of this machine's tests: nothing is installed, there is no network, and a failing %pip raises nothing."""
    found = complaints_of(machine, notebook(tmp_path, bootstrap=True))
    assert "ModuleNotFoundError: 강의 패키지를 설치하지 못했습니다" in found and "https://github.com/" in found


@pytest.mark.parametrize("name", ["00_start_here", "03_chat_generation"])
def test_lessons_run_from_the_wheel_as_on_colab(machine, wheel_file, name):
    """The first of them installs, the other finds the package there: its bootstrap cell has nothing to do."""
    done = colab_notebook.run_notebook(
        machine, ROOT / f"notebooks/{name}.ipynb", wheel=f"/colab/wheels/{wheel_file.name}"
    )
    assert done.complaints == []
    assert done.compared and done.memory > 1e8 and done.seconds > done.bootstrap >= 0 and not done.left


@pytest.fixture
def with_course(machine, wheel_file):
    """The machine with the course, as after the bootstrap cell of an earlier notebook."""
    if machine.run(PYTHON, "-c", "import course_utils").returncode:
        done = machine.run(PYTHON, "-m", "pip", "install", "-q", "--no-index", f"/colab/wheels/{wheel_file.name}")
        assert done.returncode == 0, done.stderr
    return machine


def test_secrets_of_colab_become_keys_or_an_explanation(with_course, tmp_path):
    source = """
from course_utils.api_keys import secret_in_colab
assert secret_in_colab("NONE") == (None, "") and secret_in_colab("OPEN") == ("sk-1", "")
value, why = secret_in_colab("CLOSED")
assert value is None and "노트북 액세스" in why
"""
    with_course.set_secrets({"OPEN": "sk-1", "CLOSED": None})
    assert complaints_of(with_course, notebook(tmp_path, source)) == ""


def test_a_tiny_notebook_meets_colab_and_not_the_repository(machine, tmp_path):
    source = """
import os, sys, google.colab
assert "COLAB_RELEASE_TAG" in os.environ and os.getcwd() == "/content" and os.path.expanduser("~") == "/root"
assert type(get_ipython()).__name__ == "Shell" and os.listdir() == ["tiny.ipynb"]
assert not os.path.exists(ROOT)
from google.colab import userdata
for name, error in {"NONE": userdata.SecretNotFoundError, "CLOSED": userdata.NotebookAccessError}.items():
    try:
        userdata.get(name)
    except error:
        pass
    else:
        raise AssertionError(name)
assert userdata.get("OPEN") == "값"
!echo 한글
open("/content/left.txt", "w").close(); open("/tmp/x", "w").close(); open("/root/.cache/x", "w").close()
""".replace("ROOT", repr(str(ROOT)))
    machine.set_secrets({"OPEN": "값", "CLOSED": None})
    done = colab_notebook.run_notebook(machine, notebook(tmp_path, source), kind="other")
    assert done.complaints == [] and done.left == ["left.txt"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import sys\nprint('x', file=sys.stderr)", "stderr: x"),
        ("import warnings\nwarnings.warn('old')", "UserWarning: old"),
        ("open('/root/litter', 'w')", "Read-only file system"),
        ("open('/usr/litter', 'w')", "Read-only file system"),
    ],
)
def test_whatever_a_learner_would_see_makes_the_run_fail(machine, tmp_path, source, expected):
    assert expected in complaints_of(machine, notebook(tmp_path, source))


def test_another_version_of_a_preinstalled_package_makes_the_run_fail(machine, tmp_path, capsys):
    """The package is loaded when it is replaced, so Colab would ask for a restart as well."""
    path = notebook(tmp_path, "import six\n%pip install --no-index /colab/wheels/six-99.0-py3-none-any.whl")
    outcomes, changed = colab_run.run_all(machine, colab_run.course_notebooks([path]))
    assert len(changed) == 1 and changed[0].startswith("preinstalled six 1.") and changed[0].endswith("became 99.0")
    assert outcomes[0][1].complaints == ["cell c0: Colab asks for a restart of the runtime"]
    assert "| tiny | other | 1 |" in colab_run.table(outcomes) and "1 complaints" in colab_run.table(outcomes)


def test_outputs_are_compared_by_kind_and_in_order():
    def cell(*outputs):
        return colab_notebook.comparable(nbformat.from_dict({"outputs": list(outputs)}))

    def text(words):
        return {"output_type": "stream", "name": "stdout", "text": words}

    def data(**kinds):
        named = {kind.replace("_", "/"): value for kind, value in kinds.items()}
        return {"output_type": "display_data", "data": named, "metadata": {}}

    both, plain = data(text_plain="1", text_html="<b>"), data(text_plain="1")
    saved = cell(text("가\n나"), both)
    assert colab_notebook.first_difference(saved, cell(text("가\n"), both, text("나"))) == ""
    for other in ((text("가\n다"), both), (text("가\n나"), plain), (both,), (text("가\n나"), both, both)):
        assert colab_notebook.first_difference(saved, cell(*other))


def test_what_a_widget_needs_on_colabs_page_is_no_difference():
    from course_utils.widget_access import STYLE

    helper = {"output_type": "display_data", "data": {"text/html": f"<style>{STYLE}</style>"}, "metadata": {}}
    bar = {"output_type": "display_data", "data": {"text/html": "<p>"}, "metadata": {}}
    ran = nbformat.from_dict({"id": "a", "outputs": [helper, bar]})
    assert colab_notebook.without_helper(ran) == {"id": "a", "outputs": [bar]}


def test_a_widget_of_another_package_needs_colabs_manager():
    view, state = colab_notebook.VIEW, colab_notebook.STATE

    def shown(module, metadata):
        states = {
            "a1": {"model_module": "@jupyter-widgets/controls", "state": {"children": ["IPY_MODEL_b2"]}},
            "b2": {"model_module": module, "state": {}},
        }
        output = {
            "output_type": "display_data",
            "data": {view: {"model_id": "a1"}, "text/plain": ""},
            "metadata": metadata,
        }
        cells = [{"id": "c", "cell_type": "code", "outputs": [output]}]
        book = {"metadata": {"widgets": {state: {"state": states}}}, "cells": cells}
        return colab_notebook.widget_complaints(nbformat.from_dict(book))

    assert shown("@jupyter-widgets/controls", {}) == (1, [])
    assert shown("anywidget", {view: {"colab": {"custom_widget_manager": {"url": "https://x"}}}}) == (1, [])
    count, found = shown("anywidget", {})
    assert count == 1 and "anywidget" in found[0]
