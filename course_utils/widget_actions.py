"""What every widget of the course does with a click: run the action, show its error where the learner looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_utils.errors import CourseError, first_line


def run_and_tell(say: Callable[..., None], action: Callable[[], Any]) -> None:
    """Run ``action``; an error goes to ``say(text, error=True)``, because a callback's trace would get lost."""
    try:
        action()
    except CourseError as error:
        say(str(error), error=True)
    except Exception as error:
        reason = f"{type(error).__name__}: {first_line(error)}"
        say(f"예상하지 못한 오류가 났습니다. 셀을 다시 실행해 주십시오.\n{reason}", error=True)
