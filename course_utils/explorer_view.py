"""What the decoding explorer shows apart from its controls: HTML as text, from values alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from course_utils.candidates import Step
from course_utils.picture import FONT_FAMILY, Picture, side_by_side
from course_utils.shown_text import shown_html
from course_utils.token_bars import percent, step_chart

WIDE, NARROW = 640, 500
ZOOM = 1.4  # how far a picture grows on a large screen
_FONT = f"font-family:{FONT_FAMILY}"
# Neighbouring tokens alternate between these, so that their borders show; the borders also carry a line.
_CHIPS = ("#e8f1fa", "#fdf3d8")
_HEARD_ONLY = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"


def pictures_of(
    steps: Sequence[Step], counts: Sequence[Mapping[int, int] | None] = (None, None), zoom: float = 1
) -> list[Picture]:
    """One picture for each step; two are narrower, and called A and B."""
    if len(steps) == 1:
        return [step_chart(steps[0], counts=counts[0], width=WIDE, scale=zoom)]
    return [
        step_chart(step, counts=count, title=f"설정 {name}", width=NARROW, scale=zoom)
        for name, step, count in zip("AB", steps, counts, strict=True)
    ]


def answer_html(tokens: Sequence[str], finished: bool, question: str = "") -> str:
    """The answer so far with a frame around each token; ``question`` where the reader could take it for another's."""
    chips = "".join(
        f'<span style="background:{_CHIPS[place % 2]};border:1px solid #8c959f;border-radius:4px;padding:0 3px;'
        f'margin:1px;display:inline-block">{escape(token)}</span>'
        for place, token in enumerate(tokens)
    )
    asked = f" ({shown_html(question)})" if question else ""
    begun = chips or "아직 뽑은 토큰이 없습니다. 아래 그림은 첫 토큰의 후보입니다."
    end = " (답이 끝났습니다)" if finished else ' <b aria-hidden="true">___</b>' if tokens else ""
    return (
        f'<div style="{_FONT};font-size:15px;line-height:1.6;color:#1f2328;background:#fff;padding:2px 4px">'
        f"<b>답</b>{asked} {begun}{end}</div>"
    )


def heard_html(tokens: Sequence[str], steps: Sequence[Step]) -> str:
    """What changed with a slider or a draw, for screen readers alone: the eye sees it in the picture."""
    said = [f"답: {''.join(tokens)}"] if tokens else []
    for name, step in zip("AB", steps, strict=False):
        first = max(step.candidates, key=lambda one: one.after)
        whose = f"설정 {name}: " if len(steps) > 1 else ""
        said.append(f"{whose}남은 토큰 {step.kept:,}개, 1위 '{first.text}' {percent(first.after)}")
    return f'<div role="status" style="{_HEARD_ONLY}">{escape(". ".join(said))}</div>'


def hints_html() -> str:
    """What each setting does, in a line each."""
    hints = (
        ("온도", "낮추면 1등으로 몰리고, 높이면 고르게 퍼집니다."),
        ("top-k", "확률이 높은 k개만 남깁니다."),
        ("top-p", "누적 확률이 p에 이르는 데까지만 남깁니다."),
        ("뽑기", "남은 토큰에서 '적용 후' 확률대로 뽑습니다."),
    )
    lines = "".join(f'<div style="margin:3px 0"><b>{name}</b> {escape(hint)}</div>' for name, hint in hints)
    return (
        f'<div style="{_FONT};font-size:14px;line-height:1.4;color:#57606a;background:#fff;padding:4px">{lines}</div>'
    )


def message_html(message: str, error: bool = False) -> str:
    """A line that tells what just happened; read aloud by screen readers. Empty for no message."""
    if not message:
        return '<div role="status" style="min-height:25px"></div>'
    look = "color:#8a1c00;border-left:4px solid #a63d00" if error else "color:#1f2328;border-left:4px solid #005a9c"
    lines = "<br>".join(shown_html(line) for line in message.splitlines())
    return (
        f'<div role="{"alert" if error else "status"}" style="{_FONT};font-size:14px;line-height:1.5;'
        f'background:#fff;padding:2px 8px;{look}">{lines}</div>'
    )


def twin_html(question: str, pictures: Sequence[Picture]) -> str:
    """The explorer as a still picture, for pages that run no Python: GitHub, print, a saved notebook."""
    return (
        f"<div><p><b>디코딩 탐색기</b> 질문: {shown_html(question)}</p>{side_by_side(*pictures).html()}"
        "<p>처음 상태를 담은 그림입니다. 이 셀을 실행하면 슬라이더와 단추로 직접 바꾸어 볼 수 있습니다.</p></div>"
    )


def twin_text(question: str, pictures: Sequence[Picture]) -> str:
    """The same in words."""
    return "\n".join([f"디코딩 탐색기. 질문: {question}", *(picture.alt for picture in pictures)])
