"""The decoding explorer: touch temperature, top-k and top-p, and watch the next token's candidates change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets

from course_utils.candidates import Settings, Step
from course_utils.decoding_walk import SEED, DecodingWalk
from course_utils.errors import CourseError, CourseValueError
from course_utils.explorer_controls import LABEL, SettingsPanel
from course_utils.explorer_view import ZOOM, answer_html, heard_html, message_html, pictures_of, twin_html, twin_text
from course_utils.picture import Picture
from course_utils.token_bars import percent
from course_utils.widget_access import mimebundle, tended
from course_utils.widget_actions import button, run_and_tell

QUESTIONS = (
    "이 텀블러 무게가 얼마나 되나요?",
    "이 다이어리에 내년도 공휴일이 표시되어 있나요?",
    "배송은 언제 시작되나요?",
)
MANY = 100  # draws of one press
FURTHER = 10  # tokens of one press
_LARGEST_SEED = 2**31 - 1  # what the field of the seed can hold


class DecodingExplorer:
    """Widgets around a ``DecodingWalk``; the last expression of a cell shows it.

    A slider moves the picture only; the model runs when the text changes. Where no Python runs, a still picture of
    the state in which it was shown stands in its place.
    """

    def __init__(
        self,
        pipe: Any = None,
        questions: Iterable[str] = QUESTIONS,
        system: str | None = None,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        rows: int = 10,
        seed: int = SEED,
        compare: bool = False,
    ) -> None:
        """Args:
            pipe: as ``load_pipeline()`` gives it; None loads the course's model.
            questions: what can be picked; the first is asked at the start.
            system: the system prompt, as in ``DecodingWalk``.
            temperature, top_k, top_p: where the sliders stand at the start, as in ``decode_step``.
            rows: how many candidates are shown.
            seed: as in ``DecodingWalk``, below 2**31.
            compare: show two settings side by side; the second starts with nothing switched on.

        Raises:
            CourseError: a question or value that ``DecodingWalk`` or ``decode_step`` does not take.
        """
        if pipe is None:
            from course_utils.models import load_pipeline

            pipe = load_pipeline()
        questions = _checked_questions(questions)
        if not isinstance(compare, bool):
            raise CourseValueError(f"compare에는 True나 False를 넣어 주십시오. 받은 값: {compare!r}")
        self._pipe, self._system, self._rows = pipe, system, rows
        self.walk = DecodingWalk(pipe, questions[0], system=system, seed=seed)
        if self.walk.seed > _LARGEST_SEED:
            raise CourseValueError(f"씨앗(seed)에는 {_LARGEST_SEED:,} 이하의 정수를 넣어 주십시오. 받은 값: {seed!r}")
        self._question = questions[0]
        size = self.walk.candidates.size
        first = Settings(temperature, top_k, top_p)
        self.panels = tuple(SettingsPanel(start, size, self._settings_changed) for start in (first, Settings()))
        self._forget_counts()
        self._build(questions, self.walk.seed, compare)
        self._redraw()

    def _build(self, questions: Sequence[str], seed: int, compare: bool) -> None:
        def field(share: str) -> widgets.Layout:
            return widgets.Layout(flex=share, min_width="0", max_width="min(600px, 100%)")

        self.example = widgets.Dropdown(
            options=tuple(dict.fromkeys(questions)), description="예시", style=LABEL, layout=field("2 1 300px")
        )
        self.question = widgets.Text(
            value=questions[0], description="질문", continuous_update=False, style=LABEL, layout=field("3 1 360px")
        )
        self.draw_one = button("한 토큰 뽑아 잇기", "play", "primary", self._draw_one, self._on)
        self.draw_further = button(f"{FURTHER}개 이어 뽑기", "forward", "", self._draw_further, self._on)
        self.draw_many = button(f"{MANY}번 뽑아 보기", "bar-chart", "", self._draw_many, self._on)
        self.undo = button("되돌리기", "undo", "", self._undo, self._on)
        self.restart = button("처음부터", "fast-backward", "", self._restart, self._on)
        self.seed = widgets.BoundedIntText(
            value=seed, min=0, max=_LARGEST_SEED, description="씨앗", style=LABEL, layout=widgets.Layout(width="150px")
        )
        self.compare = widgets.Checkbox(
            value=compare, description="두 설정 비교", indent=False, layout=widgets.Layout(width="auto")
        )
        self.answer = widgets.HTML("")
        self.message = widgets.HTML(message_html(""))
        self.heard = widgets.HTML("", layout=widgets.Layout(height="0", margin="0"))
        self.example.observe(self._on(lambda change: self._pick(change["new"])), names="value")
        self.question.observe(self._on(lambda change: self._ask(change["new"])), names="value")
        self.seed.observe(self._on(self._reseed), names="value")
        self.compare.observe(self._on(lambda _: self._start_anew()), names="value")
        wrap = widgets.Layout(flex_flow="row wrap", max_width="100%")
        buttons = (self.draw_one, self.draw_further, self.draw_many, self.undo, self.restart)
        self._both = widgets.Box(tuple(panel.box for panel in self.panels), layout=wrap)
        parts = (
            widgets.Box((self.example, self.question), layout=wrap),
            self.answer,
            widgets.Box((*buttons, self.seed, self.compare), layout=wrap),
            self.message,
            self.heard,
            self._both,
        )
        self.box = tended(widgets.VBox(parts, layout=widgets.Layout(max_width="100%")))

    def _on(self, action: Callable[[Any], None], quiet: bool = False) -> Callable[[Any], None]:
        """The action as a callback whose errors are shown in the explorer: a callback's trace would get lost.

        ``quiet``: what was said last stays; if it went, everything below would jump.
        """

        def callback(event: Any) -> None:
            if not quiet:
                self._say("")
            run_and_tell(self._say, lambda: action(event))

        return callback

    # --- what the controls do ---

    def _pick(self, question: str | None) -> None:
        if question is not None:  # None: the field of the question holds none of the examples
            self.question.value = question

    def _ask(self, question: str) -> None:
        self.example.value = question if question in self.example.options else None  # so that each can be picked again
        try:
            walk = DecodingWalk(self._pipe, question, system=self._system, seed=self.walk.seed)
            _ = walk.candidates  # the model runs now: if it cannot, everything stays as it was
        except CourseError as error:
            raise CourseError(f"{error}\n아래의 답과 그림은 앞의 질문에 대한 것입니다: {self._question}") from error
        self.walk, self._question = walk, question
        self._start_anew()

    def _reseed(self, change: dict[str, Any]) -> None:
        self.walk.seed = change["new"]
        self._say(f"다음 뽑기부터 새 씨앗을 씁니다: {change['new']}")
        self._forget_counts()
        self._redraw()

    def _draw_one(self) -> None:
        probabilities = self.panels[0].settings.probabilities(self.walk.logits)
        token = self.walk.draw_one(self.panels[0].settings)
        text = self.walk.tokens[-1]
        self._say(f"뽑힌 토큰: '{text}' (뽑힐 확률 {percent(probabilities[token])})")
        self._start_anew()

    def _draw_further(self) -> None:
        self.walk.draw_one(self.panels[0].settings)
        for _ in range(FURTHER - 1):
            if self.walk.finished or self.walk.full:
                break
            self.walk.draw_one(self.panels[0].settings)
        self._start_anew()

    def _draw_many(self) -> None:
        for place, panel in enumerate(self._shown_panels()):
            already = sum(self._counts[place].values())
            self._counts[place] = self.walk.draw_many(panel.settings, already + MANY)
        self._redraw()

    def _undo(self) -> None:
        self.walk.undo()
        self._start_anew()

    def _restart(self) -> None:
        self.walk.restart()
        self._start_anew()

    # --- what is shown ---

    def _settings_changed(self) -> None:
        self._on(lambda _: self._start_anew(), quiet=True)(None)

    def _start_anew(self) -> None:
        self._forget_counts()
        self._redraw()

    def _forget_counts(self) -> None:
        self._counts: list[Counter[int]] = [Counter(), Counter()]

    def _shown_panels(self) -> tuple[SettingsPanel, ...]:
        return self.panels if self.compare.value else self.panels[:1]

    def _steps(self) -> list[Step]:
        return [self.walk.step(panel.settings, self._rows) for panel in self._shown_panels()]

    def _redraw(self) -> None:
        shown = self._shown_panels()
        other = "" if self.question.value == self._question else self._question
        self.answer.value = answer_html(self.walk.tokens, self.walk.finished, other)
        steps = self._steps()
        self.heard.value = heard_html(self.walk.tokens, steps)
        for panel, picture in zip(shown, pictures_of(steps, self._counts, ZOOM), strict=True):
            panel.picture.value = picture.html()
        names = ("", "") if len(shown) == 1 else ("<b>설정 A</b> (토큰은 이 설정으로 뽑습니다)", "<b>설정 B</b>")
        for name, panel in zip(names, self.panels, strict=True):
            panel.arrange(name, panel in shown)

    def _say(self, message: str, error: bool = False) -> None:
        self.message.value = message_html(message, error)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        pictures = self._still_pictures()
        return mimebundle(self.box, twin_text(self._question, pictures), twin_html(self._question, pictures))

    def __repr__(self) -> str:
        return twin_text(self._question, self._still_pictures())

    def _still_pictures(self) -> list[Picture]:
        return pictures_of(self._steps(), [counts or None for counts in self._counts])


def _checked_questions(questions: Any) -> list[str]:
    listed = list(questions) if isinstance(questions, Iterable) and not isinstance(questions, str | Mapping) else []
    if not listed or not all(isinstance(question, str) for question in listed):
        raise CourseValueError(
            'questions에는 질문을 하나 이상 담은 리스트를 넣어 주십시오. 예: ["무게가 얼마인가요?"]\n'
            f"대화(role과 content)나 숫자가 아니라 따옴표로 묶은 글이어야 합니다. 받은 값: {questions!r:.60}"
        )
    return listed
