"""Diagrams of a decoder from its configuration: the whole model, one block, the gated feed-forward part."""

from __future__ import annotations

from typing import Any

from course_utils.architecture import Sizes, count_parameters, sizes
from course_utils.diagram_page import GREY, LINE, PURPLE, SMALL, Sheet
from course_utils.picture import Picture

KINDS = {"MHA": "멀티 헤드 어텐션(MHA)", "GQA": "그룹 쿼리 어텐션(GQA)", "MQA": "멀티 쿼리 어텐션(MQA)"}


def whole_model(config: Any, *, title: str = "디코더 전용 모델(decoder-only model) 전체") -> Picture:
    """From token ids to logits: every part with its size and its number of parameters, and whether weights are tied.

    Args:
        config: as ``course_utils.architecture.sizes`` takes it.
        title: a line above the picture.

    Raises:
        CourseValueError: as ``sizes``.
    """
    model, counts = sizes(config), count_parameters(config)
    sheet = Sheet(title)
    left, width, right = 168, 340, 704
    centre = left + width / 2
    sheet.words(right, 62, "파라미터(parameter) 수", size=SMALL, anchor="end", bold=True)
    sheet.box(left, 46, width, 34, ["토큰 번호(token ID) T개"], "data")
    passing = f"T × {model.hidden:,}"
    sheet.line((centre, 80), (centre, 110))
    table = f"{model.vocabulary:,} × {model.hidden:,} 표에서 줄 꺼내기"
    sheet.box(left, 110, width, 52, ["임베딩(embedding)", table], "table")
    sheet.words(right, 136, f"{counts['embedding']:,}", size=15, anchor="end")
    sheet.line((centre, 162), (centre, 198))
    sheet.words(centre + 12, 178, passing, size=SMALL, anchor="start", colour=GREY)
    _stack(sheet, left, 198, width, model)
    layer = counts["per_layer"]["total"]
    sheet.words(right, 252, f"{model.layers * layer:,}", size=15, anchor="end")
    sheet.words(right, 274, f"= {layer:,} × {model.layers:,}", size=SMALL, anchor="end", colour=GREY)
    sheet.line((centre, 346), (centre, 382))
    sheet.words(centre + 12, 368, passing, size=SMALL, anchor="start", colour=GREY)
    sheet.box(left, 382, width, 52, ["마지막 정규화(final RMSNorm)", f"차원 {model.hidden:,}"], "norm")
    sheet.words(right, 408, f"{model.hidden:,}", size=15, anchor="end")
    sheet.line((centre, 434), (centre, 470))
    sheet.words(centre + 12, 450, passing, size=SMALL, anchor="start", colour=GREY)
    sheet.box(left, 470, width, 52, ["출력층(output layer)", f"{model.hidden:,} → {model.vocabulary:,}"], "table")
    sheet.words(right, 496, f"{counts['output_layer']:,}", size=15, anchor="end")
    sheet.line((centre, 522), (centre, 552))
    sheet.box(left, 552, width, 34, [f"로짓(logits) T × {model.vocabulary:,}"], "data")
    _tie(sheet, left, model.tied)
    sheet.line((left + width + 20, 604), (right, 604), head=False, colour=LINE, width=1)
    sheet.words(right, 624, f"모두 {counts['total']:,}", size=15, anchor="end", bold=True)
    sheet.words(16, 624, "T: 토큰 수, 화살표 옆: 지나가는 값의 모양(shape)", size=SMALL, anchor="start", colour=GREY)
    return sheet.picture(644, _whole_alt(model, counts))


