"""Predictions that learners write before they run a cell: numbers, and letters of the choices that a task offers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

CHOICES = "가나다라마"
_UNITS = re.compile(r"\s*(개|번|가지|회)$")


def wrong_guesses(names: Sequence[str], got: Sequence[Any], expected: Sequence[Any]) -> str | None:
    """Why the guesses are not right, in Korean, or None. An expected None leaves its guess open.

    Where every expected one is None there is nothing to agree with: a mistake that is about another guess.
    """
    asked = [item for item in zip(names, got, expected, strict=True) if item[2] is not None]
    if not asked:
        return "다른 예상입니다."
    if open_ones := [name for name, mine, _ in asked if mine is None or mine is Ellipsis]:
        return f"아직 적지 않은 예상: {', '.join(open_ones)}"
    for name, mine, right in asked:
        if isinstance(right, str) and not _letter(mine):
            return f'{name}에는 보기의 글자 하나를 따옴표 안에 적어 주십시오. 예: "{CHOICES[0]}"'
        if not isinstance(right, str) and _number(mine) is None:
            return f"{name}에는 수를 적어 주십시오."
    wrong = [name for name, mine, right in asked if not agrees(mine, right)]
    return f"다시 생각해 볼 예상: {', '.join(wrong)}" if wrong else None


def agrees(mine: Any, right: Any) -> bool:
    """The same guess, however it is written: 3072, 3072.0, "3,072개"; "나", " 나. "."""
    return _letter(mine) == right if isinstance(right, str) else _number(mine) == right


def _letter(mine: Any) -> str | None:
    text = mine.strip(" '\".()") if isinstance(mine, str) else ""
    return text if len(text) == 1 and text in CHOICES else None


def _number(mine: Any) -> float | None:
    if isinstance(mine, str):
        text = _UNITS.sub("", mine.strip()).replace(",", "")
        return float(text) if re.fullmatch(r"\d{1,12}", text) else None
    return mine if isinstance(mine, int | float) and not isinstance(mine, bool) else None
