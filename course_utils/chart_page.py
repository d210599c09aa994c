"""A white page in pixels for one figure: matplotlib draws the shapes, the words are added as SVG text.

So no font of this machine is asked for: Korean shows in the viewer's browser, no glyph can be missing, and the same
chart is the same bytes on every machine, whatever its fonts and the learner's matplotlib settings.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

from .chart_text import lines_of, shortened, text_width
from .picture import FONT_FAMILY

# After Okabe and Ito (2008), darkened to a contrast of at least 3:1 on white. Nothing is told by colour alone.
COLOURS = ("#0072B2", "#D55E00", "#00735C", "#A0458F", "#8A6A00", "#4D4D4D")
HATCHES = ("", "///", "\\\\\\", "--", "xx", "||")
MARKERS = "os^DvP"
DASHES = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (9, 2, 2, 2)), (0, (4, 4)), (0, (1, 2)))
INK, AXIS, GRID = "#222222", "#666666", "#D9D9D9"
VALUE, TEXT, TITLE = 13, 14, 18
EDGE, ROW = 16, 24
_SWATCH = 30


@contextmanager
def house_style() -> Iterator[None]:
    """matplotlib's own defaults with the few settings of the house; the learner's settings return afterwards."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({"svg.hashsalt": "course", "svg.fonttype": "none", "hatch.linewidth": 1.5})
        yield