def _stack(sheet: Sheet, left: float, top: float, width: float, model: Sizes) -> None:
    """The blocks as cards behind one another, 136 high and 12 for the cards behind."""
    for shift in (6, 12):
        edges = f"M{left + shift:g} {top + 130 + shift:g}v6h{width:g}v-136h-6"
        sheet.shape(f'<path d="{edges}" fill="none" stroke="{LINE}" stroke-width="1.5" stroke-linejoin="round"/>')
    sheet.box(left, top, width, 136, (), "plain")
    sheet.words(left + width / 2, top + 19, f"디코더 블록(decoder block) × {model.layers:,}", size=15, bold=True)
    heads = f"쿼리 헤드 {model.heads:,} · KV 헤드 {model.kv_heads:,} · 헤드 차원 {model.head_dim:,}"
    sheet.box(left + 12, top + 36, width - 24, 42, (), "attention")
    sheet.words(left + width / 2, top + 48, "① RMSNorm → 어텐션(attention) → 더하기", size=SMALL, bold=True)
    sheet.words(left + width / 2, top + 66, heads, size=SMALL)
    sheet.box(left + 12, top + 84, width - 24, 42, (), "feed_forward")
    sheet.words(left + width / 2, top + 96, "② RMSNorm → 피드포워드 네트워크(FFN) → 더하기", size=SMALL, bold=True)
    wide = f"차원 {model.hidden:,} → {model.intermediate:,} → {model.hidden:,}"
    sheet.words(left + width / 2, top + 114, wide, size=SMALL)


def _tie(sheet: Sheet, left: float, tied: bool) -> None:
    x = left - 22
    if tied:
        sheet.line((left, 136), (x, 136), (x, 496), (left, 496), dashed=True, colour=PURPLE, width=2.5)
        lines = ("가중치 묶기", "(tied weights)", "출력층은 임베딩과", "같은 행렬이라", "새 파라미터가", "없습니다")
    else:
        lines = ("묶지 않음", "(untied weights)", "출력층에 임베딩과", "다른 행렬이", "따로 있습니다")
    for place, line in enumerate(lines):
        sheet.words(72, 260 + 20 * place, line, size=SMALL, bold=not place, colour=PURPLE)


def _whole_alt(model: Sizes, counts: dict[str, Any]) -> str:
    tied = (
        "출력층은 임베딩과 같은 행렬을 쓰므로(tied) 새 파라미터가 0개입니다"
        if model.tied
        else f"출력층은 임베딩과 다른 행렬이며(untied) 파라미터 {counts['output_layer']:,}개입니다"
    )
    return (
        f"위에서 아래로 이어지는 구조도. 토큰 번호 T개, 임베딩(어휘 {model.vocabulary:,}, 차원 {model.hidden:,}, "
        f"파라미터 {counts['embedding']:,}개), 디코더 블록 {model.layers:,}개(쿼리 헤드 {model.heads:,}개, "
        f"KV 헤드 {model.kv_heads:,}개, 헤드 차원 {model.head_dim:,}, 피드포워드 네트워크의 중간 차원 "
        f"{model.intermediate:,}, 블록 하나에 파라미터 {counts['per_layer']['total']:,}개), 마지막 RMSNorm"
        f"(파라미터 {model.hidden:,}개), 출력층, 로짓(T × {model.vocabulary:,}) 순서입니다. {tied}. "
        f"파라미터는 모두 {counts['total']:,}개입니다."
    )


