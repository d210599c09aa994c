"""Lists of names, times and set names as they come."""

from datetime import datetime

import pytest

from course_utils.errors import CourseError
from course_utils.grading.results import Submission, TaskGrade
from course_utils.grading.roster import absent_results, not_on_roster, read_roster
from course_utils.grading.submission_times import in_zone, parsed_time, read_timestamp_file, time_zone
from course_utils.grading.which_set import set_in_name, set_in_text, without_set
from tests.handed_in import TASKS, TOPICS

ROSTERS = [
    "이름\n홍길동\n김철수\n",
    "홍길동\n김철수\n",
    "번호,성명,반\n1,홍길동,1\n2,김철수,1\n3,홍길동,2\n",
    "Name\r\n홍길동 \r\n\r\n 김철수",
    '"이름","학번"\n"홍길동","1"\n"김철수","2"',
]


@pytest.mark.parametrize("text", ROSTERS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_names_are_read_from_every_usual_csv(text, encoding, tmp_path):
    (tmp_path / "roster.csv").write_bytes(text.encode(encoding))
    if encoding == "utf-16":  # Excel's "Unicode text" is no CSV; it is told, not misread
        with pytest.raises(CourseError):
            read_roster(tmp_path / "roster.csv")
    else:
        assert read_roster(tmp_path / "roster.csv") == ["홍길동", "김철수"]


@pytest.mark.parametrize("content", [b"", b"\n\n", "이름\n".encode(), b"\xff\xff\xff"])
def test_a_roster_without_names_is_refused(content, tmp_path):
    (tmp_path / "roster.csv").write_bytes(content)
    with pytest.raises(CourseError, match="명단"):
        read_roster(tmp_path / "roster.csv")


def test_who_handed_nothing_in_gets_0_and_strangers_are_told(tmp_path):
    there = [Submission("홍길동", "ex04", tmp_path, ""), Submission("김칠수", "ex04", tmp_path, "")]
    blank = (TaskGrade("softmax", "", "function", 3, 0.0),)
    [absent] = absent_results(["홍길동", "김철수"], there, {"ex04": blank})
    assert (absent.student, absent.status, absent.earned, absent.points) == ("김철수", "absent", 0, 3)
    [told] = not_on_roster(["홍길동", "김철수"], there)
    assert "김칠수" in told and "혹시 김철수" in told


TIMES = {
    "2026-03-20 12:00:00.123456 UTC": "2026-03-20T12:00:00.123456+00:00",
    "2026-03-20 12:00:00 Asia/Seoul": "2026-03-20T12:00:00+09:00",
    "2026-03-20 12:00:00 KST": "2026-03-20T12:00:00+09:00",
    "2026-03-20T12:00:00+09:00": "2026-03-20T12:00:00+09:00",
    "2026-03-20 12:00": "2026-03-20T12:00:00",
    "2026-07-20 12:00:00 America/Los_Angeles": "2026-07-20T12:00:00-07:00",
    "2026-13-20 12:00:00": None,
    "2026-03-20 12:00:00 Nowhere/Land": None,
    "yesterday": None,
    "": None,
}


@pytest.mark.parametrize("text", TIMES)
def test_times_are_read_with_their_zone(text):
    found = parsed_time(text)
    assert (found and found.isoformat()) == TIMES[text]


def test_timestamp_files_that_are_something_else_tell_no_time(tmp_path):
    for content in (b"\xff\xfe", b"x" * 5000, b""):
        (tmp_path / "timestamp.txt").write_bytes(content)
        assert read_timestamp_file(tmp_path / "timestamp.txt") is None
    assert read_timestamp_file(tmp_path / "none.txt") is None


def test_a_time_without_a_zone_is_the_classs():
    seoul = time_zone("Asia/Seoul")
    assert in_zone(datetime(2026, 1, 1), seoul).isoformat() == "2026-01-01T00:00:00+09:00"
    assert in_zone(parsed_time("2026-01-01 00:00 UTC"), seoul).hour == 9
    assert time_zone("Nowhere/Land") is None and time_zone("../etc/passwd") is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("ex04_x", "ex04"), ("EX 4", "ex04"), ("ex4.ipynb", "ex04"), ("연습 문제 05", "ex05"), ("x_ex-05_y", "ex05"),
        ("index04", ""), ("ex045", ""), ("ex99", ""), ("ex04 ex05", ""), ("04_softmax", ""), ("text05", ""),
    ],
)  # fmt: skip
def test_set_in_a_name(name, found):
    assert set_in_name(name, list(TOPICS)) == found
    if found:
        assert set_in_name(without_set(name, list(TOPICS), TOPICS), list(TOPICS)) == ""


def test_set_in_a_notebooks_text_is_the_one_most_of_it_speaks_of():
    def found(text):
        return set_in_text(text, list(TOPICS), TASKS)

    assert found('"check(\\"softmax\\", f)"') == "ex04"
    assert found('{"grade_id": "top_k_filter-check"} {"grade_id": "top_p_filter"} check("softmax")') == "ex05"
    assert found("# 연습 문제 04. 소프트맥스") == "ex04" == found("# \\uc5f0\\uc2b5 \\ubb38\\uc81c 04. ")
    assert found('check("softmax") check("top_k_filter")') == "" == found('progress("ex99") check("other")')
