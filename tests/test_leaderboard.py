"""The two leaderboards: counts and types, the cross-checks of PROVENANCE.md computed again, damaged files."""

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_utils import leaderboard
from course_utils.errors import CourseError, CourseValueError
from course_utils.leaderboard import BENCHMARKS, COLUMN_NAMES, SIZE_CLASSES, arena, open_llm
from course_utils.leaderboard_facts import ARENA, OPEN_LLM, TYPE_ICONS

EXAONE = "LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct"


@pytest.fixture(scope="module")
def table():
    return open_llm()


@pytest.fixture(scope="module")
def votes():
    return arena()


def row_of(table, model):
    [row] = table[table["model"] == model].to_dict("records")
    return row


# --- shape and types ---


def test_counts_are_those_of_the_provenance(table, votes):
    stated = (leaderboard.FOLDER / "PROVENANCE.md").read_text("utf-8")
    shapes = re.findall(r"\| `(\w+\.csv)` \| ([\d,]+) \| (\d+) \| (\d{4}-\d\d-\d\d)", stated)
    found = {name: (int(rows.replace(",", "")), int(columns), date) for name, rows, columns, date in shapes}
    assert found[OPEN_LLM.file] == (*table.shape, OPEN_LLM.date) == (4576, 34, "2025-03-21")
    assert found[ARENA.file] == (*votes.shape, ARENA.date) == (218, 13, "2025-07-18")


def test_columns_are_typed(table, votes):
    kinds = {name: str(dtype) for name, dtype in table.dtypes.items()}
    assert {kinds[name] for name in ("rank", "hub_likes", "generation")} == {"int64"}
    assert {
        kinds[name] for name in (*BENCHMARKS, *(f"{n}_raw" for n in BENCHMARKS), "average", "params_b", "co2_kg")
    } == {"float64"}
    flags = ("chat_template", "merged", "moe", "flagged", "official_provider", "available_on_hub")
    assert {kinds[name] for name in flags} == {"bool"}
    assert {kinds[name] for name in ("upload_date", "submission_date")} == {"datetime64[ns]"}
    assert {kinds[name] for name in ("type", "type_icon", "precision", "weight_type")} == {"category"}
    assert {kinds[name] for name in ("model", "architecture", "license", "base_model")} == {"string"}
    assert {
        str(votes[n].dtype) for n in ("rank_ub", "rank_style_ctrl", "arena_score", "ci_plus", "ci_minus", "votes")
    } == {"int64"}
    assert str(votes["snapshot_date"].dtype) == "datetime64[ns]"


def test_missing_values_stay_missing_and_are_as_many_as_stated(table, votes):
    missing = table.isna().sum()
    assert missing[missing > 0].to_dict() == {
        "license": 1753,
        "upload_date": 530,
        "submission_date": 12,
        "params_b": 10,
        "architecture": 6,
    }
    assert votes.isna().sum().sum() == 0
    assert (table["architecture"] == "?").sum() == 49 and (table["architecture"] == "Unknown").sum() == 7
    assert (~table["available_on_hub"]).sum() == 1683
    assert table.loc[~table["available_on_hub"], "license"].isna().all()


def test_attrs_and_provenance_state_source_date_and_licence(table, votes):
    for frame, snapshot in ((table, OPEN_LLM), (votes, ARENA)):
        assert frame.attrs["snapshot_date"] == snapshot.date and "MPL-2.0" in frame.attrs["licence"]
        for shown in (repr(leaderboard.provenance()), leaderboard.provenance()._repr_html_()):
            assert all(
                frame.attrs[key] in shown for key in ("name", "snapshot_date", "source", "copied_from", "licence")
            )
    commits = re.findall(r"커밋 (\w{12})", repr(leaderboard.provenance()))
    stated = (leaderboard.FOLDER / "PROVENANCE.md").read_text("utf-8")
    assert len(commits) == 2 and all(commit in stated for commit in commits)


def test_a_copy_is_given_so_that_changes_do_not_stay(table):
    mine = open_llm()
    mine.loc[0, "average"] = -1.0
    mine.attrs["licence"] = "mine"
    assert open_llm().loc[0, "average"] == table.loc[0, "average"] > 50
    assert open_llm().attrs == table.attrs != mine.attrs


# --- cross-checks of PROVENANCE.md, computed again ---


def test_average_is_the_mean_of_the_six(table):
    assert (table[list(BENCHMARKS)].mean(axis=1) - table["average"]).abs().max() < 1e-4


