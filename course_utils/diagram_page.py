"""A white sheet for a diagram: boxes, arrows and words as hand-written SVG, placed in pixels from the top left."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from course_utils.chart_text import plain, shortened, text_width
from course_utils.picture import FONT_FAMILY, Picture

INK, GREY, LINE, PALE = "#1f2328", "#57606a", "#8c959f", "#f6f8fa"
BLUE, ORANGE, PURPLE = "#005a9c", "#a63d00", "#6b3fa0"
WIDTH, SMALL, TEXT, TITLE = 720, 13, 14, 17
_LEADING = 1.4
_HEAD = 9  # length of an arrow's head
# Fill and edge of a box by what it holds; its words say the same, so that nothing hangs on the colour.
_KINDS = {
    "data": ("#ffffff", GREY),
    "table": ("#efe7f8", PURPLE),
    "norm": ("#fff4d6", "#7a5c00"),
    "attention": ("#dcebf8", BLUE),
    "feed_forward": ("#fbe6da", ORANGE),
    "plain": ("#ffffff", LINE),
    "frame": (PALE, LINE),
}


class Sheet:
    """One diagram in the making. ``y`` of words is the middle of the line, not its base."""

    def __init__(self, title: str) -> None:
        self.title = plain(title)
        self._parts: list[str] = []
        shown = shortened(self.title, TITLE, WIDTH - 32)
        self.words(16, 26, shown, size=TITLE, anchor="start", bold=True)

    def words(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = TEXT,
        anchor: str = "middle",
        bold: bool = False,
        colour: str = INK,
        rim: bool = False,
    ) -> None:
        """One line of text whose start, middle or end is at ``x``; a white ``rim`` keeps what lies under it away."""
        weight = ' font-weight="bold"' if bold else ""
        weight += ' stroke="#ffffff" stroke-width="5" paint-order="stroke"' if rim else ""
        self._parts.append(
            f'<text x="{_pixel(x)}" y="{_pixel(y + 0.36 * size)}" font-size="{size:g}" text-anchor="{anchor}" '
            f'fill="{colour}"{weight}>{escape(plain(text))}</text>'
        )

    def box(
        self, x: float, y: float, width: float, height: float, lines: Sequence[str] = (), kind: str = "plain"
    ) -> None:
        """A box with its text in the middle: the first line bold, data with round ends."""
        fill, edge = _KINDS[kind]
        corner = height / 2 if kind == "data" else 6
        self._parts.append('<g class="box">')
        self._parts.append(
            f'<rect x="{_pixel(x)}" y="{_pixel(y)}" width="{_pixel(width)}" height="{_pixel(height)}" '
            f'rx="{_pixel(corner)}" fill="{fill}" stroke="{edge}" stroke-width="{1 if kind == "frame" else 1.5}"/>'
        )
        sizes = [fitting(line, width - 8, SMALL if place else TEXT + 1) for place, line in enumerate(lines)]
        top = y + height / 2 - sum(_LEADING * size for size in sizes) / 2
        for place, (line, size) in enumerate(zip(lines, sizes, strict=True)):
            self.words(x + width / 2, top + _LEADING * size / 2, line, size=size, bold=not place)
            top += _LEADING * size
        self._parts.append("</g>")

    def line(
        self,
        *points: tuple[float, float],
        head: bool = True,
        dashed: bool = False,
        colour: str = INK,
        width: float = 2,
    ) -> None:
        """A line through ``points``, straight between them, with an arrow's head at the last one."""
        (x0, y0), (x1, y1) = points[-2:]
        length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5 or 1
        along, across = (x1 - x0) / length, (y1 - y0) / length
        path = list(points)
        if head:
            path[-1] = (x1 - 0.7 * _HEAD * along, y1 - 0.7 * _HEAD * across)
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        self._parts.append(
            f'<polyline class="line" points="{_points(path)}" fill="none" stroke="{colour}" '
            f'stroke-width="{width:g}" stroke-linejoin="round"{dash}/>'
        )
        if head:
            back, side = (x1 - _HEAD * along, y1 - _HEAD * across), (0.55 * _HEAD * across, 0.55 * _HEAD * along)
            corners = [(x1, y1), (back[0] - side[0], back[1] + side[1]), (back[0] + side[0], back[1] - side[1])]
            self._parts.append(f'<polygon points="{_points(corners)}" fill="{colour}"/>')

    def dot(self, x: float, y: float, radius: float = 4, colour: str = INK) -> None:
        """A filled point, for instance where a line branches."""
        self._parts.append(f'<circle cx="{_pixel(x)}" cy="{_pixel(y)}" r="{radius:g}" fill="{colour}"/>')

    def sign(self, x: float, y: float, symbol: str, radius: float = 13) -> None:
        """A circle with ``"+"`` or ``"×"`` drawn in it."""
        reach = 0.55 * radius * (1 if symbol == "+" else 0.707)
        turned = 0 if symbol == "+" else reach
        strokes = " ".join(
            f"M{_points([(x - across, y - down)])}L{_points([(x + across, y + down)])}"
            for across, down in ((reach, turned), (turned, -reach))
        )
        self._parts.append(
            f'<circle cx="{_pixel(x)}" cy="{_pixel(y)}" r="{radius:g}" fill="#fff" stroke="{INK}" stroke-width="2"/>'
            f'<path d="{strokes}" stroke="{INK}" stroke-width="2.5" fill="none"/>'
        )

    def shape(self, svg: str) -> None:
        """A piece of SVG drawn by the caller."""
        self._parts.append(svg)

    def picture(self, height: float, alt: str) -> Picture:
        """The finished diagram, ``WIDTH`` x ``height``, described by its title and ``alt``."""
        size = f'width="{WIDTH}" height="{_pixel(height)}"'
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {_pixel(height)}" '
            f'font-family="{FONT_FAMILY}"><rect {size} fill="#fff"/>{"".join(self._parts)}</svg>'
        )
        return Picture(svg, f"{self.title}. {alt}")


def fitting(text: str, room: float, size: float) -> float:
    """The font size, ``size`` or down to ``SMALL``, at which ``text`` takes at most ``room`` pixels."""
    while size > SMALL and text_width(text, size) > room:
        size -= 1
    return size


def _pixel(value: float) -> str:
    return f"{round(value, 1) + 0:g}"


def _points(path: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_pixel(x)},{_pixel(y)}" for x, y in path)
