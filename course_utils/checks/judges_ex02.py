"""Judges of exercise set 02: predictions and the parts of a step, told one by one."""

from __future__ import annotations

from typing import Any


def ratios(got: Any, expected: list[float]) -> str | None:
    """A list of predicted ratios; the reason names the letters (A, B, ...) of those that are wrong."""
    from course_utils.checks.judges import close, plain, type_name

    mine = plain(got)
    if not isinstance(mine, list) or len(mine) != len(expected):
        size = f" {len(mine)}개" if isinstance(mine, list) else ""
        return f"예측 {len(expected)}개를 리스트로 적어 주십시오. 지금은 {type_name(got)}{size}입니다."
    if texts := [chr(ord("A") + i) for i, m in enumerate(mine) if isinstance(m, str)]:
        return f"{', '.join(texts)}에 글(str)이 있습니다. 따옴표를 지우고 수로 적어 주십시오."
    wrong = [chr(ord("A") + i) for i, (m, e) in enumerate(zip(mine, expected, strict=True)) if close(m, e)]
    if len(wrong) == len(mine):
        return "예측이 모두 다릅니다."
    return f"{', '.join(wrong)}의 예측이 다릅니다. 다른 예측은 맞습니다." if wrong else None


def step(got: Any, expected: tuple, rtol: float = 1e-5, atol: float = 1e-7) -> str | None:
    """Output, keys and values of one decoding step; the reason says which of them is wrong."""
    from course_utils.checks.judges import close, type_name

    names = ("output", "keys", "values")
    if not isinstance(got, list | tuple) or len(got) != len(names):
        return f"output, keys, values 세 가지를 차례로 돌려주십시오. 지금은 {type_name(got)}입니다."
    reasons = [
        f"{name}: {reason}"
        for name, mine, right in zip(names, got, expected, strict=True)
        if (reason := close(mine, right, rtol, atol))
    ]
    return "\n".join(reasons) or None
