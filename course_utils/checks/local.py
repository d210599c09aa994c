"""Score answers that live in this process: what ``check()`` does, and the tests and nbgrader's hidden tests."""

from __future__ import annotations

from typing import Any

from course_utils.checks.calling import NOT_A_FUNCTION, call_here, value_of
from course_utils.checks.outcome import Outcome
from course_utils.checks.scoring import TaskResult, score_task
from course_utils.checks.sheets import CaseSheet, TaskSheet
from course_utils.checks.values import Unsendable, encode


def check_answers(task: TaskSheet, answers: tuple) -> TaskResult:
    """The result of a task for the learner's function, or for the learner's values."""
    if task.kind == "function":
        return score_task(task, lambda case: _call(answers[0], case, task.seconds))
    return score_task(task, lambda case: _value(answers))


def _call(function: Any, case: CaseSheet, seconds: float) -> Outcome:
    if callable(function):
        return call_here(function, case, seconds)
    return Outcome("value", ...) if function in (None, ...) else Outcome("unsendable", error_text=NOT_A_FUNCTION)


def _value(answers: tuple) -> Outcome:
    value = value_of(answers)
    try:
        encode(value)
    except Unsendable as error:
        return Outcome("unsendable", error_text=str(error))
    return Outcome("value", value)
