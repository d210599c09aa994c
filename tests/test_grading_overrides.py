"""The instructor's TOML file: deadlines, points by hand, excuses; every mistake in it is told with its line."""

import re
import tomllib
from dataclasses import replace
from datetime import datetime

import pytest

from course_utils.checks.sheets import AspectSheet, SetSheet, TaskSheet
from course_utils.errors import CourseError
from course_utils.grading.overrides_file import EXAMPLE, read_overrides, unknown_students
from course_utils.grading.results import AspectGrade, SubmissionResult, TaskGrade

CODE = TaskSheet(
    "softmax", "소프트맥스", "function", ("softmax",), "close", {}, 5.0, (AspectSheet("a", "a", 4, ()),), {}
)
TEXT = TaskSheet("reason", "까닭", "text", (), "close", {}, 5.0, (), {}, manual_points=2)
SETS = {"ex04": SetSheet("ex04", "04", (CODE, TEXT)), "ex05": SetSheet("ex05", "05", ())}
RESULT = SubmissionResult(
    "홍길동", "ex04", "f", "d", "graded",
    tasks=(TaskGrade("softmax", "소프트맥스", "function", 4, 3.0, aspects=(AspectGrade("a", "a", 4, 3),)),
           TaskGrade("reason", "까닭", "text", 2, 0.0, manual_points=2, pending=True)),
    when="2026-03-28T12:00:00+09:00", clock="zip",
)  # fmt: skip


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        (tmp_path / "overrides.toml").write_text(text, encoding="utf-8")
        return read_overrides(tmp_path / "overrides.toml", SETS)

    return read_text


def example():
    """The example file with every line in force."""
    return re.sub(r"^# (?=[\[\w\"]+ *=|\[|\"|\w+ = )", "", EXAMPLE, flags=re.M)


def test_example_is_valid_as_it_is_and_with_every_line_in_force(read):
    assert read(EXAMPLE).policies["all"].deadline is None
    full = read(example().replace("predictions_reason", "reason"))
    assert full.policies["ex04"].extensions["홍길동"] == datetime.fromisoformat("2026-04-05T23:59:00+09:00")
    assert full.policies["ex04"].percent_per_day == full.policies["all"].percent_per_day == 10
    assert full.manual == {"홍길동": {"reason": 1.5}} and full.ignore and full.rename
    assert (
        full.is_excused("김철수", "ex04")
        and not full.is_excused("김철수", "ex05")
        and full.is_excused("이영희", "ex05")
    )
    assert set(tomllib.loads(example())) == {"time_zone", "ignore", "late", "manual", "excused", "rename"}


@pytest.mark.parametrize(
    ("when", "percent"),
    [
        ("2026-03-27T23:59:00+09:00", 0),
        ("2026-03-28T00:09:00+09:00", 0),  # grace
        ("2026-03-28T00:09:01+09:00", 10),
        ("2026-03-27T15:09:01+00:00", 10),  # the same moment in another zone
        ("2026-03-28T23:59:01+09:00", 20),
        ("2026-12-31T00:00:00+09:00", 50),  # the most
    ],
)
def test_lateness_counts_begun_days_after_the_grace(read, when, percent):
    text = "deadline = 2026-03-27T23:59:00\ngrace_minutes = 10\npercent_per_day = 10\nmaximum_percent = 50"
    overrides = read(f"[late]\n{text}")
    late = overrides.lateness(replace(RESULT, when=when))
    assert late.percent == percent and bool(late.note) == bool(percent)
    assert overrides.final_points(replace(RESULT, when=when)) == pytest.approx(3 * (1 - percent / 100))


def test_extension_own_deadline_and_other_time_zone(read):
    text = """
        time_zone = "UTC"
        [late]
        deadline = 2026-03-01
        percent_per_day = 10
        [late.ex04]
        deadline = 2026-03-28T03:00:00
        extensions = {"김철수" = 2026-04-01T00:00:00Z}
    """
    overrides = read(text)
    assert overrides.lateness(RESULT).days == 0  # 12:00 in Seoul is 03:00 UTC
    assert overrides.lateness(replace(RESULT, when="2026-03-28T12:00:01+09:00")).days == 1
    assert overrides.lateness(replace(RESULT, student="김철수", when="2026-03-31T12:00:00+09:00")).days == 0
    assert overrides.lateness(replace(RESULT, exercise="ex05")).days == 27


