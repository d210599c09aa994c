"""The error type that learners see: a Korean message that says what happened and what to do next."""

from __future__ import annotations

import errno

_DISK_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


class CourseError(RuntimeError):
    """Something a learner can put right.

    The message is written in Korean for the person in front of the screen. Inside IPython and Jupyter only this
    message is shown, because a beginner cannot use a long traceback; in plain Python, and through ``__cause__``,
    the whole story stays available. It is a ``RuntimeError``, so existing ``except`` clauses keep working.
    """

    def _render_traceback_(self) -> list[str]:
        """Lines that IPython prints instead of its own traceback (IPython's hook for custom exceptions)."""
        return [str(self)]


class CourseValueError(CourseError, ValueError):
    """A value that a function cannot work with; also a ``ValueError``, as Python's own functions raise."""


def first_line(error: BaseException) -> str:
    """The first line of what ``error`` says; empty when it says nothing. The rest of a library's words helps nobody."""
    return (str(error).strip().splitlines() or [""])[0]


def is_disk_full(error: BaseException) -> bool:
    """Whether the system says with ``error``: no room on the disk, in the user's quota, or for so large a file."""
    return isinstance(error, OSError) and error.errno in _DISK_FULL
