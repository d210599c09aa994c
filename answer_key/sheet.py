"""Write the sheets of the visible checks: ``python -m answer_key.sheet [ex04 ...]`` (default: all).

``--check`` writes nothing and ends with status 1 where a sheet is stale. Results that differ in their last digits only,
as they do from one processor to another, are the same.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from answer_key import load_set, set_names
from answer_key.task import ExerciseSet
from course_utils.checks.sheets import CaseSheet, TaskSheet
from course_utils.checks.values import decode, encode

FOLDER = Path(__file__).resolve().parent.parent / "course_utils" / "assets" / "checks"
_CASE_DEPTH = 6  # set, tasks, task, aspects, aspect, cases, case


def sheet_data(exercise: ExerciseSet) -> dict[str, Any]:
    """The set's sheet as JSON data."""
    return {"name": exercise.name, "title": exercise.title, "tasks": [_task(task.sheet()) for task in exercise.tasks]}


def _task(task: TaskSheet) -> dict[str, Any]:
    names = ("name", "title", "kind", "judge", "parameters", "seconds", "mistakes")
    names += ("manual_points", "may_change_input", "has_hidden")
    aspects = [
        {name: getattr(a, name) for name in ("name", "title", "points", "edge")} | {"cases": list(map(_case, a.cases))}
        for a in task.aspects
    ]
    return {name: getattr(task, name) for name in names} | {"answers": list(task.answers), "aspects": aspects}


def _case(case: CaseSheet) -> dict[str, Any]:
    return {
        "label": case.label,
        "args": [encode(value) for value in case.args],
        "kwargs": {name: encode(value) for name, value in case.kwargs.items()},
        "expected": case.expected.to_json(),
        "mistakes": {name: outcome.to_json() for name, outcome in case.mistakes.items()},
    }


def sheet_text(exercise: ExerciseSet) -> str:
    """The sheet's file: small, and still one line for each case, so that a change shows as that case's."""
    return _spread(sheet_data(exercise)) + "\n"


def _spread(value: Any, depth: int = 0) -> str:
    """JSON with a line for each item down to the cases, which stand on one line each."""
    if depth == _CASE_DEPTH or not value or not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, dict):
        items = [f"{json.dumps(key, ensure_ascii=False)}: {_spread(one, depth + 1)}" for key, one in value.items()]
        opened, closed = "{}"
    else:
        items, (opened, closed) = [_spread(one, depth + 1) for one in value], "[]"
    inner = "\n" + " " * (depth + 1)
    return f"{opened}{inner}{f',{inner}'.join(items)}\n{' ' * depth}{closed}"


def is_stale(name: str) -> bool:
    """Whether the sheet of the set ``name`` is missing, or not what the answer key gives today."""
    path = FOLDER / f"{name}.json"
    return not path.exists() or not _alike(json.loads(path.read_text(encoding="utf-8")), sheet_data(load_set(name)))


def _alike(old: Any, new: Any) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        if old.get("$") in ("array", "scalar") and old.get("$") == new.get("$"):
            return _close(decode(old), decode(new))
        if "OpenAIError" in old.get("error_types", ()):  # what the openai library says differs between its versions
            old, new = {**old, "error_text": ""}, {**new, "error_text": ""}
        # The openai library's versions send a request's fields in another order.
        same = old.keys() == new.keys() if "messages" in old else list(old) == list(new)
        return same and all(_alike(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_alike, old, new))
    if isinstance(old, float) and isinstance(new, float):
        return _close(old, new)
    return type(old) is type(new) and old == new


def _close(old: Any, new: Any) -> bool:
    old, new = np.asarray(old), np.asarray(new)
    if old.dtype != new.dtype or old.shape != new.shape:
        return False
    return np.allclose(old, new, rtol=1e-4, atol=1e-6, equal_nan=True) if old.dtype.kind == "f" else (old == new).all()


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=set_names())
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    stale = []
    for name in options.sets:
        if is_stale(name):
            stale.append(name)
            if not options.check:
                FOLDER.mkdir(parents=True, exist_ok=True)
                (FOLDER / f"{name}.json").write_text(sheet_text(load_set(name)), encoding="utf-8", newline="\n")
    print(f"{'stale' if options.check else 'written'}: {', '.join(stale) or 'none'}")
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
