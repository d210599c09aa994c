"""The exercises' instant feedback: ``check("softmax", softmax)`` in the notebook, ``progress("ex04")`` at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# Everything else is imported when it is used: the grader's workers import this package and use none of it.
if TYPE_CHECKING:
    from course_utils.checks.progress_panel import Progress
    from course_utils.checks.result import Score

__all__ = ["Score", "check", "progress"]


def __getattr__(name: str) -> Any:
    if name != "Score":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from course_utils.checks.result import Score

    return Score


def progress(name: str | None = None) -> Progress:
    """The progress of the set ``name`` ("ex04"); by default of the set whose task was checked last.

    Raises:
        CourseValueError: there is no such set.
    """
    from course_utils.checks.progress_panel import progress_of

    return progress_of(name)


def check(name: str, *answers: Any) -> Score:
    """Run the visible checks of the task ``name`` on the learner's answers, offline and at once.

    Returns the points earned as a ``Score``: a float, so that nbgrader reads it as partial credit, which shows in a
    notebook what passed, what failed and why. Never raises, prints nothing.
    """
    try:
        return _check(name, answers)
    except Exception as error:  # a fault of ours must not stop a learner
        from course_utils.checks.result import message_score

        return message_score(
            "점검하지 못했습니다", f"점검 프로그램에서 오류가 났습니다: {type(error).__name__}: {error}"
        )


def _check(name: str, answers: tuple) -> Score:
    from course_utils.checks.local import check_answers
    from course_utils.checks.progress_panel import remember
    from course_utils.checks.result import message_score, score_of
    from course_utils.checks.sheets import task_names, task_sheet

    if not isinstance(name, str) or name not in task_names():
        import difflib

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
