"""Tables and figures for people: read well in a notebook, to a screen reader and as plain text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape

Rows = Sequence[Sequence[str]]


def html_table(caption: str, headers: Sequence[str], rows: Rows) -> str:
    """An accessible HTML table: a caption, column headers and, as first cell of each row, a row header.

    Every cell is escaped; all rows have as many cells as ``headers``.
    """
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in headers)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>' + "".join(f"<td>{escape(text)}</td>" for text in rest) + "</tr>"
        for first, *rest in rows
    )
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


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
    """Bytes for people, decimal as on a product box: ``9.6 GB``, ``19.0 MB``."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


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
