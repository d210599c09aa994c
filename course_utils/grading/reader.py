"""Read a notebook that a stranger wrote: whatever the file is, it ends in cells or in a sentence for the instructor."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.errors import CourseError
from course_utils.grading.safe_files import read_regular_file

MAX_BYTES = 20 * 2**20
MAX_CELLS = 1_000
MAX_SOURCE = 200_000  # letters in one cell
MAX_NAME = 200  # letters of a grade_id, an id, a tag
_MAX_BRACKETS = 3_000_000  # an empty list of 3 bytes takes 64 in memory; real outputs hold far fewer
_EMPTY = "빈 파일입니다."
_NO_JSON = "노트북 파일(.ipynb)로 읽을 수 없습니다. 내려받다가 끊긴 파일이거나 다른 형식의 파일입니다."
_NO_CELLS = "노트북에 셀이 없습니다."


class Unreadable(CourseError):
    """The file is no notebook."""


class Refused(CourseError):
    """The file is one that the grader does not open: a link, no regular file, too large."""


@dataclass(frozen=True)
class NotebookCell:
    """One cell. ``kind``: "code", "markdown" or "raw". ``grade_id``: nbgrader's name of it, "" without one.

    ``tags`` and ``cell_id`` come from the file as well, and like all of it may be missing, doubled or made up.
    ``locked`` and ``solution``: nbgrader's marks, of use in our own released notebooks alone.
    """

    kind: str
    source: str
    grade_id: str = ""
    tags: tuple[str, ...] = ()
    cell_id: str = ""
    locked: bool = False
    solution: bool = False


def read_notebook(path: Path) -> list[NotebookCell]:
    """The cells of the notebook at ``path``, formats 3 and 4. Outputs and everything not understood are left out.

    Raises:
        Refused: a link, no regular file, larger than ``MAX_BYTES``, more than ``MAX_CELLS`` cells, a cell too long.
        Unreadable: no notebook.
    """
    try:
        content = read_regular_file(path, MAX_BYTES)
    except ValueError as error:
        text = f"파일이 {MAX_BYTES // 2**20} MB보다 크거나 보통 파일이 아니어서 열지 않았습니다."
        raise Refused(text) from error
    except OSError as error:
        raise Refused(f"파일을 열 수 없습니다. 링크이거나 권한이 없습니다({error.strerror}).") from error
    return parse_notebook(content)


def parse_notebook(content: bytes) -> list[NotebookCell]:
    """The cells of a notebook file's bytes; see ``read_notebook``."""
    if not content.strip():
        raise Unreadable(_EMPTY)
    if content.count(b"[") + content.count(b"{") > _MAX_BRACKETS:
        raise Refused("파일 안에 목록이 너무 많아서 열지 않았습니다.")
    try:
        data = json.loads(content)  # finds out UTF-8, with or without a mark, UTF-16 and UTF-32
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(_NO_JSON) from error
    found = _raw_cells(data)
    if not found:
        raise Unreadable(_NO_CELLS)
    if len(found) > MAX_CELLS:
        raise Refused(f"셀이 {len(found):,}개로 너무 많아서 실행하지 않았습니다. {MAX_CELLS:,}개까지 받습니다.")
    return [_cell(raw) for raw in found]


def _raw_cells(data: Any) -> list[dict[str, Any]]:
    if type(data) is not dict:
        raise Unreadable(_NO_JSON)
    cells = _list(data.get("cells"))
    if not cells:  # format 3 keeps them in worksheets
        cells = [
            cell for sheet in _list(data.get("worksheets")) if type(sheet) is dict for cell in _list(sheet.get("cells"))
        ]
    return [cell for cell in cells if type(cell) is dict]


def _cell(raw: dict[str, Any]) -> NotebookCell:
    kind = raw.get("cell_type")
    source = _text(raw.get("source", raw.get("input")))
    if len(source) > MAX_SOURCE:
        raise Refused(f"한 셀의 내용이 {len(source):,}자로 너무 길어서 실행하지 않았습니다.")
    metadata = _dict(raw.get("metadata"))
    marks = _dict(metadata.get("nbgrader"))
    return NotebookCell(
        kind=kind if kind in ("code", "raw") else "markdown",
        source=source,
        grade_id=_name(marks.get("grade_id")),
        tags=tuple(filter(None, map(_name, _list(metadata.get("tags"))[:50]))),
        cell_id=_name(raw.get("id")),
        locked=marks.get("locked") is True,
        solution=marks.get("solution") is True,
    )


def _text(source: Any) -> str:
    """One string of a cell's source; halves of letters, which no file can hold, are replaced."""
    text = source if type(source) is str else "".join(part for part in _list(source) if type(part) is str)
    return text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")


def _list(value: Any) -> list[Any]:
    return value if type(value) is list else []


def _dict(value: Any) -> dict[str, Any]:
    return value if type(value) is dict else {}


def _name(value: Any) -> str:
    return _text(value)[:MAX_NAME] if type(value) is str else ""
