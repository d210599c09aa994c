"""`exercises/` is what nbgrader makes of `solutions/` today."""

import nbformat
import pytest

from answer_key import load_set, set_names
from tools import exercises

pytestmark = pytest.mark.nbgrader


def test_released_notebooks_are_not_stale():
    names = exercises.folders()
    assert names == [load_set(name).folder for name in set_names()]
    assert exercises.stale(names) == [], "run: make exercises"


@pytest.fixture
def one_set(tmp_path, monkeypatch):
    """A copy of the first set's released notebook in a folder of its own."""
    name = exercises.folders()[0]
    monkeypatch.setattr(exercises, "EXERCISES", tmp_path)
    exercises.release([name], tmp_path)
    return name, tmp_path / name / f"{name}.ipynb"


def test_a_release_edited_by_hand_is_found_and_written_again(one_set, capsys):
    name, path = one_set
    before = path.read_bytes()
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += " 손으로 고침"
    nbformat.write(notebook, path)
    assert exercises.main([name[:4], "--check"]) == 1 and name in capsys.readouterr().out
    assert exercises.main([name[:4]]) == 0
    assert path.read_bytes() == before
