"""The worked examples as diagrams: rotations and norms are those of transformers, and the shapes are in proportion."""

import math
import re
import xml.etree.ElementTree as ET

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers.models.llama.modeling_llama import LlamaRMSNorm, apply_rotary_pos_emb

from course_utils.diagrams import rms_norm_example, rope_rotation
from course_utils.errors import CourseValueError
from tests.diagram_pictures import SVG, words

# --- RoPE ---


def arrows(picture):
    """The vectors as drawn, panel by panel: [(query, key), ...], from the heads of the arrows, y upwards."""
    root = ET.fromstring(picture.svg)
    circles = [(float(c.get("cx")), float(c.get("cy"))) for c in root.iter(SVG + "circle")]
    tips = [tuple(map(float, p.get("points").split()[0].split(","))) for p in root.iter(SVG + "polygon")]
    ends = [(x - circles[n // 2][0], circles[n // 2][1] - y) for n, (x, y) in enumerate(tips)]
    return [ends[n : n + 2] for n in range(0, 6, 2)]


def scores(picture):
    return [float(text.split("=")[1]) for text in words(picture) if text.startswith("점수")]


def angles(picture):
    return [float(re.search(r"사잇각 ([\d.]+)°", text)[1]) for text in words(picture) if "사잇각" in text]


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


def test_rope_tells_every_angle_as_position_times_angle():
    told = [text for text in words(rope_rotation(((3, 1), (32_767, 9)), degrees=-0.5)) if re.match("[qk]: ", text)]
    assert told[:2] == ["q: 3 × -0.5° = -1.5°", "k: 1 × -0.5° = -0.5°"]
    assert told[2:] == ["q: 32,767 × -0.5° ≈ -16,384°", "k: 9 × -0.5° = -4.5°"]
    assert "q: 3 × 0.12° ≈ 0.37°" in words(rope_rotation(degrees=0.1234))


def test_rope_says_when_distances_differ():
    picture = rope_rotation(((3, 1), (6, 1)))
    assert scores(picture)[1] != scores(picture)[2]
    assert "거리가 다르므로(2, 5)" in picture.alt


@pytest.mark.parametrize(
    "arguments",
    [((),), (((1, 2),),), (((1, 2), (3, -4)),), (((1, 2), (3, 4.5)),), ("ab",), (((1, 2), (3, 32_768)),), (None,)],
)
def test_positions_that_cannot_be_drawn_are_refused_in_korean(arguments):
    with pytest.raises(CourseValueError, match="십시오"):
        rope_rotation(*arguments)


@pytest.mark.parametrize("degrees", [math.inf, math.nan, 180.5, "30", None])
def test_an_angle_that_cannot_be_drawn_is_refused_in_korean(degrees):
    with pytest.raises(CourseValueError, match="십시오"):
        rope_rotation(degrees=degrees)


# --- normalisation ---


def shown(values):
    return [float(text.replace(",", "").replace("거의 ", "")) for text in values]


def panels_of(picture, count):
    """The numbers at the bars and the bars' heights (below zero: negative), panel by panel."""
    texts = [text for text in words(picture)[1:] if re.fullmatch(r"-?[\d.,]+|거의 0", text)]
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
    assert "거의 0" in words(rms_norm_example((9999, 1, 0))) and "거의 0" not in alt
    assert "평균(3)" in alt and "분산(2)" in alt and "제곱의 평균(11)" in alt
    assert "-1.414, -0.707, 0, 0.707, 1.414" in alt and "0.302, 0.603, 0.905, 1.206, 1.508" in alt


@pytest.mark.parametrize("values", [(), (1,), range(6), (1, math.nan), (1, math.inf), (1, 10_000), (1, 1e-9), "ab", 7])
def test_values_that_cannot_be_drawn_are_refused_in_korean(values):
    with pytest.raises(CourseValueError, match="십시오"):
        rms_norm_example(values)


def test_an_epsilon_of_zero_is_refused_in_korean():
    with pytest.raises(CourseValueError, match="eps"):
        rms_norm_example(eps=0)
