"""The page for grading by hand: every text once, and lines that the overrides file takes as they are."""

import re
import tomllib
from html import unescape

import grading_samples as samples
from hypothesis import given
from hypothesis import strategies as st

from course_utils.checks.sheets import SetSheet, TaskSheet
from course_utils.grading.final_grade import final_grades
from course_utils.grading.manual_page import toml_lines, write_manual_page
from course_utils.grading.overrides import Overrides
from course_utils.grading.overrides_file import read_overrides

SHEET = TaskSheet("predict_reason", "까닭", "text", (), "text", {}, 1.0, (), {}, manual_points=2)
SETS = {"ex04": SetSheet("ex04", "연습 문제 04", (SHEET,))}


def page(results, tmp_path, overrides=None, **rest):
    path = write_manual_page(final_grades(results, overrides), tmp_path / "to_grade.html", **rest)
    return path.read_text(encoding="utf-8")


def all_lines(html):
    return unescape(re.findall(r"<pre>(.*?)</pre>", html, re.DOTALL)[-1])


def test_every_text_stands_there_once_the_open_ones_first(tmp_path):
    done = samples.result("가", [samples.reason(1)], texts={"predict_reason": "글 가"})
    waits = samples.result("나", [samples.reason()], texts={"predict_reason": "글 나"})
    html = page([done, waits], tmp_path, schemes={"predict_reason": "기준 하나\n기준 둘"}, titles={"ex04": "연습 04"})
    assert html.count("글 가") == html.count("글 나") == 1 and html.index("글 나") < html.index("글 가")
    assert "기준 하나<br>기준 둘" in html and "남은 글 1개" in html and "연습 04: 예측한 까닭" in html


def test_the_lines_are_what_the_overrides_file_takes(tmp_path):
    results = [
        samples.result(name, [samples.reason()], texts={"predict_reason": "글"})
        for name in ('큰"따옴표', "a\\b", "김 철수")
    ]
    given_points = Overrides(manual={"김 철수": {"predict_reason": 1.5}})
    lines = all_lines(page(results, tmp_path, given_points))
    file = tmp_path / "overrides.toml"
    file.write_text(lines, encoding="utf-8")
    assert read_overrides(file, SETS).manual["김 철수"] == {"predict_reason": 1.5}
    file.write_text(re.sub(r"^# (\w+ =) 0 ", r"\1 2 ", lines, flags=re.MULTILINE), encoding="utf-8")
    manual = read_overrides(file, SETS).manual
    assert manual['큰"따옴표'] == manual["a\\b"] == {"predict_reason": 2} and len(manual) == 3


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_name_survives_as_toml(name):
    [found] = tomllib.loads(toml_lines(name, [samples.reason(2)]))["manual"].items()
    assert found == (name, {"predict_reason": 2})


def test_nothing_that_waits_counts_as_zero_by_accident():
    assert tomllib.loads(toml_lines("가", [samples.reason()]))["manual"] == {"가": {}}


def test_a_script_stays_text(tmp_path):
    html = page([samples.result(samples.EVIL, texts={"predict_reason": samples.EVIL})], tmp_path)
    assert "<script" not in html and "<img" not in html and "&lt;script&gt;" in html


def test_paths_and_formulas_in_a_students_text_stay_as_written(tmp_path):
    assert "/home/me/x $a$" in page([samples.result(texts={"predict_reason": "/home/me/x $a$"})], tmp_path)


def test_who_wrote_nothing_is_named_and_needs_no_line(tmp_path):
    empty = samples.result("빈 사람", [samples.reason(0)], texts={"predict_reason": " "})
    html = page([empty, samples.result(texts={"predict_reason": "글"})], tmp_path)
    assert "글을 내지 않아 0점: 빈 사람" in html and "빈 사람" not in all_lines(html)


def test_without_anything_to_grade_the_page_says_so(tmp_path):
    for results in ([], [samples.result(tasks=[samples.task()])], [samples.result(status="failed")]):
        assert "직접 채점할 글이 없습니다." in page(results, tmp_path)
    assert "글이 없습니다" in page([samples.result()], tmp_path, Overrides(excused={"홍길동": frozenset({"all"})}))
