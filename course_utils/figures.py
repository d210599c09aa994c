"""Bar charts and line charts of the lessons: readable on a projector, to the colour-blind and to a screen reader.

Numbers are rounded before they are drawn, so that the last digits of another processor change no picture.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .chart_data import Rows, check_positive, checked, items, level_line, levelled, numbers
from .chart_page import COLOURS, DASHES, EDGE, HATCHES, INK, MARKERS, ROW, TEXT, VALUE, Page, house_style
from .chart_text import lines_of, plain, rounded, shortened, text_width, tick_text, value_text
from .errors import CourseValueError
from .picture import Picture

_SLANT = 35
_LONGEST_LABEL = 120
_MOST_MARKERS = 25
_MOST_LISTED = 12

Numbers = Sequence[float]
_LEVEL_LOOK = {"color": INK, "linestyle": (0, (3, 3)), "linewidth": 1.5}


def bar_chart(
    labels: Sequence[object],
    series: Mapping[str, Numbers],
    *,
    title: str,
    y_label: str,
    x_label: str = "",
    percent: bool = False,
    log_y: bool = False,
    width: int = 720,
    height: int = 380,
) -> Picture:
    """Upright bars: for each of the ``n`` labels one bar of each series, with its value where there is room.

    Args:
        labels: what stands below the bars, ``n`` texts.
        series: name -> ``n`` values; at most six. Several series stand side by side and get a legend.
        percent: the values are shares of 0 to 1 and are shown as percent.
        log_y: logarithmic axis, for values that differ by powers of ten (times); all of them above 0.
        width: pixels; so is ``height``.

    Raises:
        CourseValueError: values that cannot be drawn so, or too many bars.
    """
    names = [plain(label) for label in items(labels, "labels")]
    rows = checked(series, len(names), "labels", percent, width, height)
    every = np.concatenate(list(rows.values()))
    if log_y:
        check_positive(every, "log_y")
    largest = 0.0 if log_y else float(np.abs(every).max())
    texts = {name: [value_text(value, percent, largest) for value in row] for name, row in rows.items()}
    drawn = {name: np.array([rounded(value) for value in row]) for name, row in rows.items()}
    legend = [(name, _bar_look(i)) for i, name in enumerate(rows)] if len(rows) > 1 else []
    with house_style():
        page = Page(width, height)
        top = page.heading(plain(title), plain(y_label), legend)
        _draw_bars(page, top, names, drawn, texts, plain(x_label), percent, log_y)
        svg = page.svg()
    alt = _alt("막대그래프", title, x_label, y_label, False, log_y)
    for name, row in texts.items():
        listed = ", ".join(f"{label}: {text}" for label, text in zip(names, row, strict=True))
        alt.append(f"{name} - {listed}." if len(texts) > 1 else f"{listed}.")
    return Picture(svg, " ".join(alt))


def line_chart(
    x: Numbers,
    series: Mapping[str, Numbers],
    *,
    title: str,
    x_label: str,
    y_label: str,
    log_x: bool = False,
    percent: bool = False,
    reference: tuple[str, float] | None = None,
    width: int = 720,
    height: int = 380,
) -> Picture:
    """Lines over ``x`` of ``n`` points; they differ by marker and dash as well as by colour.

    Args:
        x: ``n`` numbers; with ``log_x`` all of them above 0.
        series: name -> ``n`` values; at most six.
        percent: the values are shares of 0 to 1 and are shown as percent.
        reference: name and value of a level line to compare with, such as the true probability.
        width: pixels; so is ``height``.

    Raises:
        CourseValueError: values that cannot be drawn so.
    """
    points = numbers(items(x, "x"), "x")
    rows = checked(series, len(points), "x", percent, width, height)
    if log_x:
        check_positive(points, "log_x")
    level = level_line(reference, percent, width, height)
    legend = [(name, _line_look(i)) for i, name in enumerate(rows)] if len(rows) > 1 or level else []
    legend += [(f"{name} ({value_text(value[0], percent)})", _LEVEL_LOOK) for name, value in level.items()]
    with house_style():
        page = Page(width, height)
        top = page.heading(plain(title), plain(y_label), legend)
        _draw_lines(page, top, points, rows, level, plain(x_label), percent, log_x)
        svg = page.svg()
    alt = _alt("선 그래프", title, x_label, y_label, log_x, False)
    alt += [f"{name} - {_line_in_words(points, row, percent)}." for name, row in rows.items()]
    alt += [f"기준선 {name}: {value_text(value[0], percent)}." for name, value in level.items()]
    return Picture(svg, " ".join(alt))


# --- how it is drawn ---


def _bar_look(i: int) -> dict[str, Any]:
    return {"facecolor": COLOURS[i], "hatch": HATCHES[i], "edgecolor": "white", "linewidth": 0.5}


def _line_look(i: int) -> dict[str, Any]:
    look = {"color": COLOURS[i], "linestyle": DASHES[i], "marker": MARKERS[i], "linewidth": 2}
    return look | {"markersize": 10 if MARKERS[i] in "^vP" else 8, "markeredgecolor": "white", "markeredgewidth": 0.8}


def _draw_bars(
    page: Page,
    top: float,
    labels: list[str],
    rows: Rows,
    texts: dict[str, list[str]],
    x_label: str,
    percent: bool,
    log: bool,
) -> None:
    """Bars of heights ``rows`` (already logarithms when ``log``), values above them, labels below."""
    every = np.concatenate(list(rows.values()))
    if log:
        every, rows = np.log10(every), {name: np.log10(row) for name, row in rows.items()}
    low, high = (
        (every.min() - max(0.3, 0.1 * np.ptp(every)), every.max())
        if log
        else (min(every.min(), 0.0), max(every.max(), 0.0))
    )
    high = high if high > low else low + 1
    ticks = _ticks(low, high, log)
    left = EDGE + 8 + max(text_width(tick_text(tick, percent), TEXT) for _, tick in ticks)
    left, bottom = _write_labels(page, labels, math.ceil(left), x_label)
    group = (page.width - EDGE - left) / len(labels)
    bar = min(0.8 * group / len(rows), 72)
    widest = max(text_width(text, VALUE) for row in texts.values() for text in row) + 4
    slot = group if len(rows) == 1 else bar
    room, turn = (VALUE + 10, 0) if widest <= slot else (widest + 8, -90) if slot >= VALUE + 1 else (8, None)
    below = room if every.min() < 0 and not log else 0
    plot = bottom - top - room - below
    if plot < 40:
        raise CourseValueError("그림이 너무 낮아 막대를 그릴 자리가 없습니다. height를 늘려 주십시오.")
    pixel = (high - low) / plot
    axes = page.axes(left, top, page.width - EDGE, bottom)
    axes.set(xlim=(-0.5, len(labels) - 0.5), ylim=(low - below * pixel, high + room * pixel))
    shown = [(at, tick) for at, tick in ticks if low <= at <= high + room * pixel and not (percent and tick > 1)]
    page.y_axis(axes, [at for at, _ in shown], [tick_text(tick, percent) for _, tick in shown])
    base = low if log else 0.0
    for i, (name, row) in enumerate(rows.items()):
        places = np.arange(len(labels)) + (i - (len(rows) - 1) / 2) * bar / group
        axes.bar(places, row - base, bottom=base, width=bar / group, clip_on=False, **_bar_look(i))
        for place, end, text in zip(places, row, texts[name], strict=True):
            if turn is not None:
                page.write_value(page.across(axes, place), page.down(axes, end), text, turn, end < base)
    if below:
        axes.spines["bottom"].set_position(("data", 0))


def _write_labels(page: Page, labels: list[str], left: float, x_label: str) -> tuple[float, float]:
    """What stands below the bars, level where there is room, else slanted; returns the plot's left and bottom."""
    bottom = page.height - EDGE
    if x_label:
        page.write(page.width / 2, bottom, shortened(x_label, TEXT, page.width - 2 * EDGE))
        bottom -= ROW
    group = (page.width - EDGE - left) / len(labels)
    broken = [lines_of(label, TEXT, group - 6) for label in labels]
    if all(text_width(line, TEXT) <= group - 6 for lines in broken for line in lines):
        bottom -= (max(map(len, broken)) - 1) * (TEXT + 4)
        for i, lines in enumerate(broken):
            for j, line in enumerate(lines):
                page.write(left + (i + 0.5) * group, bottom + j * (TEXT + 4), line)
        return left, bottom - ROW + 4
    short = [shortened(label, TEXT, _LONGEST_LABEL) for label in labels]
    widths = [text_width(label, TEXT) for label in short]
    across, down = math.cos(math.radians(_SLANT)), math.sin(math.radians(_SLANT))
    left = max(left, *(EDGE / 2 + wide * across - (i + 0.5) * group for i, wide in enumerate(widths)))
    group = (page.width - EDGE - left) / len(labels)
    if group * down < TEXT:
        raise CourseValueError(
            f"막대 {len(labels)}개의 이름을 쓸 자리가 없습니다. 막대 수를 줄이거나 width를 늘려 주십시오."
        )
    bottom -= max(widths) * down + TEXT + 4
    for i, label in enumerate(short):
        page.write(left + (i + 0.5) * group + 5, bottom + TEXT + 4, label, "end", turn=-_SLANT)
    return left, bottom


