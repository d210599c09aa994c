"""The feedback page: what a student must see in it, and what nobody may."""

import re
from datetime import datetime
from html import unescape
from html.parser import HTMLParser

import grading_samples as samples
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.grading.feedback_page import feedback_html, feedback_name, task_status, write_feedback
from course_utils.grading.final_grade import final_grades
from course_utils.grading.overrides import KOREA, LatePolicy, Overrides

VOID = {"meta", "br", "img"}


def html_of(result, overrides=None, **sections):
    [grade] = final_grades([result], overrides)
    return feedback_html(grade, "연습 문제 04", sections)


def words(html):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.split("</head>")[1])))


class Tags(HTMLParser):
    """Every element and attribute; fails where tags are not closed in order."""

    def __init__(self, html):
        super().__init__()
        self.seen, self.attributes, self._open = [], [], []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        self.attributes += attributes
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag


def test_visible_failures_show_input_expected_and_got():
    told = words(html_of(samples.many_faults()))
    assert all(f"{name} {value}" in told for name, value in samples.SHOWN)
    assert samples.NO_MAX in told and told.count(samples.NO_MAX) == 1  # not repeated for the next aspect


def test_hidden_failures_tell_the_aspect_and_nothing_of_the_values():
    aspect = samples.failed("other", f"기댓값은 {samples.SECRET}", (("입력", samples.SECRET),), hidden=True)
    html = html_of(samples.result(tasks=[samples.task(aspects=[aspect])]))
    assert samples.SECRET not in unescape(html) and "17.25" not in html
    assert "숨은 점검에서 찾았습니다" in html and aspect.title in html


def test_a_hidden_misconception_is_named():
    html = html_of(samples.result(tasks=[samples.task(aspects=[samples.failed(hidden=True)])]))
    assert samples.NO_MAX in html and samples.SHOWN[0][1] not in unescape(html)


def test_no_path_of_the_teachers_machine():
    html = html_of(samples.many_faults())
    assert "teacher" not in html and "answer_key" not in html and "(경로)" in html


def test_what_only_the_instructor_can_mend_is_not_told():
    assert "overrides" not in html_of(samples.result(notes=("overrides.toml의 [rename]에 이름을 써 주십시오.",)))


def test_everything_is_escaped_and_nothing_is_loaded_or_run():
    html = html_of(samples.many_faults())
    tags = Tags(html)
    assert not {"script", "img", "iframe", "link", "object", "form"} & set(tags.seen)
    assert not [name for name, _ in tags.attributes if name.startswith("on") or name in ("src", "href")]
    assert 'lang="ko"' in html and "default-src 'none'" in unescape(html)
    assert samples.EVIL in words(html).replace("(경로)", "")


@given(st.text(), st.text(), st.text())
def test_no_text_of_a_student_becomes_markup(name, note, answer):
    evil = samples.result(name, notes=(note,), texts={"predict_reason": answer}, file=note)
    assert Tags(html_of(evil)).seen.count("h1") == 1
    plain = samples.result("a", notes=("a",), texts={"predict_reason": "a"}, file="a")
    extra = set(Tags(html_of(evil)).seen) - set(Tags(html_of(plain)).seen)
    assert extra <= {"br"}


def test_a_huge_text_is_cut():
    html = html_of(samples.result(texts={"predict_reason": "가" * 3_000_000}))
    assert len(html) < 60_000 and "모두 3,000,000자" in html


