"""The grades as CSV files that a spreadsheet opens: Hangul stays readable, nothing is computed out of a name."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from course_utils.approval_csv import defused
from course_utils.grading.final_grade import FinalGrade
from course_utils.grading.report_style import clean, number
from course_utils.grading.results import TaskGrade
from course_utils.part_files import part_file

BEFORE = ("student", "exercise", "status", "total", "maximum", "percent", "late_deduction", "needs_manual", "excused")
AFTER = ("notes", "submitted", "file")
LONG = (
    "student", "exercise", "task", "title", "kind", "earned", "points", "manual_points", "needs_manual", "seconds",
    "failed_aspects", "mistakes",
)  # fmt: skip
_YES = {True: "yes", False: "no"}


def write_csv(grades: Sequence[FinalGrade], path: Path) -> Path:
    """``grades.csv``: one row a student and set, one column a task; an empty cell waits for points given by hand.

    ``total`` is what counts, with ``late_deduction`` points already taken off; an excused student has none.

    Raises:
        CourseError: the file cannot be written, for instance because a spreadsheet has it open.
    """
    names = _task_columns(grades)
    rows = [[*_first_cells(grade), *_task_cells(grade, names), *_last_cells(grade)] for grade in grades]
    return _written([*BEFORE, *names, *AFTER], rows, path)


def write_long_csv(grades: Iterable[FinalGrade], path: Path) -> Path:
    """``grades_long.csv``: one row a student and task, for pivot tables.

    Raises:
        CourseError: the file cannot be written.
    """
    rows = [
        [grade.result.student, grade.result.exercise, *_long_cells(task)]
        for grade in grades
        for task in grade.result.tasks
    ]
    return _written(LONG, rows, path)


def _task_columns(grades: Sequence[FinalGrade]) -> list[str]:
    """Every task's name, set after set, in the order of the notebooks."""
    return list(dict.fromkeys(task.name for grade in grades for task in grade.result.tasks))


def _first_cells(grade: FinalGrade) -> list[str]:
    result = grade.result
    total = "" if grade.points is None else number(grade.points)
    percent = f"{100 * grade.share:.1f}" if not grade.excused and grade.maximum else ""
    state = (number(grade.deduction), _YES[bool(grade.pending)], _YES[grade.excused])
    return [result.student, result.exercise, result.status, total, number(grade.maximum), percent, *state]


def _task_cells(grade: FinalGrade, names: Sequence[str]) -> list[str]:
    tasks = {task.name: task for task in grade.result.tasks}
    return [_task_cell(tasks[name]) if name in tasks else "" for name in names]


def _task_cell(task: TaskGrade) -> str:
    return "" if task.pending and not task.aspects else number(task.earned)


def _last_cells(grade: FinalGrade) -> list[str]:
    notes = [*grade.result.notes, grade.lateness.note, "점수에 세지 않음" if grade.excused else ""]
    return ["; ".join(filter(None, notes)), grade.result.when, grade.result.file]


def _long_cells(task: TaskGrade) -> list[str]:
    failed = [aspect for aspect in task.aspects if aspect.earned < aspect.points]
    points = (_task_cell(task), number(task.points), number(task.manual_points))
    mistakes = dict.fromkeys(aspect.mistake for aspect in failed if aspect.mistake)
    told = (", ".join(aspect.name for aspect in failed), ", ".join(mistakes))
    return [task.name, task.title, task.kind, *points, _YES[task.pending], f"{task.seconds:.3f}", *told]


def _written(header: Sequence[str], rows: Iterable[Sequence[str]], path: Path) -> Path:
    """Written with the mark (BOM) by which Excel knows UTF-8; every cell on one line."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([defused(" ".join(clean(cell).split("\n"))) for cell in row] for row in [header, *rows])
    data = out.getvalue().encode("utf-8-sig", errors="replace")
    with part_file(path, len(data)) as part:
        part.write_bytes(data)
    return path
