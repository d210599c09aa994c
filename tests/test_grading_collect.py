"""Who handed in what, from every shape that learning platforms, browsers and people make."""

import os
import time

import pytest

from course_utils.grading.collect import KnownSets
from tests.handed_in import SETS, TASKS, TOPICS, collected, hand_in, notebook, zipped

ONE_FILE = {
    # nbgrader, with and without folders above
    "홍길동/ex04/ex04_softmax_temperature.ipynb": "홍길동",
    "홍길동/ex04_softmax_temperature/ex04_softmax_temperature.ipynb": "홍길동",
    "submitted/1반/홍길동/ex04/ex04_softmax_temperature.ipynb": "홍길동",
    "ex04/홍길동/ex04_softmax_temperature.ipynb": "홍길동",
    # flat, as Colab, Classroom and browsers name downloads
    "홍길동_ex04.ipynb": "홍길동",
    "ex04_홍길동.ipynb": "홍길동",
    "ex04_softmax_temperature_홍길동.ipynb": "홍길동",
    "ex04_softmax_temperature - 홍길동.ipynb": "홍길동",
    "홍길동 - ex04_softmax_temperature.ipynb": "홍길동",
    "홍길동 - ex04_softmax_temperature의 사본.ipynb": "홍길동",
    "Copy of ex04_softmax_temperature - 홍길동.ipynb": "홍길동",
    "홍길동_ex04 (1).ipynb": "홍길동",
    "ex04_홍길동-Copy1.ipynb": "홍길동",
    "홍길동_ex04_최종_v2.ipynb": "홍길동",
    "연습 문제 04 홍길동.ipynb": "홍길동",
    "2026123456_홍길동_EX4.IPYNB": "2026123456 홍길동",
    "Kim Minsu - ex04.ipynb": "Kim Minsu",
    "ex04_홍길동.ipynb.txt": "홍길동",
    "3주차 과제/홍길동/제출 (2).ipynb": "홍길동",
    "홍길동_ex04/제출.ipynb": "홍길동",
    # platforms
    "홍길동_12345_assignsubmission_file_/ex04.ipynb": "홍길동",
    "홍길동_12345_assignsubmission_file/최종 ex04.ipynb": "홍길동",
    "홍길동_12345_assignsubmission_file_ex04.ipynb": "홍길동",
    "honggildong_12345_67890_ex04.ipynb": "honggildong",
    "honggildong_LATE_12345_67890_ex04-1.ipynb": "honggildong",
    "과제 4_gildong_attempt_2026-03-20-10-00-00_ex04.ipynb": "gildong",
}


@pytest.mark.parametrize("path", ONE_FILE)
def test_every_usual_path_tells_student_and_set(path, tmp_path):
    hand_in(tmp_path / "in", path, content=notebook(exercise="ex04"))
    found, problems = collected(tmp_path / "in", tmp_path)
    assert (list(found), problems) == ([(ONE_FILE[path], "ex04")], [])


@pytest.mark.parametrize("path", ONE_FILE)
def test_the_same_path_inside_a_zip_tells_the_same(path, tmp_path):
    archive = zipped(tmp_path / "과제.zip", [path], content=notebook(exercise="ex04"))
    found, problems = collected(archive, tmp_path)
    assert (list(found), problems) == ([(ONE_FILE[path], "ex04")], [])


def test_one_notebook_given_directly(tmp_path):
    hand_in(tmp_path, "홍길동_ex04.ipynb")
    found, _ = collected(tmp_path / "홍길동_ex04.ipynb", tmp_path)
    assert list(found) == [("홍길동", "ex04")]


def test_zips_of_students_inside_the_zip_of_the_class(tmp_path):
    inner = zipped(tmp_path / "a.zip", ["ex04.ipynb"]).read_bytes()
    archive = zipped(
        tmp_path / "class.zip", {"홍길동_1234_assignsubmission_file_/제출.zip": inner, "김철수.zip": inner}
    )
    found, _ = collected(archive, tmp_path)
    assert set(found) == {("홍길동", "ex04"), ("김철수", "ex04")}


def test_contents_tell_the_set_where_the_name_does_not_or_is_wrong(tmp_path):
    hand_in(tmp_path / "in", "a/제출.ipynb", content=notebook('check("softmax", softmax)'))
    hand_in(tmp_path / "in", "b/ex04.ipynb", content=notebook('check("top_k_filter", f)', 'check("top_p_filter", f)'))
    found, _ = collected(tmp_path / "in", tmp_path)
    assert set(found) == {("a", "ex04"), ("b", "ex05")}
    assert any("내용은 ex05" in note for note in found["b", "ex05"].notes)