@pytest.mark.parametrize(("name", "floor"), [("gpqa", 0.25), ("mmlu_pro", 0.10), ("ifeval", 0.0), ("math", 0.0)])
def test_scores_follow_from_raw_scores(table, name, floor):
    computed = (100 * (table[f"{name}_raw"] - floor) / (1 - floor)).clip(lower=0)
    # The raw score is rounded to 4 decimals: half a unit there is up to 0.005 / (1 - floor) here.
    assert (computed - table[name]).abs().max() < 0.005 / (1 - floor) + 1e-4


def test_no_score_is_missing_and_zeros_are_floor_values(table):
    assert table[[*BENCHMARKS, "average"]].notna().all().all()
    zeros = (table[list(BENCHMARKS)] == 0).sum()
    assert zeros.to_dict() == {"ifeval": 7, "bbh": 0, "math": 134, "gpqa": 241, "musr": 1, "mmlu_pro": 1}


def test_ranks_follow_from_averages(table):
    assert table["average"].is_monotonic_decreasing and table["rank"].is_monotonic_increasing
    # ranks come from unrounded averages, so rows that agree to 4 decimals may differ by a place or so
    assert (table["average"].rank(ascending=False, method="min") - table["rank"]).abs().max() <= 2


def test_models_appear_once_for_each_precision(table):
    assert not table.duplicated(["model", "precision"]).any()
    assert table["model"].nunique() == 4497 and (table["model"].value_counts() == 2).sum() == 79


def test_exaone_stands_where_the_provenance_says(table):
    row = row_of(table, EXAONE)
    assert (round(row["average"], 2), row["rank"], round(row["math"], 2)) == (27.14, 1379, 36.78)
    assert row["co2_kg"] == pytest.approx(1.215, abs=0.001) and row["params_b"] == pytest.approx(2.4, abs=0.01)


def test_the_top_is_qwen2_and_mostly_not_official(table):
    assert (table.head(50)["architecture"] == "Qwen2ForCausalLM").sum() == 46
    assert (table.head(10)["architecture"] == "Qwen2ForCausalLM").all()
    assert table.head(50)["official_provider"].sum() == 4


def test_kinds_of_models_are_counted_and_each_icon_has_one_meaning(table):
    pairs = table[["type_icon", "type"]].drop_duplicates()
    assert dict(zip(pairs["type_icon"], pairs["type"], strict=True)) == {i: name for i, (name, _) in TYPE_ICONS.items()}
    assert table["type"].value_counts().to_dict() == {
        "fine-tuned on domain-specific datasets": 1785,
        "base merges and moerges": 1724,
        "chat models (RLHF, DPO, IFT, ...)": 718,
        "pretrained": 275,
        "continuously pretrained": 58,
        "multimodal": 9,
        "other": 7,
    }
    assert all(icon in repr(leaderboard.type_icons()) for icon in TYPE_ICONS)


def test_arena_intervals_are_the_printed_ones_and_ranks_nearly_follow(votes):
    plus, minus = votes["ci_95"].str.extract(r"\+(\d+)/-(\d+)").astype(int).T.to_numpy()
    assert (plus == votes["ci_plus"]).all() and (minus == votes["ci_minus"]).all()
    low, high = (votes["arena_score"] - minus).to_numpy(), (votes["arena_score"] + plus).to_numpy()
    computed = 1 + (low[None, :] > high[:, None]).sum(axis=1)
    difference = np.abs(computed - votes["rank_ub"])
    assert (difference == 0).sum() == 166 and difference.max() <= 3
    assert (votes["knowledge_cutoff"] == "Unknown").sum() == 98
    assert (votes["votes"].min(), votes["votes"].max()) == (1192, 202641) and votes["model"].is_unique


# --- size classes and the Pareto front ---


def test_size_classes_have_the_websites_limits():
    sizes = pd.Series([0.002, 3.0, 3.001, 7.0, 7.001, 65.0, 65.001, 140.6, np.nan])
    classes = leaderboard.size_class(sizes)
    assert classes.astype(object).tolist()[:-1] == [
        *("edge", "edge", "consumer", "consumer", "mid-range", "mid-range", "GPU-rich", "GPU-rich")
    ]
    assert classes.isna().tolist()[-1] and classes.cat.ordered
    text = repr(leaderboard.size_classes())
    assert all(limit in text for limit in ("30억 개 이하", "70억 개 이하", "650억 개 이하", "650억 개 초과"))


