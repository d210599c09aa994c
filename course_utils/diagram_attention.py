"""Diagrams of attention: which query heads share a KV head (MHA, GQA, MQA), and positions as rotations (RoPE)."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from course_utils.architecture import Sizes, kv_cache_bytes, sizes
from course_utils.diagram_page import BLUE, GREY, INK, LINE, ORANGE, SMALL, TEXT, WIDTH, Sheet, fitting
from course_utils.errors import CourseValueError
from course_utils.picture import Picture

MOST_HEADS = 128
_RADIUS = 92
_FARTHEST = 32_767  # the last position of EXAONE 3.5's context; larger numbers have no room in the picture
_KIND_NAMES = {
    "MHA": "멀티 헤드 어텐션(multi-head attention, MHA)",
    "GQA": "그룹 쿼리 어텐션(grouped-query attention, GQA)",
    "MQA": "멀티 쿼리 어텐션(multi-query attention, MQA)",
}
_LEFT, _ROW = 46, 150


def attention_kinds(config: Any, *, title: str = "쿼리 헤드와 KV 헤드: MHA, GQA, MQA") -> Picture:
    """The same query heads with a KV head each (MHA), with one for a group (GQA) and with one for all (MQA).

    Args:
        config: as ``course_utils.architecture.sizes`` takes it, or just the number of query heads. The kind that the
            configuration has is marked and drawn with its own number of KV heads; bytes of the KV cache per token
            are for 16-bit values.
        title: a line above the picture.

    Raises:
        CourseValueError: as ``sizes``; more than ``MOST_HEADS`` query heads, which would be too thin to see.
    """
    bare = isinstance(config, int) and not isinstance(config, bool)
    own = None if bare else sizes(config)
    heads = config if own is None else own.heads
    if heads < 1 or heads > MOST_HEADS:
        raise CourseValueError(
            f"쿼리 헤드(query head) {heads:,}개는 그릴 수 없습니다. 1 이상 {MOST_HEADS} 이하로 정해 주십시오."
        )
    rows = _rows(heads, own)
    sheet = Sheet(title)
    for place, row in enumerate(rows):
        _draw_row(sheet, 50 + _ROW * place, heads, row)
    bottom = 50 + _ROW * len(rows)
    legend = f"Q: 쿼리 헤드(query head) {heads}개, KV: 키와 값의 헤드(key-value head)"
    if own is not None:
        legend += ", KV 캐시(KV cache)는 16비트로 셉니다"
    sheet.words(16, bottom - 4, legend, size=SMALL, anchor="start", colour=GREY)
    words = " ".join(row.spoken(heads) for row in rows)
    return sheet.picture(bottom + 16, f"쿼리 헤드 {heads}개가 KV 헤드를 나눠 쓰는 방식의 비교. {words}")


@dataclass(frozen=True)
class _Row:
    kind: str
    kv_heads: int
    cache: int | None  # bytes per token in 16 bits
    own: bool

    def spoken(self, heads: int) -> str:
        share = heads // self.kv_heads
        words = (
            f"{_KIND_NAMES[self.kind]}은 KV 헤드 {self.kv_heads}개이고 쿼리 헤드 {share}개마다 KV 헤드 1개를 씁니다."
        )
        if self.cache is not None:
            words += f" 토큰 하나의 KV 캐시는 16비트로 {self.cache:,}바이트입니다."
        return words + (" 이 모델이 쓰는 방식입니다." if self.own else "")


def _rows(heads: int, own: Sizes | None) -> list[_Row]:
    numbers = {"MHA": heads, "GQA": _group_count(heads), "MQA": 1}
    if own is not None:
        numbers[own.kind] = own.kv_heads
    rows = []
    for kind, kv_heads in numbers.items():
        if kv_heads is None or (kind == "MQA" and heads == 1):
            continue
        cache = None if own is None else kv_cache_bytes(replace(own, kv_heads=kv_heads), tokens=1)
        rows.append(_Row(kind, kv_heads, cache, own is not None and own.kind == kind))
    return rows


def _group_count(heads: int) -> int | None:
    """KV heads for an example of groups: of 4 query heads where that works out, else of another size."""
    between = [n for n in range(2, heads) if heads % n == 0]
    return min(between, key=lambda n: (abs(heads // n - 4), n), default=None)


def _draw_row(sheet: Sheet, top: float, heads: int, row: _Row) -> None:
    mark = "   ★ 이 모델" if row.own else ""
    sheet.words(16, top + 10, _KIND_NAMES[row.kind] + mark, size=15, anchor="start", bold=True)
    notes = f"KV 헤드 {row.kv_heads}개"
    if row.cache is not None:
        notes += f", KV 캐시 {row.cache:,} B/토큰"
    sheet.words(WIDTH - 16, top + 10, notes, size=TEXT, anchor="end")
    pitch = (WIDTH - 16 - _LEFT) / heads
    gap = 3 if pitch > 8 else 1
    numbered = pitch - gap >= 8 * len(str(heads))  # the numbers of all heads or of none
    share = heads // row.kv_heads
    sheet.words(16, top + 42, "Q", size=15, anchor="start", bold=True, colour=BLUE)
    sheet.words(16, top + 104, "KV", size=15, anchor="start", bold=True, colour=ORANGE)
    for head in range(heads):
        middle = _LEFT + pitch * (head + 0.5)
        _head(sheet, middle, top + 32, pitch - gap, str(head + 1) if numbered else "", BLUE, "#dcebf8")
    for group in range(row.kv_heads):
        left = _LEFT + pitch * share * group
        middle = left + pitch * share / 2
        _fan(sheet, left, middle, top, pitch, share)
        width = min(pitch * share, max(pitch, 40)) - gap
        name = str(group + 1) if numbered or width >= 8 * len(str(row.kv_heads)) else ""
        _head(sheet, middle, top + 94, width, name, ORANGE, "#fbe6da")


def _head(sheet: Sheet, middle: float, top: float, width: float, name: str, edge: str, fill: str) -> None:
    sheet.shape(
        f'<rect x="{middle - width / 2:.1f}" y="{top:.1f}" width="{width:.1f}" height="20" rx="2" '
        f'fill="{fill}" stroke="{edge}"/>'
    )
    if name:
        sheet.words(middle, top + 10.5, name, size=SMALL)


def _fan(sheet: Sheet, left: float, middle: float, top: float, pitch: float, share: int) -> None:
    """Lines from each query head of a group to its KV head: a comb, so that they never cross."""
    first, last = left + pitch / 2, left + pitch * (share - 0.5)
    bar = top + 72
    comb = "".join(f"M{left + pitch * (head + 0.5):.1f} {top + 52:.1f}V{bar:.1f}" for head in range(share))
    comb += f"M{first:.1f} {bar:.1f}H{last:.1f}M{middle:.1f} {bar:.1f}V{top + 94:.1f}"
    sheet.shape(f'<path d="{comb}" stroke="{INK}" stroke-width="1.5" fill="none"/>')


def rope_rotation(
    positions: Sequence[tuple[int, int]] = ((3, 1), (6, 4)),
    *,
    degrees: float = 30,
    title: str = "RoPE: 위치만큼 돌리면 점수는 거리로만 정해집니다",
) -> Picture:
    """One pair of dimensions: a query and a key turned by their positions; the score depends on the distance only.

    Args:
        positions: two pairs (query's position, key's position), drawn next to the vectors before rotation.
        degrees: the angle of one position, -180 to 180.
        title: a line above the picture.

    Raises:
        CourseValueError: not two pairs of whole numbers of 0 to 32,767; ``degrees`` not within -180 to 180.
    """
    places = _checked_positions(positions, degrees)
    sheet = Sheet(title)
    panels = [("회전 전", _QUERY, _KEY)]
    for query, key in places:
        turned = (_turned(_QUERY, query * degrees), _turned(_KEY, key * degrees))
        panels.append((f"q 위치 {query:,}, k 위치 {key:,}", *turned))
    for place, panel in enumerate(panels):
        left = 16 + 234 * place
        _circle_panel(sheet, left, *panel)
        notes = ["q는 쿼리(query), 실선", "k는 키(key), 점선"]
        if place:
            steps = list(zip("qk", places[place - 1], strict=True))
            notes = [f"{letter}: {_product_text(at, degrees)}" for letter, at in steps]
            notes.append(f"거리 {steps[0][1] - steps[1][1]:,}")
        for line, words in enumerate(notes):
            sheet.words(left + 110, 366 + 21 * line, words, size=fitting(words, 230, SMALL))
    return sheet.picture(424, _rope_alt(places, panels, degrees))


@dataclass(frozen=True)
class _Vector:
    length: float
    angle: float  # degrees, counted anticlockwise from the right


_QUERY, _KEY = _Vector(1.0, 65.0), _Vector(0.7, 20.0)


def _turned(vector: _Vector, degrees: float) -> _Vector:
    return _Vector(vector.length, vector.angle + degrees)


def _score(query: _Vector, key: _Vector) -> float:
    return query.length * key.length * math.cos(math.radians(query.angle - key.angle))


def _checked_positions(positions: Any, degrees: float) -> list[tuple[int, int]]:
    try:
        places = [(operator.index(query), operator.index(key)) for query, key in positions]
        drawable = abs(degrees) <= 180
    except (TypeError, ValueError):
        places, drawable = [], False
    if len(places) != 2 or not drawable or not all(0 <= place <= _FARTHEST for pair in places for place in pair):
        raise CourseValueError(
            f"위치(position)에 {positions!r}, 각도(degrees)에 {degrees!r} 값이 들어왔습니다.\n"
            f"0 이상 {_FARTHEST:,} 이하인 (쿼리 위치, 키 위치) 쌍 두 개, -180 이상 180 이하인 각도를 넣어 주십시오.\n"
            "예: rope_rotation(((3, 1), (6, 4)), degrees=30)"
        )
    return places


def _turn(query: _Vector, key: _Vector) -> float:
    """The shorter way from the key's direction to the query's, -180 to 180 degrees."""
    return (query.angle - key.angle + 180) % 360 - 180


def _fixed(value: float, digits: int) -> str:
    return f"{round(value, digits) + 0.0:.{digits}f}"


def _circle_panel(sheet: Sheet, left: float, name: str, query: _Vector, key: _Vector) -> None:
    x, y = left + 110, 186
    sheet.words(x, 58, name, size=15, bold=True)
    axes = f"M{x - _RADIUS} {y}H{x + _RADIUS}M{x} {y - _RADIUS}V{y + _RADIUS}"
    sheet.shape(
        f'<circle cx="{x}" cy="{y}" r="{_RADIUS}" fill="none" stroke="{LINE}"/>'
        f'<path d="{axes}" stroke="{LINE}" fill="none"/>'
    )
    turn = _turn(query, key)
    # Next to one another the two arrows leave no room for k's letter between them: it goes to the far side.
    aside = math.copysign(16, -turn) if abs(turn) < 25 else 0
    for letter, vector, colour, dashed, shift in (("q", query, BLUE, False, 0), ("k", key, ORANGE, True, aside)):
        tip = _point(x, y, _RADIUS * vector.length, vector.angle)
        sheet.line((x, y), tip, colour=colour, dashed=dashed, width=3.5)
        at = _point(x, y, _RADIUS * vector.length + 14, vector.angle + shift)
        sheet.words(*at, letter, size=16, bold=True, colour=colour, rim=True)
    _arc(sheet, x, y, query, key)
    sheet.words(x, 316, f"사잇각 {_degrees(abs(turn))}", size=15)
    sheet.words(x, 340, f"점수(score) q·k = {_fixed(_score(query, key), 3)}", size=15, bold=True)


def _arc(sheet: Sheet, x: float, y: float, query: _Vector, key: _Vector) -> None:
    """The smaller angle between the two vectors as an arc, 30 pixels from the middle."""
    turn = _turn(query, key)
    x0, y0 = _point(x, y, 30, key.angle)
    x1, y1 = _point(x, y, 30, key.angle + turn)
    sweep = 0 if turn > 0 else 1
    path = f"M{x0:.1f} {y0:.1f}A30 30 0 0 {sweep} {x1:.1f} {y1:.1f}"
    sheet.shape(f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="2"/>')


def _product_text(position: int, degrees: float) -> str:
    """``position`` x ``degrees`` with its result; a long result is rounded to whole degrees."""
    angle = position * degrees
    rounded = round(angle, 0 if abs(angle) >= 10_000 else 2)
    equals = "=" if degrees == round(degrees, 2) and rounded == round(angle, 2) else "≈"
    return f"{position:,} × {_degrees(degrees)} {equals} {_degrees(rounded)}"


def _degrees(angle: float) -> str:
    """With the digits it has, at most two after the point."""
    return f"{round(angle, 2) + 0.0:,.2f}".rstrip("0").rstrip(".") + "°"


def _point(x: float, y: float, reach: float, degrees: float) -> tuple[float, float]:
    return x + reach * math.cos(math.radians(degrees)), y - reach * math.sin(math.radians(degrees))


def _rope_alt(places: list[tuple[int, int]], panels: list[tuple[str, _Vector, _Vector]], degrees: float) -> str:
    told = "; ".join(
        f"{name}: 사잇각 {_degrees(abs(_turn(query, key)))}, 점수 {_fixed(_score(query, key), 3)}"
        for name, query, key in panels
    )
    distances = [query - key for query, key in places]
    same = (
        f"두 경우의 거리가 같으므로({distances[0]:,}) 위치가 달라도 두 벡터의 사잇각과 점수가 같습니다"
        if distances[0] == distances[1]
        else f"두 경우의 거리가 다르므로({distances[0]:,}, {distances[1]:,}) 사잇각과 점수가 다릅니다"
    )
    return (
        f"쿼리 벡터 q(실선)와 키 벡터 k(점선)를 그린 원 세 개. 위치 하나마다 {_degrees(degrees)}씩 돌립니다. "
        f"{told}. {same}. 벡터의 길이는 그대로입니다."
    )