def _draw_lines(
    page: Page, top: float, points: np.ndarray, rows: Rows, level: Rows, x_label: str, percent: bool, log: bool
) -> None:
    """Lines over ``points``; the upright axis begins at 0 unless that would flatten them."""
    every = levelled(np.concatenate([*rows.values(), *level.values()]))
    low, high = float(every.min()), float(every.max())
    flat = _same(low, high)
    low, high = (0.0 if flat or low <= 0.6 * high else low) if low > 0 else low, 0.0 if flat and high < 0 else high
    y_ticks = [pair for pair in _ticks(low, high if high > low else low + 1, False) if not (percent and pair[1] > 1)]
    places = levelled(np.log10(points) if log else points)
    first, last = float(places.min()), float(places.max())
    if _same(first, last):
        first, last = first - 0.5 - 0.1 * abs(first), last + 0.5 + 0.1 * abs(last)
    left = EDGE + 8 + max(text_width(tick_text(tick, percent), TEXT) for _, tick in y_ticks)
    bottom = page.height - EDGE - 2 * ROW + 4
    if bottom - top < 60:
        raise CourseValueError("그림이 너무 낮아 선을 그릴 자리가 없습니다. height를 늘려 주십시오.")
    axes = page.axes(left, top, page.width - 2.5 * EDGE, bottom)
    margin = (last - first) * 0.02
    axes.set(xlim=(first - margin, last + margin), ylim=(y_ticks[0][0], y_ticks[-1][0]))
    page.y_axis(axes, [at for at, _ in y_ticks], [tick_text(tick, percent) for _, tick in y_ticks])
    x_ticks = [(at, tick_text(tick, False)) for at, tick in _ticks(first, last, log)]
    page.x_axis(axes, [pair for pair in x_ticks if first - margin <= pair[0] <= last + margin], x_label)
    for value in level.values():
        axes.plot([first - margin, last + margin], [value[0]] * 2, clip_on=False, **_LEVEL_LOOK)
    drawn = np.split(every, np.cumsum([len(row) for row in rows.values()]))
    for i in range(len(rows)):
        kept = _seen(places, drawn[i], 2 * (last - first) / (page.width - left))
        marks = _marked(places[kept], i / len(rows))
        axes.plot(places[kept], drawn[i][kept], clip_on=False, markevery=marks, **_line_look(i))


