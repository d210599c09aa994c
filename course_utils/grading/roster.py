"""The names of a class, from a CSV file as Excel or a learning platform writes it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from course_utils.errors import CourseError
from course_utils.grading.overrides_file import near
from course_utils.grading.readable_names import one_line
from course_utils.grading.results import Submission, SubmissionResult, TaskGrade
from course_utils.grading.safe_files import read_regular_file

_MAX_BYTES = 16 * 2**20
_HEADINGS = ("이름", "성명", "학생", "수강생", "name", "student", "full name", "student name")


def read_roster(path: Path) -> list[str]:
    """The names in the CSV file, each once, in its order.

    The column is the one headed by "이름" or "name"; without such a heading the first one, from the first line on.

    Raises:
        CourseError: the file cannot be read, or has no names in it.
    """
    try:
        raw = read_regular_file(path, _MAX_BYTES)
    except (OSError, ValueError) as error:
        raise CourseError(f"명단 {path} 파일을 읽지 못했습니다({error}).") from error
    try:
        rows = [row for row in csv.reader(io.StringIO(_text(raw), newline="")) if any(cell.strip() for cell in row)]
    except (csv.Error, UnicodeDecodeError) as error:
        raise CourseError(
            f"명단 {path} 파일이 CSV가 아닙니다({error}). 엑셀에서 CSV UTF-8로 저장해 주십시오."
        ) from error
    headings = [cell.strip().lower() for cell in rows[0]] if rows else []
    column = next((i for i, heading in enumerate(headings) if heading in _HEADINGS), None)
    cells = [row[column or 0] for row in rows[0 if column is None else 1 :] if len(row) > (column or 0)]
    names = list(dict.fromkeys(filter(None, map(one_line, cells))))
    if not names:
        raise CourseError(f"명단 {path} 파일에 이름이 없습니다. 첫 줄에 '이름'이라고 쓴 열을 두어 주십시오.")
    return names


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp949")  # what Excel writes on Korean Windows


def absent_results(
    roster: Iterable[str], submissions: Sequence[Submission], tasks: dict[str, tuple[TaskGrade, ...]]
) -> list[SubmissionResult]:
    """A result with 0 points for everybody on the roster who handed nothing in, for each set of ``tasks``."""
    there = {(one.student, one.exercise) for one in submissions}
    note = ("제출물이 없습니다.",)
    return [
        SubmissionResult(name, exercise, "", "", "absent", tasks=blank, notes=note)
        for exercise, blank in tasks.items()
        for name in roster
        if (name, exercise) not in there
    ]


def not_on_roster(roster: Sequence[str], submissions: Iterable[Submission]) -> list[str]:
    """A Korean sentence for every submission whose student is not on the roster, with the nearest names."""
    known = set(roster)
    strangers = dict.fromkeys(one.student for one in submissions if one.student not in known)
    return [f"명단에 없는 이름입니다: {name}.{near(name, roster)}" for name in strangers]
