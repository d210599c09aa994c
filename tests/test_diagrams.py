"""The diagrams: their numbers are the configuration's, their shapes tell the truth, nothing collides in a browser."""

import json
import math
import re
import xml.etree.ElementTree as ET

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers.models.llama.modeling_llama import LlamaRMSNorm, apply_rotary_pos_emb

from course_utils.architecture import Sizes, count_parameters, kv_cache_bytes, sizes, with_kv_heads
from course_utils.diagram_page import BLUE, ORANGE
from course_utils.diagrams import (
    attention_kinds,
    decoder_block,
    gated_feed_forward,
    rms_norm_example,
    rope_rotation,
    whole_model,
)
from course_utils.errors import CourseValueError
from course_utils.known_models import MINI_FOLDER
from course_utils.published_configs import PUBLISHED_SIZES, published_config
from tests.browser import chromium, korean_page, save_screenshot, watch

SVG = "{http://www.w3.org/2000/svg}"
OF_CONFIG = (whole_model, decoder_block, gated_feed_forward, attention_kinds)
MINI = json.loads((MINI_FOLDER / "config.json").read_text(encoding="utf-8"))
LARGE = Sizes(32_768, 200, 128, 16, 256, 131_072, 1_000_000)
SMALL = Sizes(1, 1, 1, 1, 1, 1, 1, tied=True)


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


def words(picture):
    """The texts of the picture, in the order in which they are drawn."""
    return [element.text for element in ET.fromstring(picture.svg).iter(SVG + "text")]


def numbers(texts):
    """Every whole number in ``texts``, without the commas."""
    return [int(found.replace(",", "")) for text in texts for found in re.findall(r"\d[\d,]*", text)]


def examples():
    """Pictures of every kind and of extreme sizes, by name."""
    configs = {size: published_config(size) for size in PUBLISHED_SIZES} | {
        "mini": MINI,
        "large": LARGE,
        "small": SMALL,
    }
    configs |= {"MHA": with_kv_heads(MINI, 8), "MQA": with_kv_heads(MINI, 1)}
    pictures = {f"{draw.__name__} {name}": draw(config) for draw in OF_CONFIG for name, config in configs.items()}
    pictures |= {f"attention_kinds {heads}": attention_kinds(heads) for heads in (1, 2, 7, 64, 127)}
    pictures["rope"] = rope_rotation()
    pictures["rope far"] = rope_rotation(((1_000_000, 0), (0, 1_000_000)), degrees=-0.123456)
    pictures["rope same angle"] = rope_rotation(((0, 0), (3, 4)), degrees=45)
    pictures["rms"] = rms_norm_example()
    pictures["rms wide"] = rms_norm_example((-9999, 9999, -1234.5, 0.0123, 0))
    pictures["rms pair"] = rms_norm_example((-2, -2))
    pictures["long title"] = whole_model(MINI, title="아주 긴 제목 " * 20)
    return pictures


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
    assert re.search(rf"{kind}\)는 KV 헤드 {kv_heads}개[^;]*\(이 모델\)", picture.alt)


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


# --- RoPE ---


