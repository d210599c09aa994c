"""The repository stamp and the notebook runner."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import run_notebooks, stamp_repository
from tools.bootstrap import INSTALLING, bootstrap_source, colab_badge

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def project(tmp_path):
    """A project with the old address in every kind of place, as (folder, old address)."""
    old = "old-owner/course.kr"
    (tmp_path / "course_utils").mkdir()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "course_utils/_repository.py").write_text(f'"""Doc."""\n\nREPOSITORY = "{old}"\n')
    links = f"git clone https://github.com/{old}.git\n[a](https://github.com/{old}) https://github.com/{old}/issues.\n"
    other = f"https://github.com/{old}-fork https://github.com/huggingface/transformers {old}\r\n"
    (tmp_path / "README.md").write_bytes((links + colab_badge("a.ipynb", old) + other).encode())
    cells = [new_markdown_cell(colab_badge("a.ipynb", old)), new_code_cell(bootstrap_source(old), id="bootstrap")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks/a.ipynb")
    return tmp_path, old


def test_stamp_changes_every_link_of_the_project_and_nothing_else(project):
    root, old = project
    changed = stamp_repository.stamp("New-Owner/llm", root)
    assert sorted(changed) == ["README.md", "course_utils/_repository.py", "notebooks/a.ipynb"]
    assert (root / "course_utils/_repository.py").read_text() == '"""Doc."""\n\nREPOSITORY = "New-Owner/llm"\n'
    readme = (root / "README.md").read_bytes().decode()
    assert readme.startswith("git clone https://github.com/New-Owner/llm.git\n[a](https://github.com/New-Owner/llm) ")
    assert "https://github.com/New-Owner/llm/issues.\n" in readme
    assert readme.endswith(f"https://github.com/{old}-fork https://github.com/huggingface/transformers {old}\r\n")
    cells = nbformat.read(root / "notebooks/a.ipynb", 4).cells
    assert cells[0].source == colab_badge("a.ipynb", "New-Owner/llm")
    assert cells[1].source == bootstrap_source("New-Owner/llm")


def test_stamp_is_idempotent_and_can_be_undone(project):
    root, old = project
    before = {path: path.read_bytes() for path in root.rglob("*.*") if path.is_file()}
    stamp_repository.stamp("x/y", root)
    assert stamp_repository.stamp("x/y", root) == []
    stamp_repository.stamp(old, root)
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("address", ["course", "https://github.com/a/b", "a/b/c", 'a/b"', "", "-a/b"])
def test_stamp_refuses_what_is_no_address(project, address):
    root, old = project
    with pytest.raises(ValueError, match="OWNER/REPO"):
        stamp_repository.stamp(address, root)
    assert stamp_repository.current_repository(root) == old


def test_stamp_runs_as_a_plain_script_without_the_package():
    """Somebody who forks the course has no environment yet: standard library only, from any folder."""
    command = [sys.executable, "-I", str(ROOT / "tools/stamp_repository.py"), "no-address"]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert done.returncode == 2 and "not an OWNER/REPO address" in done.stderr


def test_the_project_carries_one_address_everywhere():
    """Links of Colab, pip and git clone in the whole project lead to the address of the constant."""
    repository = stamp_repository.current_repository()
    link = re.compile(r"(?:colab\.research\.google\.com/github/|git\+https://github\.com/)([\w-]+/[\w-]+)")
    paths = [path for pattern in stamp_repository.STAMPED for path in ROOT.glob(pattern)]
    found = {path.name: set(link.findall(path.read_text(encoding="utf-8"))) for path in paths}
    assert found["README.md"] == found["README.ko.md"] == {repository}
    assert all(addresses <= {repository} for addresses in found.values()), found


def test_bootstrap_installs_only_on_colab(monkeypatch, capsys):
    """The cell's own text runs, with the installation line replaced by a note that it was reached."""
    plain = re.sub(r"%pip install (.*)", r"installed.append('\1')", bootstrap_source("a/b"))

    def installed(importable, colab, works=True):
        names = {"installed": []}
        spec = lambda name: object() if importable or (works and names["installed"]) else None  # noqa: E731
        monkeypatch.setattr("importlib.util.find_spec", spec)
        monkeypatch.setitem(sys.modules, "google.colab", None)
        if not colab:
            monkeypatch.delitem(sys.modules, "google.colab")
        exec(plain, names)
        return names["installed"]

    assert installed(importable=True, colab=False) == []
    assert installed(importable=True, colab=True) == []
    assert capsys.readouterr().out == ""
    assert installed(importable=False, colab=True) == ["-q git+https://github.com/a/b"]
    assert capsys.readouterr().out == INSTALLING
    with pytest.raises(ModuleNotFoundError, match="https://github.com/a/b 이"):
        installed(importable=False, colab=True, works=False)
    with pytest.raises(ModuleNotFoundError, match="make lab"):
        installed(importable=False, colab=False)


def write_notebook(path, *sources):
    cells = [new_code_cell(source) for source in sources]
    metadata = {"kernelspec": {"name": "mine", "display_name": "Kim's", "language": "python"}, "widgets": {"a": 1}}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)
    return path


def test_run_saves_outputs_and_no_trace_of_the_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_MODEL", "mini")
    path = write_notebook(tmp_path / "a.ipynb", "import os\nos.environ['COURSE_MODEL']", "print('가')\nprint('나')")
    notebook = nbformat.read(path, 4)
    notebook.cells[0].metadata.update(tags=["keep"], ExecuteTime={"start_time": "now"})
    notebook.cells.insert(0, new_code_cell("old text", id="bootstrap"))
    nbformat.write(notebook, path)
    assert run_notebooks.run(path) == []
    saved = nbformat.read(path, 4)
    assert saved.cells[0].source == bootstrap_source()
    assert [cell.execution_count for cell in saved.cells] == [1, 2, 3]
    assert saved.cells[1].outputs[0].data == {"text/plain": "'mini'"}
    assert [output.text for output in saved.cells[2].outputs] == ["가\n나\n"]
    assert saved.cells[1].metadata == {"tags": ["keep"]}
    assert saved.metadata == {"kernelspec": run_notebooks.KERNELSPEC, "language_info": {"name": "python"}}
    first = path.read_bytes()
    assert run_notebooks.run(path) == [] and path.read_bytes() == first


@pytest.mark.parametrize(
    ("source", "reason"),
    [("import sys\nprint('careful', file=sys.stderr)", "careful"), ("1 / 0", "ZeroDivisionError")],
)
def test_run_does_not_save_a_noisy_or_broken_notebook(tmp_path, source, reason):
    path = write_notebook(tmp_path / "a.ipynb", source)
    before = path.read_bytes()
    [complaint] = run_notebooks.run(path)
    assert reason in complaint and path.read_bytes() == before


def test_runner_fails_when_there_is_nothing_to_run(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(run_notebooks, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(sys, "argv", ["run_notebooks"])
    assert run_notebooks.main() == 1
    assert "no notebooks" in capsys.readouterr().err


def test_clean_drops_widget_views():
    cell = new_code_cell("slider", outputs=[nbformat.v4.new_output("display_data", {"text/plain": "IntSlider()"})])
    cell.outputs[0].data["application/vnd.jupyter.widget-view+json"] = {"model_id": "0f1e"}
    notebook = new_notebook(cells=[new_markdown_cell("text"), cell])
    run_notebooks.clean(notebook)
    assert notebook.cells[1].outputs[0].data == {"text/plain": "IntSlider()"}
