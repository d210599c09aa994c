"""The same shop question answered by the pipeline and by the API, side by side.

    CompareChat(pipe, client)                                             # last expression of a cell
    CompareChat(pipe, client, question="배송은 언제 시작되나요?", temperature=0)

Where no Python runs, the conversation so far, or a recorded one, stands as a plain table in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from course_utils.chat_example import EXAMPLE
from course_utils.chat_session import ChatSession
from course_utils.chat_turn import HIGHEST_TEMPERATURE, LARGEST_SEED, SIDES, Answer, Turn, turns_html, turns_text
from course_utils.chat_view import empty_html, turn_view, turns_view
from course_utils.errors import CourseValueError
from course_utils.explorer_view import message_html
from course_utils.widget_access import TALK, mimebundle, tended
from course_utils.widget_actions import button, run_and_tell

QUESTIONS = (
    "이 텀블러 무게가 얼마나 되나요?",
    "이 다이어리에 내년도 공휴일이 표시되어 있나요?",
    "배송은 언제 시작되나요?",
    "백팩에 노트북이 들어가나요?",
)
_PICK = "준비된 질문에서 고르기"
_LABEL = {"description_width": "56px"}
_HINT = "이 셀을 실행하면 질문을 직접 보내 볼 수 있습니다."
_RECORDED = "미리 기록해 둔 대화입니다(파이프라인과 API 모두 작은 모델 mini). "


class CompareChat:
    """A conversation with two models at once: one question, two answers, two histories."""

    def __init__(
        self,
        pipe: Any,
        client: Any,
        *,
        model: str | None = None,
        system: str | None = None,
        question: str = "",
        **settings: Any,
    ) -> None:
        """Args:
            pipe, client, model, system: as in ``ChatSession``.
            question: what stands in the field at the start; empty for the first ready-made question.
            settings: ``temperature``, ``top_p``, ``seed`` and ``max_tokens`` at the start, ``retries``; as there.

        Raises:
            CourseValueError: a value that cannot be used.
        """
        if not isinstance(question, str):
            raise CourseValueError(f"question에는 질문을 따옴표로 묶어 적어 주십시오. 받은 값: {question!r:.60}")
        self.session = ChatSession(pipe, client, model=model, system=system, **settings)
        self._busy = False
        self._showing: object | None = None
        self._build(question or QUESTIONS[0])
        self._show_conversation()

    def _build(self, question: str) -> None:
        start = self.session.settings
        wrap = widgets.Layout(flex_flow="row wrap", max_width="100%")
        self.example = widgets.Dropdown(
            options=(_PICK, *QUESTIONS), value=_PICK, description="예시", style=_LABEL, layout=_field("100%")
        )
        self.question = widgets.Textarea(
            value=question, description="질문", continuous_update=False, rows=2, style=_LABEL, layout=_field("100%")
        )
        self.send = button("보내기", "paper-plane", "primary", self._send, self._on)
        self.restart = button("새 대화", "refresh", "", self._restart, self._on)
        self.fold = widgets.ToggleButton(
            value=False, description="시스템 프롬프트 펼치기", layout=widgets.Layout(width="auto", max_width="100%")
        )
        self.system = widgets.Textarea(
            value=self.session.system,
            placeholder="비워 두면 시스템 프롬프트를 보내지 않습니다.",
            description="시스템",
            continuous_update=False,
            rows=3,
            style=_LABEL,
            layout=_field("100%"),
        )
        self.temperature = _slider("온도", start.temperature, 0.0, HIGHEST_TEMPERATURE, 0.1)
        self.top_p = _slider("top-p", start.top_p, min(0.05, start.top_p), 1.0, 0.05)
        self.seed = widgets.BoundedIntText(
            value=start.seed,
            min=0,
            max=LARGEST_SEED,
            description="씨앗",
            style=_LABEL,
            layout=widgets.Layout(width="160px", max_width="100%"),
        )
        self.past, self.latest = widgets.HTML(""), widgets.HTML("")
        self.message = widgets.HTML(message_html(""))
        self.example.observe(self._on(lambda change: self._pick(change["new"])), names="value")
        self.fold.observe(self._on(lambda change: self._unfold(change["new"])), names="value")
        self._unfold(False)
        self.controls = (self.example, self.question, self.send, self.restart, self.fold, self.system)
        self.controls += (self.temperature, self.top_p, self.seed)
        talk = widgets.VBox((self.past, self.latest), layout=widgets.Layout(flex="0 0 auto", max_width="100%"))
        # Turned upside down, so that a long conversation stands at its end without a line of JavaScript.
        frame = {"border": "1px solid #8c959f", "max_width": "calc(100% - 4px)", "flex": "0 0 auto"}
        self._talk = widgets.Box(
            (talk,),
            layout=widgets.Layout(flex_flow="column-reverse", max_height="300px", overflow="auto", **frame),
        )
        self._talk.add_class(TALK)
        parts = (
            self._talk,
            self.message,
            self.example,
            self.question,
            widgets.Box((self.send, self.restart, self.fold), layout=wrap),
            self.system,
            widgets.Box((self.temperature, self.top_p, self.seed), layout=wrap),
        )
        self.box = tended(widgets.VBox(parts, layout=widgets.Layout(max_width="100%")))

    def _on(self, action: Callable[[Any], None]) -> Callable[[Any], None]:
        """The action as a callback whose errors are shown in the widget: a callback's trace would get lost."""

        def callback(event: Any) -> None:
            try:
                self._say("")
                run_and_tell(self._say, lambda: action(event))
            except KeyboardInterrupt:
                self._say("멈추었습니다. 이 질문은 대화에 남지 않습니다.", error=True)

        return callback

    # --- what the controls do ---

    def _pick(self, question: str) -> None:
        if question != _PICK:
            self.question.value = question
            self.example.value = _PICK  # so that the same can be picked again

    def _unfold(self, shown: bool) -> None:
        self.fold.description = f"시스템 프롬프트 {'접기' if shown else '펼치기'}"
        self.system.layout.display = None if shown else "none"

    def _send(self) -> None:
        if self._busy:  # a second press that was on its way
            return
        self._set_busy(True)
        try:
            turn = self._ask(self.question.value)
        finally:
            self._showing = None
            self._set_busy(False)
            self._show_conversation()
        failed = [name for side, name in SIDES.items() if getattr(turn, side).error]
        if failed:  # the question stays, to be sent again
            self._say(f"답을 받지 못한 쪽이 있습니다: {', '.join(failed)}", error=True)
        else:
            self.question.value = ""
            self._say("두 답이 모두 왔습니다.")

    def _ask(self, question: str) -> Turn:
        self._showing = ticket = object()
        self.session.system = self.system.value

        def show(question: str, answers: Mapping[str, Answer]) -> None:
            if self._showing is not ticket:  # an answer that nobody waits for any more
                return
            if not answers:
                self.past.value = turns_view(self.session.turns)
                self._say("답을 기다리는 중입니다.")
            names = {name: side.model for name, side in self.session.sides.items()}
            self.latest.value = turn_view(question, self.session.settings, answers, names)

        def wait(seconds: float) -> None:
            if self._showing is ticket:
                self._say(f"API 서버가 바쁘거나 연결이 끊겼습니다. 약 {seconds:.0f}초 뒤에 다시 묻습니다.")

        changes = {"temperature": self.temperature.value, "top_p": self.top_p.value, "seed": self.seed.value}
        return self.session.ask(question, show, wait, **changes)

    def _restart(self) -> None:
        self.session.restart()
        self._show_conversation()
        self._say("새 대화를 시작합니다. 두 모델 모두 앞의 대화를 잊었습니다.")

    # --- what is shown ---

    def _show_conversation(self) -> None:
        turns = self.session.turns
        self.past.value = turns_view(turns[:-1])
        self.latest.value = turns_view(turns[-1:]) or empty_html()

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        for control in self.controls:
            control.disabled = busy
        self.send.description = "답을 쓰는 중…" if busy else "보내기"

    def _say(self, message: str, error: bool = False) -> None:
        self.message.value = message_html(message, error)

    def __repr__(self) -> str:
        return turns_text(self.session.turns or EXAMPLE)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        turns = self.session.turns or EXAMPLE
        told = "" if self.session.turns else _RECORDED
        return mimebundle(self.box, repr(self), f"{turns_html(turns)}<p>{told}{_HINT}</p>")


def _field(width: str) -> widgets.Layout:
    return widgets.Layout(width=width, max_width="calc(100% - 4px)")


def _slider(name: str, value: float, low: float, high: float, step: float) -> widgets.FloatSlider:
    return widgets.FloatSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        description=name,
        readout_format=".2f",
        continuous_update=False,
        style=_LABEL,
        layout=widgets.Layout(width="300px", max_width="calc(100% - 4px)"),
    )
