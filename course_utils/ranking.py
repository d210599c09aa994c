"""How the ranking changes when the six benchmarks count differently.

reranked(table, {"ifeval": 2, "math": 0})   # DataFrame: rank, model, score, rank_before, shift; sorted by rank
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from course_utils.errors import CourseValueError
from course_utils.leaderboard_facts import BENCHMARKS

_DIGITS = 9  # equal scores stay ties whatever the order of the additions


def checked_weights(weights: Mapping[str, float]) -> dict[str, float]:
    """All six weights, in the benchmarks' order; what is not named counts 1.

    Raises:
        CourseValueError: no mapping, an unknown benchmark, a weight that is negative or no number, or nothing but
            zeros.
    """
    if not isinstance(weights, Mapping):
        raise CourseValueError(f'가중치는 dict로 넣어 주십시오. 예: {{"ifeval": 2, "math": 0}}. 지금 값: {weights!r}')
    if unknown := [str(name) for name in weights if name not in BENCHMARKS]:
        raise CourseValueError(f"모르는 벤치마크입니다: {', '.join(unknown)}. 쓸 수 있는 이름: {', '.join(BENCHMARKS)}")
    try:
        every = {name: float(weights.get(name, 1.0)) for name in BENCHMARKS}
    except (TypeError, ValueError) as error:
        raise CourseValueError("가중치는 0 이상의 숫자여야 합니다.") from error
    if not all(math.isfinite(weight) and weight >= 0 for weight in every.values()):
        raise CourseValueError("가중치는 0 이상의 유한한 숫자여야 합니다.")
    if not any(every.values()):
        raise CourseValueError("가중치가 모두 0이면 점수를 매길 수 없습니다. 하나라도 0보다 크게 해 주십시오.")
    return every


def reranked(table: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """The rows of ``table`` ranked by the weighted mean of the six scores.

    Columns: ``rank`` (ties share the lower number), ``model``, ``score`` (0 to 100), ``rank_before`` (with equal
    weights, among the same rows) and ``shift`` (places gained, negative for lost). The index is that of ``table``.

    Args:
        weights: benchmark -> weight of 0 or more; what is not named counts 1. Only their ratios matter.

    Raises:
        CourseValueError: weights or a table that cannot be used.
    """
    if not isinstance(table, pd.DataFrame):
        raise CourseValueError("open_llm()의 표(DataFrame)를 넣어 주십시오.")
    if missing := [name for name in (*BENCHMARKS, "model") if name not in table]:
        raise CourseValueError(f"표에 없는 열이 필요합니다: {', '.join(missing)}. open_llm()의 표를 넣어 주십시오.")
    every = checked_weights(weights)
    scores = table[list(BENCHMARKS)]
    if text := [name for name in BENCHMARKS if not pd.api.types.is_numeric_dtype(scores[name])]:
        raise CourseValueError(f"숫자가 아닌 점수 열이 있습니다: {', '.join(text)}. open_llm()의 표를 넣어 주십시오.")
    score = (scores * pd.Series(every)).sum(axis=1, skipna=False) / sum(every.values())
    before = scores.mean(axis=1, skipna=False)
    rank, rank_before = (
        column.round(_DIGITS).rank(ascending=False, method="min", na_option="bottom").astype("int64")
        for column in (score, before)
    )
    found = pd.DataFrame(
        {
            "rank": rank,
            "model": table["model"],
            "score": score,
            "rank_before": rank_before,
            "shift": rank_before - rank,
        }
    )
    return found.sort_values(["rank", "rank_before"], kind="stable")
