"""The picture of a decode step: true to the numbers, readable by everyone, the same bytes every time."""

import re
from xml.etree import ElementTree

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from course_utils.candidates import Candidates, Settings
from course_utils.chart_text import text_width
from course_utils.errors import CourseValueError
from course_utils.token_bars import candidate_chart, percent, shortened, step_chart

FRUIT = ["사과", "배", "감", "귤", "포도"]
LOGITS = [3.0, 2.0, 1.0, 0.0, -1.0]
SVG = "{http://www.w3.org/2000/svg}"
LETTERS = st.text(st.characters(), max_size=40)  # lone surrogates and control characters included

STEADY = settings(max_examples=50, derandomize=True, deadline=None, database=None)


def elements(picture, name):
    return list(ElementTree.fromstring(picture.svg).iter(f"{SVG}{name}"))


def texts(picture):
    return [element.text or "" for element in elements(picture, "text")]


def bars(picture, fill):
    """Widths of the bars of one fill; the legend's swatches, which come first, left out."""
    return [float(bar.get("width")) for bar in elements(picture, "rect") if bar.get("fill") == fill][1:]


def test_kept_and_cut_rows_differ_by_mark_pattern_and_colour():
    picture = candidate_chart(LOGITS, FRUIT, top_k=3, top_p=0.8)
    marks = [text for text in texts(picture) if text[:1] in "✓✕"]
    assert marks == ["✓ 남음", "✓ 남음", "✕ top-p", "✕ top-k", "✕ top-k"]
    assert len(bars(picture, "url(#cut)")) == 3 and len(bars(picture, "#d6e8f7")) == 2
    inks = {element.text: element.get("fill") for element in elements(picture, "text")}
    assert inks["감"] == inks["귤"] == inks["포도"] != inks["사과"] == inks["배"]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_bars_are_as_long_as_the_probabilities(temperature):
    picture = candidate_chart(LOGITS, FRUIT, temperature=temperature, top_k=3)
    step = Candidates(LOGITS, FRUIT).step(Settings(temperature, 3))
    drawn = bars(picture, "#005a9c")
    assert len(drawn) == 5 and drawn[3:] == [0, 0]
    before = [*bars(picture, "#d6e8f7"), *bars(picture, "url(#cut)")]
    scale = before[0] / step.candidates[0].before
    for candidate, first, second in zip(step.candidates, before, drawn, strict=True):
        assert first == pytest.approx(candidate.before * scale, abs=0.02)
        assert second == pytest.approx(candidate.after * scale, abs=0.02)


def test_numbers_stand_beside_the_bars():
    written = texts(candidate_chart(LOGITS, FRUIT, temperature=0.5, top_k=2))
    assert written.count("0%") >= 3 and "88.1%" in written and "63.6%" in written
    assert "온도 0.5 · top-k 2 · top-p 끔" in written


def threshold(picture):
    """Where the top-p line stands, as a share of the cumulative column; None without a line."""
    dashed = [path for path in elements(picture, "path") if path.get("stroke-dasharray")]
    if not dashed:
        return None
    plotted = [text for text in elements(picture, "text") if text.get("font-size") == "13"]
    left = float(plotted[-2].get("x"))
    right = float(plotted[-1].get("x")) - 4
    return (float(re.match(r"M([\d.]+)", dashed[-1].get("d"))[1]) - left) / (right - left)


def test_the_threshold_is_marked_when_top_p_is_on():
    assert threshold(candidate_chart(LOGITS, FRUIT)) is None
    assert threshold(candidate_chart(LOGITS, FRUIT, top_p=0.9)) == pytest.approx(0.9, abs=0.001)
    assert threshold(step_chart(Candidates(LOGITS, FRUIT).step(Settings(top_p=0.9, greedy=True)))) is None


def test_the_cumulative_line_ends_at_everything_and_leaves_out_what_top_k_cut():
    [line] = elements(candidate_chart(LOGITS, FRUIT, top_k=3), "polyline")
    points = [tuple(map(float, point.split(","))) for point in line.get("points").split()]
    assert len(points) == 3 and points == sorted(points)
    assert points[-1][0] == 748


