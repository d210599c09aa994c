"""Two frozen leaderboards as typed tables: the Open LLM Leaderboard v2 and Chatbot Arena.

Usage, one line each (plots: ``leaderboard_figures``; the table to search in: ``leaderboard_table``; the weights
widget: ``ranking_widget``):

    table = open_llm()                     # DataFrame, 4,576 rows x 34 columns; table.attrs: source, date, licence
    votes = arena()                        # DataFrame, 218 rows x 13 columns
    provenance()                           # both snapshots: source, date, licence as stated; an accessible table
    type_icons(); benchmarks()             # what the icons and the six benchmarks mean; accessible tables
    size_classes()                         # the website's four filters by size; an accessible table
    table["size_class"] = size_class(table["params_b"])   # ordered: edge < consumer < mid-range < GPU-rich
    edge = of_size(table, "edge")          # the rows of one size class
    pareto_front(size, score)              # bool (n,): nothing smaller or equal in size scores higher
    BENCHMARKS, COLUMN_NAMES               # the six score columns; column -> Korean name for display

The data files and where they come from: ``course_utils/assets/leaderboard/PROVENANCE.md``.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from course_utils.errors import CourseError, CourseValueError, first_line
from course_utils.leaderboard_facts import (
    ARENA,
    BENCHMARK_TEXTS,
    BENCHMARKS,
    COLUMN_NAMES,
    OPEN_LLM,
    TYPE_ICONS,
    Snapshot,
)
from course_utils.tables import html_table, text_table

__all__ = [
    "BENCHMARKS",
    "COLUMN_NAMES",
    "SIZE_CLASSES",
    "StaticTable",
    "arena",
    "benchmarks",
    "need_columns",
    "of_size",
    "open_llm",
    "pareto_front",
    "provenance",
    "size_class",
    "size_classes",
    "type_icons",
]

FOLDER = Path(__file__).resolve().parent / "assets" / "leaderboard"


class SizeClass(NamedTuple):
    """One of the website's filters by size: ``low < params_b <= high``, in billions of parameters."""

    key: str
    korean: str
    low: float
    high: float


SIZE_CLASSES = (
    SizeClass("edge", "엣지 기기용", 0, 3),
    SizeClass("consumer", "개인 사용자용", 3, 7),
    SizeClass("mid-range", "중간 크기", 7, 65),
    SizeClass("GPU-rich", "GPU가 넉넉한 사용자용", 65, np.inf),
)


class StaticTable:
    """A finished table: HTML with caption and row headers in a notebook, aligned text elsewhere."""

    def __init__(self, caption: str, headers: tuple[str, ...], rows: list[list[str]]) -> None:
        self.caption, self.headers, self.rows = caption, headers, rows

    def __repr__(self) -> str:
        return text_table(self.caption, self.headers, self.rows)

    def _repr_html_(self) -> str:
        return html_table(self.caption, self.headers, self.rows)


def open_llm() -> pd.DataFrame:
    """The final table of the Open LLM Leaderboard v2 (2025-03-21): 4,576 rows, sorted by ``average``; a fresh copy.

    Scores are 0 to 100, ``*_raw`` 0 to 1, ``params_b`` billions of parameters, ``co2_kg`` kilograms for one
    evaluation. What the source left blank is missing here (NaN, NaT, <NA>); its own ``?`` and ``Unknown`` stay.
    ``attrs`` holds source, snapshot date and licence.

    Raises:
        CourseError: the data file is missing or damaged.
    """
    return _read(OPEN_LLM, FOLDER).copy()


def arena() -> pd.DataFrame:
    """Chatbot Arena's overall text table as read on 2025-07-18: 218 rows in the source's order; a fresh copy.

    ``arena_score`` is a rating on an Elo-like scale; its 95% interval is score - ``ci_minus`` to score + ``ci_plus``.
    ``attrs`` as in ``open_llm``.

    Raises:
        CourseError: the data file is missing or damaged.
    """
    return _read(ARENA, FOLDER).copy()


def size_class(params_b: pd.Series) -> pd.Series:
    """The size class of each model: an ordered categorical of the keys of ``SIZE_CLASSES``; missing stays missing.

    The website's filters overlap at 3, 7 and 65; here such a model belongs to the smaller class.

    Raises:
        CourseValueError: ``params_b`` is no column (Series) of numbers.
    """
    if not isinstance(params_b, pd.Series) or not pd.api.types.is_numeric_dtype(params_b):
        raise CourseValueError(
            '파라미터 수(십억 개)가 숫자로 담긴 열을 넣어 주십시오. 예: size_class(table["params_b"])'
        )
    edges = [SIZE_CLASSES[0].low, *(one.high for one in SIZE_CLASSES)]
    return pd.cut(params_b, edges, labels=[one.key for one in SIZE_CLASSES]).rename("size_class")


def of_size(table: pd.DataFrame, key: str) -> pd.DataFrame:
    """The rows of ``table`` whose ``params_b`` lies in one size class, in their order.

    Raises:
        CourseValueError: no such class, or a table without a column ``params_b`` of numbers.
    """
    need_columns(table, ["params_b"])
    keys = [one.key for one in SIZE_CLASSES]
    if not isinstance(key, str) or key not in keys:
        raise CourseValueError(f"없는 크기 구분입니다: {key!r}. 다음 중 하나를 넣어 주십시오: {', '.join(keys)}")
    return table[size_class(table["params_b"]) == key]


