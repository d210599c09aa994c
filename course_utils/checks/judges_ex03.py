"""Judges of ex03: generation settings by their properties, predictions one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_utils.checks.judges import plain, type_name

Settings = dict[str, Any]
KNOWN = {
    "max_new_tokens",
    "do_sample",
    "temperature",
    "top_k",
    "top_p",
    "repetition_penalty",
    "no_repeat_ngram_size",
    "return_full_text",
}
SAMPLING = ("temperature", "top_k", "top_p")


def predictions(got: Any, expected: Any) -> str | None:
    """Several predictions at once; None among the expected stands for any."""
    mine = plain(got)
    if not isinstance(mine, list) or len(mine) != len(expected):
        return "예상을 모두 적어 주십시오."
    if any(right is not None and value is None for value, right in zip(mine, expected, strict=True)):
        return "아직 적지 않은 예상이 있습니다."
    wrong = [
        str(place)
        for place, (value, right) in enumerate(zip(mine, expected, strict=True), 1)
        if right is not None and (type(value), value) != (type(right), right)
    ]
    return f"실행한 결과와 다른 예상: {', '.join(wrong)}번" if wrong else None


def settings(got: Any, expected: Any) -> str | None:
    """Settings that keep every rule of a job; ``expected`` is a key of ``RULES``.

    ``RULES`` also holds typical mistakes by name: there, agreeing means that the settings make the mistake.
    """
    mine = plain(got)
    if not isinstance(mine, dict):
        return f"딕셔너리여야 하는데 {type_name(got)}입니다."
    return RULES[expected](mine)


def _between(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _common(mine: Settings, low: int, high: int) -> str | None:
    if unknown := [str(name)[:40] for name in mine if name not in KNOWN]:
        return f"이 문제에서 쓰지 않는 설정이 있습니다: {', '.join(unknown[:3])}"
    if type(mine.get("do_sample")) is not bool:
        return "do_sample을 True나 False로 적어 주십시오."
    if type(mine.get("max_new_tokens")) is not int or not low <= mine["max_new_tokens"] <= high:
        return f"max_new_tokens를 {low} 이상 {high} 이하의 정수로 적어 주십시오."
    if not mine["do_sample"] and (useless := [name for name in SAMPLING if name in mine]):
        return f"탐욕적 디코딩에서 쓰이지 않는 설정이 있습니다: {', '.join(useless)}"
    return None


def _same_answer(mine: Settings) -> str | None:
    if reason := _common(mine, 100, 256):
        return reason
    return "같은 질문에 다른 답이 나올 수 있습니다." if mine["do_sample"] else None


def _many_drafts(mine: Settings) -> str | None:
    if reason := _common(mine, 100, 256):
        return reason
    if not mine["do_sample"]:
        return "몇 번을 물어도 같은 초안이 나옵니다."
    if not _between(mine.get("temperature"), 0.7, 1.5) or mine["temperature"] == 0.7:
        return "온도가 0.7보다 높고 1.5 이하가 아닙니다."
    return None if type(mine.get("top_k")) is int and mine["top_k"] == 0 else "top_k가 꺼져 있지 않습니다."


def _long_notice(mine: Settings) -> str | None:
    if reason := _common(mine, 400, 1000):
        return reason
    if mine["do_sample"]:
        return "같은 안내문을 다시 만들 수 없습니다."
    if not _between(mine.get("repetition_penalty"), 1.0, 1.5) or mine["repetition_penalty"] == 1.0:
        return "되풀이를 줄이는 repetition_penalty가 1보다 크고 1.5 이하가 아닙니다."
    return None


def _mistake(test: Callable[[Settings], bool]) -> Callable[[Settings], str | None]:
    return lambda mine: None if test(mine) else "다른 답입니다."


RULES: dict[str, Callable[[Settings], str | None]] = {
    "늘 같은 답을 내는 설정": _same_answer,
    "여러 초안을 내는 설정": _many_drafts,
    "긴 안내문을 쓰는 설정": _long_notice,
    "unknown_name": _mistake(lambda mine: any(name not in KNOWN for name in mine)),
    "zero_temperature": _mistake(
        lambda mine: type(mine.get("temperature")) in (int, float) and mine["temperature"] <= 0
    ),
    "unsaid": _mistake(lambda mine: "do_sample" not in mine),
    "useless": _mistake(lambda mine: mine.get("do_sample") is False and any(name in mine for name in SAMPLING)),
    "too_hot": _mistake(lambda mine: _between(mine.get("temperature"), 1.500001, float("inf"))),
    "hidden_top_k": _mistake(lambda mine: mine.get("do_sample") is True and mine.get("top_k") != 0),
    "too_short": _mistake(lambda mine: mine.get("max_new_tokens") is None or _between(mine["max_new_tokens"], 0, 399)),
    "no_penalty": _mistake(lambda mine: "repetition_penalty" not in mine or mine["repetition_penalty"] == 1),
}