def decoder_block(config: Any, *, title: str = "디코더 블록(decoder block) 하나") -> Picture:
    """One block: RMSNorm before each part, query, key and value with their heads, RoPE, residuals, feed-forward.

    Args:
        config: as ``course_utils.architecture.sizes`` takes it.
        title: a line above the picture.

    Raises:
        CourseValueError: as ``sizes``.
    """
    model, layer = sizes(config), count_parameters(config)["per_layer"]
    sheet = Sheet(title)
    parts = [sum(layer[name] for name in names) for names in (("q", "k", "v", "o"), ("gate", "up", "down"))]
    sheet.box(76, 46, 240, 32, [f"들어오는 값 T × {model.hidden:,}"], "data")
    sheet.words(704, 46, "두 부분 모두 정규화가 먼저입니다(pre-norm)", size=SMALL, anchor="end", colour=GREY)
    sheet.words(416, 69, "T: 토큰 수", size=SMALL, anchor="start", colour=GREY)
    for x, symbol, meaning in ((512, "+", "더하기"), (590, "×", "자리마다 곱하기")):
        sheet.sign(x, 69, symbol, radius=8)
        sheet.words(x + 14, 69, meaning, size=SMALL, anchor="start", colour=GREY)
    _attention_part(sheet, 56, model, parts[0])
    _feed_forward_part(sheet, 424, model, parts[1])
    _residuals(sheet, 56, 424)
    sheet.line((564, _SUM + 13), (564, _SUM + 40))
    sheet.box(444, _SUM + 40, 240, 32, [f"나가는 값 T × {model.hidden:,}"], "data")
    total = f"블록 하나의 파라미터 {layer['total']:,}개 (RMSNorm 두 개 포함)"
    sheet.words(16, _SUM + 58, total, anchor="start", bold=True)
    return sheet.picture(_SUM + 88, _block_alt(model, layer, parts))


_TOP, _FRAME = 102, 386  # of the two parts of a block
_SUM = _TOP + _FRAME + 26  # where the residual is added


def _attention_part(sheet: Sheet, left: float, model: Sizes, parameters: int) -> None:
    centre, y = left + 140, _TOP
    _part_head(sheet, left, "① 어텐션(attention)", model)
    boxes = (
        ("쿼리(query)", model.heads, model.query_width),
        ("키(key)", model.kv_heads, model.kv_width),
        ("값(value)", model.kv_heads, model.kv_width),
    )
    for place, (name, heads, width) in enumerate(boxes):
        x = left + 95 * place
        sheet.line((centre, y + 62), (centre, y + 73), (x + 45, y + 73), (x + 45, y + 88))
        sheet.box(x, y + 88, 90, 62, [name, f"{heads:,} × {model.head_dim:,}", f"= {width:,}"], "attention")
        sheet.line((x + 45, y + 150), (x + 45, y + (214 if place == 2 else 168)))
    sheet.box(left, y + 168, 185, 28, ["로터리 위치 임베딩(RoPE)"], "plain")
    for x in (left + 45, left + 140):
        sheet.line((x, y + 196), (x, y + 214))
    sharing = f"쿼리 헤드 {model.heads // model.kv_heads:,}개마다 KV 헤드 1개"
    mask = "인과 마스크(causal mask): 자기와 앞쪽 토큰만"
    sheet.box(left, y + 214, 280, 66, [KINDS[model.kind], sharing, mask], "attention")
    sheet.line((centre, y + 280), (centre, y + 298))
    projection = f"{model.query_width:,} → {model.hidden:,}"
    sheet.box(left, y + 298, 280, 42, ["출력 투영(output projection)", projection], "attention")
    _part_end(sheet, left, parameters)


def _feed_forward_part(sheet: Sheet, left: float, model: Sizes, parameters: int) -> None:
    centre, y = left + 140, _TOP
    _part_head(sheet, left, "② 피드포워드(FFN)", model)
    for x, name in ((left, "게이트(gate)"), (left + 145, "업(up)")):
        sheet.line((centre, y + 62), (centre, y + 73), (x + 67, y + 73), (x + 67, y + 88))
        sheet.box(x, y + 88, 135, 50, [name, f"{model.hidden:,} → {model.intermediate:,}"], "feed_forward")
    sheet.line((left + 67, y + 138), (left + 67, y + 162))
    sheet.box(left, y + 162, 135, 34, ["SiLU"], "plain")
    sheet.line((left + 67, y + 196), (left + 67, y + 230), (centre - 13, y + 230))
    sheet.line((left + 212, y + 138), (left + 212, y + 230), (centre + 13, y + 230))
    sheet.sign(centre, y + 230, "×")
    sheet.line((centre, y + 243), (centre, y + 290))
    sheet.words(centre + 12, y + 262, f"T × {model.intermediate:,}", size=SMALL, anchor="start", colour=GREY)
    sheet.box(left, y + 290, 280, 50, ["다운(down)", f"{model.intermediate:,} → {model.hidden:,}"], "feed_forward")
    _part_end(sheet, left, parameters)


