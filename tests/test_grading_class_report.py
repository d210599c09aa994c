"""The class report: its counts against counting by hand, and that it holds with any input."""

import re
from html import unescape

import grading_samples as samples
import pytest

from course_utils.grading.class_report import write_class_report
from course_utils.grading.class_summary import attention, summarise
from course_utils.grading.final_grade import final_grades
from course_utils.grading.overrides import Overrides
from course_utils.grading.similarity import CopyHint, SharedTask

HINT = CopyHint("ex04", ("가", "나"), (SharedTask("softmax", 0.8, 20),), 41.6)


def report(results, tmp_path, overrides=None, **rest):
    path = write_class_report(final_grades(results, overrides), tmp_path / "class_report.html", **rest)
    html = path.read_text(encoding="utf-8")
    return html, unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.split("</head>")[1])))


def summary(*tasks):
    [one] = summarise(final_grades([samples.result(f"s{i}", [task]) for i, task in enumerate(tasks)]))
    return one


def test_solved_mean_and_hardest_aspect():
    half = samples.task(aspects=[samples.aspect(), samples.failed(name="large", title="큰 로짓")])
    none = samples.task(aspects=[samples.failed(), samples.failed(name="large", title="큰 로짓")])
    one = summary(samples.task(), half, none, none)
    assert (one.solved, one.solved_share, one.mean, one.hardest) == (1, 0.25, 0.75, ("큰 로짓", 3))


def test_run_times():
    one = summary(*(samples.task(seconds=seconds) for seconds in (0.1, 0.2, 9.0)))
    assert (one.median_seconds, one.longest_seconds) == (0.2, 9.0)


def test_a_student_counts_once_for_a_misconception():
    twice = samples.task(aspects=[samples.failed(), samples.failed(name="large")])
    other = samples.task(aspects=[samples.failed("other", f"기댓값은 {samples.SECRET}")])
    one = summary(twice, samples.task(aspects=[samples.failed()]), other)
    assert [(each.mistake, each.students) for each in one.misconceptions] == [("no_max", 2), ("other", 1)]
    assert one.misconceptions[0].text == samples.NO_MAX and samples.SECRET not in one.misconceptions[1].text


def test_exceptions_are_counted_by_their_kind():
    texts = [f"TypeError 오류가 났습니다: {i}\n값의 종류가 맞지 않습니다." for i in range(3)]
    one = summary(*(samples.task(aspects=[samples.failed("TypeError", text)]) for text in texts))
    [each] = one.misconceptions
    assert (each.students, each.text) == (3, "TypeError 오류. 값의 종류가 맞지 않습니다.")


def test_only_graded_submissions_count():
    results = [samples.result("가", [samples.task()]), samples.result("나", [samples.task(earned=0)], "absent")]
    assert [one.students for one in summarise(final_grades(results))] == [1]


def test_who_needs_attention():
    blank = samples.task(aspects=[samples.failed("no_return", samples.NO_RETURN)])
    slow = samples.task(aspects=[samples.aspect(), samples.failed("timeout", "느림")])
    crash = samples.task(aspects=[samples.failed("crash", "끝남")])
    assert attention(samples.result(tasks=[blank, blank, samples.reason()])) == ["작성한 코드가 없습니다."]
    assert attention(samples.result(tasks=[slow, blank])) == ["시간을 넘긴 문제: 소프트맥스."]
    assert attention(samples.result(tasks=[crash])) == ["실행하던 프로그램이 갑자기 끝난 문제: 소프트맥스."]
    assert attention(samples.result(status="unreadable", tasks=())) and not attention(samples.result())
    assert attention(samples.result(status="absent")) == []


def test_the_report_of_a_class(tmp_path):
    results = samples.a_class()
    html, told = report(
        results,
        tmp_path,
        hints=[HINT],
        titles={"ex04": "연습 문제 04"},
        facts=[("컴퓨터", "Linux")],
        problems=["a.txt"],
    )
    assert f"{len(results) - 1}개, 수강생 {len(results)}명" in told
    assert "연습 문제 04" in told and "컴퓨터 Linux" in told and "a.txt" in told
    assert "깨진 파일" in told.split("살펴볼 제출물")[1] and "결석 (ex04)" in told
    assert "가, 나 ex04 소프트맥스 (80%) 42" in told and "단서일 뿐 증거가 아닙니다" in told
    assert "읽는 법" in told and "직접 채점할 글 1" in told


def test_sandboxes_are_told_where_they_differ_or_nothing_else_says_so(tmp_path):
    two = [samples.result("가"), samples.result("나", sandbox="landlock")]
    assert "bubblewrap (1개), landlock (1개)" in report(two, tmp_path, facts=[("가두는 방법", "-")])[1]
    assert "bubblewrap (1개)" in report(two[:1], tmp_path)[1]


def test_finished_functions_are_listed(tmp_path):
    assert "완성된 함수" not in report([samples.result()], tmp_path)[1]
    used = samples.result("가", ready_made={"softmax": ("scipy.special.softmax", "<b>")})
    html, told = report([used], tmp_path)
    assert "가 ex04 소프트맥스 scipy.special.softmax, <b>" in told and "<b>" not in html


def test_the_distribution_counts_everybody_once(tmp_path):
    tasks = [samples.task(aspects=[samples.aspect(points=10, earned=points)]) for points in (0, 1, 9, 10, 10)]
    results = [samples.result(f"s{i}", [task]) for i, task in enumerate(tasks)]
    _, told = report([*results, samples.result("x", (), "unreadable")], tmp_path)
    assert [int(n) for n in re.findall(r"\d+~\d+% (\d+)명", told)] == [1, 1, 0, 0, 0, 0, 0, 0, 0, 3]
    assert "평균 6점, 중앙값 9점, 가장 낮은 점수 0점, 가장 높은 점수 10점 (10점 만점)" in told


def test_excused_students_are_not_in_the_statistics(tmp_path):
    results = [samples.result("가"), samples.result("나", [samples.task(aspects=[samples.failed()])])]
    _, told = report(results, tmp_path, Overrides(excused={"나": frozenset({"all"})}))
    assert "1명의 점수" in told


def test_a_note_that_many_have_is_told_once(tmp_path):
    results = [samples.result(f"s{i}", notes=("같은 말", f"말 {i}")) for i in range(12)]
    _, told = report(results, tmp_path)
    assert told.count("같은 말") == 1 and "같은 말 (12개)" in told and "말 7" in told


@pytest.mark.parametrize("results", [[], [samples.result(status="absent")], [samples.result(tasks=())]])
def test_an_empty_class_gives_a_page(results, tmp_path):
    assert "채점 보고서" in report(results, tmp_path)[1]


def test_everything_is_escaped_and_the_bytes_are_stable(tmp_path):
    results = [samples.many_faults(), samples.result(samples.EVIL, exercise="<b>")]
    html, _ = report(results, tmp_path, titles={"<b>": samples.EVIL}, problems=[samples.EVIL])
    assert "<script" not in html and "<img src=x" not in html and "<b>" not in html
    assert html == report(results[::-1], tmp_path, titles={"<b>": samples.EVIL}, problems=[samples.EVIL])[0]
