"""All reports of a run: made apart first, put in their places when every one of them is whole."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.grading.class_report import write_class_report
from course_utils.grading.feedback_page import write_feedback
from course_utils.grading.final_grade import FinalGrade, final_grades
from course_utils.grading.grade_one import released_cells
from course_utils.grading.manual_page import write_manual_page
from course_utils.grading.overrides import Overrides
from course_utils.grading.results import SubmissionResult
from course_utils.grading.similarity import CopyHint, copy_hints, works_of
from course_utils.grading.table_csv import write_csv, write_long_csv

FEEDBACK = "feedback"


@dataclass(frozen=True)
class ReportOrder:
    """What the reports are made from. ``keys``: set -> its ``ExerciseSet``; ``facts``: how it was graded."""

    results: Sequence[SubmissionResult]
    overrides: Overrides
    keys: Mapping[str, Any]
    problems: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()


def write_reports(order: ReportOrder, out: Path) -> list[CopyHint]:
    """Write every report into ``out`` and return the warnings of copied work.

    Whatever fails while they are made, the earlier reports stay as they were.

    Raises:
        CourseError, OSError: something cannot be written.
    """
    new = Path(tempfile.mkdtemp(prefix=".reports-", dir=out))
    try:
        hints = _make(order, new)
        _put_in_place(new, out)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return hints


def _make(order: ReportOrder, folder: Path) -> list[CopyHint]:
    titles = {name: key.title for name, key in order.keys.items()}
    grades = final_grades(order.results, order.overrides)
    hints = copy_hints(works_of(order.results), _given_texts(order.keys))
    write_csv(grades, folder / "grades.csv")
    write_long_csv(grades, folder / "grades_long.csv")
    (folder / "grades.json").write_text(_json(order, grades, hints), encoding="utf-8", errors="replace")
    (folder / FEEDBACK).mkdir()
    for grade in grades:
        write_feedback(grade, folder / FEEDBACK, titles.get(grade.result.exercise, ""))
    write_class_report(
        grades, folder / "class_report.html", hints=hints, titles=titles, facts=order.facts, problems=order.problems
    )
    schemes = {task.name: getattr(task, "mark_scheme", "") for key in order.keys.values() for task in key.tasks}
    write_manual_page(grades, folder / "to_grade.html", schemes=schemes, titles=titles)
    return hints


def _given_texts(keys: Mapping[str, Any]) -> dict[str, list[str]]:
    """Task -> the texts that everybody had in the notebook given out: they prove no copying."""
    found = {}
    for key in keys.values():
        cells = released_cells(key.folder)
        given = [cell.source for cell in cells if cell.kind == "code"]
        prose = [cell.source for cell in cells if cell.kind == "markdown"]
        found |= {task.name: prose if task.kind == "text" else given for task in key.tasks}
    return found


def _json(order: ReportOrder, grades: Sequence[FinalGrade], hints: Sequence[CopyHint]) -> str:
    entries = [
        {
            "final_points": grade.points,
            "maximum": grade.maximum,
            "excused": grade.excused,
            "late_days": grade.lateness.days,
            "late_percent": grade.lateness.percent,
            "needs_manual": bool(grade.pending),
            **grade.result.to_json(),
        }
        for grade in grades
    ]
    copies = [{"set": hint.exercise, "students": hint.students, "bits": round(hint.bits, 1)} for hint in hints]
    data = {"facts": dict(order.facts), "problems": list(order.problems), "similar": copies, "grades": entries}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _put_in_place(new: Path, out: Path) -> None:
    """Move every file over the earlier one, then remove pages of submissions that are no more."""
    (out / FEEDBACK).mkdir(exist_ok=True)
    pages = {path.name for path in (new / FEEDBACK).iterdir()}
    for path in sorted(new.rglob("*")):
        if path.is_file():
            os.replace(path, out / path.relative_to(new))
    for path in (out / FEEDBACK).glob("*.html"):
        if path.name not in pages:
            path.unlink()
