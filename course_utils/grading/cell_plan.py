"""Which cells of a submission are run, and where its answers stand, by comparison with the notebook given out.

The marks in a submission's file (grade_id, tags, ids) may be missing, doubled or false. They are hints only: what a
cell says counts more, and no mark can win or lose a point.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from course_utils.grading.reader import NotebookCell

_COPIED = "같은 셀이 두 번 들어 있습니다: {}. 수강생이 고친 셀을 채점했습니다."
_NO_MARKS = "노트북에서 채점용 정보(metadata)가 지워져 있습니다. 코드의 내용을 보고 채점했습니다."

_DEFINED = re.compile(r"^(?:async )? *(?:def|class) +(\w+)", re.M)
_TARGETS = re.compile(r"[\w(*][\w ,()*]*")  # at the line's very beginning: not inside a function
_MAX_HEAD = 500


@dataclass(frozen=True)
class CellPlan:
    """``run``: the sources to run, in order. ``numbers``: the place of each in the notebook, from 1.

    ``notes``: Korean sentences for the instructor.
    """

    run: tuple[str, ...]
    numbers: tuple[int, ...]
    notes: tuple[str, ...]


def plan_cells(cells: Sequence[NotebookCell], released: Sequence[NotebookCell], names: Sequence[str] = ()) -> CellPlan:
    """What to run of ``cells``.

    Left out: checks as they were given out; demonstrations (tagged "demo" when given out), unless one now binds a name
    that is graded; and stubs as they were given out when another cell answers them.

    Args:
        released: the notebook given out. names: the graded names.
    """
    given = _Released(released)
    kept = []
    for number, cell in enumerate(cells, 1):
        if cell.kind != "code" or not cell.source.strip() or given.is_check(cell):
            continue
        if given.is_demonstration(cell) and not bound_names(cell.source) & set(names):
            continue
        kept.append((number, cell))
    answered = {name for _, cell in kept if not given.is_stub(cell) for name in bound_names(cell.source)}
    kept = [(n, c) for n, c in kept if not (given.is_stub(c) and bound_names(c.source) & answered)]
    return CellPlan(tuple(cell.source for _, cell in kept), tuple(number for number, _ in kept), _notes(cells, given))


def answer_sources(
    cells: Sequence[NotebookCell], released: Sequence[NotebookCell], answers: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """For each task the learner's own code of it: its marked cell, else the last cell that binds its names.

    Args:
        answers: task -> names of its answers. Tasks whose cell is as it was given out are left out.
    """
    given = _Released(released)
    own = [cell for cell in cells if cell.kind == "code" and not given.is_stub(cell) and not given.is_check(cell)]
    found = {}
    for task, names in answers.items():
        marked = [cell for cell in own if cell.grade_id == task]
        binding = [cell for cell in own if bound_names(cell.source) & set(names)]
        chosen = [cell for cell in marked if cell in binding] or binding or marked
        if chosen:
            found[task] = chosen[-1].source
    return found


def answer_texts(
    cells: Sequence[NotebookCell], released: Sequence[NotebookCell], tasks: Sequence[str]
) -> dict[str, str]:
    """For each task that is answered in words, what the learner wrote; "" where nothing was.

    A cell that lost its marks is found by its id, or by following the same text as in the notebook given out.
    """
    stubs = {cell.grade_id: cell for cell in released if cell.kind == "markdown" and cell.grade_id in tasks}
    before = {task: _before(released, stub) for task, stub in stubs.items()}
    found = dict.fromkeys(tasks, "")
    for task, stub in stubs.items():
        for index, cell in enumerate(cells):
            marked = cell.grade_id == task or (not cell.grade_id and cell.cell_id and cell.cell_id == stub.cell_id)
            follows = not cell.grade_id and index > 0 and _plain(cells[index - 1].source) == before[task]
            if cell.kind == "markdown" and (marked or follows) and _plain(cell.source) != _plain(stub.source):
                found[task] = found[task] or cell.source.strip()
    return found


def bound_names(source: str) -> set[str]:
    """Names that the cell's outermost lines define or assign; also in a cell that is no valid Python."""
    names = set(_DEFINED.findall(source))
    for line in source.splitlines():
        head, equals, rest = line[:_MAX_HEAD].partition("=")
        head = head.partition(":")[0]
        if equals and not rest.startswith("=") and _TARGETS.fullmatch(head) and head.count("(") == head.count(")"):
            names.update(re.findall(r"\w+", head))
    return names


class _Released:
    """The notebook given out, to look things up in."""

    def __init__(self, cells: Sequence[NotebookCell]) -> None:
        code = [cell for cell in cells if cell.kind == "code"]
        self._checks = {_plain(cell.source) for cell in code if cell.locked}
        self._stubs = {_plain(cell.source) for cell in code if cell.solution}
        demonstrations = [cell for cell in code if "demo" in cell.tags]
        self._demonstrations = {_plain(cell.source) for cell in demonstrations}
        self._demonstration_ids = {cell.cell_id for cell in demonstrations if cell.cell_id}
        self.has_marks = any(cell.grade_id for cell in cells)

    def is_check(self, cell: NotebookCell) -> bool:
        return _plain(_without_hidden_tests(cell.source)) in self._checks

    def is_stub(self, cell: NotebookCell) -> bool:
        return cell.kind == "code" and _plain(cell.source) in self._stubs

    def is_demonstration(self, cell: NotebookCell) -> bool:
        return cell.cell_id in self._demonstration_ids or _plain(cell.source) in self._demonstrations


def _notes(cells: Sequence[NotebookCell], given: _Released) -> tuple[str, ...]:
    twice = [name for name, count in Counter(cell.grade_id for cell in cells if cell.grade_id).items() if count > 1]
    notes = [_COPIED.format(", ".join(sorted(twice)[:10]))] if twice else []
    if given.has_marks and not any(cell.grade_id for cell in cells):
        notes.append(_NO_MARKS)
    return tuple(notes)


def _without_hidden_tests(source: str) -> str:
    """A check as it was given out; in a solution notebook, and in what nbgrader graded, it holds more."""
    head, _, rest = source.partition("### BEGIN HIDDEN TESTS\n")
    _, end, tail = rest.partition("### END HIDDEN TESTS\n")
    return head + tail if end else source


def _before(cells: Sequence[NotebookCell], wanted: NotebookCell) -> str:
    index = list(cells).index(wanted)
    return _plain(cells[index - 1].source) if index else ""


def _plain(source: str) -> str:
    """A cell's text without what editors change by themselves: spaces at line ends, empty lines at its ends."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())
