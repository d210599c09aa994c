"""The diagrams of a configuration: their numbers are the configuration's, their shapes tell the truth."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.architecture import Sizes, count_parameters, kv_cache_bytes, sizes, with_kv_heads
from course_utils.diagram_page import BLUE, ORANGE
from course_utils.diagrams import attention_kinds, decoder_block, gated_feed_forward, whole_model
from course_utils.errors import CourseValueError
from course_utils.published_configs import published_config
from tests.diagram_pictures import MINI, OF_CONFIG, SVG, examples, numbers, words


@st.composite
def models(draw):
    kv_heads, groups = draw(st.integers(1, 16)), draw(st.integers(1, 8))
    return Sizes(
        hidden=draw(st.integers(1, 32_768)),
        layers=draw(st.integers(1, 200)),
        heads=kv_heads * groups,
        kv_heads=kv_heads,
        head_dim=draw(st.integers(1, 256)),
        intermediate=draw(st.integers(1, 131_072)),
        vocabulary=draw(st.integers(1, 1_000_000)),
        tied=draw(st.booleans()),
    )


# --- every picture ---


@pytest.mark.parametrize("name", examples())
def test_every_picture_is_well_formed_and_the_same_at_every_drawing(name):
    picture = examples()[name]
    assert picture.svg == examples()[name].svg and picture.alt == examples()[name].alt
    root = ET.fromstring(picture.svg)
    assert float(root.get("width")) == picture.width == 720
    assert all(float(text.get("font-size")) >= 13 for text in root.iter(SVG + "text"))
    assert "nan" not in picture.svg and "inf" not in picture.svg
    assert re.search("[가-힣]", picture.alt) and len(picture.alt) > 60 and "\n" not in picture.alt


def luminance(colour):
    levels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4 for level in levels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_words_have_contrast_and_lines_are_seen():
    """WCAG: words 4.5:1 on every fill that is light, arrows and edges 3:1 on white."""
    for picture in examples().values():
        root = ET.fromstring(picture.svg)
        fills = {rect.get("fill", "#fff") for rect in root.iter(SVG + "rect")} - {BLUE, ORANGE, "#6b3fa0", "#fff"}
        for text in root.iter(SVG + "text"):
            for fill in fills | {"#ffffff"}:
                assert (luminance(fill) + 0.05) / (luminance(text.get("fill")) + 0.05) >= 4.5
        for element in root.iter():
            if (stroke := element.get("stroke")) and element.get("paint-order") is None:
                assert 1.05 / (luminance(stroke) + 0.05) >= 3


def test_a_title_of_the_callers_is_drawn_as_text_and_told():
    picture = decoder_block(MINI, title="우리 모델 <b> & 'x'")
    assert words(picture)[0] == "우리 모델 <b> & 'x'"
    assert picture.alt.startswith("우리 모델 <b> & 'x'. ")


# --- numbers are the configuration's ---


@settings(max_examples=50, deadline=None)
@given(models())
def test_whole_model_shows_every_size_and_the_counts(model):
    picture, counts = whole_model(model), count_parameters(model)
    layer = counts["per_layer"]["total"]
    expected = {model.vocabulary, model.hidden, model.layers, model.heads, model.kv_heads, model.head_dim}
    expected |= {model.intermediate, counts["embedding"], layer, counts["total"], counts["output_layer"]}
    assert expected | {layer * model.layers} == set(numbers(words(picture)))
    assert expected - {0} <= set(numbers([picture.alt]))
    assert counts["embedding"] + layer * model.layers + model.hidden + counts["output_layer"] == counts["total"]


def test_a_tied_output_layer_is_drawn_and_told_and_an_untied_one_too():
    tied, untied = whole_model(MINI), whole_model({**MINI, "tie_word_embeddings": False})
    assert "stroke-dasharray" in tied.svg and "stroke-dasharray" not in untied.svg
    assert "(tied weights)" in words(tied) and "(untied weights)" in words(untied)
    assert "(tied)" in tied.alt and "(untied)" in untied.alt


@settings(max_examples=50, deadline=None)
@given(models())
def test_decoder_block_shows_every_size_and_the_counts(model):
    picture, layer = decoder_block(model), count_parameters(model)["per_layer"]
    parts = {sum(layer[name] for name in "qkvo"), sum(layer[name] for name in ("gate", "up", "down"))}
    expected = {model.hidden, model.heads, model.kv_heads, model.head_dim, model.query_width, model.kv_width}
    expected |= {model.intermediate, layer["total"]} | parts
    assert expected <= set(numbers(words(picture)))
    assert set(numbers(words(picture))) == expected | {model.heads // model.kv_heads, 1}  # groups: "4 for every 1"
    assert set(numbers([picture.alt])) == expected
    assert model.kind in picture.alt and any(f"({model.kind})" in text for text in words(picture))


def test_decoder_block_of_the_published_model_says_what_the_lesson_says():
    texts = words(decoder_block(published_config("2.4B")))
    assert {"32 × 80", "= 2,560", "8 × 80", "= 640", "2,560 → 7,168", "7,168 → 2,560"} <= set(texts)


@settings(max_examples=50, deadline=None)
@given(models())
def test_gated_feed_forward_shows_sizes_as_numbers_and_as_heights(model):
    picture, layer = gated_feed_forward(model), count_parameters(model)["per_layer"]
    expected = {model.hidden, model.intermediate, layer["gate"], layer["up"], layer["down"]}
    assert expected == set(numbers(words(picture))) == set(numbers([picture.alt]))
    heights = [float(rect.get("height")) for rect in ET.fromstring(picture.svg).iter(SVG + "rect")]
    bars = [
        height
        for height, rect in zip(heights, ET.fromstring(picture.svg).iter(SVG + "rect"), strict=True)
        if rect.get("width") == "24"
    ]
    assert len(bars) == 5
    short, tall = sorted((model.hidden, model.intermediate))
    ratio = max(8 / 150, short / tall)  # a bar of at least 8 pixels
    assert min(bars) / max(bars) == pytest.approx(ratio, abs=0.1 / 150)
    assert (bars[0] < bars[1]) <= (model.hidden < model.intermediate)


# --- MHA, GQA, MQA ---


def sharing(picture):
    """Row by row: (query heads, query heads that hang on each KV head), read from the shapes alone."""
    root = ET.fromstring(picture.svg)
    rows = {}
    for rect in root.iter(SVG + "rect"):
        if rect.get("stroke") in (BLUE, ORANGE):
            middle = float(rect.get("x")) + float(rect.get("width")) / 2
            row = (float(rect.get("y")) - 50) // 150
            rows.setdefault(row, {BLUE: [], ORANGE: []})[rect.get("stroke")].append(middle)
    combs = [path.get("d") for path in root.iter(SVG + "path")]
    found = []
    for row, heads in sorted(rows.items()):
        mine = [comb for comb in combs if (float(re.search(r"M\S+ ([\d.]+)V", comb)[1]) - 50) // 150 == row]
        groups = []
        for comb in mine:
            *teeth, handle = re.findall(r"M([\d.]+) [\d.]+V", comb)
            assert min(abs(float(handle) - kv) for kv in heads[ORANGE]) < 0.2
            for tooth in teeth:
                assert min(abs(float(tooth) - query) for query in heads[BLUE]) < 0.2
            groups.append(len(teeth))
        assert len(groups) == len(heads[ORANGE]) and sum(groups) == len(heads[BLUE])
        found.append((len(heads[BLUE]), groups))
    return found


@settings(max_examples=40, deadline=None)
@given(models())
def test_attention_kinds_hang_every_query_head_on_its_kv_head(model):
    picture = attention_kinds(model)
    rows = sharing(picture)
    assert {heads for heads, _ in rows} == {model.heads}
    assert all(len(set(groups)) == 1 for _, groups in rows)
    kv_heads = [len(groups) for _, groups in rows]
    assert kv_heads == sorted(set(kv_heads), reverse=True)
    assert {model.heads, model.kv_heads, 1} <= set(kv_heads)
    for number in kv_heads:
        cache = f"{kv_cache_bytes(with_kv_heads(model, number), 1):,}"
        assert f"KV 헤드 {number}개, KV 캐시 {cache} B/토큰" in words(picture)
        assert f"KV 헤드 {number}개" in picture.alt and f"{cache}바이트" in picture.alt


@pytest.mark.parametrize(("kv_heads", "kind"), [(8, "MHA"), (2, "GQA"), (4, "GQA"), (1, "MQA")])
def test_attention_kinds_mark_the_kind_that_the_model_has(kv_heads, kind):
    picture = attention_kinds(with_kv_heads(MINI, kv_heads))
    [marked] = [text for text in words(picture) if "이 모델" in text]
    assert kind in marked
    assert re.search(rf"{kind}\)은 KV 헤드 {kv_heads}개[^(]*이 모델이 쓰는 방식입니다", picture.alt)


def test_attention_kinds_of_a_bare_number_of_heads_show_sharing_without_bytes():
    picture = attention_kinds(32)
    assert sharing(picture) == [(32, [1] * 32), (32, [4] * 8), (32, [32])]
    assert "KV 캐시" not in "".join(words(picture)) and "이 모델" not in picture.alt
    assert [len(groups) for _, groups in sharing(attention_kinds(7))] == [7, 1]  # a prime has no groups
    assert [len(groups) for _, groups in sharing(attention_kinds(1))] == [1]


@pytest.mark.parametrize("heads", [0, -3, 129, True, "many", 1.5])
def test_a_number_of_heads_that_cannot_be_drawn_is_refused_in_korean(heads):
    with pytest.raises(CourseValueError, match="십시오"):
        attention_kinds(heads)


def test_sizes_of_the_bundled_model_are_in_its_pictures():
    model = sizes(MINI)
    for draw in OF_CONFIG[:3]:
        assert {model.hidden, model.intermediate} <= set(numbers(words(draw(MINI))))
