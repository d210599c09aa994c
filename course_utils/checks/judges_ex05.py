"""Judges of exercise set ex05: guesses with letters, and settings judged by what they do."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

from course_utils.checks.guessing import wrong_guesses
from course_utils.checks.judges import plain

HOTTEST_WISH = 1.5  # the temperature that the slogans' customer insists on
_GOOD = range(6)  # the ids that fit at the flat place; at the sharp one only id 0 does
SITUATIONS = ("board", "drafts", "slogans")
_NAMES = ("temperature", "top_k", "top_p")


def guesses(got: Any, expected: Any) -> str | None:
    """Every guess as expected, however it is written; an expected None leaves it open."""
    mine = plain(got)
    if not isinstance(mine, list) or len(mine) != len(expected):
        return f"예상이 {len(expected)}개여야 합니다."
    return wrong_guesses([f"guess_{letter}" for letter in "abcdefgh"[: len(mine)]], mine, expected)


def settings(got: Any, expected: Any) -> str | None:
    """Settings, one a customer, whose first flaw is that of ``expected``; right ones have no flaw at all.

    An expected None leaves that customer's settings open.
    """
    if not isinstance(got, list | tuple) or len(got) != len(SITUATIONS):
        return f"설정이 {len(SITUATIONS)}개여야 합니다."
    asked = [item for item in zip(SITUATIONS, got, expected, strict=True) if item[2] is not None]
    for situation, mine, right in asked:
        name, reason = _flaw(mine, situation)
        if name != _flaw(right, situation)[0]:
            return f"for_{situation}: {reason}" if reason else "다른 까닭입니다."
    return None if asked else "다른 손님의 설정입니다."


def _flaw(got: Any, situation: str) -> tuple[str | None, str | None]:
    """The first thing that is wrong, by name and in Korean; (None, None) when nothing is."""
    if found := _malformed(got):
        return found
    import numpy as np

    from course_utils.checks.stand_ins_ex05 import flat_place, sharp_place
    from course_utils.decoding import decode_step
    from course_utils.errors import CourseValueError

    try:
        kept = [np.flatnonzero(decode_step(place(), **got)).tolist() for place in (sharp_place, flat_place)]
    except CourseValueError as error:
        return "refused", str(error)
    sharp, flat = kept
    counts = f"뾰족한 자리에서 {len(sharp)}개, 평평한 자리에서 {len(flat)}개가 남습니다."
    if situation == "board":
        return (None, None) if len(sharp) == len(flat) == 1 else ("varied", f"하나씩만 남아야 하는데 {counts}")
    if situation == "slogans" and got["temperature"] < HOTTEST_WISH:
        return "cool", f"온도가 {HOTTEST_WISH} 이상이어야 하는데 {got['temperature']:g}입니다."
    if extra := len(set(flat) - set(_GOOD)):
        return "tail_flat", f"평평한 자리에 꼬리의 토큰이 {extra}개 남습니다."
    if len(sharp) > 1:
        return "tail_sharp", f"뾰족한 자리에 어울리지 않는 토큰이 {len(sharp) - 1}개 남습니다."
    if len(flat) < len(_GOOD):
        return "narrow", f"평평한 자리의 어울리는 토큰 {len(_GOOD)}개 가운데 {len(flat)}개만 남습니다."
    return None, None


def _malformed(got: Any) -> tuple[str, str] | None:
    if got is None or got is Ellipsis:
        return "shape", "아직 설정을 적지 않았습니다."
    if not isinstance(got, dict) or set(got) != set(_NAMES):
        return "shape", f"{', '.join(_NAMES)}의 값을 모두 적은 딕셔너리여야 합니다. 다른 이름은 쓰지 않습니다."
    if any(isinstance(got[name], bool) or not isinstance(got[name], Real) for name in _NAMES):
        return "shape", "설정의 값은 모두 수여야 합니다."
    if not all(math.isfinite(got[name]) for name in _NAMES):
        return "shape", "설정의 값은 모두 유한한 수여야 합니다."
    if not isinstance(got["top_k"], Integral) or got["top_k"] < 0:
        return "shape", "top_k는 0 이상의 정수여야 합니다(0은 끈다는 뜻입니다)."
    if got["temperature"] <= 0:
        return "zero_temperature", "온도는 0보다 커야 합니다."
    return None if 0 < got["top_p"] <= 1 else ("percent", "top_p는 0보다 크고 1 이하여야 합니다.")
