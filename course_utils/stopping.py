"""The stop button while an answer is written: one Korean line instead of a trace, and what was written is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


class AnswerStopped(KeyboardInterrupt):
    """The learner stopped an answer. Still a ``KeyboardInterrupt``, but a notebook shows its message only.

    ``text``: what had come, where the caller can know it.
    """

    def __init__(self, message: str, text: str = "") -> None:
        super().__init__(message)
        self.text = text

    def _render_traceback_(self) -> list[str]:
        """Lines that IPython prints instead of its own traceback."""
        return [str(self)]


@contextmanager
def stoppable(streamer: Any = None) -> Iterator[None]:
    """While the block runs, the stop button ends in ``AnswerStopped``.

    ``streamer``: shows what it has held back (``TextStreamer`` waits for the end of a word).

    Raises:
        AnswerStopped: in the place of ``KeyboardInterrupt``.
    """
    try:
        yield
    except AnswerStopped:
        raise
    except KeyboardInterrupt as pressed:
        if hasattr(streamer, "end"):
            with suppress(Exception):  # it may have been stopped within its own code
                streamer.end()
        raise stopped(shown=streamer is not None) from pressed


def stopped(text: str = "", *, shown: bool = False) -> AnswerStopped:
    """What the stop button ends in: ``text`` is what had come; ``shown``: something may stand on the screen already."""
    kept = "여기까지 나온 글은 그대로 남습니다. " if shown or text else ""
    return AnswerStopped(
        f"답을 쓰다가 멈추었습니다. {kept}모델은 그대로 쓸 수 있으니, 다시 물으려면 셀을 다시 실행해 주십시오.", text
    )
