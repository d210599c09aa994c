"""Functions that the exercises name: ``judges`` and ``stand_ins`` of a set live in modules of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module

_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


def named(kind: str, name: str) -> Callable:
    """``named("judges", "shop.answers")`` is ``course_utils.checks.judges_shop.answers``.

    Raises:
        ValueError: ``name`` is not of that form.
        ModuleNotFoundError, AttributeError: there is none of that name.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"no name in {kind}: {name!r}")
    module, function = name.split(".")
    return getattr(import_module(f"course_utils.checks.{kind}_{module}"), function)