def test_footer_tells_kept_tail_and_hidden():
    picture = candidate_chart(LOGITS, FRUIT, top_k=3, rows=2)
    assert texts(picture)[-3:] == [
        "어휘 5개 가운데 3개가 남았습니다.",
        "잘린 꼬리의 확률(온도만 적용했을 때): 4.3%",
        "남았지만 그림에 없는 토큰의 확률: 9.0%",
    ]


def test_description_has_the_first_five_with_their_values():
    alt = candidate_chart([4.0, *LOGITS], ["밤", *FRUIT], top_k=2, title="과일").alt
    assert alt.startswith(
        "과일. 다음 토큰의 확률 막대그래프, 온도 1 · top-k 2 · top-p 끔. 1등 '밤' 적용 전 63.4%, 적용 후 73.1%, 남음;"
    )
    assert "3등 '배' 적용 전 8.6%, 적용 후 0%, top-k로 잘림" in alt and "6등" not in alt
    assert "후보가 1개 더" in alt and "어휘 6개 가운데 2개가 남았습니다" in alt


def test_counts_get_a_column_and_a_note():
    step = Candidates(LOGITS, FRUIT).step(Settings(), rows=2)
    picture = step_chart(step, counts={0: 70, 1: 20, 2: 7, 4: 3})
    assert {"뽑힘", "70", "20"} <= set(texts(picture))
    assert texts(picture)[-1].endswith("100번 가운데 10번 뽑힘")
    waiting = texts(step_chart(step, counts={}))
    assert "뽑힘" in waiting and not any("번 뽑힘" in text for text in waiting)
    assert "뽑힘" not in texts(step_chart(step))


@STEADY
@given(st.lists(LETTERS, min_size=1, max_size=6))
def test_any_word_is_drawn_as_text(labels):
    picture = candidate_chart(np.arange(len(labels))[::-1], labels, title=labels[0])
    ElementTree.fromstring(picture.svg)
    picture.svg.encode("utf-8"), picture.alt.encode("utf-8")


def test_markup_stays_text():
    picture = candidate_chart([1.0, 0.0], ["<b>&amp;</b>", '"]]>'], title="<script>")
    assert {"<b>&amp;</b>", '"]]>', "<script>"} <= set(texts(picture))


def title_lines(picture):
    return [element.text for element in elements(picture, "text") if element.get("font-size") == "17"]


LONG = "안녕하세요, 고객님! 문의해 주신 내용을 담당 부서에 확인하였습니다. " * 5


@pytest.mark.parametrize("width", [480, 760])
@pytest.mark.parametrize("title", [LONG, "가" * 9000, "W " * 9000, f"{LONG}___", f"{'가' * 300} ___", "_" * 300])
def test_a_long_title_stays_in_the_picture_in_two_lines(title, width):
    picture = candidate_chart(LOGITS, FRUIT, title=title, width=width)
    lines = title_lines(picture)
    assert 1 <= len(lines) <= 2 and all(text_width(line, 17) <= width - 24 for line in lines)
    assert len("".join(lines)) > 0.5 * (width - 24) / 17  # it is not cut short for nothing
    assert picture.height > candidate_chart(LOGITS, FRUIT, width=width).height + 20 * len(lines)


def test_of_a_long_title_the_start_stays_but_before_a_gap_the_end():
    assert title_lines(candidate_chart(LOGITS, FRUIT, title=LONG))[0].startswith("안녕하세요")
    assert title_lines(candidate_chart(LOGITS, FRUIT, title=LONG))[-1].endswith("…")
    lines = title_lines(candidate_chart(LOGITS, FRUIT, title=f"{LONG}___"))
    assert lines[0].startswith("…") and lines[-1].endswith("확인하였습니다. ___")
    assert LONG.strip() in candidate_chart(LOGITS, FRUIT, title=LONG).alt


def test_a_title_without_words_and_one_with_a_line_break():
    assert candidate_chart(LOGITS, FRUIT, title=None).svg == candidate_chart(LOGITS, FRUIT).svg
    assert candidate_chart(LOGITS, FRUIT, title="  ").svg == candidate_chart(LOGITS, FRUIT).svg
    assert title_lines(candidate_chart(LOGITS, FRUIT, title="위\n아래")) == ["위 아래"]
    assert title_lines(candidate_chart(LOGITS, FRUIT, title=7)) == ["7"]


