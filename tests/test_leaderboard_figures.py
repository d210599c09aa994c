"""Pictures of the leaderboard: what they say, what they show, how large they are, always the same bytes."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course_utils.chart_text import text_width
from course_utils.errors import CourseValueError
from course_utils.heat_map import heat_map
from course_utils.leaderboard import BENCHMARKS, COLUMN_NAMES, of_size, open_llm, pareto_front
from course_utils.leaderboard_figures import (
    architecture_chart,
    architecture_shares,
    co2_chart,
    correlation_chart,
    size_chart,
)
from course_utils.point_chart import point_chart

EXAONE = "LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct"
LABELS = {"title": "제목", "x_label": "가로", "y_label": "세로"}


@pytest.fixture(scope="module")
def table():
    return open_llm()


@pytest.fixture(scope="module")
def pictures(table):
    return {
        "size": size_chart(table, named=[EXAONE]),
        "co2": co2_chart(table, "ifeval", named=[EXAONE]),
        "architecture": architecture_chart(table),
        "correlation": correlation_chart(table),
    }


def words(picture):
    """(x, y, text, anchor, size, bold) of every text of the picture."""
    found = []
    for node in ET.fromstring(picture.svg).iter("{http://www.w3.org/2000/svg}text"):
        get = node.attrib.get
        place = float(get("x")), float(get("y"))
        found.append((*place, node.text, get("text-anchor"), float(get("font-size", 14)), "font-weight" in node.attrib))
    return found


# --- points ---


def test_alt_text_names_the_front_and_the_named_models_with_their_values(table, pictures):
    alt = pictures["size"].alt
    sized = table.dropna(subset=["params_b"])
    front = sized[pareto_front(sized["params_b"], sized["average"])]
    assert f"파레토 전선 {len(front)}개" in alt and "점 4,566개" in alt and "값이 없는 10개 제외" in alt
    assert all(name in alt for name in front["model"])
    assert f"이름을 붙인 모델(가로, 세로): {EXAONE}(2.41, 27.1)." in alt and alt.count("로그 눈금") == 1


def test_named_models_are_written_and_marked(pictures):
    for kind in ("size", "co2"):
        bold = [text for *_, text, _, _, is_bold in words(pictures[kind]) if is_bold]
        assert "EXAONE-3.5-2.4B-Instruct" in bold
        assert "이름을 붙인 모델" in [text for _, _, text, *_ in words(pictures[kind])]


def test_pictures_of_all_models_stay_small(pictures):
    """In a saved notebook a picture is its SVG in base64: 4/3 as long."""
    assert max(len(picture.svg.encode()) for picture in pictures.values()) < 90_000


def test_no_dot_is_lost_and_shades_tell_the_crowd():
    picture = point_chart([0, 0, 0, 0, 0, 5, 10, 10], [1, 1, 1, 1, 1, 3, 2, 2], list("abcdefgh"), **LABELS)
    strokes = {}
    for path, grey in re.findall(r'<path d="([^"]*)"[^>]*stroke: (#\w{6}); stroke-width: 3.5', picture.svg):
        strokes[grey.lower()] = path.count("M")
    assert strokes == {"#949494": 1, "#6b6b6b": 1, "#3d3d3d": 1}


@settings(max_examples=25, deadline=None)
@example([(1.0, 0.0), (2.0, 0.5), (66.0, 0.0), (1.875, 0.015625)], 0)  # names that touched by a pixel
@given(st.lists(st.tuples(st.floats(0.01, 100), st.floats(0, 60)), min_size=1, max_size=40), st.integers(0, 3))
def test_any_points_give_a_picture_whose_names_lie_inside_and_apart(points, count):
    x, y = np.array(points).T
    named = list(range(min(count, len(points))))
    names = [f"org/model-{i}" for i in range(len(points))]
    picture = point_chart(x, y, names, log_x=True, front=pareto_front(x, y), named=named, **LABELS)
    boxes = []
    for left, base, text, anchor, size, bold in words(picture):
        if re.fullmatch(r"model-\d+", text):
            wide = text_width(text, size)
            start = left - {"start": 0, "middle": 0.5, "end": 1}[anchor] * wide
            assert -1 <= start and start + wide <= picture.width + 1 and 0 < base < picture.height
            boxes.append((start, base - 14, start + wide, base + 4, bold))
    assert sum(bold for *_, bold in boxes) == len(named)
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            apart = a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1
            assert apart or (a[4] and b[4]), "a name that nobody asked for covers another"


def test_names_and_legend_escape_markup():
    picture = point_chart([1, 2], [1, 2], ["<b>&", "x"], named=[0], **LABELS)
    assert "<b>&" in [text for _, _, text, *_ in words(picture)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"x": [1, 2]},
        {"x": [0, 1, 2], "log_x": True},
        {"x": [1, float("nan"), 2]},
        {"front": [True]},
        {"width": 100},
        {"x": []},
    ],
)
def test_points_that_cannot_be_drawn_are_clear_errors(wrong):
    arguments = {"x": [1, 2, 3], "y": [1, 2, 3], "names": list("abc"), **LABELS} | wrong
    with pytest.raises(CourseValueError):
        point_chart(**arguments)


def test_size_chart_refuses_what_it_cannot_draw(table):
    for arguments in ({"score": "model"}, {"score": "none"}, {"named": ["nobody/none"]}, {"named": EXAONE}):
        with pytest.raises(CourseValueError):
            size_chart(table, **arguments)
    for arguments in ({"score": None}, {"score": ["ifeval"]}, {"named": None}, {"named": [1]}, {"named": [[EXAONE]]}):
        with pytest.raises(CourseValueError):
            size_chart(table, **arguments)
    with pytest.raises(CourseValueError, match="그릴 행이 없습니다"):
        size_chart(table.head(0))
    with pytest.raises(CourseValueError, match="params_b"):
        size_chart(table.assign(params_b=table["params_b"].astype(str)))
    with pytest.raises(CourseValueError, match="DataFrame"):
        size_chart(None)


def test_a_part_of_the_table_is_drawn_by_its_own_rows(table):
    edge = of_size(table, "edge")
    assert f"점 {len(edge):,}개" in size_chart(edge, "ifeval", named=[EXAONE]).alt


# --- shares ---


def test_shares_are_counted_as_by_hand(table):
    shares = architecture_shares(table, tops=(10, 50), shown=3)
    assert shares.loc["상위 50개", "Qwen2ForCausalLM"] == 46 / 50
    assert shares.loc["상위 10개", "Qwen2ForCausalLM"] == 1
    unknown = table["architecture"].isna().sum() + 49 + 7
    everything = architecture_shares(table, tops=(10,), shown=60)
    assert everything.loc["전체 4,576개", "표시 없음"] == unknown / 4576
    assert np.allclose(shares.sum(axis=1), 1) and list(shares.columns)[-1] == "그 밖"


def test_architecture_chart_says_every_share(pictures):
    assert "상위 50개 - Qwen2: 92%" in pictures["architecture"].alt


@pytest.mark.parametrize(
    "wrong",
    [{"tops": (0,)}, {"tops": (9999,)}, {"tops": 10}, {"tops": ("10",)}, {"tops": None}, {"shown": 0}, {"shown": "4"}],
)
def test_shares_refuse_impossible_numbers(table, wrong):
    with pytest.raises(CourseValueError):
        architecture_shares(table, **wrong)


def test_shares_of_no_rows_say_so_and_numpy_numbers_count(table):
    with pytest.raises(CourseValueError, match="그릴 행이 없습니다"):
        architecture_shares(table.head(0))
    assert architecture_shares(table, [np.int64(10)]).equals(architecture_shares(table, [10]))


# --- correlations ---


@pytest.mark.parametrize(("method", "said"), [("pearson", "피어슨"), ("spearman", "스피어먼")])
def test_correlations_are_written_and_said(table, method, said):
    picture = correlation_chart(table, method=method)
    expected = np.corrcoef((table[list(BENCHMARKS)].rank() if method == "spearman" else table[list(BENCHMARKS)]).T)
    numbers = [text for _, _, text, *_ in words(picture) if re.fullmatch(r"-?\d\.\d\d", text)]
    assert numbers == [f"{value + 1e-9:.2f}" for value in expected.ravel()]
    names = [COLUMN_NAMES[name] for name in BENCHMARKS]
    assert said in picture.alt and f"{names[1]}: {names[0]} {expected[1, 0]:.2f}." in picture.alt


def test_shades_leave_the_numbers_readable():
    picture = heat_map(["a", "b"], [[1, -0.5], [-0.5, 1]], title="제목")
    fills = re.findall(r"fill: (#\w{6})", picture.svg)
    assert "b: a -0.50." in picture.alt and len(set(fills)) >= 2

    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        return sum(w * (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4) for w, p in zip(
            (0.2126, 0.7152, 0.0722), parts, strict=True))  # fmt: skip

    assert min((light(fill) + 0.05) / (light("#222222") + 0.05) for fill in fills) >= 4.5


@pytest.mark.parametrize(
    "wrong", [([], []), (["a"], [[float("nan")]]), (["a", "b"], [[1, 2]]), (["a"] * 13, np.eye(13))]
)
def test_heat_map_refuses_other_shapes(wrong):
    with pytest.raises(CourseValueError):
        heat_map(*wrong, title="제목")


def test_correlations_of_a_constant_column_are_a_clear_error(table):
    with pytest.raises(CourseValueError, match="하나뿐이어서 .*: math"):
        correlation_chart(table.assign(math=0.0))


@pytest.mark.parametrize("columns", [["model", "math"], ["ifeval"], "ifeval", None, 5, [1, 2]])
def test_correlations_refuse_what_is_no_list_of_numeric_columns(table, columns):
    with pytest.raises(CourseValueError, match="십시오|없는 열"):
        correlation_chart(table, columns)


# --- all of them ---


def test_text_is_large_enough_and_inside(pictures):
    for picture in pictures.values():
        assert picture.width == 720 and re.search("[가-힣]", picture.alt)
        assert all(
            size >= 13 and 0 <= x <= picture.width and 0 < y <= picture.height for x, y, _, _, size, _ in words(picture)
        )


def test_every_run_draws_the_same_bytes(pictures):
    """Another process, another order of its hashes, the learner's own style: no byte changes."""
    code = (
        "import sys, matplotlib; matplotlib.rcParams['lines.linewidth'] = 9;"
        "from course_utils.leaderboard_figures import *; from course_utils.leaderboard import open_llm; t = open_llm();"
        f"name = {EXAONE!r};"
        "every = [size_chart(t, named=[name]), co2_chart(t, 'ifeval', named=[name]), architecture_chart(t),"
        "correlation_chart(t)];"
        "sys.stdout.buffer.write('\\0'.join(p.svg for p in every).encode())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode("utf-8").split("\0") == [picture.svg for picture in pictures.values()]


def test_tables_are_not_changed_by_drawing(table):
    before = table.copy()
    size_chart(table), correlation_chart(table), architecture_chart(table)
    pd.testing.assert_frame_equal(table, before)
