"""From what scoring found to what is reported: hidden cases show no input, no value and no words of the program."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from course_utils.checks.result import details
from course_utils.checks.scoring import AspectResult, TaskResult
from course_utils.grading.results import AspectGrade, TaskGrade

_MAX_TEXT = 2_000
_HIDDEN = "보이는 점검과 다른 입력을 넣으면 틀린 값이 나옵니다. 예에만 맞는 코드가 아닌지 확인해 주십시오."
# General diagnoses that quote nothing: their words are the same whatever the input was.
_TELLING_NOTHING = "missing timeout crash not_written printed no_return not_raised changed_input".split()


def graded_task(task: Any, result: TaskResult) -> TaskGrade:
    """The grade of a task of the answer key that was scored. Points given by hand are added later."""
    return TaskGrade(
        name=task.name,
        title=task.title,
        kind=task.kind,
        points=task.points,
        earned=float(result.earned),
        manual_points=task.manual_points,
        pending=task.manual_points > 0,
        aspects=tuple(_aspect(aspect, task, result) for aspect in result.aspects),
        seconds=round(result.seconds, 4),
    )


def text_task(task: Any, text: str) -> TaskGrade:
    """The grade of a task answered in words: it waits for a person, unless nothing was written."""
    return TaskGrade(
        task.name, task.title, task.kind, task.points, 0.0, manual_points=task.manual_points, pending=bool(text.strip())
    )


def blank_tasks(tasks: Iterable[Any]) -> tuple[TaskGrade, ...]:
    """The tasks of a set with no points: for what was never handed in, or could not be read."""
    return tuple(
        TaskGrade(task.name, task.title, task.kind, task.points, 0.0, manual_points=task.manual_points)
        for task in tasks
    )


def _aspect(aspect: AspectResult, task: Any, result: TaskResult) -> AspectGrade:
    finding = aspect.finding
    if finding is None:
        return AspectGrade(aspect.name, aspect.title, aspect.points, aspect.earned)
    hidden = finding.case.hidden
    known = finding.mistake in {mistake.name for mistake in task.mistakes}
    text, shown = finding.diagnosis, ()
    if hidden and not known and finding.mistake not in _TELLING_NOTHING:
        # An exception's cure is ours; a message of the program may quote the hidden input.
        text = text if finding.outcome.kind == "error" else _HIDDEN
    if not hidden:
        shown = tuple((name, row[:_MAX_TEXT]) for name, row in details(finding, result)[:-1])
    return AspectGrade(
        aspect.name, aspect.title, aspect.points, aspect.earned, finding.mistake, text[:_MAX_TEXT], hidden, shown
    )