def test_a_notebook_that_names_no_set_takes_the_only_one_that_the_others_have(tmp_path):
    hand_in(tmp_path / "in", "a/ex04.ipynb", "b/제출.ipynb")
    found, problems = collected(tmp_path / "in", tmp_path)
    assert set(found) == {("a", "ex04"), ("b", "ex04")} and problems == []
    hand_in(tmp_path / "in", "c/ex05.ipynb")
    found, problems = collected(tmp_path / "in", tmp_path)
    assert ("b", "ex04") not in found and problems[0].startswith("b/제출.ipynb: 어느 연습 문제인지")
    found, problems = collected(tmp_path / "in", tmp_path, KnownSets(TOPICS, TASKS, only="ex05"))
    assert set(found) == {("b", "ex05"), ("c", "ex05")}


def test_a_broken_notebook_is_still_somebodys_submission(tmp_path):
    hand_in(tmp_path / "in", "a/ex04.ipynb", content=b'{"cells": [')
    found, problems = collected(tmp_path / "in", tmp_path)
    assert list(found) == [("a", "ex04")] and problems == []


def test_newest_version_counts_and_the_note_names_the_others(tmp_path):
    hand_in(tmp_path / "in", "홍길동_ex04 (1).ipynb", "홍길동_ex04.ipynb", "홍길동_ex04_최종.ipynb")
    for age, name in enumerate(["홍길동_ex04.ipynb", "홍길동_ex04 (1).ipynb", "홍길동_ex04_최종.ipynb"]):
        os.utime(tmp_path / "in" / name, (time.time() - 1000 * age,) * 2)
    [one] = collected(tmp_path / "in", tmp_path)[0].values()
    assert one.shown == "홍길동_ex04.ipynb"
    assert "홍길동_ex04 (1).ipynb" in one.notes[0] and "홍길동_ex04_최종.ipynb" in one.notes[0]
    for path in (tmp_path / "in").iterdir():
        os.utime(path, (1e9, 1e9))
    [one] = collected(tmp_path / "in", tmp_path)[0].values()
    assert one.shown == "홍길동_ex04 (1).ipynb"


def test_a_newer_scratch_notebook_does_not_take_the_place_of_the_set(tmp_path):
    hand_in(tmp_path / "in", "홍길동/ex04/ex04.ipynb", content=notebook(exercise="ex04"))
    hand_in(tmp_path / "in", "홍길동/ex04/연습장.ipynb", content=notebook("1 + 1"))
    os.utime(tmp_path / "in/홍길동/ex04/ex04.ipynb", (1e9, 1e9))
    [one] = collected(tmp_path / "in", tmp_path)[0].values()
    assert one.shown.endswith("ex04.ipynb") and "연습장" in one.notes[0]


def test_namesakes_in_two_classes_are_two_people(tmp_path):
    hand_in(tmp_path / "in", "1반/홍길동/ex04.ipynb", "2반/홍길동/ex04.ipynb", "2반/김철수/ex04.ipynb")
    found, _ = collected(tmp_path / "in", tmp_path)
    assert set(found) == {("홍길동 (1반)", "ex04"), ("홍길동 (2반)", "ex04"), ("김철수", "ex04")}
    assert any("이름이 같은" in note for note in found["홍길동 (1반)", "ex04"].notes)


def test_namesakes_that_moodle_numbers_are_two_people_and_one_student_over_the_weeks_is_one(tmp_path):
    names = ["홍길동_11_assignsubmission_file_/ex04.ipynb", "홍길동_12_assignsubmission_file_/ex04.ipynb"]
    zipped(tmp_path / "in" / "과제 1.zip", [*names, "김철수_13_assignsubmission_file_/ex04.ipynb"])
    zipped(tmp_path / "in" / "과제 2.zip", ["김철수_99_assignsubmission_file_/ex05.ipynb"])
    found, _ = collected(tmp_path / "in", tmp_path)
    twins = {("홍길동 (11)", "ex04"), ("홍길동 (12)", "ex04")}
    assert set(found) == twins | {("김철수", "ex04"), ("김철수", "ex05")}


def test_a_folder_with_several_names_is_a_class_and_one_with_two_tries_a_student(tmp_path):
    hand_in(tmp_path / "class", "오전/홍길동_ex04.ipynb", "오전/김철수_ex04.ipynb")
    assert {name for name, _ in collected(tmp_path / "class", tmp_path)[0]} == {"홍길동", "김철수"}
    tries = ["홍길동/ex04 첫째.ipynb", "홍길동/ex04 둘째.ipynb", "김철수/ex04.ipynb", "이영희/ex04.ipynb"]
    hand_in(tmp_path / "students", *tries)
    assert {name for name, _ in collected(tmp_path / "students", tmp_path)[0]} == {"홍길동", "김철수", "이영희"}


