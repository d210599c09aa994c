"""The results of an approval as a CSV file that a spreadsheet opens: Hangul stays readable, nothing is executed."""

from __future__ import annotations

import csv
import io
import os
from contextlib import suppress
from pathlib import Path

from course_utils.approval_state import Approvals, Decision, Draft
from course_utils.errors import CourseError, is_disk_full
from course_utils.shown_text import without_unseen

COLUMNS = (
    "id", "time", "product", "nickname", "question", "draft", "problems", "decision", "answer", "reason"
)  # fmt: skip
_written: dict[Path, bytes] = {}  # what this process has saved, by its path
# A cell that begins so is computed by Excel, LibreOffice or Google Sheets, also in full width or after blanks.
_FORMULA = tuple("=+-@\t\r\n") + tuple("＝＋－＠")


def defused(text: str) -> str:
    """``text`` as a cell that no spreadsheet computes: an apostrophe in front of what looks like a formula.

    The apostrophe stays in the file; whoever reads it with a program strips it off again.
    """
    dangerous = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if dangerous else text


def csv_text(approvals: Approvals) -> str:
    """All drafts with their decisions, one a row, in the queue's order; without control characters that nobody sees."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([defused(without_unseen(cell)) for cell in _cells(*row)] for row in approvals.rows())
    return out.getvalue()


def save_csv(approvals: Approvals, path: str | Path) -> Path:
    """Write ``csv_text`` to ``path`` and return it; an older file is replaced only when the new one is whole.

    The file begins with the mark (BOM) by which Excel knows UTF-8. A file there that this process did not write, such
    as another notebook's, is kept beside it as ``name.이전.csv``.

    Raises:
        CourseError: the folder is not there or may not be written, or the file is open in another program.
    """
    path = Path(path)
    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        content = csv_text(approvals).encode("utf-8-sig", errors="replace")
        half.write_bytes(content)
        _keep_others(path, content)
        half.replace(path)
        _written[path.resolve()] = content
    except OSError as error:
        with suppress(OSError):
            half.unlink()
        if is_disk_full(error):
            raise CourseError(
                f"디스크가 가득 차서 {path.name} 파일을 저장하지 못했습니다. 결정은 이 노트북에 그대로 남아 있습니다.\n"
                "디스크를 비우고 다시 저장하거나, 다른 디스크의 경로에 저장해 주십시오."
            ) from error
        raise CourseError(
            f"{path.name} 파일을 쓸 수 없습니다. 엑셀에서 열려 있으면 닫고 다시 저장해 주십시오. "
            "저장할 폴더가 있는지도 확인해 주십시오."
        ) from error
    return path


def _keep_others(path: Path, content: bytes) -> None:
    """Two notebooks may save under one name: the other's decisions stay."""
    there = path.read_bytes() if path.is_file() else None
    if there is not None and there not in (content, _written.get(path.resolve())):
        kept = path.with_name(f"{path.stem}.이전{path.suffix}")
        path.replace(kept)
        print(f"다른 노트북이 쓴 {path.name} 파일의 이름을 바꾸어 두었습니다: {kept.name}", flush=True)


def _cells(one: Draft, decision: Decision) -> tuple[str, ...]:
    problems = "; ".join(dict.fromkeys((*one.problems, *decision.problems)))
    asked = (one.id, one.time, one.product, one.nickname, one.question, one.draft)
    return (*asked, problems, decision.status, decision.answer, decision.reason)
