"""What the chat widget shows apart from its controls: HTML as text, from values alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from course_utils.chat_turn import SIDES, Answer, ChatSettings, Turn, named
from course_utils.picture import FONT_FAMILY
from course_utils.shown_text import shown_html

# A blue line and a full frame, an orange line and a broken one: told apart without colour, too.
_LOOKS = {
    "pipeline": "border:1px solid #005a9c;border-left-width:6px",
    "api": "border:1px dashed #a63d00;border-left:6px double #a63d00",
}
_FONT = f"font-family:{FONT_FAMILY};color:#1f2328;background:#fff"
_FINE = "font-size:13px;color:#57606a"


def empty_html() -> str:
    """What stands in the place of a conversation that has not begun."""
    return _block('<p style="margin:4px 0">아직 대화가 없습니다. 질문을 보내면 두 모델의 답이 나란히 나타납니다.</p>')


def turns_view(turns: Sequence[Turn]) -> str:
    """Turns that are over, oldest first."""
    return "".join(
        turn_view(turn.question, turn.settings, {"pipeline": turn.pipeline, "api": turn.api}) for turn in turns
    )


def turn_view(
    question: str, settings: ChatSettings, answers: Mapping[str, Answer], names: Mapping[str, str] | None = None
) -> str:
    """One turn; a side that is missing in ``answers`` is still writing. ``names``: its model's, meanwhile."""
    cards = "".join(_card(side, answers.get(side), (names or {}).get(side, "")) for side in SIDES)
    same = len(answers) == len(SIDES) and Turn(question, settings, **answers).same
    equal = f'<div style="{_FINE}">두 답의 글이 똑같습니다.</div>' if same else ""
    return _block(
        f'<div style="margin:6px 0 2px"><b>질문</b> {_lines(question)}</div>'
        f'<div style="{_FINE}">설정: {escape(settings.words())}</div>'
        '<div style="display:grid;gap:8px;margin:4px 0;'
        f'grid-template-columns:repeat(auto-fit,minmax(min(200px,100%),1fr))">{cards}</div>{equal}'
    )


def _card(side: str, said: Answer | None, name: str) -> str:
    model = said.model if said else name
    heading = f'<div style="{_FINE}"><b>{SIDES[side]}의 답</b>{escape(named(model))}</div>'
    waiting = '<div style="color:#57606a">답을 쓰는 중입니다…</div>'
    if said is None:
        body = waiting
    elif said.error:
        body = f'<div style="color:#8a1c00"><b>⚠ 오류</b> {_lines(said.error)}</div>'
    elif said.unfinished:
        body = f"<div>{_lines(said.text)}</div>{waiting}"
    else:
        facts = escape(said.facts(seconds=True))
        body = f'<div>{_lines(said.text or "(빈 답)")}</div><div style="{_FINE}">{facts}</div>'
    return (
        f'<div class="chat-{side}" role="group" aria-label="{SIDES[side]}의 답" '
        f'style="{_LOOKS[side]};border-radius:4px;padding:4px 8px;'
        f'min-width:0;overflow-wrap:anywhere">{heading}{body}</div>'
    )


def _block(inner: str) -> str:
    look = f"{_FONT};font-size:15px;line-height:1.5;padding:2px 6px;word-break:keep-all;overflow-wrap:anywhere"
    return f'<div style="{look}">{inner}</div>'


def _lines(text: str) -> str:
    return "<br>".join(shown_html(line) for line in text.splitlines())