def test_unknown_times_and_file_times_cost_nothing_but_are_told(read):
    overrides = read("[late]\ndeadline = 2026-03-01\npercent_per_day = 10")
    assert overrides.lateness(RESULT).percent == 100
    for change in ({"when": ""}, {"clock": "file"}):
        late = overrides.lateness(replace(RESULT, **change))
        assert late.percent == 0 and late.note
    strict = read("[late]\ndeadline = 2026-03-01\npercent_per_day = 10\ncount_file_times = true")
    assert strict.lateness(replace(RESULT, clock="file")).percent == 100
    assert overrides.lateness(replace(RESULT, status="absent", when="")).note == ""


def test_manual_points_fill_the_hand_graded_part_or_replace_all(read):
    given = read('[manual."홍길동"]\nreason = 1.5').with_manual_points(RESULT)
    assert (given.earned, given.tasks[1].pending) == (4.5, False)
    replaced = read('[manual."홍길동"]\nsoftmax = 4').with_manual_points(RESULT)
    assert replaced.earned == 4 and replaced.tasks[1].pending
    assert read('[manual."김철수"]\nreason = 2').with_manual_points(RESULT) == RESULT


def test_excused_have_no_points(read):
    assert read('[excused]\n"홍길동" = ["ex04"]').final_points(RESULT) is None


WRONG = {
    '[manual."홍길동"]\n\nreason = 2.5': (3, "0 이상 2 이하"),
    '[manual."홍길동"]\nreason = -1': (2, "0 이상"),
    '[manual."홍길동"]\nreason = nan': (2, "수를"),
    '[manual."홍길동"]\nreason = true': (2, "수를"),
    '[manual."홍길동"]\nreson = 1': (2, "혹시 reason"),
    '[manual."김철수"]\nreason = 1\n[manual."홍길동"]\nreason = 9': (4, "받은 값: 9"),
    "[manual]\nreason = 1": (2, "여러 줄"),
    "[late]\ndeadline = 5": (2, "시각"),
    '[late]\ndeadline = "내일"': (2, "시각"),
    "[late]\npercent_per_day = 500": (2, "100 이하"),
    '[late]\ncount_file_times = "yes"': (2, "true"),
    "[late]\ndedline = 2026-03-01": (2, "혹시 deadline"),
    "[late.ex09]\ndeadline = 2026-03-01": (1, "쓸 수 없는 이름"),
    "# 주석\n[lat]\nx = 1": (2, "혹시 late"),
    '[excused]\n"홍길동" = ["ex99"]': (2, "ex04, ex05"),
    '[excused]\n"홍길동" = 3': (2, "all"),
    '[rename]\n"a" = 3': (2, "바른 이름"),
    'time_zone = "Asia/Nowhere"': (1, "시간대"),
    "time_zone = 9": (1, "시간대"),
    "ignore = 3": (1, "목록"),
    "late = 3": (1, "여러 줄"),
    "ignore = []\nb =\nc = 1": (2, "TOML 문법"),
    "[manual.홍길동]\nreason = 1": (1, "따옴표"),
}


@pytest.mark.parametrize("text", WRONG)
def test_errors_name_the_line_and_the_reason(text, read):
    line, reason = WRONG[text]
    with pytest.raises(CourseError) as caught:
        read(text)
    assert f" {line}번째 줄" in str(caught.value) and reason in str(caught.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(CourseError, match="읽지 못했습니다"):
        read_overrides(tmp_path / "none.toml", SETS)
    (tmp_path / "a.toml").write_bytes("[late] # 마감".encode("cp949"))
    with pytest.raises(CourseError, match="UTF-8"):
        read_overrides(tmp_path / "a.toml", SETS)
    (tmp_path / "b.toml").write_bytes("﻿time_zone = 'UTC'\r\n".encode())
    assert read_overrides(tmp_path / "b.toml", SETS).zone.utcoffset(None).total_seconds() == 0


def test_names_that_nobody_has_are_reported_with_near_ones(read):
    text = '[manual."홍길둥"]\nreason = 1\n[excused]\n"김철수" = "all"\n[late.ex04.extensions]\n"박민" = 2026-04-01'
    told = unknown_students(read(text), ["홍길동", "김철수", "박민수"])
    assert len(told) == 2 and "혹시 홍길동" in told[0] and "혹시 박민수" in told[1]
