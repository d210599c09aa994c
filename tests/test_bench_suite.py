"""The rows on the tests: a stand-in for make tells what would be run and where."""

import subprocess
import sys

import pytest

from tools import bench_suite


@pytest.fixture
def calls(monkeypatch):
    """What `make` was asked: (arguments, where); each takes 61 seconds."""
    found = []
    monkeypatch.setattr(bench_suite, "made", lambda folder, *arguments: found.append((arguments, folder)) or 61.0)
    return found


def test_lessons_are_run_as_make_test_runs_them(calls):
    [row] = bench_suite.lessons_rows()
    [(arguments, folder)] = calls
    assert arguments == ("test-lessons", "TESTED=notebooks", f"VENV={sys.prefix}") and folder == bench_suite.ROOT
    assert row.measured == "1:01" and row.value == 61 and row.limit == 120 and row.verdict == "ok"
    count = len(list((bench_suite.ROOT / "notebooks").glob("*.ipynb")))
    assert f"all {count} notebooks" in row.what


def test_the_last_commit_is_cloned_installed_and_tested(calls, tmp_path, monkeypatch):
    source = tmp_path / "source"
    git = ["git", "-C", str(source), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", "init", "-q", str(source)], check=True)
    (source / "kept").write_text("", encoding="utf-8")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "one"], check=True)
    (source / "not_committed").write_text("", encoding="utf-8")
    there = []
    counted = bench_suite.made
    monkeypatch.setattr(
        bench_suite, "made", lambda folder, *rest: there.append(sorted(folder.glob("[!.]*"))) or counted(folder, *rest)
    )
    [row] = bench_suite.suite_rows(source)
    assert [arguments[0] for arguments, _ in calls] == [".venv/.installed-test", "test-lessons", "test-exercises"]
    assert [[path.name for path in names] for names in there] == [["kept"]] * 3
    assert row.measured == "3:03 (installing 1:01, tests and lessons 1:01, exercise notebooks 1:01)"
    assert row.value == 183 and row.verdict == "ok" and not calls[0][1].exists()


def test_make_fails_with_what_it_said_and_knows_nothing_of_this_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--bad")
    monkeypatch.setenv("KEPT", "yes")
    (tmp_path / "Makefile").write_text(
        "good:\n\ttest -z '$(PYTEST_ADDOPTS)$(VENV)' -a '$(KEPT)' = yes\nbad:\n\techo no; exit 1\n"
    )
    assert bench_suite.made(tmp_path, "good") > 0
    with pytest.raises(RuntimeError, match="(?s)exit status 2 of make bad.*no"):
        bench_suite.made(tmp_path, "bad")
