"""What a learner passes to a chart: checked, turned into arrays, rounded to what the eye can see."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from .chart_page import COLOURS
from .chart_text import MARGIN, plain
from .errors import CourseValueError

# Beyond these powers of ten arithmetic itself runs out of room; nothing that a lesson measures comes near them.
_LARGEST, _FINEST = 1e100, 100

Rows = dict[str, np.ndarray]


def items(values: Any, what: str) -> list[Any]:
    """``values`` as a list with something in it."""
    if isinstance(values, (str, bytes, Mapping)) or not hasattr(values, "__iter__"):
        raise CourseValueError(f"{what}에는 리스트를 넣어야 합니다. 예: {what}=[...]")
    if not (items := list(values)):
        raise CourseValueError(f"비어 있어서 그릴 것이 없습니다: {what}. 값을 하나 이상 넣어 주십시오.")
    return items


def numbers(values: Sequence[Any], what: str) -> np.ndarray:
    """``values`` as float64, all of them finite; tensors and arrays are welcome."""
    try:
        numbers = np.array([float(value) for value in values])
    except (TypeError, ValueError, RuntimeError) as error:
        raise CourseValueError(f"{what}의 값은 하나하나가 숫자여야 합니다. 값을 확인해 주십시오.") from error
    if not np.isfinite(numbers).all():
        place = int(np.flatnonzero(~np.isfinite(numbers))[0])
        raise CourseValueError(
            f"{what}의 {place}번째 값이 {numbers[place]}이라서 그릴 수 없습니다(0부터 셉니다). "
            "NaN과 무한대를 먼저 빼거나 다른 값으로 바꿔 주십시오."
        )
    if np.abs(numbers).max() > _LARGEST:
        raise CourseValueError(f"{what}에 {_LARGEST:g}보다 큰 값이 있어서 그릴 수 없습니다. 값을 확인해 주십시오.")
    return numbers


def checked(series: Any, count: int, beside: str, percent: bool, width: int, height: int) -> Rows:
    """The series as arrays of ``count`` values each, shares cut to 0 to 1; the size is checked along the way."""
    if not isinstance(series, Mapping) or not series:
        raise CourseValueError('series에는 이름과 값의 딕셔너리를 넣어야 합니다. 예: {"확률": [0.2, 0.8]}')
    if len(series) > len(COLOURS):
        raise CourseValueError(
            f"한 그림에 {len(series)}개를 겹치면 구별하기 어렵습니다. {len(COLOURS)}개 이하로 나누어 그려 주십시오."
        )
    sizes = isinstance(width, Real) and isinstance(height, Real)
    if not (sizes and 320 <= width <= 4000 and 260 <= height <= 4000):
        raise CourseValueError("그림의 크기는 가로 320 이상, 세로 260 이상, 둘 다 4000 이하인 픽셀 수로 정해 주십시오.")
    rows: Rows = {}
    for name, values in series.items():
        if plain(name) in rows:  # 1 and "1", or names that differ in their spaces: one would hide the other
            raise CourseValueError(
                f"series에 같은 이름이 둘 있습니다: '{plain(name)}'. 이름을 서로 다르게 지어 주십시오."
            )
        row = rows[plain(name)] = numbers(items(values, f"'{name}'"), f"'{name}'")
        if len(row) != count:
            raise CourseValueError(
                f"{beside}는 {count}개인데 '{name}'의 값은 {len(row)}개입니다. 개수를 같게 맞춰 주십시오."
            )
        if percent and (row.min() < -1e-6 or row.max() > 1 + 1e-6):
            raise CourseValueError(
                f"percent=True이면 값이 0과 1 사이여야 하는데 '{name}'에 {row.min():g}부터 {row.max():g}까지 있습니다. "
                "확률을 넣거나 percent=False로 바꿔 주십시오."
            )
    return {name: np.clip(row, 0, 1) for name, row in rows.items()} if percent else rows


def level_line(reference: Any, percent: bool, width: int, height: int) -> Rows:
    """The line to compare with as one named value; nothing for None."""
    if reference is None:
        return {}
    if not isinstance(reference, (tuple, list)) or len(reference) != 2:
        raise CourseValueError('reference에는 이름과 값을 함께 넣어 주십시오. 예: reference=("확률", 0.7)')
    name, value = reference
    return checked({plain(name): [value]}, 1, "reference", percent, width, height)


def check_positive(values: np.ndarray, option: str) -> None:
    """A logarithm exists only above zero."""
    if values.min() <= 0:
        raise CourseValueError(
            f"로그 눈금에는 0보다 큰 값만 그릴 수 있습니다(가장 작은 값: {values.min():g}). "
            f"0 이하의 값을 빼거나 {option}=False로 바꿔 주십시오."
        )


def levelled(values: np.ndarray) -> np.ndarray:
    """Rounded to at most a thousandth of their range: a fraction of a pixel that no eye and no processor disputes."""
    largest = float(np.abs(values).max())
    span = max(float(np.ptp(values)), 1e-4 * largest)
    if span == 0:
        return values
    decimals = min(3 - math.floor(math.log10(span * (1 + MARGIN))), _FINEST)
    return np.round(values + MARGIN * largest, decimals)
