"""Buttons, and what a widget does with a click: run the action, show its error where the learner looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from course_utils.errors import CourseError, first_line


def button(
    label: str, icon: str, style: str, action: Callable[[], Any], on: Callable[[Callable], Callable[[Any], None]]
) -> widgets.Button:
    """A button as wide as its label, and never wider than a narrow page; ``style`` is ipywidgets' ``button_style``.

    ``on``: the widget's own way to make a callback of an action that takes an event.
    """
    layout = widgets.Layout(width="auto", min_width="90px", max_width="100%")
    made = widgets.Button(description=label, icon=icon, button_style=style, layout=layout)
    made.on_click(on(lambda _: action()))
    return made


def run_and_tell(say: Callable[..., None], action: Callable[[], Any]) -> None:
    """Run ``action``; an error goes to ``say(text, error=True)``, because a callback's trace would get lost."""
    try:
        action()
    except CourseError as error:
        say(str(error), error=True)
    except Exception as error:
        reason = f"{type(error).__name__}: {first_line(error)}"
        say(f"예상하지 못한 오류가 났습니다. 셀을 다시 실행해 주십시오.\n{reason}", error=True)
