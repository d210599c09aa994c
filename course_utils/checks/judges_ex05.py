"""Judges of exercise set ex05: guesses with letters, and settings judged by what they do."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

HOTTEST_WISH = 1.5  # the temperature that the slogans' customer insists on
_GOOD = range(6)  # the ids that fit at the flat place; at the sharp one only id 0 does
SITUATIONS = ("board", "drafts", "slogans")
_NAMES = ("temperature", "top_k", "top_p")


def guesses(got: Any, expected: Any) -> str | None:
    """Every guess as expected; an expected None leaves it open. Spaces and quotes around a letter do not matter."""
    if not isinstance(got, list | tuple) or len(got) != len(expected):
        return f"예상이 {len(expected)}개여야 합니다."
    wrong = [
        name
        for name, mine, right in zip("abcdefgh", got, expected, strict=False)
        if right is not None and str(mine).strip(" '\"") != str(right)
    ]
    return f"다시 생각해 볼 예상: {', '.join('guess_' + name for name in wrong)}" if wrong else None


def settings(got: Any, expected: Any) -> str | None:
    """Three settings, one a situation, whose first flaw is that of ``expected``; right ones have no flaw at all."""
    name, reason = _first_flaw(got)
    if name == _first_flaw(expected)[0]:
        return None
    return reason or "다른 까닭입니다."


def _first_flaw(answers: Any) -> tuple[str | None, str | None]:
    if not isinstance(answers, list | tuple) or len(answers) != len(SITUATIONS):
        return "shape", f"설정이 {len(SITUATIONS)}개여야 합니다."
    for situation, answer in zip(SITUATIONS, answers, strict=True):
        name, reason = _flaw(answer, situation)
        if name:
            return f"{situation} {name}", f"for_{situation}: {reason}"
    return None, None


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
    if not isinstance(got, dict) or set(got) != set(_NAMES):
        return "shape", f"이름이 {', '.join(_NAMES)}인 사전(dict)이어야 합니다."
    if any(isinstance(got[name], bool) or not isinstance(got[name], Real) for name in _NAMES):
        return "shape", "설정의 값은 모두 수여야 합니다."
    if not all(math.isfinite(got[name]) for name in _NAMES):
        return "shape", "설정의 값은 모두 유한한 수여야 합니다."
    if not isinstance(got["top_k"], Integral) or got["top_k"] < 0:
        return "shape", "top_k는 0 이상의 정수여야 합니다(0은 끈다는 뜻입니다)."
    if got["temperature"] <= 0:
        return "zero_temperature", "온도는 0보다 커야 합니다."
    return None if 0 < got["top_p"] <= 1 else ("percent", "top_p는 0보다 크고 1 이하여야 합니다.")
