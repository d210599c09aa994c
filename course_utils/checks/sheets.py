"""The sheets of the visible checks: what is tried, what is expected, and what each known mistake gives.

They are written by ``python -m answer_key.sheet`` and hold results, not solutions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

from course_utils.checks.outcome import Outcome
from course_utils.checks.values import decode


@dataclass(frozen=True)
class CaseSheet:
    """One call: arguments, the right outcome, and the outcomes of known mistakes where they differ from it."""

    args: tuple = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    expected: Outcome = Outcome("value")
    mistakes: Mapping[str, Outcome] = field(default_factory=dict)
    hidden: bool = False


@dataclass(frozen=True)
class AspectSheet:
    """Something that a task asks for; earns its points when every case passes. No case: checked when graded only.

    ``edge``: it asks for exceptions to the rule, which a function that does nothing may get right by chance.
    """

    name: str
    title: str
    points: int
    cases: tuple[CaseSheet, ...]
    edge: bool = False


@dataclass(frozen=True)
class TaskSheet:
    """A task as ``check`` and the grader see it. ``mistakes``: name -> diagnosis, in order of priority.

    ``has_hidden``: whether grading tries more cases than ``check`` does.
    """

    name: str
    title: str
    kind: str
    answers: tuple[str, ...]
    judge: str
    parameters: Mapping[str, Any]
    seconds: float
    aspects: tuple[AspectSheet, ...]
    mistakes: Mapping[str, str]
    manual_points: int = 0
    may_change_input: bool = False
    has_hidden: bool = True

    @property
    def points(self) -> int:
        """The most that can be earned, points given by hand included."""
        return self.manual_points + sum(aspect.points for aspect in self.aspects)


@dataclass(frozen=True)
class SetSheet:
    """An exercise set: ``name`` as "ex04", its tasks in the order of the notebook."""

    name: str
    title: str
    tasks: tuple[TaskSheet, ...]

    @property
    def points(self) -> int:
        """The most that can be earned in the set."""
        return sum(task.points for task in self.tasks)


def _case(data: dict) -> CaseSheet:
    return CaseSheet(
        args=tuple(decode(item, stand_ins=True) for item in data["args"]),
        kwargs={name: decode(item, stand_ins=True) for name, item in data["kwargs"].items()},
        label=data["label"],
        expected=Outcome.from_json(data["expected"]),
        mistakes={name: Outcome.from_json(item) for name, item in data["mistakes"].items()},
    )


def _task(data: dict) -> TaskSheet:
    aspects = tuple(
        AspectSheet(a["name"], a["title"], a["points"], tuple(_case(case) for case in a["cases"]), a["edge"])
        for a in data["aspects"]
    )
    plain = {name: data[name] for name in ("name", "title", "kind", "judge", "parameters", "seconds", "mistakes")}
    rest = {name: data[name] for name in ("manual_points", "may_change_input", "has_hidden")}
    return TaskSheet(answers=tuple(data["answers"]), aspects=aspects, **plain, **rest)


@lru_cache
def set_sheet(name: str) -> SetSheet:
    """The sheet of a set, such as "ex04".

    Raises:
        FileNotFoundError: there is no such set.
    """
    text = files("course_utils").joinpath("assets", "checks", f"{name}.json").read_text(encoding="utf-8")
    data = json.loads(text)
    return SetSheet(data["name"], data["title"], tuple(_task(task) for task in data["tasks"]))


@lru_cache
def set_names() -> tuple[str, ...]:
    """Every set that there is, in order."""
    folder = files("course_utils").joinpath("assets", "checks")
    return tuple(sorted(item.name.removesuffix(".json") for item in folder.iterdir() if item.name.endswith(".json")))


@lru_cache
def task_names() -> Mapping[str, str]:
    """Every task's name and the set it belongs to."""
    folder = files("course_utils").joinpath("assets", "checks")
    found = {}
    for name in set_names():
        data = json.loads(folder.joinpath(f"{name}.json").read_text(encoding="utf-8"))
        found |= {task["name"]: name for task in data["tasks"]}
    return found


def task_sheet(name: str) -> TaskSheet:
    """The sheet of one task.

    Raises:
        KeyError: there is no task of that name.
    """
    return next(task for task in set_sheet(task_names()[name]).tasks if task.name == name)