def _same(low: float, high: float) -> bool:
    """No axis can show the difference."""
    return high - low <= 1e-6 * max(abs(low), abs(high))


def _seen(places: np.ndarray, row: np.ndarray, column: float) -> np.ndarray:
    """Of many points on one column (so wide) only first, lowest, highest and last: indices, in order."""
    columns = np.floor(places / column + 1e-6)
    starts = np.flatnonzero(np.diff(columns, prepend=columns[0] - 1))
    kept: set[int] = set()
    for start, stop in zip(starts, [*starts[1:], len(row)], strict=True):
        inside = row[start:stop]
        kept |= {start, stop - 1, start + int(inside.argmin()), start + int(inside.argmax())}
    return np.array(sorted(kept))


def _marked(places: np.ndarray, shift: float) -> list[int]:
    """Which points carry a marker: all of a few, else about ten at even distances, other ones on each line."""
    if len(places) <= _MOST_MARKERS:
        return list(range(len(places)))
    targets = np.linspace(places.min(), places.max(), 10) + shift * np.ptp(places) / 10
    return sorted({int(np.abs(places - target).argmin()) for target in targets})


def _ticks(low: float, high: float, log: bool) -> list[tuple[float, float]]:
    """(position, value) of about five marks from ``low`` to ``high``; with ``log`` positions are powers of ten."""
    from matplotlib.ticker import MaxNLocator

    if not log:
        return [(float(at), float(at)) for at in MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)]
    factors = (1, 2, 5) if high - low < 2 else (1,)
    powers = range(math.floor(low), math.ceil(high) + 1, max(1, round((high - low) / 7)))
    return [(power + math.log10(factor), factor * 10.0**power) for power in powers for factor in factors]


# --- what it says when read aloud ---


def _alt(kind: str, title: str, x_label: str, y_label: str, log_x: bool, log_y: bool) -> list[str]:
    parts = [f"{kind}: {plain(title).rstrip('.')}."]
    for name, label, log in (("가로축", x_label, log_x), ("세로축", y_label, log_y)):
        parts += [f"{name}: {plain(label)}{', 로그 눈금' if log else ''}."] if plain(label) else []
    return parts


def _line_in_words(points: np.ndarray, row: np.ndarray, percent: bool) -> str:
    """Every point of a short line; of a long one where it starts and ends, and its range."""
    first, last, least, most = (value_text(value, percent) for value in (row[0], row[-1], row.min(), row.max()))
    if len(points) <= _MOST_LISTED:
        return ", ".join(
            f"{value_text(x, False)}에서 {value_text(y, percent)}" for x, y in zip(points, row, strict=True)
        )
    start, end = value_text(points[0], False), value_text(points[-1], False)
    return f"점 {len(points):,}개, {start}에서 {first}, {end}에서 {last}, 가장 작은 값 {least}, 가장 큰 값 {most}"
