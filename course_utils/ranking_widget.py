"""Move the weights of the six benchmarks and watch the ranking change.

    RankingExplorer(table)                                                # last expression of a cell
    RankingExplorer(table, weights={"ifeval": 3}, watch=["LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct"], rows=10)

The table below the sliders is made by ``ranking.reranked``. Where no Python runs, the state in which it was shown
stands as a plain table in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets as widgets
import pandas as pd

from course_utils.errors import CourseError, CourseValueError, first_line
from course_utils.leaderboard_facts import BENCHMARKS, COLUMN_NAMES
from course_utils.ranking import checked_weights, reranked
from course_utils.tables import html_table, text_table
from course_utils.widget_access import mimebundle, tended

LARGEST = 5.0
STEP = 0.5
_EQUAL = dict.fromkeys(BENCHMARKS, 1.0)
_FREE = "직접 맞추기"
PRESETS: dict[str, dict[str, float]] = {
    "모두 똑같이 (원래 순위)": _EQUAL,
    **{f"{COLUMN_NAMES[only]}만 보기": dict.fromkeys(BENCHMARKS, 0.0) | {only: 1.0} for only in BENCHMARKS},
}
_HEADERS = ("모델", "새 순위", "새 점수", "원래 순위", "순위 변화")
# Rows as narrow as in a ranking, names on the left; nothing jumps when a longer name comes up.
_STYLE = (
    "<style>.course-ranking{line-height:1.4;overflow-x:auto}.course-ranking table{width:100%}"
    ".course-ranking .course-table :is(th,td){padding:2px 8px;text-align:right!important;white-space:nowrap}"
    ".course-ranking .course-table th:first-child{text-align:left!important;font-weight:normal;white-space:normal}"
    ".course-ranking th:first-child{min-width:11em;word-break:break-word}"
    "</style>"
)
_HINT = "처음 상태를 담은 표입니다. 이 셀을 실행하면 슬라이더로 가중치를 바꾸어 볼 수 있습니다."


class RankingExplorer:
    """Six sliders, ready-made weights, and the first ranks with how far each model moved."""

    def __init__(
        self,
        table: pd.DataFrame,
        weights: Mapping[str, float] | None = None,
        rows: int = 10,
        watch: Sequence[str] = (),
    ) -> None:
        """Args:
            table: ``open_llm()`` or rows of it; ranks count within these rows.
            weights: where the sliders stand at the start, 0 to 5; what is not named stands at 1.
            rows: how many ranks are shown.
            watch: models (values of ``model``) that are shown below whatever their rank.

        Raises:
            CourseValueError: weights, rows or models that cannot be used.
        """
        start = checked_weights({} if weights is None else weights)
        if max(start.values()) > LARGEST:
            raise CourseValueError(f"슬라이더의 가중치는 0에서 {LARGEST:g}까지입니다. 비율만 같으면 결과도 같습니다.")
        if isinstance(rows, bool) or not isinstance(rows, int) or not 1 <= rows <= 100:
            raise CourseValueError("rows에는 1 이상 100 이하의 정수를 넣어 주십시오.")
        if reranked(table, start).empty:
            raise CourseValueError("표에 행이 없습니다. 표를 거른 조건을 확인해 주십시오.")
        watched = _names(watch, set(table["model"]))
        self._table, self._rows, self._watch = table, rows, watched
        self._moving = False
        self._build(start)
        self._redraw()

    def _build(self, start: dict[str, float]) -> None:
        style = {"description_width": "90px"}
        self.sliders = {
            name: widgets.FloatSlider(
                value=start[name],
                min=0,
                max=LARGEST,
                step=STEP,
                description=COLUMN_NAMES[name],
                readout_format=".1f",
                style=style,
                layout=widgets.Layout(width="340px", max_width="calc(100% - 4px)"),
            )
            for name in BENCHMARKS
        }
        self.preset = widgets.Dropdown(
            options=(_FREE, *PRESETS),
            value=self._preset_of(start),
            description="가중치 고르기",
            style=style,
            layout=widgets.Layout(width="340px", max_width="calc(100% - 4px)"),
        )
        # Read aloud at every change: one sentence, not the table.
        self.told, self.result = widgets.HTML(""), widgets.HTML("")
        for slider in self.sliders.values():
            slider.observe(lambda _: self._slider_moved(), names="value")
        self.preset.observe(lambda change: self._pick(change["new"]), names="value")
        column = widgets.VBox(
            (self.preset, *self.sliders.values()), layout=widgets.Layout(flex="0 1 auto", max_width="100%")
        )
        outcome = widgets.VBox((self.told, self.result), layout=widgets.Layout(flex="1 1 480px", min_width="0"))
        row = widgets.Box((column, outcome), layout=widgets.Layout(flex_flow="row wrap", width="100%"))
        self.box = tended(row)

    @property
    def weights(self) -> dict[str, float]:
        """What the sliders say now."""
        return {name: slider.value for name, slider in self.sliders.items()}

    @staticmethod
    def _preset_of(weights: Mapping[str, float]) -> str:
        return next((name for name, preset in PRESETS.items() if preset == weights), _FREE)

    def _pick(self, name: str) -> None:
        if self._moving or name not in PRESETS:
            return
        self._moving = True  # six sliders move, one table is drawn
        try:
            for key, slider in self.sliders.items():
                slider.value = PRESETS[name][key]
        finally:
            self._moving = False
        self._redraw()

    def _slider_moved(self) -> None:
        if self._moving:
            return
        self._moving = True
        try:
            self.preset.value = self._preset_of(self.weights)
        finally:
            self._moving = False
        self._redraw()

    def _redraw(self) -> None:
        try:
            caption, headers, rows = self._contents()
            told, shown = f'<p role="status">{escape(self._summary(rows))}</p>', html_table(caption, headers, rows)
        except CourseError as error:
            told, shown = f'<p role="alert">{escape(str(error))}</p>', ""
        except Exception as error:  # a callback's trace would get lost
            told, shown = f'<p role="alert">예상하지 못한 오류가 났습니다. {escape(first_line(error))}</p>', ""
        self.told.value = told
        self.result.value = (
            f'{_STYLE}<div class="course-ranking" role="region" aria-label="순위" tabindex="0">{shown}</div>'
        )

    def _summary(self, rows: list[list[str]]) -> str:
        watched = [f"{name}: {rank} ({shift})" for name, rank, _, _, shift in rows[1:] if name in self._watch]
        return ". ".join([f"1위는 {rows[0][0]}", *watched]) + "."

    def _contents(self) -> tuple[str, tuple[str, ...], list[list[str]]]:
        """Caption, headers and rows of the table for the present weights."""
        weights = self.weights
        ranking = reranked(self._table, weights)
        shown = ranking.head(self._rows)
        watched = ranking[ranking["model"].isin(self._watch) & ~ranking.index.isin(shown.index)]
        parts = ", ".join(f"{COLUMN_NAMES[name]} {weight:g}" for name, weight in weights.items())
        caption = f"가중치를 바꾼 순위 (모델 {len(ranking):,}개, 가중치 {parts})"
        return caption, _HEADERS, [_cells(row) for part in (shown, watched) for row in part.itertuples()]

    def __repr__(self) -> str:
        return text_table(*self._contents())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return mimebundle(self.box, repr(self), f"{html_table(*self._contents())}<p>{_HINT}</p>")


def _cells(row: Any) -> list[str]:
    return [row.model, f"{row.rank:,}위", f"{row.score:.2f}", f"{row.rank_before:,}위", shift_text(row.shift)]


def _names(watch: Any, known: set[str]) -> tuple[str, ...]:
    wrong: Any = watch
    if isinstance(watch, Iterable) and not isinstance(watch, str):
        names = tuple(watch)
        wrong = [name for name in names if not isinstance(name, str) or name not in known]
        if not wrong:
            return names
    raise CourseValueError(f"watch에는 표에 있는 모델 이름의 리스트를 넣어 주십시오. 쓸 수 없는 값: {wrong}")


def shift_text(places: int) -> str:
    """``▲ 12계단``, ``▼ 3계단`` or ``그대로``: the arrow says it without colour."""
    return f"{'▲' if places > 0 else '▼'} {abs(places):,}계단" if places else "그대로"
