"""The whole command on a small class with faults in it, in a real sandbox; and its words when something is amiss."""

import csv
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from answer_key import load_set
from course_utils.grading import reports
from course_utils.grading.command_line import main
from course_utils.grading.program_digest import _judging_modules
from course_utils.grading.results import SubmissionResult
from tools.fake_class import Student, make_students, notebook_for, write_class
from tools.fake_faults import FAULTS

EXERCISE = "ex04"
KEY = load_set(EXERCISE)
AUTOMATIC = KEY.points - sum(task.manual_points for task in KEY.tasks)
QUICK = ["truncated", "no_metadata", "format_3", "link", "zipped", "exit", "extra_output", "crash_in_answer"]
MADE = [
    Student("가온", EXERCISE, "perfect", {}),
    *[Student(f"{kind}", EXERCISE, kind, {}) for kind in QUICK],
    Student("나래", EXERCISE, "partial", {"softmax": "all_axes"}),
    Student("다솜", EXERCISE, "blank", {}),
    Student("라온", EXERCISE, "perfect", {}),
]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading needs a sandbox of Linux")


def grade(submitted, out, *options):
    return main(["grade", str(submitted), "--out", str(out), "--jobs", "2", *options])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The class graded once: (folder of what was handed in, folder of the results, exit status)."""
    folder = tmp_path_factory.mktemp("class")
    submitted = write_class(folder / "class", MADE, random.Random(0))
    (submitted / "가온" / "note.txt").write_text("안녕하십니까")
    (submitted / "class.csv").write_text("이름\n")
    return submitted, folder / "out", grade(submitted, folder / "out", "--seed", "1")


def results(out):
    data = json.loads((out / "grades.json").read_text(encoding="utf-8"))
    return {entry["student"]: entry for entry in data["grades"]}


def earned(entry):
    return sum(task["earned"] for task in entry["tasks"])


def test_everybody_gets_what_was_earned(run):
    _, out, status = run
    found = results(out)
    assert status == 1 and set(found) == {student.name for student in MADE}
    assert [earned(found[name]) for name in ("가온", "라온")] == [AUTOMATIC] * 2
    assert earned(found["다솜"]) == 0 and 0 < earned(found["나래"]) < AUTOMATIC
    full = {"no_metadata", "format_3", "zipped", "exit", "extra_output"}
    assert {name: earned(found[name]) for name in full} == dict.fromkeys(full, AUTOMATIC)
    assert (found["truncated"]["status"], found["link"]["status"]) == ("unreadable", "refused")
    assert 0 < earned(found["crash_in_answer"]) < AUTOMATIC, "what was earned before and after the crash stays"


def test_known_mistake_is_diagnosed_and_hidden_cases_show_nothing(run):
    found = results(run[1])
    [task] = [task for task in found["나래"]["tasks"] if task["name"] == "softmax"]
    assert "all_axes" in {aspect["mistake"] for aspect in task["aspects"]}
    every = [aspect for entry in found.values() for task in entry["tasks"] for aspect in task["aspects"]]
    assert any(aspect["shown"] for aspect in every) and not any(a["shown"] for a in every if a["hidden"])


def test_tables_pages_and_words_written(run):
    _, out, _ = run
    rows = list(csv.DictReader((out / "grades.csv").read_text(encoding="utf-8-sig").splitlines()))
    by_name = {row["student"]: row for row in rows}
    assert set(by_name) == {student.name for student in MADE} and float(by_name["가온"]["total"]) == AUTOMATIC
    assert by_name["가온"]["needs_manual"] == "yes" and by_name["다솜"]["needs_manual"] == "no"
    assert by_name["link"]["notes"] and by_name["exit"]["notes"] and not by_name["가온"]["notes"]
    assert len(list((out / "feedback").glob("*.html"))) == len(MADE)
    assert "class.csv" in (out / "class_report.html").read_text(encoding="utf-8")
    assert not [path for path in out.rglob("*") if path.name.endswith(".part") or path.name.startswith(".reports")]


def test_nothing_that_was_graded_is_run_again_and_the_reports_are_the_same(run, capsys):
    submitted, out, _ = run
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert grade(submitted, out) == 1
    told = capsys.readouterr().err
    assert f"제출물 {len(MADE)}개는 그대로" in told and "[1/" not in told
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_a_failure_while_reports_are_written_leaves_the_earlier_ones(run, monkeypatch, capsys):
    submitted, out, _ = run
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    monkeypatch.setattr(reports, "write_manual_page", lambda *_, **__: 1 / 0)
    assert grade(submitted, out) == 1
    assert "채점기에 잘못이 있습니다(ZeroDivisionError" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_decisions_and_roster_change_the_grades_without_a_new_run(run, tmp_path, capsys):
    submitted, out, _ = run
    reason = next(task for task in KEY.tasks if task.kind == "text")
    decisions = f"""
        late = {{deadline = 2026-03-20T11:00:00, percent_per_day = 10}}
        manual."가온".{reason.name} = 1.5
        excused = {{"라온" = "all", "라옴" = "all"}}
        rename = {{"나래" = "나리"}}
    """
    (tmp_path / "overrides.toml").write_text(decisions, encoding="utf-8")
    (tmp_path / "roster.csv").write_bytes("번호,이름\n1,가온\n2,없는이\n".encode("cp949"))
    options = ["--overrides", str(tmp_path / "overrides.toml"), "--roster", str(tmp_path / "roster.csv")]
    grade(submitted, out, *options)
    told, found = capsys.readouterr().err, results(out)
    assert found["가온"]["final_points"] == pytest.approx((AUTOMATIC + 1.5) * 0.9)
    assert found["라온"]["final_points"] is None and found["없는이"]["status"] == "absent"
    assert {one["maximum"] for one in found.values()} == {KEY.points}
    assert "혹시 라온" in told and "나리" in found and "나래" not in found
    assert not (out / "feedback" / "나래-ex04.html").exists()
    assert grade(submitted, out) == 1 and "나래" in results(out)


def test_only_perfect_work_ends_with_status_0(tmp_path):
    hand_in = tmp_path / "홍길동_ex04.ipynb"
    hand_in.write_text(json.dumps(notebook_for(MADE[0], random.Random(0))), encoding="utf-8")
    assert grade(hand_in, tmp_path / "out", "--set", "4", "--no-sandbox") == 0
    assert results(tmp_path / "out")["홍길동"]["sandbox"] == "none"


# --- what it says when something is amiss ---


def test_errors_are_one_korean_sentence(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    (tmp_path / "file").write_text("")
    (tmp_path / "bad.toml").write_text("[late", encoding="utf-8")
    cases = {
        "제출물이 없습니다": [tmp_path / "none", tmp_path / "out"],
        "없습니다. 폴더와 --set": [tmp_path / "in", tmp_path / "out"],
        "폴더가 아닙니다": [tmp_path / "in", tmp_path / "file"],
        "제출물 폴더 안에": [tmp_path / "in", tmp_path / "in" / "out"],
        "ex99 연습 문제는 없습니다": [tmp_path / "in", tmp_path / "out", "--set", "99"],
        "TOML 문법": [tmp_path / "in", tmp_path / "out", "--overrides", str(tmp_path / "bad.toml")],
        "명단": [tmp_path / "in", tmp_path / "out", "--roster", str(tmp_path / "none.csv")],
    }
    for words, arguments in cases.items():
        assert grade(*arguments) == 1
        told = capsys.readouterr().err
        assert words in told and "오류: " in told and "Traceback" not in told


@pytest.mark.parametrize("wrong", [["--jobs", "0"], ["--jobs", "x"], ["--set", "abc"], ["--no-such"]])
def test_wrong_arguments_end_with_status_2(wrong, tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        grade(tmp_path, tmp_path / "out", *wrong)
    assert caught.value.code == 2 and re.search("오류: .*[가-힣]", capsys.readouterr().err)


def test_help_and_the_two_other_commands(capsys):
    for command in ([], ["grade"]):
        with pytest.raises(SystemExit) as caught:
            main([*command, "--help"])
        assert caught.value.code == 0 and "사용법" in capsys.readouterr().out
    assert main(["overrides-example"]) == 0 and "[late.ex04]" in capsys.readouterr().out
    assert main(["check-machine"]) == 0
    told = capsys.readouterr().out
    assert "코어" in told and EXERCISE in told and ("bubblewrap" in told or "landlock" in told)


@pytest.mark.parametrize(("platform", "words"), [("win32", "WSL"), ("darwin", "macOS에서는 리눅스 가상 머신")])
def test_other_systems_are_refused_in_a_sentence(platform, words, tmp_path, capsys, monkeypatch):
    import psutil  # noqa: F401  real before the system is not

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr("course_utils.grading.grading_run._keys", lambda *_: pytest.fail("too late"))
    assert main(["check-machine"]) == 1 and words in capsys.readouterr().out
    assert grade(tmp_path, tmp_path.parent / "out") == 1
    told = capsys.readouterr().err
    assert told.startswith("오류: ") and words in told


def test_module_runs_from_any_folder_and_imports_nothing_of_it(tmp_path):
    root = Path(reports.__file__).parents[2]
    for name in ("numpy", "tqdm", "psutil", "answer_key", "argparse"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} of a stranger')")
    done = subprocess.run(
        [sys.executable, "-m", "course_utils.grading", "check-machine"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0 and EXERCISE in done.stdout, done.stderr


def test_what_decides_about_points_is_watched_and_the_look_of_reports_is_not():
    names = {path.stem for path in _judging_modules()}
    assert names >= {"grade_one", "reader", "cell_plan", "worker", "worker_cells", "worker_link", "sandbox", "magics"}
    assert names.isdisjoint({"reports", "feedback_page", "table_csv", "overrides", "command_line", "collect"})


def test_generated_class_has_every_kind():
    students = make_students(200, [EXERCISE], random.Random(0))
    kinds = {student.kind for student in students}
    assert len(students) == 200 == len({student.name for student in students})
    assert kinds == {"perfect", "late", "partial", "blank", "copied"} | set(FAULTS)
    assert isinstance(SubmissionResult("a", "b", "c", "d", "graded").to_json(), dict)


def test_a_terminal_that_knows_no_hangul_is_no_obstacle(tmp_path):
    hand_in = tmp_path / "수업 폴더" / "홍길동_ex04.ipynb"
    hand_in.parent.mkdir()
    hand_in.write_text(json.dumps(notebook_for(MADE[2], random.Random(0))), encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONUTF8": "0", "HOME": "/nonexistent"}
    root = Path(reports.__file__).parents[2]
    out = "결과 폴더".encode()
    done = subprocess.run(
        [sys.executable, "-m", "course_utils.grading", "grade", str(hand_in.parent).encode(), "--out", out],
        cwd=tmp_path, env=environment | {"PYTHONPATH": str(root)}, capture_output=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert "채점함 1" in done.stdout.decode() and b"Error" not in done.stderr, done.stderr.decode()
    assert len(list((tmp_path / "결과 폴더" / "feedback").glob("홍길동*.html"))) == 1