def _part_head(sheet: Sheet, left: float, name: str, model: Sizes) -> None:
    sheet.box(left - 10, _TOP, 300, _FRAME, (), "frame")
    sheet.box(left + 40, _TOP + 32, 200, 30, [f"RMSNorm {model.hidden:,}"], "norm")
    sheet.words(left, _TOP + 15, name, size=SMALL, anchor="start", bold=True)


def _part_end(sheet: Sheet, left: float, parameters: int) -> None:
    centre = left + 140
    sheet.line((centre, _TOP + 340), (centre, _SUM - 13))
    sheet.words(centre + 12, _TOP + 353, "파라미터", size=SMALL, anchor="start")
    sheet.words(centre + 12, _TOP + 371, f"{parameters:,}개", size=SMALL, anchor="start")
    sheet.sign(centre, _SUM, "+")


def _residuals(sheet: Sheet, left: float, right: float) -> None:
    """The way of the values around both parts, drawn thick: it ends in the two additions."""
    first, second = left + 140, right + 140
    around, between, branch = 30, right - 62, right - 36
    sheet.line((first, 78), (first, _TOP + 32))
    sheet.line((first, 90), (around, 90), (around, _SUM), (first - 13, _SUM), width=3)
    sheet.line((first + 13, _SUM), (between, _SUM), (between, 90), (second, 90), (second, _TOP + 32))
    sheet.line((branch, 90), (branch, _SUM), (second - 13, _SUM), width=3)
    sheet.dot(first, 90)
    sheet.dot(branch, 90)
    sheet.words(around, _SUM + 25, "잔차 연결(residual connection)", size=SMALL, anchor="start", bold=True)
    sheet.words(branch, _SUM + 25, "잔차 연결", size=SMALL, anchor="start", bold=True)


def _block_alt(model: Sizes, layer: dict[str, int], parts: list[int]) -> str:
    hidden, wide, query, kv = (f"{n:,}" for n in (model.hidden, model.intermediate, model.query_width, model.kv_width))
    return (
        f"두 부분이 이어진 흐름도. 들어오는 값은 토큰마다 수 {hidden}개입니다. "
        f"첫째, 어텐션 부분(파라미터 {parts[0]:,}개): RMSNorm을 먼저 거칩니다. "
        f"쿼리는 헤드 {model.heads:,} × {model.head_dim:,} = {query}, 키와 값은 각각 헤드 "
        f"{model.kv_heads:,} × {model.head_dim:,} = {kv}입니다. 쿼리와 키에 RoPE를 적용하고 {KINDS[model.kind]}을 "
        f"인과 마스크와 함께 계산합니다. 출력 투영({query} → {hidden})을 거친 결과를 들어온 값에 더합니다(잔차 연결). "
        f"둘째, 피드포워드 네트워크 부분(파라미터 {parts[1]:,}개): 다시 RMSNorm을 먼저 거칩니다. "
        f"게이트와 업이 각각 {hidden} → {wide}입니다. "
        f"게이트에 SiLU를 적용해 업과 자리마다 곱합니다. 다운({wide} → {hidden})을 거친 결과를 더합니다"
        f"(잔차 연결). 블록 하나의 파라미터는 RMSNorm 두 개까지 {layer['total']:,}개입니다."
    )