def test_size_filters_split_the_table(table):
    parts = {one.key: leaderboard.of_size(table, one.key) for one in SIZE_CLASSES}
    assert sum(map(len, parts.values())) == len(table) - table["params_b"].isna().sum()
    assert EXAONE in set(parts["edge"]["model"]) and parts["edge"]["rank"].is_monotonic_increasing
    with pytest.raises(CourseValueError, match="edge, consumer, mid-range, GPU-rich"):
        leaderboard.of_size(table, "tiny")


def test_tables_and_columns_that_do_not_fit_are_clear_errors(table, votes):
    text = table["params_b"].astype(str)
    for wrong in (
        (votes, "edge"),
        (None, "edge"),
        ("edge", table),
        (table, ["edge"]),
        (table.assign(params_b=text), "edge"),
    ):
        with pytest.raises(CourseValueError, match="십시오|없는 열"):
            leaderboard.of_size(*wrong)
    for column in (None, [1, 2], 3.0, text, table):
        with pytest.raises(CourseValueError, match="십시오"):
            leaderboard.size_class(column)
    for pair in ((None, None), ([1, 2], [1]), ([1], ["a"]), ([[1, 2]], [[1, 2]])):
        with pytest.raises(CourseValueError, match="십시오"):
            leaderboard.pareto_front(*pair)


def beaten(i, points):
    """By the definition: another one is at least as good in both and better in one."""
    size, score = points[i]
    return any(a <= size and b >= score and (a < size or b > score) for a, b in points)


few = st.integers(0, 6).map(float)


@given(arrays(float, st.tuples(st.integers(0, 30), st.just(2)), elements=few))
def test_pareto_front_is_that_of_brute_force(points):
    front = leaderboard.pareto_front(points[:, 0], points[:, 1])
    assert front.tolist() == [not beaten(i, points) for i in range(len(points))]


def test_pareto_front_leaves_out_missing_values():
    front = leaderboard.pareto_front([1, np.nan, 2, 3], [5, 9, np.nan, 6])
    assert front.tolist() == [True, False, False, True]


# --- display names, files ---


def test_every_column_has_its_own_korean_name(table, votes):
    assert set(table) | set(votes) | {"size_class"} == set(COLUMN_NAMES)
    for columns in (table, votes):
        names = [COLUMN_NAMES[name] for name in columns]
        assert len(set(names)) == len(names)


def test_benchmarks_are_explained_with_their_floors():
    text = repr(leaderboard.benchmarks())
    assert all(COLUMN_NAMES[name] in text for name in BENCHMARKS) and "0.25" in text and "0.1)" in text


def damaged(text):
    lines = text.splitlines(keepends=True)
    yield "a row less", "".join(lines[:-1])
    yield "another header", text.replace("average", "mean", 1)
    yield "a word for a number", text.replace(",0.8063,", ",many,", 1)
    yield "a blank in whole numbers", re.sub(r"^2,", ",", text, count=1, flags=re.MULTILINE)
    yield "a date that is none", text.replace("2024-11-19", "2024-13-19", 1)
    yield "a flag that is none", text.replace(",True,", ",maybe,", 1)
    yield "a row with a cell too many", lines[0] + lines[1].rstrip("\n") + ",x\n" + "".join(lines[2:])
    yield "cut in the middle", text[: len(text) // 2]
    yield "a web page instead", "<html>404</html>"
    yield "empty", ""


@pytest.mark.parametrize("place", range(10))
def test_damaged_files_are_clear_errors(place, tmp_path, monkeypatch):
    text = (leaderboard.FOLDER / OPEN_LLM.file).read_text("utf-8")
    what, damage = next(itertools.islice(damaged(text), place, None))
    assert damage != text, what
    (tmp_path / OPEN_LLM.file).write_text(damage, encoding="utf-8")
    monkeypatch.setattr(leaderboard, "FOLDER", tmp_path)
    with pytest.raises(CourseError, match="다시 받아") as caught:
        open_llm()
    assert OPEN_LLM.file in str(caught.value) and caught.value.__cause__ is not None


def test_missing_and_unreadable_files_are_clear_errors(tmp_path, monkeypatch):
    monkeypatch.setattr(leaderboard, "FOLDER", tmp_path)
    with pytest.raises(CourseError, match="파일이 없습니다"):
        arena()
    (tmp_path / ARENA.file).write_bytes(b"\xff\xfe\x00\x81" * 100)
    with pytest.raises(CourseError, match="읽을 수 없습니다"):
        arena()


def test_the_assets_are_part_of_the_package():
    assert {path.name for path in leaderboard.FOLDER.iterdir()} == {OPEN_LLM.file, ARENA.file, "PROVENANCE.md"}
