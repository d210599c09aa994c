"""Thousands of models as points, the ones that matter marked by shape and name.

    point_chart(x, y, names, title=..., x_label=..., y_label=..., front=mask, named=[...])   # a Picture

The crowd is drawn as dots on a grid of pixels, darker where many lie upon each other: that keeps the picture small in
a saved notebook, whatever the number of points.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .chart_data import check_positive, items, numbers
from .chart_page import EDGE, INK, ROW, TEXT, VALUE, Page, house_style
from .chart_text import plain, shortened, text_width, tick_text, value_text
from .errors import CourseValueError
from .picture import Picture

_CELL = 3  # pixels of the grid
_CROWD = ((1, "#949494"), (2, "#6B6B6B"), (5, "#3D3D3D"))  # from so many models on one dot on: this grey
_CROWD_LOOK = {"color": _CROWD[1][1], "linestyle": "none", "marker": "o", "markersize": 4}
_FRONT_LOOK = {"color": "#D55E00", "linestyle": "-", "linewidth": 1.5, "marker": "D", "markersize": 7}
_NAMED_LOOK = {"color": "#0072B2", "linestyle": "none", "marker": "s", "markersize": 10}
_RIM = {"markeredgecolor": "white", "markeredgewidth": 1}
_LONGEST = 230  # pixels of a name
_MOST_LISTED = 24
_DOT_AREA = 9  # square pixels
_MOST_COVERED = 60  # square pixels: a name that hides more is left out, unless it was asked for

# Where a name may stand: how much of it lies left of the point, and how far down its middle is, in pixels. Above and
# to the left of a front lies nothing, so those places come first.
_GAP = 9
_NEAR = ((1, 0), (0.9, -15), (0.5, -17), (0, 0), (0.5, 17))
_FAR = tuple((side, down) for down in (-30, 30, -46, 46, -70, 70) for side in (1, 0, 0.5))

Box = tuple[float, float, float, float]


def point_chart(
    x: Sequence[float],
    y: Sequence[float],
    names: Sequence[object],
    *,
    title: str,
    x_label: str,
    y_label: str,
    log_x: bool = False,
    front: Sequence[bool] | None = None,
    front_name: str = "파레토 전선",
    named: Sequence[int] = (),
    width: int = 720,
    height: int = 480,
) -> Picture:
    """``n`` points; those of ``front`` joined by a step line, those of ``named`` with their names.

    Args:
        x: ``n`` numbers, with ``log_x`` all above 0; ``y``: ``n`` numbers; ``names``: ``n`` texts.
        front: bool (n,), points to mark with diamonds; their names are written where there is room.
        named: places (0 to n - 1) of points that always get a square and their name.
        width: pixels; so is ``height``.

    Raises:
        CourseValueError: values that cannot be drawn so.
    """
    across, up, texts = numbers(items(x, "x"), "x"), numbers(items(y, "y"), "y"), [plain(name) for name in names]
    marked = np.zeros(len(across), dtype=bool) if front is None else np.asarray(front, dtype=bool)
    if not len(across) == len(up) == len(texts) == len(marked):
        raise CourseValueError("x, y, names, front는 개수가 같아야 합니다. 개수를 맞춰 주십시오.")
    if not (480 <= width <= 4000 and 320 <= height <= 4000):
        raise CourseValueError("그림의 크기는 가로 480 이상, 세로 320 이상, 둘 다 4000 이하인 픽셀 수로 정해 주십시오.")
    if log_x:
        check_positive(across, "log_x")
    order = [int(place) for place in np.flatnonzero(marked)[np.lexsort((up[marked], across[marked]))]]
    with house_style():
        page = Page(width, height)
        legend = [(f"모델 {len(across):,}개(진할수록 많이 겹침)", _CROWD_LOOK)]
        legend += [(front_name, _FRONT_LOOK | _RIM)] if order else []
        legend += [("이름을 붙인 모델", _NAMED_LOOK | _RIM)] if len(named) else []
        top = page.heading(plain(title), plain(y_label), legend)
        axes = _axes(page, top, across, up, log_x, _log_said(x_label, log_x))
        spots = [(page.across(axes, _at(a, log_x)), page.down(axes, b)) for a, b in zip(across, up, strict=True)]
        _draw_crowd(page, spots)
        _draw_marked(page, [spots[place] for place in order], [spots[place] for place in named])
        _write_names(page, top, spots, texts, order, list(named))
        svg = page.svg()
    return Picture(svg, _alt(across, up, texts, order, list(named), front_name, title, x_label, y_label, log_x))


def _log_said(label: str, log: bool) -> str:
    return plain(label) + (", 로그 눈금" if log else "")


def _at(value: float, log: bool) -> float:
    return math.log10(value) if log else float(value)


def _axes(page: Page, top: float, across: np.ndarray, up: np.ndarray, log: bool, x_label: str) -> Any:
    places = np.log10(across) if log else across
    x_low, x_high = _with_margin(float(places.min()), float(places.max()))
    y_low, y_high = _with_margin(min(float(up.min()), 0.0) if up.min() < 0.5 * up.max() else float(up.min()), up.max())
    y_ticks = _ticks(y_low, y_high)
    left = EDGE + 8 + max(text_width(tick_text(tick, False), TEXT) for tick in y_ticks)
    axes = page.axes(math.ceil(left), top, page.width - 1.5 * EDGE, page.height - EDGE - 2 * ROW + 4)
    axes.set(xlim=(x_low, x_high), ylim=(y_low, y_high))
    page.y_axis(axes, y_ticks, [tick_text(tick, False) for tick in y_ticks])
    x_ticks = [(_at(tick, log), tick_text(tick, False)) for tick in _ticks(x_low, x_high, log)]
    page.x_axis(axes, [pair for pair in x_ticks if x_low <= pair[0] <= x_high], x_label)
    return axes


def _with_margin(low: float, high: float) -> tuple[float, float]:
    margin = 0.04 * (high - low) or 0.5
    return low - margin, high + margin


def _ticks(low: float, high: float, log: bool = False) -> list[float]:
    """Round values inside; on a logarithmic axis 1 and 3 times the powers of ten."""
    from matplotlib.ticker import MaxNLocator

    if log:
        powers = range(math.floor(low), math.ceil(high) + 1)
        return [float(f"{factor}e{power}") for power in powers for factor in (1, 3)]
    return [float(tick) for tick in MaxNLocator(7).tick_values(low, high) if low <= tick <= high]


# --- points ---


def _draw_crowd(page: Page, spots: list[tuple[float, float]]) -> None:
    """One dot for each cell of the grid that holds a point, as three paths of one style each."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path
    from matplotlib.transforms import IdentityTransform

    # A hair to one side: where a point lies exactly between two cells, the last digit must not decide.
    cells = np.floor(np.array(spots) / _CELL + 1e-6).astype(int)
    kept, counts = np.unique(cells, axis=0, return_counts=True)
    limits = [least for least, _ in _CROWD[1:]] + [len(spots) + 1]
    for (least, grey), limit in zip(_CROWD, limits, strict=True):
        chosen = kept[(counts >= least) & (counts < limit)]
        if not len(chosen):
            continue
        middles = (chosen + 0.5) * _CELL
        middles[:, 1] = page.height - middles[:, 1]
        path = Path(np.repeat(middles, 2, axis=0), [Path.MOVETO, Path.LINETO] * len(middles))
        path.should_simplify = False
        look = {"edgecolor": grey, "facecolor": "none", "linewidth": 3.5, "capstyle": "round", "snap": False}
        page.figure.add_artist(PathPatch(path, transform=IdentityTransform(), **look))


