"""Charts: every word as text and inside the page, shapes as large as their numbers, every number in the description."""

import itertools
import re
from pathlib import Path
from xml.etree import ElementTree

import chart_samples
import numpy as np
import pytest
from chart_samples import bars, line

from course_utils.chart_page import COLOURS, INK, TEXT
from course_utils.chart_text import text_width
from course_utils.figures import bar_chart, line_chart

ROOT = Path(__file__).resolve().parent.parent
SVG = "{http://www.w3.org/2000/svg}"
samples = pytest.mark.parametrize("sample", chart_samples.ALL, ids=lambda make: make.__name__)


def words(picture):
    return [text.text for text in ElementTree.fromstring(picture.svg).iter(f"{SVG}text")]


def bar_heights(picture, colour=0):
    """Heights in pixels of the bars of one solid colour, from left to right."""
    shapes = re.findall(rf'd="([^"]*)" style="fill: {COLOURS[colour].lower()};', picture.svg)
    tops = [[float(y) for y in re.findall(r"[ML] \S+ (\S+)", shape)] for shape in shapes]
    return [max(ys) - min(ys) for ys in tops]


# --- words ---


@samples
def test_every_word_lies_inside_the_page(sample):
    picture = sample()
    for text in ElementTree.fromstring(picture.svg).iter(f"{SVG}text"):
        size = float(text.get("font-size", TEXT))
        wide = text_width(text.text, size)
        start = {"start": 0.0, "middle": -wide / 2, "end": -wide}[text.get("text-anchor")]
        turn = np.radians(float((text.get("transform") or "(0").split("(")[1].split()[0]))
        for along, across in itertools.product((start, start + wide), (-0.8 * size, 0.2 * size)):
            x = float(text.get("x")) + along * np.cos(turn) - across * np.sin(turn)
            y = float(text.get("y")) + along * np.sin(turn) + across * np.cos(turn)
            assert -1 <= x <= picture.width + 1 and -1 <= y <= picture.height + 1, text.text
        assert size >= 13


def test_words_are_text_and_none_is_lost():
    shown = words(chart_samples.temperatures())
    assert {
        "온도와 확률",
        "확률",
        "다음 토큰",
        *chart_samples.WORDS,
        "T = 0.5",
        "T = 1",
        "T = 2",
        "0%",
        "54.1%",
    } <= set(shown)
    assert {"진짜 확률 (50%)", "1번째 실험", "10", "1,000", "100%"} <= set(words(chart_samples.large_numbers()))


@pytest.mark.parametrize(
    "text", ["$100$", "a < b & c > d", '"따옴표"', "$\\frac{1}{2}$", "x_1^2 \\n", "%d {0}", "<EC 95>"]
)
def test_any_character_is_drawn_as_it_is(text):
    picture = bar_chart([text], {text: [1], "나": [2]}, title=text, y_label=text, x_label=text)
    assert words(picture).count(text) == 5 and picture.alt.count(text) == 6
    picture = line_chart([1], {text: [1]}, title=text, y_label=text, x_label=text, reference=(text, 1))
    assert words(picture).count(text) == 4 and f"{text} (1)" in words(picture)


def test_line_breaks_and_control_characters_cannot_break_the_document():
    picture = bar_chart(["가\n나", "\x00\ud800"], {"값\t1": [1, 2]}, title="첫 줄\n둘째 줄", y_label="")
    assert {"가 나", "\ufffd\ufffd", "첫 줄 둘째 줄"} <= set(words(picture))


def test_numbers_stand_on_the_bars_in_the_order_of_the_data():
    picture = bars([3, 1, 2, -1.5])
    values = [word for word in words(picture) if word in ("3", "1", "2", "-1.5")]
    assert values[-4:] == ["3", "1", "2", "-1.5"]
    names = [word for word in words(picture) if word.startswith("이름")]
    assert names == ["이름0", "이름1", "이름2", "이름3"]


def test_labels_level_then_on_two_lines_then_slanted():
    def turned(labels):
        svg = bar_chart(labels, {"값": range(len(labels))}, title="제목", y_label="세로").svg
        return len(re.findall(r"rotate\(-35", svg))

    assert turned(["짧은 이름"] * 5) == 0
    assert turned(["두 줄이면 충분히 들어가는 긴 이름"] * 4) == 0
    assert turned(["띄어쓰기가없어나눌수없는긴이름" * 2] * 6) == 6


def test_many_bars_turn_their_numbers_upright_and_then_leave_them_out():
    def numbers(count):
        return re.findall(r'paint-order="stroke"', bars([0.123] * count).svg), re.findall(
            "rotate\\(-90", bars([0.123] * count).svg
        )

    assert [len(found) for found in numbers(5)] == [5, 0]
    assert [len(found) for found in numbers(20)] == [20, 20]
    rows = {f"{i}": [0.123] * 10 for i in range(6)}
    assert "paint-order" not in bar_chart(list("ABCDEFGHIJ"), rows, title="제목", y_label="세로").svg


# --- shapes tell the truth ---


