"""`make compat` as a whole, with installations and test runs played: what must never look green, what is taken up."""

import json
import sys
from pathlib import Path

import pytest

from tools import compat, compat_sets
from tools.compat_sets import SETS

ROOT = Path(__file__).resolve().parent.parent
BROKEN = """<testsuite>
<testcase classname="tests.test_a" name="test_wrong">
<failure message="assert 1 == 2">trace</failure></testcase>
<testcase classname="tests.test_b" name="test_broken"><error message="fixture"/></testcase>
<testcase classname="tests.test_b" name="test_right"/>
</testsuite>"""


class Played(compat.Trial):
    """A trial that installs nothing and whose test runs leave behind what the test says: (JUnit file, status)."""

    runs: dict[str, tuple[str | None, int]] = {}

    def clone(self):
        self.course.mkdir(exist_ok=True)
        for name in ("pyproject.toml", "requirements.txt"):
            (self.course / name).write_bytes((ROOT / name).read_bytes())

    def install(self, program):
        self.environment.folder.mkdir(exist_ok=True)

    def tests(self, run, marker=None, tested=None):
        junit, status = self.runs[run]
        if junit:
            (self.folder / f"{run}.xml").write_text(junit)
        (self.folder / f"{run}.log").write_text("collected\nKilled\n")
        self.read(self.folder / f"{run}.xml", self.folder / f"{run}.log", status)


GREEN = '<testsuite><testcase classname="a" name="b"/></testsuite>'
EMPTY = "<testsuite></testsuite>"


@pytest.fixture
def played(monkeypatch):
    def play(lessons, exercises=(GREEN, 0)):
        monkeypatch.setattr(Played, "runs", {"test-lessons": lessons, "test-exercises": exercises})

    monkeypatch.setattr(compat, "Trial", Played)
    monkeypatch.setitem(SETS, "here", compat_sets.CompatSet("here", ".".join(map(str, sys.version_info[:2])), None))
    monkeypatch.setitem(SETS, "nowhere", compat_sets.CompatSet("nowhere", "3.2", None))
    return play


def test_a_set_passes_and_is_not_run_twice_on_one_commit(played, tmp_path, capsys):
    played((GREEN, 0))
    summary = tmp_path / "summary.md"
    assert compat.main(["here", "--work", str(tmp_path), "--summary", str(summary)]) == 0
    assert "| passed | 2 | 0 | 0 |" in summary.read_text() and summary.read_text() in capsys.readouterr().out
    assert not (tmp_path / "here" / "venv").exists()
    played((None, 1))
    assert compat.main(["here", "--work", str(tmp_path)]) == 0
    assert compat.main(["here", "--work", str(tmp_path), "--again"]) == 1
    assert compat.main(["here", "--work", str(tmp_path)]) == 1


@pytest.mark.parametrize(
    ("lessons", "exercises", "said"),
    [
        ((BROKEN, 1), (GREEN, 0), "tests.test_a::test_wrong"),
        ((GREEN, 0), (BROKEN, 1), "tests.test_b::test_broken"),
        ((None, 137), (GREEN, 0), "test-lessons reported nothing: collected Killed"),
        ((BROKEN[:150], 137), (GREEN, 0), "test-lessons reported nothing"),
        ((EMPTY, 5), (GREEN, 0), "test-lessons: no test passed"),
        ((GREEN, 0), (GREEN, 2), "test-exercises ended with status 2 though no test failed"),
    ],
)
def test_what_went_wrong_is_never_green(played, lessons, exercises, said, tmp_path, capsys):
    played(lessons, exercises)
    assert compat.main(["here", "--work", str(tmp_path)]) == 1
    text = capsys.readouterr().out
    assert said in text and "| failed |" in text
    assert (tmp_path / "here" / "venv").exists(), "kept, to look into it and to go on from"


def test_a_missing_interpreter_is_not_run_and_the_others_are(played, tmp_path, capsys):
    played((GREEN, 0))
    assert compat.main(["nowhere", "here", "--work", str(tmp_path)]) == 1
    text = capsys.readouterr().out
    assert "| nowhere | 3.2 | not run |" in text and "no Python 3.2 on this machine" in text and "| passed |" in text


def test_what_pip_cannot_do_is_reported_and_the_next_set_runs(played, monkeypatch, tmp_path, capsys):
    played((GREEN, 0))

    def impossible(self, program):
        raise compat.NotInstalled("ERROR: two versions")

    monkeypatch.setattr(Played, "install", impossible)
    assert compat.main(["here", "--work", str(tmp_path)]) == 1
    assert "pip: ERROR: two versions" in capsys.readouterr().out


def test_a_result_of_another_commit_or_a_damaged_one_is_not_taken(played, tmp_path):
    played((GREEN, 0))
    compat.main(["here", "--work", str(tmp_path)])
    trial = Played(SETS["here"], compat.git("rev-parse", "HEAD", folder=compat.ROOT).decode().strip(), tmp_path, [], 0)
    kept = json.loads(trial.result_file.read_text())
    assert trial.earlier().outcome.passed == 2
    for text in [json.dumps(kept | {"commit": "0" * 40}), json.dumps(kept | {"state": "failed"}), "[]", "{", ""]:
        trial.result_file.write_text(text)
        assert trial.earlier() is None


def test_installing_beside_colab_fails_the_set_when_a_version_would_move(tmp_path, monkeypatch):
    trial = compat.Trial(SETS["colab"], "0" * 40, tmp_path, [], 0)
    monkeypatch.setattr(trial.environment, "install", lambda requirements, pins: [])
    monkeypatch.setattr(trial.environment, "installed", lambda: {"numpy": "2.1.3", "torch": "2.11.0"})
    for changed in ([], ["numpy 2.1.3 -> 2.4.6"]):
        monkeypatch.setattr(trial.environment, "would_change", lambda before, changed=changed: changed)
        trial.install_beside({"numpy": "2.1.3"})
    assert trial.result.notes == ["installing the course changes none of the 2 preinstalled packages"]
    assert trial.result.problems == ["installing the course changes numpy 2.1.3 -> 2.4.6"]