def test_roster_is_believed_before_a_guess(tmp_path):
    hand_in(tmp_path / "in", "오전/홍길동_ex04.ipynb")
    assert list(collected(tmp_path / "in", tmp_path)[0]) == [("오전", "ex04")]
    assert list(collected(tmp_path / "in", tmp_path, roster=["홍길동"])[0]) == [("홍길동", "ex04")]


def test_nameless_files_are_graded_under_the_files_name_and_reported(tmp_path):
    hand_in(tmp_path / "in", "ex04.ipynb", "ex04 (1).ipynb", "ex04_softmax_temperature의 사본.ipynb")
    found, _ = collected(tmp_path / "in", tmp_path)
    assert len(found) == 3 and all(name.startswith("이름 없음") for name, _ in found)
    assert all("[rename]" in one.notes[0] for one in found.values())


def test_lessons_other_files_and_rubbish_are_told_or_skipped(tmp_path):
    hand_in(tmp_path / "in", "a/ex04.ipynb", "a/.ipynb_checkpoints/ex04-checkpoint.ipynb", "__MACOSX/._ex04.ipynb")
    hand_in(tmp_path / "in", "a/data.csv", "a/notes.7z")
    hand_in(tmp_path / "in", "a/04_softmax_temperature.ipynb", content=notebook("# 04. 소프트맥스"))
    found, problems = collected(tmp_path / "in", tmp_path)
    assert list(found) == [("a", "ex04")]
    assert [p.split(":")[0] for p in problems] == ["a/data.csv", "a/notes.7z", "a/04_softmax_temperature.ipynb"]
    assert "zip이 아닌" in problems[1] and "단원" in problems[2]


def test_timestamp_file_is_the_time_and_a_zip_tells_its_own(tmp_path):
    hand_in(tmp_path / "in", "a/ex04/ex04.ipynb")
    (tmp_path / "in/a/ex04/timestamp.txt").write_text("2026-03-20 12:00:00.123 UTC")
    zipped(tmp_path / "in/b.zip", ["ex04.ipynb"], (2026, 3, 21, 9, 30, 0))
    zipped(tmp_path / "in/c.zip", ["ex04.ipynb"], (1980, 1, 1, 0, 0, 0))
    found, _ = collected(tmp_path / "in", tmp_path)
    times = {name: (one.when, one.clock) for (name, _), one in found.items()}
    assert times["a"] == ("2026-03-20T21:00:00+09:00", "timestamp.txt")
    assert times["b"] == ("2026-03-21T09:30:00+09:00", "zip") and times["c"] == ("", "")


@pytest.mark.skipif(os.name == "nt", reason="Windows makes links for administrators alone")
def test_links_pipes_and_folders_without_access_stop_nothing(tmp_path):
    secret = hand_in(tmp_path / "secret", "ex04.ipynb")
    hand_in(tmp_path / "in", "a/ex04.ipynb")
    os.symlink(secret / "ex04.ipynb", tmp_path / "in/a/ex04_link.ipynb")
    os.symlink(secret, tmp_path / "in/b")
    os.mkfifo(tmp_path / "in/ex04_pipe.ipynb")
    (tmp_path / "in/a/timestamp.txt").write_text("2026-03-20 12:00")
    found, problems = collected(tmp_path / "in", tmp_path)
    assert set(found) == {("a", "ex04"), ("pipe", "ex04")} and [p.split(":")[0] for p in problems] == ["b"]
    assert found["pipe", "ex04"].refused and "ex04_link" in found["a", "ex04"].notes[0]
    assert found["a", "ex04"].shown == "a/ex04.ipynb", "what can be opened counts, however old"


def test_what_cannot_be_opened_is_still_somebodys_submission(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/홍길동_ex04.zip").write_bytes(b"broken")
    (tmp_path / "in/과제.zip").write_bytes(b"broken")
    zipped(tmp_path / "in/김철수_1001_assignsubmission_file_/ex04.zip", {"ex04.ipynb": notebook()})
    found, problems = collected(tmp_path / "in", tmp_path)
    assert {name: bool(one.refused) for (name, _), one in found.items()} == {"홍길동": True, "김철수": False}
    assert len(problems) == 1 and problems[0].startswith("과제.zip: 깨진")


def test_ignored_paths_are_left_out(tmp_path):
    hand_in(tmp_path / "in", "a/ex04.ipynb", "old/b/ex04.ipynb", "old/readme.txt")
    found, problems = collected(tmp_path / "in", tmp_path, SETS, ignored=["old/*"])
    assert list(found) == [("a", "ex04")] and problems == []
