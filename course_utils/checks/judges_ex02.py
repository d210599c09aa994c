"""Judge of exercise set 02: predictions, told one by one."""

from __future__ import annotations

from typing import Any


def ratios(got: Any, expected: list[float]) -> str | None:
    """A list of predicted ratios; the reason names the letters (A, B, ...) of those that are wrong."""
    from course_utils.checks.judges import close, plain, type_name

    mine = plain(got)
    if not isinstance(mine, list) or len(mine) != len(expected):
        size = f" {len(mine)}개" if isinstance(mine, list) else ""
        return f"예측 {len(expected)}개를 목록에 적어 주십시오. 지금은 {type_name(got)}{size}입니다."
    wrong = [chr(ord("A") + i) for i, (m, e) in enumerate(zip(mine, expected, strict=True)) if close(m, e)]
    return (
        f"{', '.join(wrong)}의 예측이 다릅니다. 다른 예측은 맞습니다."
        if 0 < len(wrong) < len(mine)
        else ("예측이 모두 다릅니다." if wrong else None)
    )
