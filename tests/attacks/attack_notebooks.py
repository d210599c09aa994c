"""Notebooks to hand in: as given out, solved in part, and with a stranger's cells among them."""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from answer_key import load_set

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = load_set("ex04")
FILE = f"{KEY.folder}.ipynb"
TASKS = [task.name for task in KEY.tasks if task.kind != "text"]
POINTS = {task.name: task.points for task in KEY.tasks if task.kind != "text"}
FULL = sum(POINTS.values())
SECRET = "geheimnis-4711"
MARK = "attack_mark"
ABSTRACT = f"\0attack-suite-{os.getpid()}"  # a socket that is no file


@dataclass(frozen=True)
class Attack:
    """One submission and what it must come to.

    ``write``: puts it into the student's folder for the set. ``earned``: points, None where any number is right.
    ``statuses``: what the grader may call it; "" stands for no result at all (no notebook was found).
    """

    name: str
    write: Callable[[Path], None]
    earned: int | None = 0
    statuses: tuple[str, ...] = ("graded",)


@lru_cache
def _read(place: str) -> str:
    return (ROOT / place / KEY.folder / FILE).read_text(encoding="utf-8")


def given_out() -> dict[str, Any]:
    """The notebook that learners get, as JSON data."""
    return json.loads(_read("exercises"))


@lru_cache
def solutions() -> dict[str, str]:
    """Task -> the model answer's cell."""
    cells = json.loads(_read("solutions"))["cells"]
    marked = {cell["metadata"].get("nbgrader", {}).get("grade_id"): "".join(cell["source"]) for cell in cells}
    return {name: re.sub(r"^ *### (BEGIN|END) SOLUTION\n?", "", marked[name], flags=re.M) for name in TASKS}


def solved(tasks: Sequence[str] | None = None) -> dict[str, Any]:
    """The notebook with these tasks solved; None: all of them."""
    notebook = given_out()
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in (TASKS if tasks is None else tasks):
            cell["source"] = solutions()[name]
    return notebook


def code(source: str, **metadata: Any) -> dict[str, Any]:
    """A code cell."""
    return {
        "cell_type": "code",
        "execution_count": 1,
        "id": "own",
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }


def with_cells(notebook: dict[str, Any], first: Sequence[str] = (), last: Sequence[str] = ()) -> dict[str, Any]:
    """The notebook with more cells: after its imports, and at its end."""
    notebook = copy.deepcopy(notebook)
    cells = notebook["cells"]
    start = 1 + next(i for i, cell in enumerate(cells) if "from course_utils import" in "".join(cell["source"]))
    cells[start:start] = [code(source) for source in first]
    cells += [code(source) for source in last]
    return notebook


def write_notebook(notebook: dict[str, Any], folder: Path, name: str = FILE) -> None:
    """Put it where nbgrader's layout has it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(notebook, ensure_ascii=True), encoding="utf-8")


def cell_attack(name: str, *last: str, first: Sequence[str] = (), solve: Sequence[str] = (), **expected: Any) -> Attack:
    """The notebook with ``solve`` solved and the attack's cells; it must earn what is solved, no more."""
    wanted = {"earned": sum(POINTS[task] for task in solve), **expected}

    def write(folder: Path) -> None:
        write_notebook(with_cells(solved(solve), first, last), folder)

    return Attack(name, write, **wanted)


def answers(body: str, names: Sequence[str] = tuple(TASKS)) -> str:
    """A cell that puts one and the same function in the place of every answer, or of these."""
    lines = body.strip("\n").split("\n")
    inside = "\n".join(f"    {line}" for line in lines)
    return f"def evil(*args, **kwargs):\n{inside}\n" + "\n".join(f"{name} = evil" for name in names)
