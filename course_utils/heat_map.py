"""A square table of numbers as shades with the numbers written in: readable without seeing the shades.

heat_map(names, values, title=..., note=...)   # names: n texts, values: (n, n); a Picture
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .chart_page import EDGE, TEXT, Page, house_style
from .chart_text import plain, shortened, text_width
from .errors import CourseValueError
from .picture import Picture

_PALE, _DEEP = np.array([255, 255, 255]), np.array([120, 180, 225])  # INK on the deepest: 7:1
_CELL_HEIGHT = 44
_MOST = 12


def heat_map(
    names: Sequence[object], values: Sequence[Sequence[float]], *, title: str, note: str = "", width: int = 720
) -> Picture:
    """``n`` rows and columns with the same names; shades from the smallest value (white) to the largest (blue).

    Args:
        names: at most 12 texts.
        values: (n, n) finite numbers, written with two decimals.
        note: what the numbers are, below the title.
        width: pixels; the height follows from ``n``.

    Raises:
        CourseValueError: values of another shape, not finite, or too many.
    """
    texts, cells = [plain(name) for name in names], np.asarray(values, dtype=float)
    if not texts or len(texts) > _MOST or cells.shape != (len(texts),) * 2 or not np.isfinite(cells).all():
        raise CourseValueError(
            f"이름은 1~{_MOST}개, 값은 이름 수와 같은 행과 열의 유한한 수여야 합니다. 받은 값의 모양: {cells.shape}"
        )
    if not 480 <= width <= 4000:
        raise CourseValueError("width는 480 이상 4000 이하인 픽셀 수로 정해 주십시오.")
    cells = np.round(cells + 1e-9, 2) + 0.0
    with house_style():
        page = Page(width, 100 + _CELL_HEIGHT * len(texts) + EDGE)
        top = page.heading(plain(title), plain(note), []) + 12
        left = EDGE + 10 + max(text_width(text, TEXT) for text in texts)
        _draw_cells(page, texts, cells, left, top)
        svg = page.svg()
    return Picture(svg, _alt(texts, cells, plain(title), plain(note)))


def _draw_cells(page: Page, texts: list[str], cells: np.ndarray, left: float, top: float) -> None:
    from matplotlib.patches import Rectangle
    from matplotlib.transforms import IdentityTransform

    wide, low, span = (page.width - EDGE - left) / len(texts), cells.min(), np.ptp(cells) or 1.0
    high = (page.height - EDGE - top) / len(texts)
    for i, text in enumerate(texts):
        middle = top + (i + 0.5) * high
        page.write(left - 10, middle + 5, text, "end")
        page.write(left + (i + 0.5) * wide, top - 8, shortened(text, TEXT, wide - 4))
        for j, value in enumerate(cells[i]):
            shade = np.round(_PALE + (_DEEP - _PALE) * (value - low) / span) / 255
            spot = (left + j * wide, page.height - top - (i + 1) * high)
            look = {"facecolor": tuple(shade), "edgecolor": "#666666", "linewidth": 0.5}
            page.figure.add_artist(Rectangle(spot, wide, high, transform=IdentityTransform(), **look))
            page.write(left + (j + 0.5) * wide, middle + 5, _number(value))


def _number(value: float) -> str:
    return f"{value:.2f}"


def _alt(texts: list[str], cells: np.ndarray, title: str, note: str) -> str:
    symmetric = np.array_equal(cells, cells.T)
    rows = []
    for i, text in enumerate(texts):
        others = range(i) if symmetric else range(len(texts))
        if listed := ", ".join(f"{texts[j]} {_number(cells[i, j])}" for j in others):
            rows.append(f"{text}: {listed}.")
    return " ".join([f"숫자를 적은 히트맵: {title.rstrip('.')}.", *([f"{note}."] if note else []), *rows])
