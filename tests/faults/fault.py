"""The register of faults: what can go wrong in front of a learner, as scenarios that are run.

    @fault(
        "인터넷 없음",
        what="...", seen="...", way_out="...", kept="...",
        without={"course_utils.hub.hub_error": "lambda error, model: None"},
    )
    def no_network(learner): ...

A scenario asserts what the learner sees. ``without`` proves it: with each of these handlings replaced, the same
scenario must fail. ``docs/faults.ko.md`` is written from the Korean texts (``tools/fault_table.py``).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
_FAULTS: dict[str, Fault] = {}


@dataclass(frozen=True)
class Fault:
    """One row. ``what``: the situation; ``seen``: on the screen; ``way_out``: what to do; ``kept``: what is not lost.

    ``without``: dotted name of an attribute -> source of an expression for its replacement; the expression may use
    ``original``. The name is the one under which the handling is looked up (``course_utils.hub.hub_error``, not
    ``course_utils.loading_errors.hub_error``, where hub.py imports it by name).
    """

    name: str
    subject: str
    what: str
    seen: str
    way_out: str
    kept: str
    scenario: Callable[[Any], None]
    without: Mapping[str, str] = field(default_factory=dict)


def fault(
    name: str, *, what: str, seen: str, way_out: str, kept: str, without: Mapping[str, str]
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Register a scenario under its Korean ``name``; the other texts fill its row of the table.

    Raises:
        ValueError: the name is taken, or nothing is named whose removal the scenario would notice.
    """

    def register(scenario: Callable[[Any], None]) -> Callable[[Any], None]:
        if name in _FAULTS or not without:
            raise ValueError(f"{name}: the name is taken, or `without` is empty")
        subject = scenario.__module__.removeprefix("fault_")
        _FAULTS[name] = Fault(name, subject, what, seen, way_out, kept, scenario, dict(without))
        return scenario

    return register


def faults() -> list[Fault]:
    """Every row: the files ``fault_*.py`` of this folder in alphabetical order, each from top to bottom."""
    for module in sorted(each.name for each in pkgutil.iter_modules([str(FOLDER)]) if each.name.startswith("fault_")):
        importlib.import_module(module)
    return list(_FAULTS.values())


def without_code(name: str, expression: str) -> str:
    """Python source that puts ``expression`` in the place of the attribute ``name`` of a module or a class.

    It raises where there is no such attribute, so a handling that was renamed does not go untested.
    """
    return _REPLACE.format(name=name, expression=expression)


_REPLACE = """\
def _replace():
    import pkgutil
    place, _, last = {name!r}.rpartition(".")
    place = pkgutil.resolve_name(place)
    original = getattr(place, last)
    setattr(place, last, eval({expression!r}, {{"original": original}}))
_replace()
del _replace
"""
