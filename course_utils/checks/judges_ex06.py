"""Judges of ex06: what a function asked of the server and what came of it; leaks without the keys themselves."""

from __future__ import annotations

import math
from typing import Any

from course_utils.checks.judges import close, equal
from course_utils.key_shapes import hide_keys

_JITTER = 1.25  # a pause may be this much longer than it has to be


def talk(got: Any, expected: Any) -> str | None:
    """The same requests after the same pauses (up to 25 % longer), and the same result or the same exception."""
    if type(got) is not dict or not {"requests", "waited_after"} <= got.keys():
        return "함수를 실행한 기록이 없습니다."
    return _other_error(got, expected) or _requests(got["requests"], expected["requests"]) or _end(got, expected)


def leaks(got: Any, expected: Any) -> str | None:
    """Equal lists, where any key counts as the same as any other: no key is written in a sheet."""
    return equal(_hidden(got), _hidden(expected))


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return hide_keys(value)
    if isinstance(value, list | tuple):
        return [_hidden(item) for item in value]
    return value


def _other_error(got: dict, expected: dict) -> str | None:
    """An exception of the learner's own code, such as a wrong name, matters more than the requests."""
    raised, right = got.get("raised"), expected.get("raised")
    if not raised or (right and right[0] in raised):
        return None
    wanted = f"{right[0]} 오류가 밖으로 나와야 하는데" if right else "오류 없이 값을 돌려주어야 하는데"
    return f"{wanted} {raised[0]} 오류가 났습니다."


def _requests(mine: list[dict], right: list[dict]) -> str | None:
    if len(mine) != len(right):
        return f"서버가 받은 요청이 {len(right)}번이어야 하는데 {len(mine)}번입니다."
    for number, (one, other) in enumerate(zip(mine, right, strict=True), 1):
        if reason := _body(number, one["body"], other["body"]) or _pause(number, one["waited"], other["waited"]):
            return reason
    return None


def _body(number: int, mine: dict, right: dict) -> str | None:
    for name in right:
        if name not in mine:
            return f"{number}번째 요청에 {name} 설정이 없습니다."
        if equal(mine[name], right[name]):
            return f"{number}번째 요청에 보낸 {name} 값이 다릅니다."
    extra = [name for name in mine if name not in right]
    return f"{number}번째 요청에 필요 없는 설정이 있습니다: {', '.join(extra[:3])}" if extra else None


def _pause(number: int, mine: float, right: float) -> str | None:
    if right <= mine * (1 + 1e-9) and mine <= right * _JITTER * (1 + 1e-9):
        return None
    if not right:
        return f"{number}번째 요청 전에는 기다리지 않아야 하는데 {mine:g}초를 기다렸습니다."
    # Cut off, not rounded: 3.9999 must not look like the 4 that it should have been.
    shown = math.floor(mine * 100) / 100
    return (
        f"{number}번째 요청 전에 기다린 시간이 {right:g}초(흩뜨린다면 {right * _JITTER:g}초까지)여야 하는데 "
        f"{shown:g}초입니다."
    )


def _only_order(mine: Any, right: Any) -> bool:
    texts = all(type(value) is list and all(isinstance(one, str) for one in value) for value in (mine, right))
    return texts and mine != right and sorted(mine) == sorted(right)


def _end(got: dict, expected: dict) -> str | None:
    if expected.get("raised"):
        if not got.get("raised"):
            return f"{expected['raised'][0]} 오류가 밖으로 나와야 하는데 값을 돌려주었습니다."
    elif got.get("returned") is None and expected["returned"] is not None:
        return "아무 값도 돌려주지 않았습니다(None). return 문을 확인해 주십시오."
    elif _only_order(got["returned"], expected["returned"]):
        return "요청은 맞지만 돌려준 글의 순서가 다릅니다. 서버가 보낸 순서를 지켜 주십시오."
    elif reason := close(got["returned"], expected["returned"]):
        return f"요청은 맞지만 돌려준 값이 다릅니다. {reason}"
    if math.isclose(got["waited_after"], expected["waited_after"], rel_tol=_JITTER - 1, abs_tol=1e-9):
        return None
    return "마지막 요청 뒤에 기다린 시간이 다릅니다. 더 요청하지 않을 것이라면 기다리지 않습니다."
