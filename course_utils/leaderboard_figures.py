"""The leaderboard as pictures with alt text from the data; each function takes ``open_llm()`` or rows of it.

    size_chart(table, named=["LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct"])   # score against size, Pareto front; a Picture
    size_chart(edge, score="ifeval")                                    # another score column
    co2_chart(table, named=[...])                                       # score against CO2 of one evaluation
    architecture_chart(table, tops=(10, 50, 500))                       # share of architectures among the top N
    architecture_shares(table, tops=(10, 50, 500))                      # the same as a DataFrame of 0 to 1
    correlation_chart(table)                                            # correlations of the six benchmarks

Rows without the value that is drawn are left out, and the title says how many.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence

import pandas as pd

from course_utils.errors import CourseValueError
from course_utils.figures import bar_chart
from course_utils.heat_map import heat_map
from course_utils.leaderboard import BENCHMARKS, COLUMN_NAMES, need_columns, pareto_front
from course_utils.picture import Picture
from course_utils.point_chart import point_chart

REST, UNKNOWN = "그 밖", "표시 없음"
_METHODS = {"pearson": "피어슨 상관계수", "spearman": "순위 상관계수(스피어먼)"}


def size_chart(
    table: pd.DataFrame,
    score: str = "average",
    named: Sequence[str] = (),
    *,
    title: str = "",
    width: int = 720,
    height: int = 480,
) -> Picture:
    """Score (0 to 100) against parameters (billions, logarithmic), with the Pareto front: nothing smaller is better.

    Args:
        score: a column of scores.
        named: values of ``model`` that get a square and their name.
        title: None given, one is made from the column.

    Raises:
        CourseValueError: an unknown column or model, or no rows to draw.
    """
    return _against(table, "params_b", score, named, title, width, height)


def co2_chart(
    table: pd.DataFrame,
    score: str = "average",
    named: Sequence[str] = (),
    *,
    title: str = "",
    width: int = 720,
    height: int = 480,
) -> Picture:
    """Score against the CO2 (kg, logarithmic) of one evaluation, as ``size_chart``."""
    return _against(table, "co2_kg", score, named, title, width, height)


def _against(
    table: pd.DataFrame, cost: str, score: str, named: Sequence[str], title: str, width: int, height: int
) -> Picture:
    need_columns(table, [cost, score, "model"])
    for column in (cost, score):
        if not pd.api.types.is_numeric_dtype(table[column]) or pd.api.types.is_bool_dtype(table[column]):
            raise CourseValueError(f"'{column}' 열은 숫자가 아니어서 그릴 수 없습니다. 숫자 열을 넣어 주십시오.")
    if isinstance(named, str) or not isinstance(named, Iterable):
        raise CourseValueError('named에는 모델 이름의 리스트를 넣어 주십시오. 예: ["Qwen/Qwen2.5-7B-Instruct"]')
    named = list(named)
    drawn = table.dropna(subset=[cost, score]).reset_index(drop=True)
    if drawn.empty:
        raise CourseValueError("그릴 행이 없습니다. 표를 거른 조건을 확인해 주십시오.")
    first = {name: place for place, name in reversed(list(enumerate(drawn["model"])))}
    if missing := [str(name) for name in named if not isinstance(name, str) or name not in first]:
        raise CourseValueError(
            f"그릴 표에 없는 모델입니다: {', '.join(missing)}. model 열의 값을 그대로 넣어 주십시오."
        )
    left_out = len(table) - len(drawn)
    what = title or f"{COLUMN_NAMES[cost]}에 따른 {COLUMN_NAMES.get(score, score)} 점수"
    return point_chart(
        drawn[cost].to_numpy(),
        drawn[score].to_numpy(),
        drawn["model"].tolist(),
        title=what + (f" (값이 없는 {left_out}개 제외)" if left_out else ""),
        x_label=COLUMN_NAMES[cost],
        y_label=f"{COLUMN_NAMES.get(score, score)} 점수",
        log_x=True,
        front=pareto_front(drawn[cost], drawn[score]),
        named=[first[name] for name in named],
        width=width,
        height=height,
    )


def architecture_shares(table: pd.DataFrame, tops: Sequence[int] = (10, 50, 500), shown: int = 4) -> pd.DataFrame:
    """Share (0 to 1) of each architecture among the first N rows, for each N of ``tops``, and among all rows.

    Columns: the ``shown`` architectures with the largest share anywhere, then ``그 밖``; rows: ``상위 N개``, ``전체``.
    Rows that name none (blank, ``?``, ``Unknown``) count as ``표시 없음``, which is part of ``그 밖`` unless shown.

    Raises:
        CourseValueError: an N that is not a whole number from 1 to the number of rows, or ``shown`` below 1.
    """
    need_columns(table, ["architecture"])
    if table.empty:
        raise CourseValueError("그릴 행이 없습니다. 표를 거른 조건을 확인해 주십시오.")
    try:
        tops, shown = [operator.index(top) for top in tops], operator.index(shown)
        possible = all(1 <= top <= len(table) for top in tops) and shown >= 1
    except TypeError:
        possible = False
    if not possible:
        raise CourseValueError(
            f"tops에는 1 이상 {len(table):,} 이하의 정수 리스트를, shown에는 1 이상의 정수를 넣어 주십시오."
        )
    names = table["architecture"].astype("string").fillna(UNKNOWN).replace({"?": UNKNOWN, "Unknown": UNKNOWN})
    groups = {f"상위 {top:,}개": names.head(top) for top in tops} | {f"전체 {len(table):,}개": names}
    shares = pd.DataFrame({name: group.value_counts(normalize=True) for name, group in groups.items()})
    shares = shares.astype("float64").fillna(0.0)
    order = sorted(shares.index, key=lambda name: (-shares.loc[name].max(), name))[:shown]
    kept = shares.loc[order].T
    return kept.assign(**{REST: (1 - kept.sum(axis=1)).clip(lower=0).round(12)})


def architecture_chart(
    table: pd.DataFrame,
    tops: Sequence[int] = (10, 50, 500),
    shown: int = 4,
    *,
    title: str = "상위권 모델의 아키텍처",
    width: int = 720,
    height: int = 420,
) -> Picture:
    """``architecture_shares`` as bars: a group for each architecture, a bar for each N.

    Raises:
        CourseValueError: as ``architecture_shares``, or more than five N.
    """
    shares = architecture_shares(table, tops, shown)
    labels = [name.replace("ForCausalLM", "") for name in shares.columns]
    series = {str(name): row.tolist() for name, row in shares.iterrows()}
    return bar_chart(labels, series, title=title, y_label="비율", percent=True, width=width, height=height)


def correlation_chart(
    table: pd.DataFrame, columns: Sequence[str] = BENCHMARKS, method: str = "pearson", *, title: str = ""
) -> Picture:
    """How much the columns go together: correlations of -1 to 1 as a heat map with numbers.

    Args:
        columns: at least two columns of numbers.
        method: ``pearson`` (values) or ``spearman`` (ranks).

    Raises:
        CourseValueError: unknown columns or method, or a column of text or in which all values are equal.
    """
    need_columns(table, columns)
    if not isinstance(method, str) or method not in _METHODS or len(columns) < 2:
        raise CourseValueError(
            f"method에는 {', '.join(_METHODS)} 가운데 하나를, columns에는 열을 둘 이상 넣어 주십시오."
        )
    if text := [name for name in columns if not pd.api.types.is_numeric_dtype(table[name])]:
        raise CourseValueError(f"숫자가 아닌 열이 있습니다: {', '.join(text)}. 점수 열만 넣어 주십시오.")
    if constant := [name for name in columns if table[name].nunique() < 2]:
        raise CourseValueError(
            f"값이 하나뿐이어서 상관계수를 구할 수 없는 열입니다: {', '.join(constant)}.\n"
            "이 열을 빼거나, 표를 거른 조건을 확인해 주십시오."
        )
    values = table[list(columns)].corr(method=method).to_numpy()
    names = [COLUMN_NAMES.get(name, name) for name in columns]
    heading = title or "벤치마크 점수 사이의 상관관계"
    return heat_map(names, values, title=heading, note=f"{_METHODS[method]}, 모델 {len(table):,}개")
