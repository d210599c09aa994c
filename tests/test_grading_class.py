"""A class graded side by side: kept between runs, resumed, never lost, never graded by two at once."""

import io
import json
import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from course_utils.errors import CourseError
from course_utils.grading.class_state import ResultStore, class_seed, locked
from course_utils.grading.grade_class import grade_class
from course_utils.grading.results import Submission, SubmissionResult
from tests import fake_grading


def made(folder, *students):
    paths = {name: folder / f"{name}.ipynb" for name in students}
    return [Submission(name, "ex04", path, f"digest of {name}", shown=path.name) for name, path in paths.items()]


def calls(submission):
    path = submission.path.with_suffix(".calls")
    return len(path.read_text()) if path.exists() else 0


def graded(submissions, store, jobs=2, **options):
    stream = io.StringIO()
    results = grade_class(submissions, store, fake_grading.grade, jobs=jobs, seconds=30, stream=stream, **options)
    return results, stream.getvalue()


@pytest.fixture
def store(tmp_path):
    return ResultStore(tmp_path / "out", "seed", {"ex04": "program"})


def test_results_come_in_order_and_are_told_line_by_line(tmp_path, store):
    submissions = made(tmp_path, "c", "a", "b")
    results, told = graded(submissions, store)
    assert [one.student for one in results] == ["c", "a", "b"]
    assert len(told.splitlines()) == 3 and "[3/3]" in told and "1 / 2점" in told


def test_second_run_grades_only_what_is_new_or_changed(tmp_path, store):
    submissions = made(tmp_path, "a", "b")
    first, _ = graded(submissions, store)
    submissions += made(tmp_path, "c")
    submissions[1] = replace(submissions[1], digest="changed")
    again, told = graded(submissions, store)
    assert [calls(one) for one in submissions] == [1, 2, 1] and "1개는 그대로" in told
    assert again[0] == first[0]
    graded(submissions, store, again=True)
    assert [calls(one) for one in submissions] == [2, 3, 2]


@pytest.mark.parametrize("change", ["seed", "programs", "student"])
def test_whatever_decides_about_points_makes_a_result_old(change, tmp_path):
    [submission] = made(tmp_path, "a")
    settings = {"seed": "s", "programs": {"ex04": "p"}}
    graded([submission], ResultStore(tmp_path / "out", **settings))
    if change == "student":
        submission = replace(submission, student="b")
    else:
        settings[change] = {"seed": "other", "programs": {"ex04": "other"}}[change]
    graded([submission], ResultStore(tmp_path / "out", **settings))
    assert calls(submission) == 2


def test_failures_of_ours_are_tried_again_and_dead_processes_are_told(tmp_path, store):
    submissions = made(tmp_path, "a", "die", "fail")
    results, _ = graded(submissions, store)
    assert [one.status for one in results] == ["graded", "failed", "failed"]
    assert "갑자기 끝나" in results[1].notes[0]
    graded(submissions, store)
    assert [calls(one) for one in submissions] == [1, 0, 2]


def test_circumstances_are_those_of_this_run(tmp_path, store):
    [submission] = made(tmp_path, "a")
    graded([submission], store)
    moved = replace(submission, notes=("두 개",), when="2026-01-01T00:00:00+09:00", clock="zip", shown="b/c.ipynb")
    [result], _ = graded([moved], store)
    assert (result.notes, result.when, result.clock, result.file) == (("두 개", "own"), moved.when, "zip", "b/c.ipynb")
    assert calls(submission) == 1


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"key": 1}', '{"key": "%s", "result": {"tasks": 3}}'])
def test_a_damaged_result_is_graded_anew(damage, tmp_path, store):
    [submission] = made(tmp_path, "a")
    graded([submission], store)
    [path] = (tmp_path / "out" / "results").glob("*.json")
    key = json.loads(path.read_text())["key"]
    path.write_text(damage.replace("%s", key))
    assert graded([submission], store)[0][0].status == "graded" and calls(submission) == 2


def test_a_result_is_whole_or_not_there(tmp_path, store, monkeypatch):
    """What is on the disk when writing fails is the earlier result, and nothing half."""
    [submission] = made(tmp_path, "a")
    graded([submission], store)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out" / "results").iterdir()}
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(CourseError):
        store.save(submission, SubmissionResult("a", "ex04", "", "", "graded"))
    assert {path.name: path.read_bytes() for path in (tmp_path / "out" / "results").iterdir()} == before


def test_an_interrupt_keeps_what_is_done(tmp_path, store):
    submissions = made(tmp_path, *"abcdef")

    class Impatient(io.StringIO):
        def write(self, text):
            if "[2/6]" in text:
                raise KeyboardInterrupt
            return super().write(text)

    with pytest.raises(KeyboardInterrupt):
        grade_class(submissions, store, fake_grading.grade, jobs=1, seconds=30, stream=Impatient())
    done = sum(store.load(one) is not None for one in submissions)
    assert done == 2
    graded(submissions, store)
    assert sorted(calls(one) for one in submissions)[:4] == [1] * 4


def test_seed_is_drawn_once_and_can_be_fixed(tmp_path):
    first = class_seed(tmp_path)
    assert len(first) >= 32 and class_seed(tmp_path) == first
    assert class_seed(tmp_path, "fixed") == "fixed" == class_seed(tmp_path)


def test_two_runs_into_one_folder_are_refused_and_a_dead_ones_lock_is_not_in_the_way(tmp_path):
    code = "import sys, time\nfrom pathlib import Path\nfrom course_utils.grading.class_state import locked\n" \
           "with locked(Path(sys.argv[1])):\n    print('in', flush=True)\n    time.sleep(60)"  # fmt: skip
    other = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "in\n"
        with pytest.raises(CourseError, match=f"프로세스 {other.pid}"), locked(tmp_path):
            pass
    finally:
        other.kill()
        other.communicate()
    with locked(tmp_path):
        pass


def test_progress_bar_is_for_terminals(tmp_path, store):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    grade_class(made(tmp_path, "a", "b"), store, fake_grading.grade, jobs=1, seconds=30, stream=stream)
    assert "2/2" in stream.getvalue() and "\r" in stream.getvalue()
    started = time.monotonic()
    grade_class(made(tmp_path, "a", "b"), store, fake_grading.grade, jobs=1, seconds=30, stream=stream)
    assert time.monotonic() - started < 1.0, "nothing to grade starts nothing"
