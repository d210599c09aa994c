"""check() as a learner meets it: points, what failed, a diagnosis; never an exception, nothing printed."""

import subprocess
import sys
import time

import numpy as np
import pytest

import course_utils
from course_utils.checks import Score, check, progress
from course_utils.checks.sheets import task_sheet


def softmax(logits):
    values = np.asarray(logits, dtype=float)
    weights = np.exp(values - values.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def test_a_right_answer_earns_the_visible_points_and_hears_of_the_hidden_checks():
    score = check("softmax", softmax)
    assert isinstance(score, float) and score == task_sheet("softmax").points == float(repr(score))
    assert "숨은 점검" in score.text and "숨은 점검" in score._repr_html_() and "통과" in score.text


@pytest.mark.nbgrader
def test_nbgrader_reads_the_score_as_partial_credit():
    """nbgrader takes the text of a cell's last expression as a number (nbgrader.utils.determine_grade)."""
    import nbformat
    from nbgrader.utils import determine_grade

    score = check("softmax", lambda logits: np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True))
    data = {"text/plain": repr(score), "text/html": score.html}
    output = nbformat.v4.new_output("execute_result", data, execution_count=1)
    cell = nbformat.v4.new_code_cell("points", outputs=[output])
    cell.metadata.nbgrader = {"grade": True, "solution": False, "points": 4, "grade_id": "x"}
    assert determine_grade(cell) == (float(score), 4) and 0 < score < 4


def test_a_known_mistake_is_named_with_input_expected_and_got():
    score = check("softmax", lambda logits: np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True))
    assert 0 < score < task_sheet("softmax").points
    for row in ("입력", "기댓값", "받은 값", "진단", "가장 큰 로짓"):
        assert row in score.text and row in score.html


def endless(logits):
    while True:
        try:
            pass
        except Exception:
            pass


def raising(logits):
    raise KeyError("온도")


ODD = {
    "not written": (..., "not_written"),
    "stub": (lambda logits: None, "no_return"),
    "printed": (lambda logits: print(logits), "printed"),
    "raises": (raising, "KeyError"),
    "leaves the program": (lambda logits: sys.exit(), "SystemExit"),
    "wrong arguments": (lambda: 1, "TypeError"),
    "no function": (3, "unsendable"),
    "strange value": (lambda logits: object(), "unsendable"),
    "changes its input": (lambda logits: logits.fill(0) or softmax(logits), None),
    "recursive": (lambda logits: ODD["recursive"][0](logits), "RecursionError"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_earns_nothing_and_gets_a_korean_diagnosis(name, capsys):
    answer, mistake = ODD[name]
    score = check("softmax", answer)
    captured = capsys.readouterr()
    assert score == 0 and "진단" in score.text and captured.out == captured.err == ""
    if mistake:
        from course_utils.checks.local import check_answers

        assert check_answers(task_sheet("softmax"), (answer,)).aspects[0].finding.mistake == mistake


def test_an_endless_answer_is_stopped_once_not_once_for_each_case(monkeypatch):
    from dataclasses import replace

    from course_utils.checks.local import check_answers

    started = time.monotonic()
    result = check_answers(replace(task_sheet("softmax"), seconds=0.3), (endless,))
    assert {aspect.finding.mistake for aspect in result.aspects} == {"timeout"}
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("refuse", [print, str, ValueError, lambda text: None])
def test_who_tells_of_a_wrong_input_without_raising_learns_of_raise(refuse):
    def probabilities_at(logits, temperature):
        if temperature < 0:
            return refuse("음수")
        best = (logits == logits.max()) * 1.0
        return softmax(logits / temperature) if temperature else best / best.sum()

    score = check("probabilities_at", probabilities_at)
    assert score == task_sheet("probabilities_at").points - 1 and "raise ValueError" in score.text


def test_a_changed_input_is_told_when_the_value_is_right():
    def in_place(logits):
        right = softmax(logits)
        logits += 1
        return right

    score = check("softmax", in_place)
    assert score == 0 and ".copy()" in score.text


def test_values_are_escaped():
    score = check("softmax", lambda logits: "<script>alert(1)</script>")
    assert "<script>" not in score.html and "&lt;script&gt;" in score.html


def test_a_wrong_name_or_number_of_answers_is_explained():
    assert '"softmax"' in check("softmx", softmax).text
    assert 'check("softmax", softmax)' in check("softmax").text
    assert "없는 문제" in check(3, softmax).text
    assert all(isinstance(score, Score) and score == 0 for score in (check("x"), check("softmax", 1, 2)))


def test_same_cause_is_explained_once():
    assert check("softmax", lambda logits: None).text.count("진단") == 1


def test_progress_shows_what_was_checked_last():
    check("softmax", lambda logits: None)
    assert "더 살펴볼 점이 있음" in repr(progress("ex04"))
    check("softmax", softmax)
    panel = progress()
    assert "보이는 점검 통과" in repr(panel) and "<progress" in panel._repr_html_() and "연습 문제 04" in repr(panel)
    with pytest.raises(course_utils.CourseError, match="ex04"):
        progress("ex99")


def test_checks_stay_light():
    code = "import sys; from course_utils import check; check('softmax', 3); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "transformers", "pandas", "openai", "matplotlib"} & set(loaded)