def test_bars_are_as_high_as_their_numbers():
    heights = bar_heights(bars([1, 2, 4, 3]))
    assert np.allclose(np.array(heights) / heights[0], [1, 2, 4, 3], rtol=1e-3)
    shares = bar_heights(bars([0.1, 0.35], percent=True))
    assert shares[1] / shares[0] == pytest.approx(3.5, rel=1e-3)


def test_bars_stand_on_the_line_of_zero():
    svg = bars([3, 1, -2]).svg
    [zero] = re.findall(r'd="M \S+ (\S+) L \S+ \1 " style="[^"]*stroke: #666666', svg)
    for shape in re.findall(rf'd="([^"]*)" style="fill: {COLOURS[0].lower()};', svg):
        assert zero in re.findall(r"[ML] \S+ (\S+)", shape)


def test_names_of_the_level_axis_that_would_touch_are_left_out():
    svg = line([1, 2, 3], x=[1e6, 3e6, 6e6], width=320).svg
    places = sorted(float(x) for x in re.findall(r'x="(\S+)"[^>]*>\d,000,000<', svg))
    assert len(places) >= 2 and min(np.diff(places)) > text_width("1,000,000", TEXT)


def test_equal_ratios_are_equal_steps_on_a_logarithmic_axis():
    heights = bar_heights(bars([0.01, 1, 100], log_y=True))
    assert heights[0] > 5 and heights[2] - heights[1] == pytest.approx(heights[1] - heights[0], abs=0.05)


def curve(picture, i=0):
    shape = re.search(
        rf'd="([^"]*)" style="fill: none;[^"]*stroke: {COLOURS[i].lower()}', picture.svg.split("<text")[0]
    )
    return np.array([[float(x), float(y)] for x, y in re.findall(r"[ML] (\S+) (\S+)", shape[1])])


def test_line_runs_through_its_points_in_order():
    points = curve(line([0, 1, 4, 2]))
    up = points[0, 1] - points[:, 1]
    assert np.allclose(up / up[1], [0, 1, 4, 2], rtol=0.01) and np.allclose(
        np.diff(points[:, 0]), np.diff(points[:2, 0]), atol=0.02
    )
    steps = np.diff(curve(line([1, 2, 3], x=[0.1, 1, 10], log_x=True))[:, 0])
    assert steps[0] == pytest.approx(steps[1], abs=0.02)


def test_thousands_of_points_keep_their_extremes():
    values = np.full(5000, 0.5)
    values[[1234, 4321]] = 0.0, 1.0
    ys = curve(line(values))[:, 1]
    assert len(ys) < 2000 and (ys == ys.max()).sum() == 1 and (ys == ys.min()).sum() == 1


def test_reference_line_is_level_and_where_its_value_is():
    picture = line([0, 1, 0.5], reference=("기준", 0.5))
    dashed = re.search(rf'd="M (\S+) (\S+) L (\S+) (\S+) " style="[^"]*dasharray[^"]*stroke: {INK}', picture.svg)
    y = curve(picture)[:, 1]
    assert float(dashed[2]) == float(dashed[4]) == pytest.approx(y[2], abs=0.3)


def test_constant_zero_single_and_negative_data_can_be_drawn():
    for values in ([0, 0], [5], [-1, -2], [1e-43, 0], [1e12, 1], [True, False]):
        assert bars(values).alt and line(values).alt
    assert bars([1, 1, 1], log_y=True) and line([7], x=[3], log_x=True)
    assert "999.5" in words(line([999.1, 999.9])) or "999.6" in words(line([999.1, 999.9]))


def test_tensors_and_arrays_are_welcome():
    torch = pytest.importorskip("torch")
    expected = bars([0.25, 0.75]).svg
    for values in (np.array([0.25, 0.75], np.float16), torch.tensor([0.25, 0.75], dtype=torch.bfloat16), (0.25, 0.75)):
        assert bars(values).svg == expected


# --- the description ---


def test_bars_are_described_with_every_number():
    assert bars([48, 52], x_label="가로").alt == "막대그래프: 제목. 가로축: 가로. 세로축: 세로. 이름0: 48, 이름1: 52."
    alt = bar_chart(["가", "나"], {"A": [0.2, 1e-9], "B": [1, 0]}, title="제목.", y_label="확률", percent=True).alt
    assert alt == "막대그래프: 제목. 세로축: 확률. A - 가: 20%, 나: 거의 0. B - 가: 100%, 나: 0%."
    assert "세로, 로그 눈금." in bars([1, 2], log_y=True).alt


def test_short_line_is_described_point_by_point_and_a_long_one_by_ends_and_range():
    alt = line([1, 2], x=[0.5, 1], reference=("참값", 3)).alt
    assert alt == "선 그래프: 제목. 가로축: 가로. 세로축: 세로. 값 - 0.5에서 1, 1에서 2. 기준선 참값: 3."
    values = np.r_[0.3, np.linspace(0.1, 0.9, 98), 0.5]
    alt = line(values, x=range(1, 101), percent=True, log_x=True).alt
    assert "가로, 로그 눈금." in alt
    assert "점 100개, 1에서 30%, 100에서 50%, 가장 작은 값 10%, 가장 큰 값 90%." in alt