class Page:
    """One figure in the making; positions are pixels from the top left. Use it inside ``house_style()``."""

    def __init__(self, width: int, height: int) -> None:
        from matplotlib.figure import Figure

        self.width, self.height = width, height
        self.figure = Figure(figsize=(width / 72, height / 72), dpi=72, facecolor="white")
        self._words: list[str] = []

    def write(
        self,
        x: float,
        y: float,
        text: str,
        anchor: str = "middle",
        size: int = TEXT,
        turn: int = 0,
        bold: bool = False,
        rim: bool = False,
    ) -> None:
        """``text`` on the base line ``y``; ``anchor`` is SVG's start, middle or end; ``turn`` in degrees."""
        extra = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
        extra += f' font-size="{size}"' if size != TEXT else ""
        extra += ' font-weight="bold"' if bold else ""
        extra += ' stroke="#fff" stroke-width="3" paint-order="stroke"' if rim else ""
        self._words.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{extra}>{escape(text)}</text>')

    def heading(self, title: str, y_label: str, legend: Sequence[tuple[str, dict[str, Any]]]) -> float:
        """Title, legend and the name of the upright axis, from the top down; returns where the plot may begin."""
        room, y = self.width - 2 * EDGE, EDGE
        for line in lines_of(title, TITLE, room):
            y += TITLE + 4
            self.write(self.width / 2, y - 4, shortened(line, TITLE, room), size=TITLE, bold=True)
        x = float(EDGE)
        y += ROW if legend else 0
        for name, look in legend:
            name = shortened(name, TEXT, room - _SWATCH - 8)
            wide = _SWATCH + 8 + text_width(name, TEXT)
            if x > EDGE and x + wide > EDGE + room:
                x, y = float(EDGE), y + ROW
            self._swatch(x, y, look)
            self.write(x + _SWATCH + 6, y, name, "start")
            x += wide + 14
        y += ROW
        self.write(EDGE, y, shortened(y_label, TEXT, room), "start")
        return y + 20

    def _swatch(self, x: float, y: float, look: dict[str, Any]) -> None:
        from matplotlib.lines import Line2D
        from matplotlib.patches import Rectangle
        from matplotlib.transforms import IdentityTransform

        middle = self.height - y + 5
        if "facecolor" in look:
            shape = Rectangle((x, middle - 7), _SWATCH, 14, transform=IdentityTransform(), **look)
        else:
            points = [x, x + _SWATCH / 2, x + _SWATCH], [middle] * 3
            shape = Line2D(*points, transform=IdentityTransform(), markevery=[1], **look)
        self.figure.add_artist(shape)

    def axes(self, left: float, top: float, right: float, bottom: float) -> Any:
        """matplotlib's Axes in this rectangle: no words, no frame but a line below."""
        box = (left, self.height - bottom, right - left, bottom - top)
        scale = (self.width, self.height, self.width, self.height)
        axes = self.figure.add_axes([side / whole for side, whole in zip(box, scale, strict=True)])
        axes.spines[["left", "right", "top"]].set_visible(False)
        axes.spines["bottom"].set(color=AXIS, linewidth=1)
        axes.set_axisbelow(True)
        axes.set_xticks([])
        return axes

    def y_axis(self, axes: Any, ticks: Sequence[float], names: Sequence[str]) -> None:
        """Grid lines at ``ticks`` and their names left of the plot."""
        axes.set_yticks(ticks)
        axes.grid(axis="y", color=GRID, linewidth=1, clip_on=False)
        axes.tick_params(which="both", length=0, width=0, labelleft=False, labelbottom=False, left=False, bottom=False)
        left = axes.transAxes.transform((0, 0))[0]
        for tick, name in zip(ticks, names, strict=True):
            self.write(left - 8, self.down(axes, tick) + 5, name, "end")

    def x_axis(self, axes: Any, ticks: Sequence[tuple[float, str]], x_label: str) -> None:
        """Upright grid lines at the (position, name) pairs of ``ticks``; names that would touch are left out."""
        while len(ticks) > 2 and self._touch(axes, ticks):
            ticks = ticks[::2]
        axes.set_xticks([at for at, _ in ticks])
        axes.grid(axis="x", color=GRID, linewidth=1, clip_on=False)
        bottom = self.down(axes, axes.get_ylim()[0])
        for at, name in ticks:
            self.write(self.across(axes, at), bottom + TEXT + 6, name)
        middle = sum(self.across(axes, end) for end in axes.get_xlim()) / 2
        self.write(middle, self.height - EDGE, shortened(x_label, TEXT, self.width - 2 * EDGE))

    def _touch(self, axes: Any, ticks: Sequence[tuple[float, str]]) -> bool:
        near = [(self.across(axes, at), text_width(name, TEXT) / 2) for at, name in ticks]
        return any(b - a < half + other + 6 for (a, half), (b, other) in zip(near, near[1:], strict=False))

    def write_value(self, x: float, y: float, text: str, turn: int, below: bool) -> None:
        """A number at the end of a bar, above it or ``below``, with a white rim so that no grid line crosses it."""
        side = 1 if below else -1
        if turn:
            self.write(x + 5, y + 6 * side, text, "end" if below else "start", VALUE, turn, rim=True)
        else:
            self.write(x, y + (VALUE + 3 if below else -6), text, size=VALUE, rim=True)

    def down(self, axes: Any, value: float) -> float:
        """Pixels from the top of the page to ``value`` on the upright axis."""
        return self.height - float(axes.transData.transform((axes.get_xlim()[0], value))[1])

    def across(self, axes: Any, value: float) -> float:
        """Pixels from the left of the page to ``value`` on the level axis."""
        return float(axes.transData.transform((value, axes.get_ylim()[0]))[0])

    def svg(self) -> str:
        """The finished document: no date, no version, no global style; coordinates to a hundredth of a pixel."""
        from matplotlib.backends.backend_svg import FigureCanvasSVG

        FigureCanvasSVG(self.figure)
        buffer = io.StringIO()
        self.figure.savefig(buffer, format="svg", metadata={"Date": None})
        shapes = _tidied(re.search(r"<svg[^>]*>(.*)</svg>", buffer.getvalue(), re.DOTALL)[1])
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'width="{self.width}" height="{self.height}" viewBox="0 0 {self.width} {self.height}">\n'
            f'<g stroke-linejoin="round">\n{shapes}\n</g>\n'
            f'<g font-family="{FONT_FAMILY}" font-size="{TEXT}" fill="{INK}">\n'
            + "\n".join([*self._words, "</g>", "</svg>"])
        )


def _tidied(shapes: str) -> str:
    """matplotlib's shapes without what differs from version to version: metadata, styles, empty groups, ids."""
    for unneeded in (r"<metadata>.*?</metadata>", r"<style.*?</style>", r"<!--.*?-->", r' id="[\w.]+_\d+"'):
        shapes = re.sub(unneeded, "", shapes, flags=re.DOTALL)
    shapes = re.sub(r"-?\d+\.\d{3,}", lambda number: f"{round(float(number[0]), 2) + 0.0:g}", shapes)
    shapes = re.sub(r"\s*\n\s*", " ", shapes).replace("> <", "><")
    while (smaller := re.sub(r"<(g|defs)/>|<(g|defs)></\2>", "", shapes)) != shapes:
        shapes = smaller
    # Named after their content, so that pictures side by side in one document may share them.
    for kind in (r"<path id=\"(\w+)\"(.*?)/>", r"<pattern id=\"(\w+)\"(.*?)</pattern>"):
        for name, content in re.findall(kind, shapes):
            shapes = shapes.replace(name, f"{name[0]}{hashlib.sha256(content.encode()).hexdigest()[:8]}")
    return shapes.replace("><", ">\n<").strip()