def gated_feed_forward(
    config: Any, *, title: str = "게이트가 있는 피드포워드 네트워크(gated feed-forward network)"
) -> Picture:
    """The feed-forward part with its three matrices; the vectors are bars whose heights show how long they are.

    Args:
        config: as ``course_utils.architecture.sizes`` takes it.
        title: a line above the picture.

    Raises:
        CourseValueError: as ``sizes``.
    """
    model, layer = sizes(config), count_parameters(config)["per_layer"]
    tallest = max(model.hidden, model.intermediate)
    thin, wide = (max(8, 150 * size / tallest) for size in (model.hidden, model.intermediate))
    sheet = Sheet(title)
    upper, middle, lower = 136, 224, 312
    _vector(sheet, 40, middle, thin, f"{model.hidden:,}", "x")
    for y, name, size in ((upper, "게이트(gate)", layer["gate"]), (lower, "업(up)", layer["up"])):
        sheet.line((52, middle), (84, middle), (84, y), (106, y))
        _matrix(sheet, 106, y, [name, f"{model.hidden:,} → {model.intermediate:,}", f"파라미터 {size:,}"])
    sheet.dot(84, middle)
    sheet.line((256, upper), (284, upper))
    sheet.box(284, upper - 18, 58, 36, ["SiLU"], "plain")
    sheet.line((342, upper), (374, upper))
    sheet.line((256, lower), (374, lower))
    for y in (upper, lower):
        _vector(sheet, 386, y, wide, "", "")
    sheet.words(404, upper - 8, f"{model.intermediate:,}", size=SMALL, anchor="start")
    sheet.words(404, lower + 30, f"{model.intermediate:,}", size=SMALL, anchor="start")
    sheet.line((398, upper + 12), (430, upper + 12), (430, middle - 13))
    sheet.line((398, lower - 12), (430, lower - 12), (430, middle + 13))
    sheet.sign(430, middle, "×")
    sheet.line((443, middle), (468, middle))
    _vector(sheet, 480, middle, wide, f"{model.intermediate:,}", "")
    sheet.line((492, middle), (514, middle))
    lines = ["다운(down)", f"{model.intermediate:,} → {model.hidden:,}", f"파라미터 {layer['down']:,}"]
    _matrix(sheet, 514, middle, lines)
    sheet.line((664, middle), (680, middle))
    _vector(sheet, 692, middle, thin, f"{model.hidden:,}", "y")
    sheet.words(16, 412, "y = down( SiLU(gate(x)) × up(x) )   (×: 자리마다 곱하기)", size=15, anchor="start")
    note = "막대의 높이는 토큰 하나가 가진 수의 개수에 비례합니다"
    sheet.words(704, 52, note, size=SMALL, anchor="end", colour=GREY)
    return sheet.picture(434, _gated_alt(model, layer))


def _vector(sheet: Sheet, x: float, y: float, height: float, size: str, name: str) -> None:
    sheet.box(x - 12, y - height / 2, 24, height, (), "plain")
    if size:
        sheet.words(x, y + height / 2 + 14, size, size=SMALL)
    if name:
        sheet.words(x, y - height / 2 - 14, name, size=15, bold=True)


def _matrix(sheet: Sheet, x: float, y: float, lines: list[str]) -> None:
    sheet.box(x, y - 34, 150, 68, lines, "feed_forward")


def _gated_alt(model: Sizes, layer: dict[str, int]) -> str:
    widen, narrow = f"{model.hidden:,} → {model.intermediate:,}", f"{model.intermediate:,} → {model.hidden:,}"
    return (
        f"왼쪽에서 오른쪽으로 이어지는 흐름도. 수 {model.hidden:,}개인 x가 두 갈래로 나뉩니다. 위 갈래는 게이트 행렬"
        f"({widen}, 파라미터 {layer['gate']:,}개)과 SiLU이고, 아래 갈래는 업 행렬({widen}, 파라미터 {layer['up']:,}개)"
        f"입니다. 두 결과를 자리마다 곱한 뒤 다운 행렬({narrow}, 파라미터 {layer['down']:,}개)을 거쳐 수 "
        f"{model.hidden:,}개인 y가 됩니다. y = down(SiLU(gate(x)) × up(x))."
    )
