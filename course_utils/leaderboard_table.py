"""A leaderboard to search, sort and choose columns in, and its first rows where no Python runs.

    show_table(table)                                         # the website's columns; the others can be switched on
    show_table(table, columns=["rank", "model", "ifeval"])    # which columns are visible at the start
    show_table(edge, head=5, caption="엣지 기기용 모델")        # first rows that GitHub and print show; the caption

Live (JupyterLab, Colab) it is itables' widget: DataTables travels with the data through the kernel, so JupyterLab
needs no network. What a notebook saves is only the static head, because the widget is a view of the running kernel.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from course_utils.errors import CourseValueError
from course_utils.leaderboard_facts import BENCHMARKS, COLUMN_NAMES
from course_utils.tables import html_table, text_table

_AT_START = {
    "average": ("rank", "type_icon", "model", "average", *BENCHMARKS, "params_b", "co2_kg"),
    "arena_score": ("rank_ub", "rank_style_ctrl", "model", "arena_score", "ci_95", "votes", "organization", "license"),
}
_DECIMALS = {"params_b": 3, "arena_score": 0}  # others: two, as the website shows them
_RAW_DECIMALS = 4
_PAGE = 10
# The same words whether or not the widget's packages are here: saved notebooks are compared with what a run shows.
_HINT = (
    "이 셀을 실행하면 찾기, 정렬, 열 고르기를 할 수 있는 표로 바뀝니다. 실행해도 바뀌지 않으면 새 셀에서 "
    "<code>%pip install itables anywidget</code>을 실행한 다음 커널을 다시 시작해 주십시오."
)
_LANGUAGE = {
    "search": "찾기:",
    "info": "모두 _TOTAL_행 가운데 _START_~_END_행",
    "infoEmpty": "보여 줄 행이 없습니다",
    "infoFiltered": "(전체 _MAX_행에서 찾은 결과)",
    "zeroRecords": "찾는 말이 들어 있는 행이 없습니다",
    "emptyTable": "표에 행이 없습니다",
    "lengthMenu": "_MENU_행씩 보기",
    "paginate": {"first": "처음", "last": "끝", "next": "다음", "previous": "이전"},
    "aria": {
        "orderable": ": 누르면 이 열로 정렬합니다",
        "orderableReverse": ": 누르면 이 열의 순서를 뒤집습니다",
        "orderableRemove": ": 누르면 정렬을 풉니다",
        "paginate": {"first": "첫 쪽", "last": "마지막 쪽", "next": "다음 쪽", "previous": "이전 쪽"},
    },
}


class LeaderboardTable:
    """A table as ``show_table`` makes it; the last expression of a cell shows it."""

    def __init__(self, table: pd.DataFrame, columns: Sequence[str], head: int, caption: str) -> None:
        # Raw scores are a quarter of the data and seldom wanted: they travel only where they are asked for.
        kept = [name for name in table if name in columns or not str(name).endswith("_raw")]
        self._words = _in_words(table[kept])
        self._best_first = [
            place
            for place, name in enumerate(kept)
            if pd.api.types.is_numeric_dtype(table[name]) and not str(name).startswith("rank")
        ]
        self._columns, self._head, self._caption = list(columns), head, caption
        self._widget: Any = None

    def _static(self) -> tuple[str, list[str], list[list[str]]]:
        total, shown = len(self._words), min(self._head, len(self._words))
        caption = f"{self._caption} (전체 {total:,}행 가운데 앞의 {shown:,}행)" if shown < total else self._caption
        rows = self._words[self._columns].head(self._head)
        return caption, [_korean(name) for name in self._columns], [list(map(str, row)) for row in rows.to_numpy()]

    def _live(self) -> Any:
        """itables' widget with all rows and columns, made when it is first shown; None where it is not installed."""
        if self._widget is None:
            try:
                from itables.widget import ITable
            except ImportError:
                return None
            hidden = [place for place, name in enumerate(self._words) if name not in self._columns]
            self._widget = ITable(
                self._words.rename(columns=_korean),
                maxBytes=0,  # all rows: itables would cut the table at 64 KB
                showIndex=False,
                pageLength=_PAGE,
                columnDefs=_column_defs(hidden, self._best_first),
                # 28 names in one column would be taller than the screen; three are too narrow for the longest one.
                buttons=[{"extend": "colvis", "text": "열 고르기", "collectionLayout": "two-column"}],
                layout={
                    # The caption stands here because itables 2.9 loses the widget's own when DataTables takes over.
                    "top2Start": {"div": {"text": f"{self._caption} (전체 {len(self._words):,}행)"}},
                    "topStart": "buttons",
                    "topEnd": "search",
                    "bottomStart": "info",
                    "bottomEnd": "paging",
                },
                language=_LANGUAGE,
                style="width:100%;word-break:keep-all",
                text_in_header_can_be_selected=False,  # so that the whole header sorts
                classes="display compact",
            )
        return self._widget

    def __repr__(self) -> str:
        return text_table(*self._static())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        static = {"text/plain": repr(self), "text/html": html_table(*self._static()) + f"<p>{_HINT}</p>"}
        widget = self._live()
        live = widget._repr_mimebundle_() if widget is not None else {}
        data, metadata = live if isinstance(live, tuple) else (live, {})  # metadata: what Colab needs
        return {**data, **static}, metadata


