"""Tables and figures for people: read well in a notebook, to a screen reader and as plain text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape

from course_utils.shown_text import shown_html

Rows = Sequence[Sequence[str]]
_LOOK = (
    "<style>.course-table :is(caption,th,td){text-align:left!important;word-break:keep-all}"
    ".course-table .number{text-align:right!important}</style>"
)
_NUMBER = re.compile(r"[-+−]?[\d,]*\d(\.\d+)?( ?[^\W\d_]{1,4}| ?%)?")


def html_table(caption: str, headers: Sequence[str], rows: Rows) -> str:
    """An accessible HTML table: a caption, column headers and, as first cell of each row, a row header.

    Words stand on the left and numbers on the right (JupyterLab sets every cell right), and no line breaks inside a
    Korean word. Every cell is escaped and keeps its direction to itself; all rows have as many cells as ``headers``.
    """
    looks = [' class="number"' if _numbers(column) else "" for column in zip(*rows, strict=True)] or [""] * len(headers)
    head = "".join(f'<th scope="col"{look}>{escape(text)}</th>' for text, look in zip(headers, looks, strict=True))
    body = "".join(
        f'<tr><th scope="row"{looks[0]}>{shown_html(first)}</th>'
        + "".join(f"<td{look}>{shown_html(text)}</td>" for text, look in zip(rest, looks[1:], strict=True))
        + "</tr>"
        for first, *rest in rows
    )
    return (
        f'{_LOOK}<table class="course-table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _numbers(column: Sequence[str]) -> bool:
    """Whether a column holds numbers, with or without a unit."""
    return any(column) and all(_NUMBER.fullmatch(cell) for cell in column if cell)


def text_table(caption: str, headers: Sequence[str], rows: Rows) -> str:
    """The same table as lines of text; Hangul counts as two columns wide, as terminals draw it."""
    lines = [list(headers), *map(list, rows)]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(headers))]
    drawn = ["  ".join(_pad(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([caption, *drawn])


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def gigabytes(size: int) -> str:
    """Bytes for people, decimal as on a product box: ``9.6 GB``, ``19.0 MB``, ``8.2 KB``, ``40바이트``."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "KB")):
        if abs(size) >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size}바이트"


def listed(names: Iterable[str], shown: int) -> str:
    """The first ``shown`` names in alphabetical order, and in Korean how many more there are."""
    every = sorted(names)
    rest = f" 외 {len(every) - shown}개" if len(every) > shown else ""
    return ", ".join(every[:shown]) + rest


def korean_count(number: int) -> str:
    """Count of parameters the Korean way: ``474만 개``, ``24.1억 개``."""
    if number >= 100_000_000:
        return f"{number / 1e8:.1f}억 개"
    return f"{number // 10_000:,}만 개" if number >= 10_000 else f"{number:,}개"