def _draw_marked(page: Page, front: list[tuple[float, float]], named: list[tuple[float, float]]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.transforms import IdentityTransform

    def turned(spots: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
        return [round(x, 1) for x, _ in spots], [round(page.height - y, 1) for _, y in spots]

    flat = IdentityTransform()
    if front:
        look = _FRONT_LOOK | {"marker": "none", "drawstyle": "steps-post", "transform": flat}
        page.figure.add_artist(Line2D(*turned(front), **look))
        page.figure.add_artist(
            Line2D(*turned(front), **(_FRONT_LOOK | _RIM | {"linestyle": "none", "transform": flat}))
        )
    if named:
        page.figure.add_artist(Line2D(*turned(named), **(_NAMED_LOOK | _RIM | {"transform": flat})))


# --- names ---


def _write_names(
    page: Page, top: float, spots: list[tuple[float, float]], texts: list[str], front: list[int], named: list[int]
) -> None:
    """Names of the named points always, of the front where they cover no name and little else; the highest first."""
    marks = [(x - 6, y - 6, x + 6, y + 6) for x, y in (spots[place] for place in [*front, *named])]
    marks += _steps([spots[place] for place in front])
    inner = (EDGE + 30.0, top - 16, page.width - EDGE / 2, page.height - EDGE - 2 * ROW)
    crowd = np.round(np.array(spots), 1)
    written: list[Box] = []
    rest = sorted(set(front) - set(named), key=lambda place: spots[place][1])
    for place in [*dict.fromkeys(named), *rest]:
        text = shortened(texts[place].split("/")[-1], VALUE, _LONGEST)
        places = _NEAR + (_FAR if place in named else ())
        box, side, cover = _best_box(spots[place], text_width(text, VALUE), places, inner, [*marks, *written], crowd)
        on_a_name = any(_overlap(box, other) for other in written)
        if place not in named and (on_a_name or cover > _MOST_COVERED):
            continue
        written.append(box)
        _draw_leader(page, spots[place], box)
        # The width is an estimate: hold the name at the end that is nearest to its point.
        x, anchor = (
            (box[2], "end") if side > 0.5 else (box[0], "start") if side < 0.5 else (sum(box[::2]) / 2, "middle")
        )
        page.write(x, box[3] - 4, text, anchor, VALUE, rim=True, bold=place in named)


def _draw_leader(page: Page, spot: tuple[float, float], box: Box) -> None:
    """A thin line from a point to a name that does not stand right beside it."""
    from matplotlib.lines import Line2D
    from matplotlib.transforms import IdentityTransform

    x, y = min(max(spot[0], box[0]), box[2]), min(max(spot[1], box[1] + 2), box[3] - 3)
    if math.dist(spot, (x, y)) < 14:
        return
    ends = [round(spot[0], 1), round(x, 1)], [round(page.height - spot[1], 1), round(page.height - y, 1)]
    page.figure.add_artist(Line2D(*ends, color=INK, linewidth=1, transform=IdentityTransform()))


def _steps(front: list[tuple[float, float]]) -> list[Box]:
    """The step line as thin boxes."""
    boxes: list[Box] = []
    for (x, y), (next_x, next_y) in zip(front, front[1:], strict=False):
        boxes += [(x, y - 2, next_x, y + 2), (next_x - 2, min(y, next_y), next_x + 2, max(y, next_y))]
    return boxes


def _best_box(
    spot: tuple[float, float],
    wide: float,
    places: tuple[tuple[float, float], ...],
    inner: Box,
    taken: list[Box],
    crowd: np.ndarray,
) -> tuple[Box, float, float]:
    """The one of ``places`` where a name covers least: its box, its side, and the square pixels covered."""
    lefts = [spot[0] - wide * side + _GAP * (1 - 2 * side) for side, _ in places]
    middles = [spot[1] + down for _, down in places]
    boxes = [(left, middle - 9, left + wide, middle + 9) for left, middle in zip(lefts, middles, strict=True)]
    costs = [
        sum(_overlap(box, other) for other in taken)
        + _DOT_AREA * _inside(crowd, box)
        + 18 * wide
        - _overlap(box, inner)
        for box in boxes
    ]
    best = min(range(len(boxes)), key=lambda i: (round(costs[i]), i))
    return boxes[best], places[best][0], round(costs[best])


def _inside(crowd: np.ndarray, box: Box) -> int:
    """How many different dots lie in the box."""
    x, y = crowd.T
    hidden = crowd[(x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])]
    return len(np.unique(hidden // _CELL, axis=0)) if len(hidden) else 0


def _overlap(a: Box, b: Box) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _alt(
    across: np.ndarray,
    up: np.ndarray,
    texts: list[str],
    front: list[int],
    named: list[int],
    front_name: str,
    title: str,
    x_label: str,
    y_label: str,
    log: bool,
) -> str:
    def listed(places: list[int]) -> str:
        shown = [
            f"{texts[i]}({value_text(across[i], False)}, {value_text(up[i], False)})" for i in places[:_MOST_LISTED]
        ]
        rest = f" 외 {len(places) - _MOST_LISTED}개" if len(places) > _MOST_LISTED else ""
        return ", ".join(shown) + rest

    ends = [value_text(value, False) for value in (across.min(), across.max(), up.min(), up.max())]
    parts = [
        f"산점도: {plain(title).rstrip('.')}.",
        f"가로축: {_log_said(x_label, log)}. 세로축: {plain(y_label)}.",
        f"점 {len(across):,}개, 가로 {ends[0]}~{ends[1]}, 세로 {ends[2]}~{ends[3]}.",
    ]
    parts += [f"{front_name} {len(front)}개(가로, 세로): {listed(front)}."] if front else []
    parts += [f"이름을 붙인 모델(가로, 세로): {listed(named)}."] if named else []
    return " ".join(parts)
