"""The exercises' instant feedback: ``check("softmax", softmax)`` in the notebook, ``progress("ex04")`` at its end."""

from __future__ import annotations

import difflib
from typing import Any

from course_utils.checks.progress import progress
from course_utils.checks.result import Score, message_score, score_of

__all__ = ["Score", "check", "progress"]


def check(name: str, *answers: Any) -> Score:
    """Run the visible checks of the task ``name`` on the learner's answers, offline and at once.

    Returns the points earned as a ``Score``: a float, so that nbgrader reads it as partial credit, which shows in a
    notebook what passed, what failed and why. Never raises, prints nothing.
    """
    try:
        return _check(name, answers)
    except Exception as error:  # a fault of ours must not stop a learner
        return message_score(
            "점검하지 못했습니다", f"점검 프로그램에서 오류가 났습니다: {type(error).__name__}: {error}"
        )


def _check(name: str, answers: tuple) -> Score:
    from course_utils.checks.local import check_answers
    from course_utils.checks.progress import remember
    from course_utils.checks.sheets import task_names, task_sheet

    if not isinstance(name, str) or name not in task_names():
        near = difflib.get_close_matches(str(name), task_names(), 1)
        hint = f' 혹시 "{near[0]}"입니까?' if near else ""
        return message_score("점검하지 못했습니다", f"없는 문제 이름입니다: {name!r}.{hint}")
    task = task_sheet(name)
    if task.kind == "text":
        return message_score(task.title, "글로 답하는 문제는 선생님이 읽고 채점합니다.")
    if len(answers) != len(task.answers):
        wanted = ", ".join(task.answers)
        return message_score(task.title, f'이렇게 실행해 주십시오: check("{name}", {wanted})')
    result = check_answers(task, answers)
    remember(result)
    return score_of(result)