def need_columns(table: Any, columns: Any) -> None:
    """Nothing, when ``table`` is a DataFrame with all ``columns`` (names in a list or the like).

    Raises:
        CourseValueError: it is none, ``columns`` is none, or columns are missing.
    """
    if not isinstance(table, pd.DataFrame):
        raise CourseValueError("첫 번째 값으로 표(DataFrame)를 넣어 주십시오. 예: open_llm()의 결과")
    if isinstance(columns, str) or not isinstance(columns, Collection):
        raise CourseValueError(f'열 이름의 리스트를 넣어 주십시오. 예: ["ifeval", "math"]. 지금 값: {columns!r}')
    if missing := [str(name) for name in columns if not isinstance(name, str) or name not in table]:
        raise CourseValueError(f"표에 없는 열입니다: {', '.join(missing)}.")


def pareto_front(size: Any, score: Any) -> np.ndarray:
    """Which of ``n`` models no other one beats: bool (n,).

    A model is beaten when another is at most as large and scores at least as high, and is better in one of the two.
    Rows with a missing value are never on the front; equal ones are on it together.

    Raises:
        CourseValueError: the two are no columns of numbers of one length.
    """
    try:
        sizes, scores = np.asarray(size, dtype=float), np.asarray(score, dtype=float)
    except (TypeError, ValueError) as error:
        raise CourseValueError("크기와 점수에는 숫자만 넣어 주십시오.") from error
    if sizes.ndim != 1 or sizes.shape != scores.shape:
        raise CourseValueError("크기와 점수에는 길이가 같은 열이나 리스트를 하나씩 넣어 주십시오.")
    usable = ~(np.isnan(sizes) | np.isnan(scores))
    front = np.zeros(len(sizes), dtype=bool)
    best = -np.inf
    for value in np.unique(sizes[usable]):
        here = usable & (sizes == value)
        top = scores[here].max()
        if top > best:
            front |= here & (scores == top)
            best = top
    return front


def provenance() -> StaticTable:
    """Where both snapshots come from, when they were taken and under which licence, as stated by the sources."""
    headers = ("자료", "행 × 열", "기준일", "원래 출처", "복사한 곳", "명시된 라이선스(license)")
    rows = [
        [one.name, f"{one.rows:,} × {len(one.columns)}", one.date, one.source, one.copied_from, one.licence]
        for one in (OPEN_LLM, ARENA)
    ]
    return StaticTable("이 강의에 담긴 리더보드 자료의 출처", headers, rows)


def type_icons() -> StaticTable:
    """The website's icons for kinds of models, with what they mean."""
    rows = [[icon, english, korean] for icon, (english, korean) in TYPE_ICONS.items()]
    return StaticTable("모델 종류를 나타내는 아이콘", ("아이콘", "사이트의 이름", "뜻"), rows)


def benchmarks() -> StaticTable:
    """The six benchmarks: name, what is measured, how the raw score becomes the score."""
    rows = [[COLUMN_NAMES[key], *BENCHMARK_TEXTS[key]] for key in BENCHMARKS]
    return StaticTable("여섯 가지 벤치마크(benchmark)", ("이름", "재는 것", "원점수를 점수로 바꾸는 법"), rows)


def size_classes() -> StaticTable:
    """The four filters by size with their limits in parameters."""
    rows = [[one.key, one.korean, _limits(one)] for one in SIZE_CLASSES]
    return StaticTable("리더보드 사이트의 크기별 필터", ("구분", "뜻", "파라미터 수"), rows)


def _limits(one: SizeClass) -> str:
    if not one.low:
        return f"{one.high * 10:,.0f}억 개 이하"
    above = f"{one.low * 10:,.0f}억 개 초과"
    return above if np.isinf(one.high) else f"{above} {one.high * 10:,.0f}억 개 이하"


# --- reading the files ---


@lru_cache(maxsize=4)
def _read(snapshot: Snapshot, folder: Path) -> pd.DataFrame:
    path = folder / snapshot.file
    try:
        # Only a blank is missing: "None" or "NA" would be words of the source.
        raw = pd.read_csv(path, dtype="string", keep_default_na=False, na_values=[""], encoding="utf-8")
        table = _typed(raw, snapshot)
    except FileNotFoundError as error:
        raise CourseError(_complaint(path, "파일이 없습니다")) from error
    except (OSError, ValueError, KeyError, TypeError) as error:  # pandas' ParserError is a ValueError
        raise CourseError(_complaint(path, f"파일을 읽을 수 없습니다({first_line(error)})")) from error
    table.attrs = {
        "name": snapshot.name,
        "snapshot_date": snapshot.date,
        "source": snapshot.source,
        "copied_from": snapshot.copied_from,
        "licence": snapshot.licence,
    }
    return table


def _typed(raw: pd.DataFrame, snapshot: Snapshot) -> pd.DataFrame:
    if list(raw.columns) != list(snapshot.columns) or len(raw) != snapshot.rows:
        raise ValueError(f"{len(raw)}행 {len(raw.columns)}열")
    readers = {"date": _dates, "bool": _flags}
    return pd.DataFrame(
        {
            name: readers[kind](raw[name]) if kind in readers else raw[name].astype(kind)
            for name, kind in snapshot.columns.items()
        }
    )


def _dates(column: pd.Series) -> pd.Series:
    # pandas 3 would count in other units than pandas 2: one unit for both.
    return pd.to_datetime(column, format="%Y-%m-%d").astype("datetime64[ns]")


def _flags(column: pd.Series) -> pd.Series:
    if not column.isin(["True", "False"]).all():
        raise ValueError(f"{column.name}: True/False")
    return (column == "True").astype(bool)


def _complaint(path: Path, what: str) -> str:
    return (
        f"리더보드 자료 {path.name}: {what}.\n"
        f"저장소를 다시 받아(git checkout -- {path.parent.name}, 또는 새로 내려받기) 강의 패키지를 다시 설치해 "
        f"주십시오.\n파일이 있어야 할 곳: {path}"
    )
