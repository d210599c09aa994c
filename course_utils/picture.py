"""A figure as every notebook front end shows it: SVG with its text as text, and a description to be read aloud."""

from __future__ import annotations

import base64
import re
from html import escape
from pathlib import Path
from typing import Any

# The viewer's browser draws the letters: a font with Hangul for Windows, macOS, Linux and Colab's pages.
FONT_FAMILY = (
    "'Pretendard','Noto Sans KR','Noto Sans CJK KR','Malgun Gothic','Apple SD Gothic Neo','NanumGothic',"
    "'Nanum Gothic',sans-serif"
)
_SIZE = re.compile(r'<svg\b[^>]*?\bwidth="([\d.]+)"[^>]*?\bheight="([\d.]+)"')
_GAP = 16


class Picture:
    """An SVG document of fixed size with its description ``alt``; shows itself in notebooks.

    It is shown as an ``<img>`` that carries the SVG: that survives the cleaning of untrusted notebooks, works in
    JupyterLab, Colab and nbconvert alike, and has a real ``alt``.
    """

    def __init__(self, svg: str, alt: str) -> None:
        """``svg``: a document whose root element has ``width`` and ``height`` in pixels, without a unit.

        Raises:
            ValueError: no such size, or an empty ``alt``.
        """
        size = _SIZE.search(svg)
        if size is None or not alt.strip():
            raise ValueError("a picture needs an SVG with width and height, and a text that describes it")
        self.svg, self.alt = svg, alt
        self.width, self.height = float(size[1]), float(size[2])

    def html(self) -> str:
        """The picture as one ``<img>`` element that shrinks with a narrow window."""
        data = base64.b64encode(self.svg.encode("utf-8")).decode("ascii")
        return (
            f'<img alt="{escape(self.alt)}" width="{self.width:g}" style="max-width:100%;height:auto" '
            f'src="data:image/svg+xml;base64,{data}">'
        )

    def save(self, path: str | Path) -> None:
        """Write the SVG to ``path``, for slides and print."""
        Path(path).write_text(self.svg, encoding="utf-8", newline="\n")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": self.alt}

    def __repr__(self) -> str:
        return self.alt


def side_by_side(*pictures: Picture) -> Picture:
    """Several pictures in one row, aligned at the top; the descriptions follow one another.

    A window narrower than the row shrinks it, letters included: keep the widths within some 960 pixels in all.

    Raises:
        ValueError: no pictures.
    """
    if not pictures:
        raise ValueError("side_by_side() needs at least one picture")
    parts, left = [], 0.0
    for picture in pictures:
        inner = picture.svg[picture.svg.index("<svg") :]
        parts.append(inner.replace("<svg", f'<svg x="{left:g}" y="0"', 1))
        left += picture.width + _GAP
    width, height = left - _GAP, max(picture.height for picture in pictures)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}">{"".join(parts)}</svg>'
    )
    return Picture(svg, "\n".join(picture.alt for picture in pictures))
