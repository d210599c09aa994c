"""Words and numbers of a figure: how wide they are, how many digits a reader needs, what an SVG file can hold."""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_right

# Teaching data is full of exact ties (1/8, 1/32). Rounding them up with this margin keeps a picture the same when
# another processor computes 0.12499999 instead.
MARGIN = 4e-6
_TINY = 1e-6
# What XML, and so an SVG, cannot hold, and what no font draws.
_NOT_DRAWN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def drawable(text: str) -> str:
    """``text`` with U+FFFD for every character that an SVG cannot hold or show."""
    return _NOT_DRAWN.sub("\ufffd", text)


def plain(text: object) -> str:
    """``text`` on one line, as ``drawable`` shows it."""
    return drawable(" ".join(str(text).split()))


def text_width(text: str, size: float) -> float:
    """About how many pixels ``text`` takes at font size ``size``, in any of the fonts that a viewer may have."""
    return size * sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF" or letter in "mwMW%@…—":
        return 1.0
    return 0.36 if letter in " .,:;|!'()[]ijl" else 0.64


def shortened(text: str, size: float, room: float) -> str:
    """``text``; where it is wider than ``room`` pixels, an ellipsis stands for its middle."""
    if text_width(text, size) <= room:
        return text

    def cut(kept: int) -> str:
        return f"{text[: kept - kept // 3]}…{text[len(text) - kept // 3 :]}"

    most = bisect_right(range(len(text)), room, key=lambda kept: text_width(cut(kept), size)) - 1
    return cut(max(0, most))


def lines_of(text: str, size: float, room: float, most: int = 2) -> list[str]:
    """``text`` broken at spaces into at most ``most`` lines, of ``room`` pixels where the words allow it."""
    lines: list[list[str]] = []
    wide = 0.0
    for word in text.split():
        longer = wide + text_width(" " + word, size)
        if lines and (longer <= room or len(lines) == most):
            lines[-1].append(word)
            wide = longer
        else:
            lines.append([word])
            wide = text_width(word, size)
    return [" ".join(words) for words in lines]


def rounded(value: float) -> float:
    """To three significant digits, to a whole number from 100 on; ties away from zero."""
    size = abs(value)
    kept = float(round(size + 100 * MARGIN)) if size >= 100 else float(f"{size * (1 + MARGIN):.2e}")
    return math.copysign(kept, value) if kept else 0.0


def number_text(value: float) -> str:
    """Three significant digits as Python writes them: ``0.0123``, ``12,346``, ``-4.5``, ``1.01e-43``.

    Nothing but ASCII: a typographic minus and raised digits are missing in some Korean fonts.
    """
    value = rounded(value)
    return f"{value:,.10g}" if not value or 1e-4 <= abs(value) < 1e9 else f"{value:.3g}"


def percent_text(share: float) -> str:
    """A share of 0 to 1 as percent; only what is zero is called ``0%``, and only what is one ``100%``.

    Shares below one in a million are ``거의 0``, those above 0.99995 ``거의 100%``.
    """
    if share <= 0 or share >= 1 - _TINY:
        return "0%" if share <= 0 else "100%"
    if share < _TINY:
        return "거의 0"
    if share > 0.99995:
        return "거의 100%"
    return f"{round(100 * share + 1e-4, 2):g}%" if share > 0.999 else f"{number_text(100 * share)}%"


def value_text(value: float, percent: bool, largest: float = 0.0) -> str:
    """The number as a chart shows it; next to a millionfold larger one a number that is not zero is ``거의 0``."""
    if percent:
        return percent_text(value)
    return "거의 0" if 0 < abs(value) < _TINY * largest else number_text(value)


def tick_text(value: float, percent: bool) -> str:
    """The number at a grid line, with all its digits."""
    value = float(f"{100 * value if percent else value:.10g}") + 0.0
    text = f"{value:,.10g}" if not value or 1e-4 <= abs(value) < 1e7 else number_text(value)
    return text + ("%" if percent else "")