def test_headings_follow_one_another():
    levels = [int(tag[1]) for tag in Tags(html_of(samples.many_faults())).seen if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


def test_points_deductions_and_open_points_are_told():
    late = LatePolicy(datetime(2026, 3, 27, 23, 59, tzinfo=KOREA), percent_per_day=10)
    told = words(html_of(samples.many_faults(), Overrides(policies={"all": late})))
    assert "2.7 / 10점" in told and "3점에서 0.3점을 뺐습니다" in told and "직접 채점할 2점이 아직" in told


def test_what_was_written_without_a_return_is_not_called_blank():
    nothing = samples.task(aspects=[samples.failed("no_return", samples.NO_RETURN, ())])
    written = samples.result(tasks=[nothing], sources={"softmax": "def softmax(x):\n    print(x)"})
    assert "아직 답이 없는 문제가 1개입니다: 소프트맥스" in words(html_of(samples.result(tasks=[nothing])))
    assert "아직 답이 없는" not in words(html_of(written)) and "힌트 1" not in words(html_of(written))


def test_hidden_failures_alone_are_pointed_at():
    hidden = samples.task(aspects=[samples.aspect(), samples.failed(hidden=True)])
    seen = samples.task(aspects=[samples.failed(), samples.failed(hidden=True)])
    assert "보이는 점검은 통과했지만" in words(html_of(samples.result(tasks=[hidden])))
    assert "보이는 점검은 통과했지만" not in words(html_of(samples.result(tasks=[seen])))


def test_hand_given_points_and_the_text_are_shown():
    one = samples.result(texts={"predict_reason": "까닭은 이렇습니다."})
    told = words(html_of(one, Overrides(manual={"홍길동": {"predict_reason": 1.5}})))
    assert "직접 채점한 점수: 1.5 / 2점" in told and "까닭은 이렇습니다." in told and "대기" not in told


def test_no_text_handed_in_is_said():
    assert "낸 글이 없어 2점 가운데 0점" in words(html_of(samples.result(tasks=[samples.reason(0)])))


def test_the_next_step_names_the_first_unsolved_tasks_and_where_to_read():
    told = words(html_of(samples.many_faults(), temperature="단원 04의 2절"))
    steps = told.split("다음에 할 일")[1]
    assert "온도 나누기 : 단원 04의 2절" in steps and "엔트로피 : 04 단원에서" in steps and "힌트 1부터" in steps
    assert "나머지 1문제" in steps and "소프트맥스" not in steps
    assert "더 해 보기" in words(html_of(samples.result())).split("다음에 할 일")[1]


@pytest.mark.parametrize("status", ["unreadable", "refused", "failed", "absent"])
def test_what_was_not_graded_is_told_with_its_reason(status):
    told = words(html_of(samples.result(status=status, tasks=(), notes=("노트북 파일이 아닙니다.",))))
    assert "노트북 파일이 아닙니다." in told and "문제별 결과" not in told


def test_an_excused_student_sees_no_points():
    told = words(html_of(samples.result(), Overrides(excused={"홍길동": frozenset({"ex04"})})))
    assert "점수에 세지 않습니다" in told and " / 4점" not in told


@pytest.mark.parametrize(
    "task, status",
    [
        (samples.task(), "해결"),
        (samples.task(aspects=[samples.aspect(), samples.failed()]), "일부 해결"),
        (samples.task(aspects=[samples.failed()]), "확인 필요"),
        (samples.reason(), "채점 대기"),
        (samples.reason(2), "해결"),
        (samples.reason(0.5), "일부 해결"),
    ],
)
def test_status_of_a_task(task, status):
    assert task_status(task) == status


def test_names_of_the_pages_are_safe_and_never_shared(tmp_path):
    names = ["홍길동", "../../etc/passwd", "a/b", "a_b", "A_B", "con", "<x>", "..", "가" * 300, "a\nb", "*"]
    pages = {feedback_name(name, "ex04").lower() for name in names}
    assert len(pages) == len(names)
    for name in names:
        [grade] = final_grades([samples.result(name)])
        assert write_feedback(grade, tmp_path / "feedback").parent == tmp_path / "feedback"
    assert len(list((tmp_path / "feedback").iterdir())) == len(names)


def test_the_same_result_gives_the_same_bytes(tmp_path):
    [grade] = final_grades([samples.many_faults()])
    first = write_feedback(grade, tmp_path).read_bytes()
    assert write_feedback(grade, tmp_path).read_bytes() == first
