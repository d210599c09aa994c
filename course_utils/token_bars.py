"""The decode step as a picture: the most probable next tokens as bars, before and after, kept and cut."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from html import escape
from typing import Any

from course_utils.candidates import Candidate, Candidates, Settings, Step
from course_utils.chart_text import lines_of, plain, text_width
from course_utils.picture import FONT_FAMILY, Picture

# Okabe and Ito's palette, darkened where text is set in it: at least 4.5:1 on white, told apart by colour-blind people.
_INK, _GREY, _LINE = "#1f2328", "#57606a", "#d0d7de"
_KEPT, _KEPT_LIGHT, _CUT, _SUM = "#005a9c", "#d6e8f7", "#a63d00", "#6b3fa0"
_ROW, _PAD = 30, 12
_NARROW = 640  # below this width the column "before" is left to the bars
_SCALES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_LETTER = 7.5  # about how wide a letter of size 14 is; Hangul takes two
_SPOKEN = 5  # how many candidates the description tells one by one
_REASONS = {"": "✓ 남음", "top-k": "✕ top-k", "top-p": "✕ top-p", "greedy": "✕ 그리디", "-inf": "✕ -inf"}
_SPOKEN_REASONS = {
    "": "남음",
    "top-k": "top-k로 잘림",
    "top-p": "top-p로 잘림",
    "greedy": "1등이 아니어서 잘림",
    "-inf": "로짓이 -inf여서 뽑힐 수 없음",
}


def candidate_chart(
    logits: Any,
    labels: Any,
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    rows: int = 12,
    title: str | None = "",
    width: int = 760,
) -> Picture:
    """The ``rows`` most probable next tokens, before (softmax of the logits) and after ``decode_step``.

    Args:
        logits: shape ``(V,)``; ``-inf`` is welcome.
        labels: a tokenizer, or V words.
        temperature, top_k, top_p: as in ``decode_step``.
        rows: how many tokens are shown, at most V.
        title: above the picture, in one or two lines; what does not fit is left out at the end, before a gap ``___``
            at the beginning.
        width: pixels, 480 or more.

    Raises:
        CourseValueError: as ``Candidates`` and ``Candidates.step``.
    """
    step = Candidates(logits, labels).step(Settings(temperature, top_k, top_p), rows)
    return step_chart(step, title=title, width=width)


def step_chart(
    step: Step,
    *,
    counts: Mapping[int, int] | None = None,
    title: str | None = "",
    width: int = 760,
    scale: float = 1,
) -> Picture:
    """The picture of a decode step that is already worked out.

    Args:
        step: the candidates.
        counts: token id -> how often it was drawn, shown as one more column; empty: nothing drawn yet.
        title: as in ``candidate_chart``.
        width: units of the drawing, 480 or more, in which letters are 13 to 17 high.
        scale: pixels of a unit; above 1 the picture fills a large screen, and a narrow page shrinks it.
    """
    title, settings = plain("" if title is None else title), step.settings.words()
    top_p = 1.0 if step.settings.greedy else step.settings.top_p
    columns = _Columns(max(480, int(width)), counts is not None)
    reach = next(s for s in _SCALES if s >= min(1, max(max(c.before, c.after) for c in step.candidates)))
    top = _PAD
    parts = []
    lines = _title_lines(title, columns.width - 2 * _PAD)
    for line in lines:
        parts.append(_text(_PAD, top + 16, line, size=17, weight="bold"))
        top += 22
    top += 6 if lines else 0
    parts.append(_text(_PAD, top + 14, settings, size=15, weight="bold"))
    top += 24
    parts += _legend(top, top_p)
    top += 26
    parts += _headers(columns, top, counts)
    top += 24
    bottom = top + _ROW * len(step.candidates)
    parts += _grid(columns, top, bottom, reach)
    for place, candidate in enumerate(step.candidates):
        parts += _row(columns, top + place * _ROW, candidate, reach, counts)
    parts += _cumulative(columns, top, bottom, step, top_p)
    notes = _footer(step, counts)
    for place, note in enumerate(notes):
        parts.append(_text(_PAD, bottom + 38 + 21 * place, note, size=14))
    height = bottom + 38 + 21 * len(notes)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{columns.width * scale:g}" height="{height * scale:g}" '
        f'viewBox="0 0 {columns.width} {height}" font-family="{FONT_FAMILY}" fill="{_INK}">'
        '<defs><pattern id="cut" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="6" height="6" fill="#fff"/><rect width="2" height="6" fill="{_CUT}"/></pattern></defs>'
        f'<rect width="{columns.width}" height="{height}" fill="#fff"/>{"".join(parts)}</svg>'
    )
    return Picture(svg, _alt(step, settings, title, notes))


class _Columns:
    """Where the columns stand, in pixels from the left; the bars take what the others leave."""

    def __init__(self, width: int, with_counts: bool) -> None:
        self.width = width
        self.narrow = width < _NARROW
        token = 104 if self.narrow else 128
        self.sum_right = width - _PAD
        self.sum_left = self.sum_right - (58 if self.narrow else 84)
        self.mark = self.sum_left - 72
        self.count = self.mark - 8  # right edge, as of the numbers below
        self.after = self.count - (46 if with_counts else 0)
        self.before = self.after - 62
        self.token = _PAD + token
        self.bar_left = self.token + 8
        self.bar_right = (self.after if self.narrow else self.before) - 58
        self.token_units = token // 8


def _title_lines(title: str, room: float) -> list[str]:
    """The title in at most two lines; of a longer one the end that leads to a gap, else the start."""

    for kept in range(min(len(title), int(room / 3)), -1, -1):  # in two lines of `room` no more letters have a place
        cut = f"…{title[len(title) - kept :]}" if title.endswith("___") else f"{title[:kept]}…"
        lines = lines_of(cut if kept < len(title) else title, 17, room)
        if all(text_width(line, 17) <= room for line in lines):
            break
    return lines


def _legend(top: float, top_p: float) -> list[str]:
    y = top + 14
    parts, x = [], float(_PAD)
    for swatch, words in (
        (f'fill="{_KEPT_LIGHT}" stroke="{_KEPT}"', "적용 전"),
        (f'fill="{_KEPT}" stroke="{_KEPT}"', "적용 후"),
        (f'fill="url(#cut)" stroke="{_CUT}"', "잘린 토큰"),
    ):
        parts.append(f'<rect x="{x:g}" y="{y - 11:g}" width="20" height="11" {swatch}/>')
        parts.append(_text(x + 25, y, words))
        x += 25 + _LETTER * sum(map(_units, words)) + 8
    parts.append(f'<path d="M{x:g} {y - 5:g}h22" stroke="{_SUM}" stroke-width="2"/>')
    parts.append(f'<circle cx="{x + 11:g}" cy="{y - 5:g}" r="3.5" fill="{_SUM}"/>')
    parts.append(_text(x + 28, y, "누적 확률"))
    if top_p < 1:
        x += 28 + _LETTER * sum(map(_units, "누적 확률")) + 8
        parts.append(f'<path d="M{x:g} {y - 5:g}h22" stroke="{_CUT}" stroke-width="2" stroke-dasharray="5 3"/>')
        parts.append(_text(x + 28, y, "top-p"))
    return parts


def _headers(columns: _Columns, top: float, counts: Mapping[int, int] | None) -> list[str]:
    y = top + 15
    parts = [_text(columns.token, y, "다음 토큰", anchor="end", fill=_GREY)]
    if not columns.narrow:
        parts.append(_text(columns.before, y, "적용 전", anchor="end", fill=_GREY))
    parts.append(_text(columns.after, y, "적용 후", anchor="end", fill=_GREY))
    if counts is not None:
        parts.append(_text(columns.count, y, "뽑힘", anchor="end", fill=_GREY))
    parts.append(_text((columns.sum_left + columns.sum_right) / 2, y, "누적 확률", anchor="middle", fill=_GREY))
    return parts


def _grid(columns: _Columns, top: float, bottom: float, reach: float) -> list[str]:
    parts = []
    for part in (0, 0.5, 1):
        x = columns.bar_left + part * (columns.bar_right - columns.bar_left)
        parts.append(f'<path d="M{x:.2f} {top:g}V{bottom:g}" stroke="{_LINE}"/>')
        parts.append(_text(x, bottom + 16, f"{part * reach * 100:g}%", size=13, anchor="middle", fill=_GREY))
    for x in (columns.sum_left, columns.sum_right):
        parts.append(f'<path d="M{x:.2f} {top:g}V{bottom:g}" stroke="{_LINE}"/>')
    parts.append(_text(columns.sum_left, bottom + 16, "0%", size=13, anchor="middle", fill=_GREY))
    parts.append(_text(columns.sum_right + 4, bottom + 16, "100%", size=13, anchor="end", fill=_GREY))
    return parts


def _row(
    columns: _Columns, top: float, candidate: Candidate, reach: float, counts: Mapping[int, int] | None
) -> list[str]:
    y = top + 20
    room = columns.bar_right - columns.bar_left
    ink = _CUT if candidate.cut else _INK
    style = f'fill="url(#cut)" stroke="{_CUT}"' if candidate.cut else f'fill="{_KEPT_LIGHT}" stroke="{_KEPT}"'
    before, after = (room * value / reach for value in (candidate.before, candidate.after))
    parts = [
        f'<path d="M{_PAD} {top:g}H{columns.width - _PAD}" stroke="{_LINE}"/>',
        _text(columns.token, y, shortened(candidate.text, columns.token_units), size=15, anchor="end", fill=ink),
        f'<rect x="{columns.bar_left:g}" y="{top + 5:g}" width="{max(before, 0.5):.2f}" height="9" {style}/>',
        f'<rect x="{columns.bar_left:g}" y="{top + 15:g}" width="{after:.2f}" height="11" fill="{_KEPT}"/>',
        _text(columns.after, y, percent(candidate.after), anchor="end", fill=ink, weight="bold"),
        _text(columns.mark, y, _REASONS[candidate.cut], fill=ink),
    ]
    if not columns.narrow:
        parts.append(_text(columns.before, y, percent(candidate.before), anchor="end"))
    if counts:
        parts.append(_text(columns.count, y, f"{counts.get(candidate.id, 0):,}", anchor="end", fill=ink))
    return parts


def _cumulative(columns: _Columns, top: float, bottom: float, step: Step, top_p: float) -> list[str]:
    room = columns.sum_right - columns.sum_left
    points = [
        (columns.sum_left + room * candidate.cumulative, top + _ROW * (place + 0.5))
        for place, candidate in enumerate(step.candidates)
        if candidate.cumulative is not None
    ]
    line = " ".join(f"{x:.2f},{y:g}" for x, y in points)
    parts = [f'<polyline points="{line}" fill="none" stroke="{_SUM}" stroke-width="2"/>']
    parts += [f'<circle cx="{x:.2f}" cy="{y:g}" r="3.5" fill="{_SUM}"/>' for x, y in points]
    if top_p < 1:
        x = columns.sum_left + room * top_p
        parts.append(f'<path d="M{x:.2f} {top:g}V{bottom:g}" stroke="{_CUT}" stroke-width="2" stroke-dasharray="5 3"/>')
    return parts


def _footer(step: Step, counts: Mapping[int, int] | None) -> list[str]:
    notes = [
        f"어휘 {step.size:,}개 가운데 {step.kept:,}개가 남았습니다.",
        f"잘린 꼬리의 확률(온도만 적용했을 때): {percent(step.cut_mass)}",
        f"남았지만 그림에 없는 토큰의 확률: {percent(step.hidden_mass)}",
    ]
    if counts:
        elsewhere = sum(counts.values()) - sum(counts.get(c.id, 0) for c in step.candidates)
        notes[-1] += f", {sum(counts.values()):,}번 가운데 {elsewhere:,}번 뽑힘"
    return notes


def _alt(step: Step, settings: str, title: str, notes: list[str]) -> str:
    told = "; ".join(
        f"{place}등 '{c.text}' 적용 전 {percent(c.before)}, 적용 후 {percent(c.after)}, {_SPOKEN_REASONS[c.cut]}"
        for place, c in enumerate(step.candidates[:_SPOKEN], 1)
    )
    start = f"{title}. " if title else ""
    rest = f" 그림에는 후보가 {len(step.candidates) - _SPOKEN}개 더 있습니다." if len(step.candidates) > _SPOKEN else ""
    return f"{start}다음 토큰의 확률 막대그래프, {settings}. {told}.{rest} {notes[0]} {'. '.join(notes[1:])}."


def percent(probability: float) -> str:
    """A probability for people: ``34.2%``, ``0.03%``; what would round to nothing or to all says so."""
    if probability <= 0 or probability >= 1 - 1e-6:
        return "0%" if probability <= 0 else "100%"
    if probability < 0.0001:
        return "<0.01%"
    if probability >= 0.9995:
        return ">99.9%"
    return f"{probability:.2%}" if probability < 0.001 else f"{probability:.1%}"


def shortened(text: str, units: int) -> str:
    """``text`` in about ``units`` halves of a Hangul letter, the end replaced by ``…`` where it was cut."""
    if sum(map(_units, text)) <= units:
        return text
    kept, room = "", units - 1
    for letter in text:
        room -= _units(letter)
        if room < 0:
            break
        kept += letter
    return kept.rstrip("\u200d") + "…"


def _units(letter: str) -> float:
    """About how wide a letter is, in halves of a Hangul letter; rather too wide, because fonts differ."""
    if unicodedata.combining(letter) or letter in "\u200d\ufe0f":
        return 0
    if letter in "mwMW@%" or unicodedata.east_asian_width(letter) in "WFA":
        return 2
    return 1.5 if letter.isupper() else 1


def _text(
    x: float, y: float, words: str, *, size: int = 14, anchor: str = "start", fill: str = "", weight: str = ""
) -> str:
    extra = "".join(
        f' {name}="{value}"'
        for name, value in (
            ("text-anchor", anchor if anchor != "start" else ""),
            ("fill", fill),
            ("font-weight", weight),
        )
        if value
    )
    return f'<text x="{x:.2f}" y="{y:g}" font-size="{size}"{extra}>{escape(words)}</text>'
