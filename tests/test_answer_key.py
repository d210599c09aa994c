"""What authors of exercises rely on: a reference's accident is found, hidden cases depend on their seed alone."""

import json

import numpy as np
import pytest

from answer_key import load_task, set_names
from answer_key.hidden import check_hidden, generator
from answer_key.sheet import _alike, _spread, is_stale, main, sheet_data
from answer_key.task import Aspect, Case, ExerciseSet, Mistake, Task
from course_utils.checks.local import check_answers


def doubled(x):
    return 2 * x


TASK = Task(
    name="double",
    title="두 배",
    reference=doubled,
    aspects=(
        Aspect("rule", "두 배", 2, (Case(3),), lambda rng: [Case(int(rng.integers(5, 99)))]),
        Aspect("zero", "0은 그대로", 1, (Case(0),), edge=True),
    ),
    mistakes=(Mistake("square", lambda x: x * x, "제곱했습니다."),),
)


def test_a_reference_that_fails_by_accident_is_told():
    broken = Task("broken", "고장", reference=lambda x: 1 / x, aspects=(Aspect("a", "가", 1, (Case(0),)),))
    with pytest.raises(AssertionError, match="reference of broken"):
        broken.sheet()


def test_an_error_that_is_asked_for_is_expected():
    def checked(x):
        if x < 0:
            raise ValueError("음수는 안 됩니다.")
        return x

    task = Task("checked", "검사", reference=checked, aspects=(Aspect("a", "가", 1, (Case(1), Case(-1))),))
    assert check_answers(task.sheet(), (checked,)).earned == 1
    result = check_answers(task.sheet(), (lambda x: x,))
    assert result.earned == 0 and "ValueError" in result.aspects[0].finding.reason


def test_a_mistake_gets_its_diagnosis_in_a_hidden_case_too():
    task = Task("double", "두 배", reference=doubled, aspects=TASK.aspects, mistakes=TASK.mistakes)
    only_visible = check_answers(task.sheet(generator(1)), (lambda x: {3: 6, 0: 0}.get(x, x * x),))
    finding = only_visible.aspects[0].finding
    assert finding.case.hidden and finding.mistake == "square"


def test_exceptions_to_the_rule_earn_nothing_alone():
    result = check_answers(TASK.sheet(), (lambda x: 0,))
    assert result.earned == 0 and result.aspects[1].finding.mistake == "by_chance"
    assert check_answers(TASK.sheet(), (doubled,)).earned == 3


def test_what_mistakes_give_is_worked_out_once_at_the_first_look():
    asked = []
    square = Mistake("square", lambda x: asked.append(x) or x * x, "제곱했습니다.")
    task = Task("double", "두 배", reference=doubled, aspects=TASK.aspects, mistakes=(square,))
    three, zero = (aspect.cases[0].mistakes for aspect in task.sheet().aspects)
    assert asked == []
    assert "square" in three and "square" not in zero and three["square"].value == 9
    assert list(three) == ["square"] and len(three) == 1 and asked == [3, 0]


def test_a_sheet_has_a_line_for_each_case():
    data = sheet_data(ExerciseSet("ex99", "ex99_x", "시험", (TASK,)))
    text = _spread(data)
    assert json.loads(text) == json.loads(json.dumps(data))
    cases = [json.loads(line.rstrip(",")) for line in text.splitlines() if '"expected"' in line]
    assert [case["args"] for case in cases] == [[3], [0]]


def test_generators_depend_on_every_part():
    draws = [generator(*parts).integers(2**60) for parts in [(0, "a"), (0, "b"), (1, "a"), ("0", "a"), (0, "a", "")]]
    assert len(set(draws)) == 4 and draws[0] == draws[3]  # parts count as text


def test_sheets_are_alike_up_to_the_last_digits():
    data = json.loads(json.dumps(sheet_data(ExerciseSet("ex99", "ex99_x", "시험", (TASK,)))))
    assert _alike(data, data) and not _alike(data, data | {"title": "다른 제목"})
    assert _alike([1.0, "가"], [1.0 + 1e-9, "가"]) and not _alike([1.0], [1.01]) and not _alike([1], [1.0])
    array = TASK.sheet().aspects[0].cases[0]
    assert array.expected.value == 6


def test_a_stale_sheet_is_told_and_not_written(monkeypatch, tmp_path, capsys):
    import answer_key.sheet as sheet

    monkeypatch.setattr(sheet, "FOLDER", tmp_path)
    assert is_stale("ex04") and main(["ex04", "--check"]) == 1 and not list(tmp_path.iterdir())
    assert main(["ex04"]) == 0 and not is_stale("ex04")
    path = tmp_path / "ex04.json"
    path.write_text(path.read_text(encoding="utf-8").replace("소프트맥스", "소프트 맥스"), encoding="utf-8")
    assert is_stale("ex04")
    assert "stale: ex04" in capsys.readouterr().out


def test_hidden_checks_for_nbgrader_give_the_points_of_visible_and_hidden_cases():
    reference = load_task("softmax").reference
    assert check_hidden("softmax", reference) == load_task("softmax").points
    assert check_hidden("softmax", lambda logits: np.zeros(3)) == 0
    with pytest.raises(KeyError):
        check_hidden("no_such_task", reference)


def test_sets_are_found_in_order():
    assert set_names() == sorted(set_names()) and set_names()[0] == "ex01"
