"""Judges of ex03: generation settings by their properties, predictions, and where messages and texts differ."""

from __future__ import annotations

from collections.abc import Callable
from os.path import commonprefix
from typing import Any

from course_utils.checks.guessing import wrong_guesses
from course_utils.checks.judges import equal, plain, type_name

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
    """Several predictions at once, each as ``guessing.agrees`` has it; None among the expected stands for any."""
    mine = plain(got)
    if not isinstance(mine, list) or len(mine) != len(expected):
        return "예상을 모두 적어 주십시오."
    return wrong_guesses([f"prediction_{place}" for place in range(1, len(mine) + 1)], mine, expected)


def messages(got: Any, expected: Any) -> str | None:
    """The same messages; the reason says which message differs and in what."""
    if (reason := equal(got, expected)) is None or not isinstance(plain(got), list):
        return reason
    mine, right = plain(got), plain(expected)
    if any(type(one) is not dict or set(one) != {"role", "content"} for one in mine):
        place = next(p for p, one in enumerate(mine) if type(one) is not dict or set(one) != {"role", "content"})
        return f"{place}번 메시지가 role과 content 두 키만 가진 딕셔너리가 아닙니다."
    if len(mine) != len(right):
        return f"메시지가 {len(right)}개여야 하는데 {len(mine)}개입니다."
    place = next(p for p, (one, other) in enumerate(zip(mine, right, strict=True)) if one != other)
    what = "역할(role)" if mine[place]["role"] != right[place]["role"] else "내용(content)"
    return f"{place}번 메시지의 {what}이 다릅니다. 번호는 0부터 셉니다."


def exact_text(got: Any, expected: Any) -> str | None:
    """The same text; the reason says where the first difference is."""
    if (reason := equal(got, expected)) is None or type(got) is not str:
        return reason
    if not got or not expected:
        return "빈 글을 돌려주었습니다." if not got else "빈 글이어야 하는데 글이 있습니다."
    same = len(commonprefix([got, expected]))
    if same == len(got):
        return f"앞의 {same}글자는 맞지만 뒤가 모자랍니다. 빠진 글: {expected[same : same + 15]!r}"
    if same == len(expected):
        return f"앞의 {same}글자는 맞지만 뒤에 글이 더 있습니다. 남는 글: {got[same : same + 15]!r}"
    there, here = expected[same : same + 12], got[same : same + 12]
    return f"{same + 1}번째 글자부터 다릅니다. 맞는 글: {there!r} / 받은 글: {here!r}"


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
    if "top_p" in mine and not (_between(mine["top_p"], 0, 1) and mine["top_p"] > 0):
        return "top_p는 0보다 크고 1 이하인 수여야 합니다."
    if not mine["do_sample"] and (useless := [name for name in SAMPLING if name in mine]):
        return f"탐욕적 디코딩에서 쓰이지 않는 설정이 있습니다: {', '.join(useless)}"
    return None


def _same_answer(mine: Settings) -> str | None:
    if reason := _common(mine, 100, 256):
        return reason
    return "같은 질문에 다른 답이 나올 수 있습니다." if mine["do_sample"] else None


def _many_drafts(mine: Settings) -> str | None:
    if mine.get("do_sample") is False:
        return "몇 번을 물어도 같은 초안이 나옵니다."
    if reason := _common(mine, 100, 256):
        return reason
    if not _between(mine.get("temperature"), 0.7, 1.5) or mine["temperature"] == 0.7:
        return "온도는 파이프라인의 기본값보다 높고 1.5 이하여야 합니다."
    return None if _top_k_is_off(mine) else "top_k가 꺼져 있지 않습니다."


def _top_k_is_off(mine: Settings) -> bool:
    """0 or None, and written down: transformers takes both for off, and 50 where nothing is said."""
    return "top_k" in mine and (mine["top_k"] is None or (type(mine["top_k"]) is int and mine["top_k"] == 0))


def _long_notice(mine: Settings) -> str | None:
    if reason := _common(mine, 400, 1000):
        return reason
    if mine["do_sample"]:
        return "부를 때마다 다른 안내문이 나올 수 있습니다."
    if not _between(mine.get("repetition_penalty"), 1.0, 1.5) or mine["repetition_penalty"] == 1.0:
        return "repetition_penalty는 1보다 크고 1.5 이하여야 합니다."
    return None


def _mistake(test: Callable[[Settings], bool]) -> Callable[[Settings], str | None]:
    return lambda mine: None if test(mine) else "다른 답입니다."


RULES: dict[str, Callable[[Settings], str | None]] = {
    "늘 같은 답을 내는 설정": _same_answer,
    "여러 초안을 내는 설정": _many_drafts,
    "긴 안내문을 쓰는 설정": _long_notice,
    "all_jobs": _mistake(lambda mine: "늘 같은 답" in mine),
    "cold": _mistake(lambda mine: mine.get("do_sample") is True),
    "same_drafts": _mistake(lambda mine: mine.get("do_sample") is False),
    "unknown_name": _mistake(lambda mine: any(name not in KNOWN for name in mine)),
    "zero_temperature": _mistake(
        lambda mine: type(mine.get("temperature")) in (int, float) and mine["temperature"] <= 0
    ),
    "unsaid": _mistake(lambda mine: "do_sample" not in mine),
    "useless": _mistake(lambda mine: mine.get("do_sample") is False and any(name in mine for name in SAMPLING)),
    "too_hot": _mistake(lambda mine: _between(mine.get("temperature"), 1.500001, float("inf"))),
    "hidden_top_k": _mistake(lambda mine: mine.get("do_sample") is True and not _top_k_is_off(mine)),
    "too_short": _mistake(lambda mine: mine.get("max_new_tokens") is None or _between(mine["max_new_tokens"], 0, 399)),
    "no_penalty": _mistake(lambda mine: "repetition_penalty" not in mine or mine["repetition_penalty"] == 1),
}
