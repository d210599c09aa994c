"""The worked example of normalisation as a diagram: the same numbers through layer norm and through RMSNorm."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from course_utils.chart_text import number_text
from course_utils.diagram_page import BLUE, INK, ORANGE, PURPLE, SMALL, Sheet
from course_utils.errors import CourseValueError
from course_utils.picture import Picture

MOST_VALUES = 5


def rms_norm_example(
    values: Sequence[float] = (1, 2, 3, 4, 5),
    *,
    eps: float = 1e-5,
    title: str = "같은 수에 적용한 층 정규화(layer normalization)와 RMSNorm",
) -> Picture:
    """Bars of ``values``, of their layer norm and of their RMSNorm, with the numbers that lead there.

    Both without trained weights: layer norm is ``(x - mean) / sqrt(variance + eps)`` with the population's variance
    (Ba et al. 2016, arXiv:1607.06450), RMSNorm is ``x / sqrt(mean(x**2) + eps)`` (Zhang and Sennrich 2019,
    arXiv:1910.07467); ``eps`` is EXAONE's.

    Raises:
        CourseValueError: fewer than 2 or more than ``MOST_VALUES`` values, or one that is neither 0 nor between
            0.01 and 9,999 in size (no room for its digits); ``eps`` not above 0.
    """
    numbers = _checked(values, eps)
    mean, square, layer, rms = _normalised(numbers, eps)
    variance = math.fsum((x - mean) ** 2 for x in numbers) / len(numbers)
    sheet = Sheet(title)
    statistics = f"평균 {number_text(mean)}, 분산 {number_text(variance)}"
    panels = (
        ("입력 x", numbers, PURPLE, (f"수 {len(numbers)}개", "정규화하기 전입니다")),
        ("층 정규화", layer, ORANGE, (statistics, "(x - 평균) ÷ √(분산 + ε)", "평균이 0이 됩니다")),
        (
            "RMSNorm",
            rms,
            BLUE,
            (f"제곱의 평균 {number_text(square)}", "x ÷ √(제곱의 평균 + ε)", "평균을 빼지 않습니다"),
        ),
    )
    for place, (name, heights, colour, notes) in enumerate(panels):
        _panel(sheet, 16 + 234 * place, name, heights, colour, number_text if place == 0 else _result_text)
        for line, words in enumerate(notes):
            sheet.words(126 + 234 * place, 318 + 21 * line, words, size=SMALL + 1)
    return sheet.picture(384, _alt(numbers, layer, rms, mean, variance, square))


def _normalised(numbers: list[float], eps: float) -> tuple[float, float, list[float], list[float]]:
    """Mean, mean of the squares, layer norm and RMSNorm of ``numbers``."""
    mean = math.fsum(numbers) / len(numbers)
    square = math.fsum(x * x for x in numbers) / len(numbers)
    variance = math.fsum((x - mean) ** 2 for x in numbers) / len(numbers)
    layer = [(x - mean) / math.sqrt(variance + eps) for x in numbers]
    return mean, square, layer, [x / math.sqrt(square + eps) for x in numbers]


def _panel(sheet: Sheet, left: float, name: str, heights: list[float], colour: str, text: Any) -> None:
    """Bars from a line for zero; every panel has its own scale, because the numbers stand at the bars."""
    sheet.words(left + 110, 60, name, size=15, bold=True)
    top, bottom = 96.0, 278.0
    high, low = max(0.0, *heights), min(0.0, *heights)
    span = (high - low) or 1.0
    zero = bottom - 18 * (low < 0) - (bottom - 18 * (low < 0) - top) * (-low / span)
    scale = (bottom - 18 * (low < 0) - top) / span
    pitch = 220 / len(heights)
    for place, value in enumerate(heights):
        x, size = left + pitch * place, abs(value) * scale
        y = zero - size if value >= 0 else zero
        sheet.shape(f'<rect x="{x + 7:.1f}" y="{y:.1f}" width="{pitch - 14:.1f}" height="{size:.1f}" fill="{colour}"/>')
        sheet.words(x + pitch / 2, y - 10 if value >= 0 else y + size + 10, text(value), size=SMALL)
    sheet.line((left, zero), (left + 220, zero), head=False, colour=INK, width=1.5)


def _result_text(value: float) -> str:
    """At most three digits after the point: after normalisation no number is larger than the root of their count."""
    if 1e-9 < abs(value) < 0.0005:
        return "거의 0"
    return f"{round(value, 3) + 0.0:g}"


def _checked(values: Any, eps: float) -> list[float]:
    try:
        numbers = [float(value) for value in values]
        usable = eps > 0 and math.isfinite(eps) and all(x == 0 or 0.01 <= abs(x) <= 9999 for x in numbers)
    except (TypeError, ValueError):
        numbers, usable = [], False
    if not usable or not 2 <= len(numbers) <= MOST_VALUES:
        raise CourseValueError(
            f"values에 {values!r}, eps에 {eps!r} 값이 들어왔습니다.\n"
            f"0이거나 절댓값이 0.01 이상 9,999 이하인 수를 2개에서 {MOST_VALUES}개까지 넣어 주십시오. "
            "eps는 0보다 커야 합니다."
        )
    return numbers


def _alt(
    numbers: list[float], layer: list[float], rms: list[float], mean: float, variance: float, square: float
) -> str:
    inputs = ", ".join(map(number_text, numbers))
    first, second = (", ".join(map(_result_text, row)) for row in (layer, rms))
    return (
        f"막대그래프 세 개. 입력: {inputs}. "
        f"층 정규화는 평균({number_text(mean)})을 빼고 분산({number_text(variance)})의 제곱근으로 나눕니다. "
        f"결과: {first}. 그 평균은 0입니다. RMSNorm은 평균을 빼지 않고 제곱의 평균"
        f"({number_text(square)})의 제곱근으로만 나눕니다. 결과: {second}. 부호와 서로의 비율이 그대로입니다."
    )
