"""Sandboxes of this machine and short limits, for the tests of grading."""

import os
from dataclasses import replace
from functools import lru_cache
from types import SimpleNamespace

import pytest

from course_utils.errors import CourseError
from course_utils.grading.limits import MIB, Limits
from course_utils.grading.sandbox import Sandbox, choose_sandbox

QUICK = replace(
    Limits(), cell_seconds=1.5, call_seconds=1.0, total_seconds=20.0, grace=1.0, work=32 * MIB,
    file=16 * MIB, answer=1 * MIB,
)  # fmt: skip
NAMES = ("bubblewrap", "landlock")


@lru_cache
def sandbox(name: str) -> Sandbox | None:
    try:
        return choose_sandbox(only=name)
    except CourseError:
        return None


def this_sandbox(name: str) -> Sandbox:
    """The sandbox of that name; the test is skipped where it does not work, and fails where COURSE_SANDBOX names it."""
    found = sandbox(name)
    if found is None:
        assert os.environ.get("COURSE_SANDBOX") != name, f"{name} does not work here"
        pytest.skip(f"no {name} here")
    return found


def strongest() -> Sandbox:
    for name in NAMES:
        if sandbox(name):
            return sandbox(name)
    pytest.skip("no sandbox here")


def case(*args, **kwargs):
    """A case as ``WorkerLink.call`` wants it."""
    return SimpleNamespace(args=args, kwargs=kwargs)