def arrows(picture):
    """The vectors as drawn, panel by panel: [(query, key), ...], from the heads of the arrows, y upwards."""
    root = ET.fromstring(picture.svg)
    circles = [(float(c.get("cx")), float(c.get("cy"))) for c in root.iter(SVG + "circle")]
    tips = [tuple(map(float, p.get("points").split()[0].split(","))) for p in root.iter(SVG + "polygon")]
    ends = [(x - circles[n // 2][0], circles[n // 2][1] - y) for n, (x, y) in enumerate(tips)]
    return [ends[n : n + 2] for n in range(0, 6, 2)]


def scores(picture):
    return [float(text.split("=")[1].replace("−", "-")) for text in words(picture) if text.startswith("점수")]


def angles(picture):
    return [float(re.search(r"사이 각 ([\d.]+)°", text)[1]) for text in words(picture) if "사이 각" in text]


@settings(max_examples=40, deadline=None)
@given(st.tuples(*[st.tuples(st.integers(0, 40), st.integers(0, 40))] * 2), st.integers(-90, 90))
def test_rope_draws_what_transformers_computes(positions, degrees):
    """The vectors as drawn are transformers' own rotation of those before it, and the scores are their products."""
    picture = rope_rotation(positions, degrees=degrees)
    (query, key), *panels = arrows(picture)
    for turned, score, angle, places in zip(panels, scores(picture)[1:], angles(picture)[1:], positions, strict=True):
        theta = torch.deg2rad(torch.tensor([float(degrees)] * 2, dtype=torch.float64))
        real = []
        for vector, place in zip((query, key), places, strict=True):
            state = torch.tensor(vector, dtype=torch.float64).view(1, 1, 1, 2)
            cos, sin = ((f(place * theta)).view(1, 1, 2) for f in (torch.cos, torch.sin))
            real.append(apply_rotary_pos_emb(state, state, cos, sin)[0].flatten())
        assert torch.tensor(turned, dtype=torch.float64).sub(torch.stack(real)).abs().max() < 0.25  # drawn to 0.1
        assert score == pytest.approx(float(real[0] @ real[1]) / 92**2, abs=0.004)
        cosine = float(real[0] @ real[1] / (real[0].norm() * real[1].norm()))
        assert math.cos(math.radians(angle)) == pytest.approx(cosine, abs=0.005)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 900), st.integers(0, 900), st.integers(0, 99), st.floats(-180, 180))
def test_rope_scores_are_the_same_at_the_same_distance(query, key, shift, degrees):
    picture = rope_rotation(((query, key), (query + shift, key + shift)), degrees=degrees)
    assert scores(picture)[1] == pytest.approx(scores(picture)[2], abs=0.00101)
    assert "거리가 같으므로" in picture.alt


def test_rope_says_when_distances_differ():
    picture = rope_rotation(((3, 1), (6, 1)))
    assert scores(picture)[1] != scores(picture)[2]
    assert "거리가 다르므로(2, 5)" in picture.alt


@pytest.mark.parametrize(
    "arguments",
    [((),), (((1, 2),),), (((1, 2), (3, -4)),), (((1, 2), (3, 4.5)),), ("ab",), (((1, 2), (3, 10**7)),), (None,)],
)
def test_positions_that_cannot_be_drawn_are_refused_in_korean(arguments):
    with pytest.raises(CourseValueError, match="십시오"):
        rope_rotation(*arguments)
    with pytest.raises(CourseValueError, match="십시오"):
        rope_rotation(degrees=math.inf)


# --- normalisation ---


def shown(values):
    return [float(text.replace("−", "-").replace(",", "")) for text in values]


def panels_of(picture, count):
    """The numbers at the bars and the bars' heights (below zero: negative), panel by panel."""
    texts = [text for text in words(picture)[1:] if re.fullmatch(r"−?[\d.,]+", text)]
    bars = list(ET.fromstring(picture.svg).iter(SVG + "rect"))[1:]
    lines = [float(p.get("points").split(",")[1].split()[0]) for p in ET.fromstring(picture.svg).iter(SVG + "polyline")]
    heights = [
        float(bar.get("height")) * (-1 if float(bar.get("y")) >= lines[place // count] - 0.06 else 1)
        for place, bar in enumerate(bars)
    ]
    return [(shown(texts[n : n + count]), heights[n : n + count]) for n in range(0, 3 * count, count)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.just(0), st.integers(-9999, 9999)), min_size=2, max_size=5))
def test_normalised_numbers_are_torchs_and_the_bars_are_in_proportion(values):
    picture = rms_norm_example(values)
    inputs = torch.tensor(values, dtype=torch.float64)
    expected = [
        inputs,
        torch.nn.functional.layer_norm(inputs, inputs.shape, eps=1e-5),
        LlamaRMSNorm(len(values), eps=1e-5).to(torch.float64)(inputs),
    ]
    for (numbers_shown, heights), real in zip(panels_of(picture, len(values)), expected, strict=True):
        tolerance = 0.00051 if real is not inputs else 0.5
        assert numbers_shown == pytest.approx(real.tolist(), abs=tolerance, rel=1e-5)
        largest = max(map(abs, real.tolist())) or 1.0
        for height, value in zip(heights, real.tolist(), strict=True):
            scale = max(map(abs, heights)) / largest
            assert height == pytest.approx(value * scale, abs=0.3)


def test_the_worked_example_has_the_textbooks_numbers():
    (inputs, _), (layer, _), (rms, _) = panels_of(rms_norm_example(), 5)
    assert inputs == [1, 2, 3, 4, 5]
    assert layer == [-1.414, -0.707, 0, 0.707, 1.414]
    assert rms == [0.302, 0.603, 0.905, 1.206, 1.508]
    alt = rms_norm_example().alt
    assert "평균(3)" in alt and "분산(2)" in alt and "제곱의 평균(11)" in alt
    assert "−1.414, −0.707, 0, 0.707, 1.414" in alt and "0.302, 0.603, 0.905, 1.206, 1.508" in alt


@pytest.mark.parametrize("values", [(), (1,), range(6), (1, math.nan), (1, math.inf), (1, 10_000), (1, 1e-9), "ab", 7])
def test_values_that_cannot_be_drawn_are_refused_in_korean(values):
    with pytest.raises(CourseValueError, match="십시오"):
        rms_norm_example(values)


def test_an_epsilon_of_zero_is_refused_in_korean():
    with pytest.raises(CourseValueError, match="eps"):
        rms_norm_example(eps=0)


# --- what a browser sees ---

# Words are measured where they are seen: em boxes of Korean fonts are taller than any letter in them.
COLLISIONS = """() => {
  const texts = [...document.querySelectorAll('svg text')].map(t => {
    const b = t.getBBox(), size = parseFloat(t.getAttribute('font-size'));
    const middle = parseFloat(t.getAttribute('y')) - 0.36 * size;
    return {words: t.textContent, left: b.x, right: b.x + b.width, top: middle - size / 2, bottom: middle + size / 2};
  });
  const view = document.querySelector('svg').viewBox.baseVal, found = [];
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  texts.forEach((a, n) => {
    if (a.left < 2 || a.right > view.width - 2 || a.top < 2 || a.bottom > view.height - 2)
      found.push('outside: ' + a.words);
    texts.slice(n + 1).forEach(b => { if (!apart(a, b)) found.push(a.words + ' | ' + b.words); });
  });
  [...document.querySelectorAll('svg rect')].slice(1).forEach(r => {
    const b = r.getBBox(), box = {left: b.x, right: b.x + b.width, top: b.y, bottom: b.y + b.height};
    texts.forEach(t => {
      const inside = t.left >= box.left && t.right <= box.right && t.top >= box.top && t.bottom <= box.bottom;
      if (!inside && !apart(t, box)) found.push('over an edge: ' + t.words);
    });
  });
  [...document.querySelectorAll('svg .line')].forEach(line => {
    const points = [...line.points];
    points.slice(1).forEach((p, n) => {
      for (let k = 0; k <= 200; k++) {
        const x = points[n].x + (p.x - points[n].x) * k / 200, y = points[n].y + (p.y - points[n].y) * k / 200;
        texts.forEach(t => { if (x > t.left && x < t.right && y > t.top && y < t.bottom)
          found.push('crossed by a line: ' + t.words); });
      }
    });
  });
  return [...new Set(found)];
}"""


@pytest.mark.browser
def test_no_words_collide_leave_their_box_or_are_crossed_in_a_browser():
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        said = watch(page)
        found = {}
        for name, picture in examples().items():
            page.set_content(korean_page(picture.svg))
            save_screenshot(page, f"diagram {name}")
            if collisions := page.evaluate(COLLISIONS):
                found[name] = collisions
        assert found == {} and said == []


@pytest.mark.browser
def test_the_collision_test_sees_collisions():
    words_at = '<text x="{}" y="30" font-size="14">낱말</text>'
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="720" height="90" viewBox="0 0 720 90"><rect/>{}</svg>'
    broken = {
        "|": words_at.format(20) + words_at.format(30),
        "outside": words_at.format(705),
        "over an edge": words_at.format(20) + '<rect x="10" y="10" width="20" height="30"/>',
        "crossed": words_at.format(20) + '<polyline class="line" points="0,25 90,25"/>',
    }
    with chromium() as browser:
        page = browser.new_page()
        for sign, parts in broken.items():
            page.set_content(korean_page(svg.format(parts)))
            assert any(sign in collision for collision in page.evaluate(COLLISIONS)), sign


def test_sizes_of_the_bundled_model_are_in_its_pictures():
    model = sizes(MINI)
    for draw in OF_CONFIG[:3]:
        assert {model.hidden, model.intermediate} <= set(numbers(words(draw(MINI))))
