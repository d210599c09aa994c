"""Judges of exercise set ex04: drawn tokens, multiple choices, and temperatures."""

from __future__ import annotations

from typing import Any

from course_utils.checks.judges import frequencies, plain, type_name

_FEWEST_EXPECTED = 5  # the usual rule for the chi-square test
_HALVES_FROM = 1000  # draws from which on the two halves are looked at, and every token by itself


def choices(got: Any, expected: list[str | None]) -> str | None:
    """Letters in order; where ``expected`` is None any letter will do. Does not tell which one is wrong."""
    mine = plain(got)
    if not isinstance(mine, list):
        return f"글자 {len(expected)}개를 담은 리스트여야 하는데 {type_name(got)}입니다."
    if len(mine) != len(expected):
        return f"글자가 {len(expected)}개여야 하는데 {len(mine)}개입니다."
    letters = [item.strip().upper() if isinstance(item, str) else item for item in mine]
    right = sum(want in (None, letter) for letter, want in zip(letters, expected, strict=True))
    return None if right == len(expected) else f"{len(expected)}개 가운데 {right}개가 맞았습니다."


def draws(got: Any, expected: dict[str, Any]) -> str | None:
    """Token ids drawn as ``expected`` says: the rule ("조건"), how many ("개수"), the probabilities ("확률")."""
    import numpy as np

    values, count = plain(got), expected["개수"]
    try:
        ids = np.asarray(values)
    except ValueError:
        ids = np.asarray(None)
    if expected["조건"] == "번호가 아닌 확률":
        return _probabilities_drawn(ids, count, expected["확률"])
    if ids.dtype.kind not in "iu":
        return f"토큰 번호(정수)의 배열이어야 하는데 {type_name(got)}입니다."
    return _RULES[expected["조건"]](ids, count, expected["확률"])


def _as_probable(ids: Any, count: int, probabilities: list[float]) -> str | None:
    """As often as the probabilities say, in the first half of the draws as in all of them."""
    reason = frequencies(*_rare_as_one(ids, count, probabilities), count)
    if reason or count < _HALVES_FROM:
        return reason
    half = frequencies(ids[: count // 2], probabilities)
    return half and "앞의 절반과 뒤의 절반이 서로 다르게 뽑혔습니다. 뽑은 차례가 섞여 있어야 합니다."


def _rare_as_one(ids: Any, count: int, probabilities: list[float]) -> tuple[Any, Any]:
    """Ids and probabilities with all the tokens that few draws hardly show counted as one, the last.

    The chi-square test takes an honest draw of a token expected a fraction of a time for a wrong one.
    """
    import numpy as np

    shares = np.asarray(probabilities)
    common = shares * count >= _FEWEST_EXPECTED
    if common.all() or not common.any() or count >= _HALVES_FROM or ids.ndim != 1:
        return ids, shares
    if ids.size == 0 or ids.min() < 0 or ids.max() >= shares.size:
        return ids, shares
    classes = np.where(common, np.cumsum(common) - 1, common.sum())
    return classes[ids], np.append(shares[common], shares[~common].sum())


def _one_number(ids: Any, count: int, probabilities: list[float]) -> str | None:
    if ids.shape != (count,):
        return f"모양(shape)이 ({count},)이어야 하는데 {ids.shape}입니다."
    if (ids != ids[0]).any():
        return "난수가 늘 같은데 서로 다른 토큰이 뽑혔습니다."
    inside = 0 <= ids[0] < len(probabilities)
    return None if inside and probabilities[ids[0]] > 0 else "뽑힐 수 없는 번호입니다."


def _probabilities_drawn(values: Any, count: int, probabilities: Any) -> str | None:
    import numpy as np

    drawn = values.dtype.kind == "f" and values.shape == (count,) and np.isin(values, probabilities).all()
    return None if drawn else "값이 다릅니다."


def _always_the_first(ids: Any, count: int, probabilities: list[float]) -> str | None:
    best = max(range(len(probabilities)), key=probabilities.__getitem__)
    return None if ids.shape == (count,) and (ids == best).all() else "값이 다릅니다."


def _counts(ids: Any, count: int, probabilities: list[float]) -> str | None:
    return None if ids.shape == (len(probabilities),) != (count,) and ids.sum() == count else "값이 다릅니다."


def _in_order(ids: Any, count: int, probabilities: list[float]) -> str | None:
    spread = ids.shape == (count,) and ids.min() < ids.max()
    return None if spread and (ids[1:] >= ids[:-1]).all() else "값이 다릅니다."


def _rows_with_one(ids: Any, count: int, probabilities: list[float]) -> str | None:
    rows = ids.shape == (count, len(probabilities))
    return None if rows and (ids >= 0).all() and (ids.sum(axis=1) == 1).all() else "값이 다릅니다."


def _all_different(ids: Any, count: int, probabilities: list[float]) -> str | None:
    return None if ids.shape == (count,) and len(set(ids.tolist())) == count else "값이 다릅니다."


_RULES = {
    "확률대로 뽑은 번호": _as_probable,
    "모두 같은 번호": _one_number,
    "늘 1등": _always_the_first,
    "토큰마다 센 횟수": _counts,
    "늘어선 번호": _in_order,
    "한 칸만 1인 줄": _rows_with_one,
    "겹치지 않는 번호": _all_different,
}
