"""What the approval board shows apart from its controls: HTML and text, from values alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from course_utils.approval_state import APPROVED, EDITED, OPEN, REJECTED, Approvals, Decision, Draft, problems_now
from course_utils.picture import FONT_FAMILY
from course_utils.shown_text import shown_html
from course_utils.tables import html_table

NOTHING = "이 보기에는 초안이 없습니다. '보기'를 '모두'로 바꾸어 주십시오."
EMPTY = "승인할 초안이 없습니다."
_NO_PROBLEM = "걸린 것이 없습니다."
_MARKS = {APPROVED: "✓", EDITED: "✎", REJECTED: "✕", OPEN: "○"}  # tells the status without colour
_FRAME = {APPROVED: "#1a7f37", EDITED: "#005a9c", REJECTED: "#a63d00", OPEN: "#57606a"}
_BOX = f"font-family:{FONT_FAMILY};font-size:15px;line-height:1.6;color:#1f2328;background:#fff;overflow-wrap:anywhere"
_HINT = "이 셀을 실행하면 단추로 직접 승인하고, 고치고, 거절할 수 있습니다."


def plain_html(text: str) -> str:
    """Somebody's text as HTML that shows it letter for letter: no tags, and no formulas out of ``$`` and ``\\``.

    A notebook typesets what stands between two dollar signs; a sign in a tag of its own is left alone.
    """
    return _not_typeset("\n".join(map(shown_html, text.split("\n"))))


def _not_typeset(html: str) -> str:
    return html.replace("\\", "<span>\\</span>").replace("$", "<span>$</span>")


def counts_text(counts: Mapping[str, int]) -> str:
    """``승인 3 · 고쳐서 승인 1 · 거절 0 · 남음 20``."""
    return " · ".join(f"{status} {number}" for status, number in counts.items())


def counts_html(counts: Mapping[str, int]) -> str:
    """How far the work is, in words and as a bar."""
    total = sum(counts.values())
    parts = "".join(
        f'<span style="display:inline-block;height:8px;width:{100 * number / total:.2f}%;background:{_FRAME[status]};'
        f'opacity:{0.25 if status == OPEN else 1}"></span>'
        for status, number in counts.items()
        if number
    )
    bar = f'<div aria-hidden="true" style="line-height:0;max-width:480px;font-size:0">{parts}</div>'
    return f'<div style="{_BOX};padding:2px 4px"><b>{escape(counts_text(counts))}</b>{bar}</div>'


def card_html(one: Draft, decision: Decision, place: int, total: int) -> str:
    """A question with what the checks found in the draft and what was decided; ``place`` counts from 1."""
    about = " · ".join(filter(None, (one.product, one.nickname, one.time)))
    state = f"{_MARKS[decision.status]} {decision.status}"
    checked = "고친 글의 자동 점검" if decision.status == EDITED else "초안의 자동 점검"
    parts = [
        f"<div><b>{plain_html(one.id)}</b> ({place}/{total}) {plain_html(about)}"
        f' <b style="color:{_FRAME[decision.status]};white-space:nowrap">[{escape(state)}]</b></div>',
        f'<div style="white-space:pre-wrap;background:#f6f8fa;border-left:4px solid #57606a;padding:4px 10px;'
        f'margin:4px 0">{plain_html(one.question)}</div>',
        f"<div><b>{checked}</b> {_problems_html(problems_now(one, decision))}</div>",
    ]
    if decision.reason:
        parts.append(f"<div><b>거절 이유</b> {plain_html(decision.reason)}</div>")
    elif decision.answer:
        parts.append(f'<div style="white-space:pre-wrap"><b>나갈 답변</b> {plain_html(decision.answer)}</div>')
    look = f"{_BOX};border:1px solid #d0d7de;border-left:6px solid {_FRAME[decision.status]};padding:6px 10px"
    return f'<div class="course-approval-card" style="{look}">{"".join(parts)}</div>'


def _problems_html(problems: Sequence[str]) -> str:
    if not problems:
        return _NO_PROBLEM
    items = "".join(f"<li>{plain_html(text)}</li>" for text in problems)
    return f'<ul style="margin:0;padding-left:1.4em;color:#8a1c00">{items}</ul>'


def note_html(text: str) -> str:
    """A card without a question."""
    return f'<div style="{_BOX};padding:10px">{escape(text)}</div>'


def choice_label(one: Draft, decision: Decision) -> str:
    """A line of the list of questions: ``○ Q03 운동화``; ``!`` where the checks found something."""
    found = "! " if problems_now(one, decision) else ""
    about = one.product or " ".join(one.question.split())[:20]
    return f"{_MARKS[decision.status]} {found}{one.id} {about}".strip()


def twin_html(approvals: Approvals) -> str:
    """The board as a table, for pages that run no Python: GitHub, print, a saved notebook."""
    headers = ("번호", "질문", "답변", "자동 점검", "결정")
    if not approvals.drafts:
        return f"<p>{EMPTY}</p>"
    rows = [
        [one.id, one.question, _answer(one, decision), _problems(one, decision), _decided(decision)]
        for one, decision in approvals.rows()
    ]
    cells = "div.course-approval table :is(th,td)"
    style = (
        f"<style>{cells}{{vertical-align:top}}{cells}:nth-child(1){{white-space:nowrap}}"
        f"{cells}:nth-child(2),{cells}:nth-child(3){{min-width:14em;overflow-wrap:anywhere}}"
        f"{cells}:nth-child(4),{cells}:nth-child(5){{min-width:6em}}</style>"
    )
    table = _not_typeset(html_table(f"승인판: {counts_text(approvals.counts)}", headers, rows))
    box = '<div class="course-approval" role="region" aria-label="승인판" tabindex="0" style="overflow-x:auto">'
    return f"{style}{box}{table}</div><p>{_HINT}</p>"


def twin_text(approvals: Approvals) -> str:
    """The same in words."""
    lines = [f"승인판. {counts_text(approvals.counts)}" if approvals.drafts else EMPTY]
    for one, decision in approvals.rows():
        found = _problems(one, decision)
        checked = "" if found == _NO_PROBLEM else f" (점검: {found})"
        lines.append(f"{one.id} [{_decided(decision)}] {_answer(one, decision)}{checked}")
    return "\n".join(lines)


def _answer(one: Draft, decision: Decision) -> str:
    return decision.answer or one.draft


def _problems(one: Draft, decision: Decision) -> str:
    return " / ".join(problems_now(one, decision)) or _NO_PROBLEM


def _decided(decision: Decision) -> str:
    return f"{decision.status}: {decision.reason}" if decision.reason else decision.status
