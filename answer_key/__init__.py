"""The answer key: references, random hidden cases and known mistakes of every exercise task, one file a task.

It is for instructors. It is not part of the installed package, and the grader's sandbox never sees it.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from answer_key.task import ExerciseSet, Task


def set_names() -> list[str]:
    """Every set that there is: ``["ex01", ...]``."""
    return sorted(path.name for path in Path(__file__).parent.glob("ex[0-9][0-9]") if (path / "__init__.py").exists())


def load_set(name: str) -> ExerciseSet:
    """The set ``name``.

    Raises:
        ModuleNotFoundError: there is none.
    """
    return import_module(f"answer_key.{name}").SET


def load_task(name: str) -> Task:
    """The task ``name``, of whatever set.

    Raises:
        KeyError: there is none.
    """
    # The set whose folder has the task's file comes first: loading the others takes time, pandas among it.
    folder = Path(__file__).parent
    for set_name in sorted(set_names(), key=lambda one: not (folder / one / f"{name}.py").exists()):
        for task in load_set(set_name).tasks:
            if task.name == name:
                return task
    raise KeyError(name)
