"""Judges: does what a learner's function gave agree with what was expected?

``judge(got, expected, **parameters)`` returns None when it agrees, and otherwise the reason as a Korean sentence for
the learner. ``find("close")`` is a judge of this module, ``find("shop.answers")`` is
``course_utils.checks.judges_shop.answers``. The values may come from a stranger: a judge never trusts their types.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from course_utils.checks.named import named

_FREQUENCY_P_VALUE = 1e-6  # an honest sample fails once in a million draws of a sample


def find(name: str) -> Callable[..., str | None]:
    """The judge of that name.

    Raises:
        ValueError: there is none.
    """
    if name in _OWN:
        return _OWN[name]
    return named("judges", name)


def close(got: Any, expected: Any, rtol: float = 1e-5, atol: float = 1e-7) -> str | None:
    """Numbers and arrays up to rounding, alone or inside lists and dictionaries; infinities must stand in their places.

    A list of numbers and an array of the same shape count as the same.
    """
    if isinstance(expected, dict):
        return _same_keys(got, expected) or _first(close(got[k], expected[k], rtol, atol) for k in expected)
    if _numeric(expected):
        return _close_numbers(got, expected, rtol, atol)
    if isinstance(expected, list | tuple):
        if not isinstance(got, list | tuple):
            return f"리스트여야 하는데 {type_name(got)}입니다."
        if len(got) != len(expected):
            return f"값이 {len(expected)}개여야 하는데 {len(got)}개입니다."
        return _first(close(g, e, rtol, atol) for g, e in zip(got, expected, strict=True))
    return equal(got, expected)


def _close_numbers(got: Any, expected: Any, rtol: float, atol: float) -> str | None:
    import numpy as np

    if not _numeric(got):
        return f"{_wanted(expected)} 하는데 {type_name(got)}입니다."
    right, mine = np.asarray(expected), np.asarray(got)
    if right.shape != mine.shape:
        return _other_shape(got, right.shape, mine.shape)
    right, mine = right.astype(np.float64), mine.astype(np.float64)
    if np.isnan(mine).any() and not np.isnan(right).any():
        return "결과에 수가 아닌 값(nan)이 있습니다."
    finite = np.isfinite(right)
    if not np.array_equal(np.isfinite(mine), finite) or not np.array_equal(
        mine[~finite], right[~finite], equal_nan=True
    ):
        return "무한대(inf, -inf)가 있어야 할 자리와 실제 자리가 다릅니다."
    if np.allclose(mine[finite], right[finite], rtol=rtol, atol=atol):
        return None
    for digits in range(1, 5):
        if mine.any() and np.allclose(mine, right.round(digits), rtol=0, atol=1e-9):
            return f"소수점 아래 {digits}자리까지 반올림한 값입니다. 반올림하지 말고 그대로 돌려주십시오."
    return "값이 다릅니다."


def _other_shape(got: Any, right: tuple, mine: tuple) -> str:
    if right and mine:
        return f"모양(shape)이 {right}이어야 하는데 {mine}입니다."
    return (
        f"수 하나여야 하는데 모양(shape)이 {mine}인 배열입니다."
        if mine
        else f"배열이어야 하는데 {type_name(got)} 하나입니다."
    )


def _numeric(value: Any) -> bool:
    """A number, an array of numbers, or (nested) lists of numbers of equal lengths."""
    import numpy as np

    if isinstance(value, str | dict | set) or value is None:
        return False
    if isinstance(value, list | tuple) and not value:
        return False
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError):
        return False
    return array.dtype.kind in "fiub"


def _wanted(expected: Any) -> str:
    import numpy as np

    return "수여야" if np.ndim(expected) == 0 else "배열이어야"


def equal(got: Any, expected: Any) -> str | None:
    """Exactly the same; True is not 1, but numbers of NumPy count as numbers, and a tuple as a list."""
    mine, right = plain(got), plain(expected)
    if mine is not None and right is not None and _kind(mine) != _kind(right):
        return f"{_KINDS.get(_kind(right), type_name(right))} 하는데 {type_name(got)}입니다."
    if isinstance(right, dict) and (reason := _same_keys(mine, right)):
        return reason
    if isinstance(right, list) and len(mine or []) != len(right):
        return f"값이 {len(right)}개여야 하는데 {len(mine or [])}개입니다."
    return None if _same(mine, right) else "값이 다릅니다."


_KINDS = {
    "number": "수여야",
    "text": "글(문자열)이어야",
    "list": "리스트여야",
    "dict": "딕셔너리여야",
    "bool": "참이나 거짓이어야",
}


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return {str: "text", list: "list", dict: "dict"}.get(type(value), type(value).__name__)


def _same(a: Any, b: Any) -> bool:
    if _kind(a) != _kind(b):
        return False
    if isinstance(b, list):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in b)
    if isinstance(b, float) and math.isnan(b):
        return math.isnan(a)
    return a == b


def plain(value: Any) -> Any:
    """The value with NumPy and pandas turned into plain Python, and tuples into lists."""
    if type(value) in (list, tuple):
        return [plain(item) for item in value]
    if type(value) is dict:
        return {key: plain(item) for key, item in value.items()}
    library = type(value).__module__.split(".")[0]
    if library == "pandas" and hasattr(value, "columns"):
        # The index only numbers rows in most tables; where it names them, it counts.
        return {"columns": [str(c) for c in value.columns], "rows": plain(value.values.tolist())}
    if hasattr(value, "tolist") and library in ("numpy", "pandas"):
        return plain(value.tolist())
    return value


def same_set(got: Any, expected: Any) -> str | None:
    """The same things in any order, each once."""
    mine, right = plain(got), plain(expected)
    if isinstance(mine, set | frozenset):
        mine = list(mine)
    right = list(right)
    if not isinstance(mine, list):
        return f"리스트나 집합이어야 하는데 {type_name(got)}입니다."
    missing = [item for item in right if item not in mine]
    extra = [item for item in mine if item not in right]
    if missing and extra:
        return f"빠진 것이 {len(missing)}개, 들어가면 안 되는 것이 {len(extra)}개 있습니다."
    if missing:
        return f"빠진 것이 {len(missing)}개 있습니다."
    if extra:
        return f"들어가면 안 되는 것이 {len(extra)}개 있습니다."
    return None if len(mine) == len(right) else "같은 것이 두 번 들어 있습니다."


def text(got: Any, expected: Any) -> str | None:
    """The same words; spaces and line ends at the ends and in a row do not matter."""
    if not isinstance(got, str):
        return f"글(문자열)이어야 하는데 {type_name(got)}입니다."
    return None if got.split() == str(expected).split() else "글이 다릅니다."


def frequencies(got: Any, expected: Any, count: int | None = None) -> str | None:
    """Drawn ids (integers from 0) against the probabilities that they should follow: chi-square test (Pearson, 1900).

    ``count``: how many ids there should be.
    """
    import numpy as np
    from scipy.stats import chisquare

    probabilities = np.asarray(expected, dtype=np.float64)
    if not _numeric(got) or np.ndim(got) != 1:
        return f"번호(정수)의 1차원 배열이어야 하는데 {type_name(got)}입니다."
    ids = np.asarray(got)
    if count is not None and ids.size != count:
        return f"{count:,}개를 뽑아야 하는데 {ids.size:,}개입니다."
    if ids.dtype.kind not in "iu":
        return "뽑은 번호는 정수여야 합니다."
    if ids.size == 0 or ids.min() < 0 or ids.max() >= probabilities.size:
        return f"번호는 0에서 {probabilities.size - 1} 사이여야 합니다."
    counts = np.bincount(ids, minlength=probabilities.size)
    possible = probabilities > 0
    if counts[~possible].any():
        return "확률이 0인 번호가 뽑혔습니다."
    if possible.sum() == 1:
        return None
    share = probabilities[possible] / probabilities[possible].sum()
    p_value = chisquare(counts[possible], share * ids.size).pvalue
    return None if p_value > _FREQUENCY_P_VALUE else "뽑힌 횟수가 주어진 확률과 너무 다릅니다."


def type_name(value: Any) -> str:
    """What a value is, in a beginner's words."""
    import numpy as np

    if isinstance(value, np.ndarray) and not value.ndim:
        value = value.item()
    if isinstance(value, bool):
        return "참·거짓(bool)"
    if isinstance(value, np.ndarray) and value.ndim:
        return f"배열({value.dtype}, 모양 {value.shape})"
    if isinstance(value, int | np.integer):
        return "정수(int)"
    if isinstance(value, float | np.floating):
        return "실수(float)"
    names = {str: "글(str)", list: "리스트(list)", tuple: "튜플(tuple)", dict: "딕셔너리(dict)", set: "집합(set)"}
    return "없음(None)" if value is None else names.get(type(value), f"{type(value).__name__} 값")


def _same_keys(got: Any, expected: dict) -> str | None:
    if not isinstance(got, dict):
        return f"딕셔너리(dict)여야 하는데 {type_name(got)}입니다."
    missing = [str(key) for key in expected if key not in got]
    extra = [str(key)[:40] for key in got if key not in expected]
    if missing:
        return f"딕셔너리에 빠진 이름이 있습니다: {', '.join(missing[:5])}"
    return f"딕셔너리에 필요 없는 이름이 있습니다: {', '.join(extra[:5])}" if extra else None


def _first(reasons: Any) -> str | None:
    return next((reason for reason in reasons if reason), None)


_OWN = {"close": close, "equal": equal, "same_set": same_set, "text": text, "frequencies": frequencies}
