"""Rankings under other weights, by an independent count; the widget that moves them."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.errors import CourseValueError
from course_utils.leaderboard import BENCHMARKS, open_llm
from course_utils.ranking import reranked
from course_utils.ranking_widget import PRESETS, RankingExplorer, shift_text

EXAONE = "LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct"
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def table():
    return open_llm()


def test_equal_weights_give_the_published_ranks(table):
    ranking = reranked(table, {})
    assert (ranking["shift"] == 0).all()
    assert (ranking["rank"] - table.loc[ranking.index, "rank"]).abs().max() <= 2  # the file rounds to 4 decimals
    assert ranking["model"].iloc[0] == table["model"].iloc[0]


scores = st.lists(st.lists(st.integers(0, 3), min_size=6, max_size=6), min_size=1, max_size=12)
weights = st.lists(st.integers(0, 4), min_size=6, max_size=6).filter(any)


@settings(deadline=None)
@given(scores, weights)
def test_ranks_count_who_is_better(rows, many):
    small = pd.DataFrame(rows, columns=list(BENCHMARKS), dtype=float).assign(model=[f"m{i}" for i in range(len(rows))])
    ranking = reranked(small, dict(zip(BENCHMARKS, many, strict=True))).loc[small.index]
    totals = [sum(w * s for w, s in zip(many, row, strict=True)) for row in rows]
    sums = [sum(row) for row in rows]
    assert ranking["rank"].tolist() == [1 + sum(other > own for other in totals) for own in totals]
    assert ranking["rank_before"].tolist() == [1 + sum(other > own for other in sums) for own in sums]
    assert (ranking["shift"] == ranking["rank_before"] - ranking["rank"]).all()
    assert np.allclose(ranking["score"], np.array(totals) / sum(many))


def test_only_ratios_of_weights_matter(table):
    one, five = (reranked(table, dict.fromkeys(BENCHMARKS, w) | {"ifeval": 2 * w}) for w in (1, 2.5))
    assert (one["rank"] == five["rank"].reindex(one.index)).all()


def test_ifeval_alone_is_the_order_of_ifeval(table):
    ranking = reranked(table, dict.fromkeys(BENCHMARKS, 0) | {"ifeval": 1})
    row = ranking[ranking["model"] == EXAONE].iloc[0]
    assert row["rank"] == 1 + (table["ifeval"] > table.loc[table["model"] == EXAONE, "ifeval"].item()).sum()


@pytest.mark.parametrize(
    "wrong",
    [
        {"korean": 1},
        {"math": -1},
        {"math": float("nan")},
        {"math": "much"},
        dict.fromkeys(BENCHMARKS, 0),
        None,
        5,
        "math",
    ],
)
def test_impossible_weights_are_clear_errors(table, wrong):
    with pytest.raises(CourseValueError):
        reranked(table, wrong)


def test_a_table_without_scores_is_a_clear_error(table):
    with pytest.raises(CourseValueError, match="open_llm"):
        reranked(table[["model"]], {})
    with pytest.raises(CourseValueError, match="open_llm"):
        reranked(None, {})
    with pytest.raises(CourseValueError, match="math"):
        reranked(table.assign(math=table["math"].astype(str)), {})


# --- the widget ---


@pytest.fixture
def explorer(table):
    return RankingExplorer(table, watch=[EXAONE])


def shown(explorer):
    return explorer.told.value + explorer.result.value


def test_first_view_has_the_top_ten_and_the_watched_model(explorer, table):
    assert shown(explorer).count('scope="row"') == 11 and "1,379위" in shown(explorer)
    assert all(model in shown(explorer) for model in table["model"].head(10))
    assert "그대로" in shown(explorer) and "계단" not in shown(explorer)


def test_moving_a_slider_draws_the_new_ranking(explorer, table):
    explorer.sliders["ifeval"].value = 5.0
    ranking = reranked(table, {"ifeval": 5.0})
    row = ranking[ranking["model"] == EXAONE].iloc[0]
    assert f"{row['rank']:,}위" in shown(explorer) and f"▲ {row['shift']:,}계단" in shown(explorer)
    assert "IFEval 5," in shown(explorer) and explorer.preset.value not in PRESETS


def test_a_change_is_read_aloud_as_one_sentence(explorer):
    explorer.preset.value = "IFEval만 보기"
    [said] = re.findall(r'<p role="status">(.*?)</p>', shown(explorer))
    assert said == f"1위는 meta-llama/Llama-3.3-70B-Instruct. {EXAONE}: 149위 (▲ 1,230계단)."


def test_presets_move_the_sliders_and_draw_once(explorer, monkeypatch):
    drawn = []
    monkeypatch.setattr(RankingExplorer, "_redraw", lambda self: drawn.append(dict(self.weights)))
    explorer.preset.value = "MATH만 보기"
    assert drawn == [dict.fromkeys(BENCHMARKS, 0.0) | {"math": 1.0}]
    explorer.preset.value = "모두 똑같이 (원래 순위)"
    assert drawn[1:] == [dict.fromkeys(BENCHMARKS, 1.0)]


def test_sliders_that_reach_a_preset_name_it(explorer):
    explorer.sliders["math"].value = 2.0
    explorer.sliders["math"].value = 1.0
    assert explorer.preset.value == "모두 똑같이 (원래 순위)" and "1,379위" in shown(explorer)


def test_all_zero_is_said_and_can_be_undone(explorer):
    for slider in explorer.sliders.values():
        slider.value = 0
    assert 'role="alert"' in shown(explorer) and "모두 0" in shown(explorer)
    explorer.sliders["bbh"].value = 1
    assert 'role="alert"' not in shown(explorer) and "<table " in shown(explorer)


def test_static_twin_says_the_same_and_is_reproducible(table):
    bundles = [RankingExplorer(table, {"math": 3}, watch=[EXAONE])._repr_mimebundle_() for _ in range(2)]
    static = [{key: bundle[key] for key in ("text/html", "text/plain")} for bundle in bundles]
    assert static[0] == static[1] and VIEW in bundles[0] and len(static[0]["text/html"]) < 5_000
    assert "<caption>" in static[0]["text/html"] and "이 셀을 실행하면" in static[0]["text/html"]
    assert EXAONE in static[0]["text/plain"] and "MATH 3" in static[0]["text/plain"]


@pytest.mark.parametrize(
    "wrong",
    [
        *({"weights": {"math": 6}}, {"weights": 5}, {"rows": 0}, {"rows": True}),
        *({"watch": watch} for watch in (["nobody/none"], EXAONE, None, 5, [1], [[EXAONE]])),
    ],
)
def test_impossible_arguments_are_clear_errors(table, wrong):
    with pytest.raises(CourseValueError):
        RankingExplorer(table, **wrong)


def test_a_filter_that_leaves_no_rows_is_a_clear_error(table):
    with pytest.raises(CourseValueError, match="행이 없습니다"):
        RankingExplorer(table.head(0))


def test_nothing_and_a_column_of_names_can_be_watched(table):
    RankingExplorer(table, watch=[])
    names = table["model"].tail(2)
    assert all(name in repr(RankingExplorer(table, watch=names)) for name in names)


def test_shifts_are_told_without_colour():
    assert [shift_text(places) for places in (1200, -3, 0)] == ["▲ 1,200계단", "▼ 3계단", "그대로"]


def test_model_names_are_escaped(table):
    renamed = table.head(3).assign(model=["<script>", "b", "c"])
    assert "<script>" not in shown(RankingExplorer(renamed))
