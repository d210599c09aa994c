"""The closing project's queue: customers' questions as they come in, from the course's file or from one's own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from course_utils.errors import CourseError, CourseValueError
from course_utils.tables import html_table, listed, text_table

FILE = Path(__file__).resolve().parent / "assets" / "shop" / "questions.csv"
COLUMNS = ("id", "time", "product", "nickname", "question", "tag")
_NEEDED = ("id", "question")
_SHOWN = 5  # ids that a message lists
_LONGEST = 60  # letters of a cell in plain text


@dataclass(frozen=True)
class Question:
    """One question of a customer.

    ``tag`` is the teacher's label of what makes it special; a real queue has none, so nothing may be decided by it.
    """

    id: str
    text: str
    product: str = ""
    time: str = ""
    nickname: str = ""
    tag: str = ""


class QuestionList(list[Question]):
    """A list of questions that shows itself as a table."""

    def _table(self) -> tuple[str, tuple[str, ...], list[list[str]]]:
        headers = ("번호", "시각", "상품", "별명", "질문", "꼬리표")
        rows = [[one.id, one.time, one.product, one.nickname, one.text, one.tag] for one in self]
        return f"질문 대기열 ({len(self)}개)", headers, rows

    def __repr__(self) -> str:
        caption, headers, rows = self._table()
        short = [[cell if len(cell) <= _LONGEST else f"{cell[: _LONGEST - 1]}…" for cell in row] for row in rows]
        return text_table(caption, headers, short)

    def _repr_html_(self) -> str:
        # Questions wrap where they like; the short columns stay on one line.
        cells = "div.course-queue table :is(th,td)"
        style = f"<style>{cells}{{vertical-align:top;white-space:nowrap}}"
        style += f"{cells}:nth-child(5){{min-width:16em;white-space:normal;overflow-wrap:anywhere}}</style>"
        box = '<div class="course-queue" role="region" aria-label="질문 대기열" tabindex="0" style="overflow-x:auto">'
        return f"{style}{box}{html_table(*self._table())}</div>"


def shop_questions(path: str | Path = FILE) -> QuestionList:
    """The questions of the CSV file at ``path``, in its order.

    A file of one's own needs the columns ``id`` and ``question``; the others may be missing. UTF-8 (with or without
    the mark that Excel writes) and the Korean Windows encoding are both read. Hangul in loose letters (Unicode NFD, as
    on a Mac) is put together: the lesson's checks look for syllables.

    Raises:
        CourseError: the file is not there or cannot be read as text.
        CourseValueError: missing columns, repeated or empty ids, empty questions.
    """
    path = Path(path)
    try:
        lines = list(csv.reader(io.StringIO(_text(path), newline="")))
    except csv.Error as error:
        raise CourseError(
            f"{path.name} 파일은 CSV로 읽을 수 없습니다. 'CSV UTF-8' 형식으로 다시 저장해 주십시오."
        ) from error
    if not lines:
        raise CourseValueError(
            f"{path.name} 파일이 비어 있습니다. 첫 줄에 열 이름을 적어 주십시오: {','.join(COLUMNS)}"
        )
    header = [name.strip() for name in lines[0]]
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        raise CourseValueError(
            f"{path.name} 파일에 없는 열: {', '.join(missing)}. 첫 줄에 열 이름을 적어 주십시오: {','.join(COLUMNS)}"
        )
    rows = [dict(zip(header, map(str.strip, line), strict=False)) for line in lines[1:] if any(line)]
    found = QuestionList(
        Question(*(row.get(name, "") for name in ("id", "question", "product", "time", "nickname", "tag")))
        for row in rows
    )
    _check(path.name, found)
    return found


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path.name} 파일을 읽을 수 없습니다. 이름과 폴더를 확인해 주십시오.") from error
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return normalize("NFC", raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise CourseError(f"{path.name} 파일의 글자를 읽을 수 없습니다. 'CSV UTF-8' 형식으로 다시 저장해 주십시오.")


def _check(name: str, questions: Iterable[Question]) -> None:
    seen: set[str] = set()
    repeated, empty = set(), []
    for line, one in enumerate(questions, 2):
        if not one.id:
            raise CourseValueError(f"{name} 파일에 번호(id)가 빈 행이 있습니다. {line}번째 줄쯤을 확인해 주십시오.")
        repeated |= {one.id} & seen
        seen.add(one.id)
        if not one.text:
            empty.append(one.id)
    if repeated:
        raise CourseValueError(f"{name} 파일에 번호(id)가 겹치는 행이 있습니다: {listed(repeated, _SHOWN)}")
    if empty:
        raise CourseValueError(f"{name} 파일에 질문(question)이 빈 행이 있습니다: {listed(empty, _SHOWN)}")