def show_table(
    table: pd.DataFrame, columns: Sequence[str] | None = None, head: int = _PAGE, caption: str | None = None
) -> LeaderboardTable:
    """The table with search, sorting and a choice of columns; saved notebooks keep its first ``head`` rows.

    Args:
        table: ``open_llm()`` or ``arena()``, filtered and sorted as you like; other tables work too.
        columns: what is visible at the start, in the order of ``table``; None: what the website shows first.
        head: how many rows stand in a saved notebook.
        caption: what the table is called; None: the name of the snapshot and its date.

    Raises:
        CourseValueError: no DataFrame, an unknown column, or a ``head`` that is no positive whole number.
    """
    if not isinstance(table, pd.DataFrame) or table.columns.duplicated().any():
        raise CourseValueError("show_table()에는 열 이름이 겹치지 않는 표(DataFrame)를 넣어 주십시오.")
    if columns is None:
        columns = next((names for key, names in _AT_START.items() if key in table), list(table.columns))
        columns = [name for name in columns if name in table]
    if isinstance(columns, str) or not isinstance(columns, Collection) or not len(columns):
        raise CourseValueError('columns에는 열 이름의 리스트를 넣어 주십시오. 예: ["rank", "model"]')
    if unknown := [str(name) for name in columns if not isinstance(name, Hashable) or name not in table]:
        raise CourseValueError(
            f"표에 없는 열입니다: {', '.join(unknown)}. 쓸 수 있는 열: {', '.join(map(str, table.columns))}"
        )
    if isinstance(head, bool) or not isinstance(head, (int, np.integer)) or head < 1:
        raise CourseValueError(f"head에는 1 이상의 정수를 넣어 주십시오. 지금 값: {head!r}")
    if caption is None:
        caption = f"{table.attrs['name']}, {table.attrs['snapshot_date']}" if "name" in table.attrs else "표"
    ordered = [name for name in table.columns if name in set(columns)]
    return LeaderboardTable(table, ordered, int(head), caption)


def _column_defs(hidden: list[int], best_first: list[int]) -> list[dict[str, Any]]:
    """DataTables' settings of columns: which are hidden, and which show their largest numbers at the first click."""
    defs = [
        {"targets": hidden, "visible": False},
        {"targets": best_first, "orderSequence": ["desc", "asc", ""]},
    ]
    return [one for one in defs if one["targets"]]


def _korean(name: Any) -> str:
    return COLUMN_NAMES.get(name, str(name))


def _in_words(table: pd.DataFrame) -> pd.DataFrame:
    """Every cell as a person reads it; empty where a value is missing. Numbers stay sortable as numbers."""
    return pd.DataFrame({name: _column_in_words(str(name), column) for name, column in table.items()})


def _column_in_words(name: str, column: pd.Series) -> pd.Series:
    kind = column.dtype
    if pd.api.types.is_bool_dtype(kind):
        words = ["" if pd.isna(value) else "O" if value else "X" for value in column]
    elif pd.api.types.is_float_dtype(kind):
        decimals = _RAW_DECIMALS if name.endswith("_raw") else _DECIMALS.get(name, 2)
        words = ["" if pd.isna(value) else f"{value:.{decimals}f}" for value in column]
    elif pd.api.types.is_datetime64_any_dtype(kind):
        words = ["" if pd.isna(value) else f"{value:%Y-%m-%d}" for value in column]
    else:
        words = ["" if pd.isna(value) else str(value) for value in column]
    return pd.Series(words, index=column.index, dtype=object)
