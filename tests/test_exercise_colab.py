"""An exercise far from the repository, as on Colab: the installed wheel and one notebook, nothing else."""

import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from answer_key import load_set, set_names
from tests.exercise_notebooks import ROOT

# Runs every code cell as Colab's IPython would; `check` must come from the wheel and give points for a solution.
PROGRAM = """
import json, re, sys, types
import course_utils, course_utils.checks as checks
from course_utils.checks.sheets import task_sheet
assert WHEEL in course_utils.__file__, course_utils.__file__
sys.modules["google"] = types.ModuleType("google")
sys.modules["google.colab"] = types.ModuleType("google.colab")
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
def wheel(tmp_path_factory):
    """The built wheel, unpacked."""
    folder, source = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):  # setuptools builds in the folder it is given
        shutil.copy(ROOT / name, source)
    for name in ("course_utils", "answer_key"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, source]
    subprocess.run(command, check=True, capture_output=True, text=True)
    [path] = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


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
    program = f"WHEEL = {str(wheel)!r}\nNAMES = {names!r}\n{PROGRAM}"
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