@pytest.mark.parametrize("rows", [1, 5, 50])
@pytest.mark.parametrize("logits", [[0.0] * 5, [0.0, 0, 0, 0, 1000], [0.0, -np.inf, -np.inf, -np.inf, 1], LOGITS])
def test_sharp_flat_and_short_distributions_are_drawn(logits, rows):
    picture = candidate_chart(logits, FRUIT, rows=rows)
    assert sum(text in FRUIT for text in texts(picture)) == min(rows, 5)
    assert 0.5 < max(bars(picture, "#005a9c")) / max(*bars(picture, "#d6e8f7"), 1) < 2


def test_one_token_is_drawn():
    picture = candidate_chart([0.0], ["하나"], top_k=1, top_p=0.5)
    assert "어휘 1개 가운데 1개가 남았습니다." in texts(picture) and "100%" in texts(picture)


def test_the_same_call_gives_the_same_bytes_with_two_decimals():
    logits = np.random.default_rng(1).normal(size=500) * 3
    labels = [f"낱말{place}" for place in range(500)]
    first, second = (candidate_chart(logits, labels, temperature=0.7, top_p=0.9).svg for _ in range(2))
    assert first == second
    assert re.findall(r'[\s"M,][\d.]*\.\d{3,}', first) == []


def contrast_with_white(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def test_letters_are_large_and_dark_enough():
    picture = candidate_chart(LOGITS, FRUIT, top_k=2, top_p=0.9, title="과일")
    root = ElementTree.fromstring(picture.svg)
    ground = elements(picture, "rect")[2]  # the first two are the pattern's
    assert ground.get("fill") == "#fff" and float(ground.get("width")) == picture.width
    for text in elements(picture, "text"):
        assert int(text.get("font-size")) >= 13
        assert contrast_with_white(text.get("fill", root.get("fill"))) >= 4.5


def test_a_narrow_picture_leaves_the_first_numbers_to_the_bars():
    wide, narrow = (texts(candidate_chart(LOGITS, FRUIT, width=width)) for width in (640, 480))
    assert wide.count("적용 전") == 2 and narrow.count("적용 전") == 1
    assert candidate_chart(LOGITS, FRUIT, width=100).width == 480


def test_scale_enlarges_the_picture_and_not_its_drawing():
    step = Candidates(LOGITS, FRUIT).step(Settings())
    plain, large = step_chart(step), step_chart(step, scale=1.5)
    assert (large.width, large.height) == (plain.width * 1.5, plain.height * 1.5)
    assert large.svg.split("viewBox")[1] == plain.svg.split("viewBox")[1]


@pytest.mark.parametrize(
    ("probability", "written"),
    [
        (0, "0%"),
        (1e-9, "<0.01%"),
        (0.0003, "0.03%"),
        (0.342, "34.2%"),
        (0.99999, ">99.9%"),
        (1, "100%"),
        (1 - 1e-7, "100%"),
    ],
)
def test_percentages_hide_nothing(probability, written):
    assert percent(probability) == written


@STEADY
@given(LETTERS, st.integers(1, 20))
def test_a_shortened_text_fits_and_begins_as_the_text(text, units):
    short = shortened(text, units)
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
    assert len(short.rstrip("…")) <= max(len(text), 0)


def test_hangul_counts_twice_and_emoji_are_not_torn():
    assert shortened("가나다라", 8) == "가나다라" and shortened("가나다라마", 8) == "가나다…"
    assert shortened("abcdefgh", 8) == "abcdefgh" and shortened("abcdefghi", 8) == "abcdefg…"
    assert shortened("WWWW", 8) == "WWWW" and shortened("WWWWW", 8) == "WWW…" and shortened("ABCDEFGH", 8) == "ABCD…"
    assert not shortened("👨‍👩‍👧👨‍👩‍👧", 4).endswith("\u200d…")


def test_settings_that_the_step_refuses_are_refused():
    with pytest.raises(CourseValueError, match="탐욕적 디코딩"):
        candidate_chart(LOGITS, FRUIT, temperature=0)
    with pytest.raises(CourseValueError, match="top_k"):
        candidate_chart(LOGITS, FRUIT, top_k=-1)
