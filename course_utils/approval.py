"""The approval board: a person reads every draft, and nothing goes out that was not approved.

board = ApprovalBoard(drafts)     # drafts: a DataFrame or a list of dictionaries with id, question, draft
board                             # last expression of a cell: the board with its buttons
board.approve("Q01")              # the same by code
board.to_csv("answers.csv")
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from course_utils.approval_csv import save_csv
from course_utils.approval_state import OPEN, Approvals, Check, Decision
from course_utils.approval_view import (
    EMPTY,
    NOTHING,
    card_html,
    choice_label,
    counts_html,
    note_html,
    twin_html,
    twin_text,
)
from course_utils.explorer_view import message_html
from course_utils.widget_access import mimebundle, tended
from course_utils.widget_actions import button, run_and_tell

REASONS = ("사실과 다름", "질문과 맞지 않음", "말투가 맞지 않음", "담당자가 직접 답함", "답하지 않을 질문")
_ALL, _ATTENTION, _OPEN = "모두", "살펴볼 것", "남은 것"
_APPROVE, _APPROVE_EDITED = "승인", "고친 글로 승인"
_LABEL = {"description_width": "70px"}


class ApprovalBoard:
    """Widgets around ``Approvals``; where no Python runs, a table of the drafts stands in its place."""

    def __init__(self, drafts: Any, check: Check | None = None, save_to: str | Path = "shop_answers.csv") -> None:
        """Args:
            drafts: as ``Approvals`` takes them.
            check: as ``Approvals`` takes it: what is wrong with an edited text.
            save_to: where the board's own button saves; a relative path counts from the working folder.

        Raises:
            CourseValueError: drafts that ``Approvals`` does not take.
        """
        self.approvals = Approvals(drafts, check)
        self._save_to = Path(save_to)
        self._typed: dict[str, str] = {}  # changed but not yet approved, by id
        self._id = self.approvals.drafts[0].id if self.approvals.drafts else ""
        self._moving = False
        self._build()
        self._redraw()

    def _build(self) -> None:
        def field(share: str) -> widgets.Layout:
            return widgets.Layout(flex=share, min_width="0", max_width="min(420px, 100%)")

        self.view = widgets.Dropdown(
            options=(_ALL, _ATTENTION, _OPEN), description="보기", style=_LABEL, layout=field("1 1 200px")
        )
        self.question = widgets.Dropdown(options=(), description="질문", style=_LABEL, layout=field("2 1 240px"))
        self.back = button("이전", "arrow-left", "", lambda: self._step(-1), self._on)
        self.forward = button("다음", "arrow-right", "", lambda: self._step(1), self._on)
        self.answer = widgets.Textarea(
            description="답변", rows=5, style=_LABEL, layout=widgets.Layout(width="auto", max_width="900px")
        )
        self.approve_button = button(_APPROVE, "check", "primary", self._approve_shown, self._on)
        self.restore = button("초안으로", "eraser", "", self._restore, self._on)
        self.reason = widgets.Combobox(
            options=REASONS,
            placeholder="고르거나 직접 적기",
            description="거절 이유",
            ensure_option=False,
            style=_LABEL,
            layout=field("1 1 260px"),
        )
        self.reject_button = button("거절", "times", "", self._reject_shown, self._on)
        self.undo_button = button("되돌리기", "undo", "", self._undo_last, self._on)
        self.save_button = button("CSV로 저장", "save", "", self._save, self._on)
        self.progress, self.card = widgets.HTML(""), widgets.HTML("")
        self.message = widgets.HTML(message_html(""))
        self.view.observe(self._on(lambda _: self._redraw()), names="value")
        self.question.observe(self._on(lambda change: self._show(change["new"])), names="value")
        self.answer.observe(self._on(lambda change: self._type(change["new"]), quiet=True), names="value")
        wrap = widgets.Layout(flex_flow="row wrap", max_width="100%")
        rows = (
            (self.view, self.question, self.back, self.forward),
            (self.approve_button, self.restore, self.undo_button, self.save_button),
            (self.reason, self.reject_button),
        )
        first, decide, other = (widgets.Box(row, layout=wrap) for row in rows)
        parts = (self.progress, first, self.card, self.answer, decide, other, self.message)
        self.box = tended(widgets.VBox(parts, layout=widgets.Layout(max_width="100%")))

    def _on(self, action: Callable[[Any], None], quiet: bool = False) -> Callable[[Any], None]:
        """The action as a callback whose errors are shown on the board: a callback's trace would get lost."""

        def callback(event: Any) -> None:
            if self._moving:  # the board itself moved a control
                return
            if not quiet:
                self._say("")
            run_and_tell(self._say, lambda: action(event))

        return callback

    # --- by code ---

    def approve(self, id: Any) -> None:
        """The draft goes out as it is; errors as in ``Approvals.approve``."""
        self.approvals.approve(id)
        self._decided(id)

    def edit(self, id: Any, text: str) -> None:
        """``text`` goes out instead of the draft; errors as in ``Approvals.edit``."""
        self.approvals.edit(id, text)
        self._decided(id)

    def reject(self, id: Any, reason: str) -> None:
        """Nothing goes out; errors as in ``Approvals.reject``."""
        self.approvals.reject(id, reason)
        self._decided(id)

    def undo(self) -> str:
        """Take the last decision back and show its draft; returns its id. Errors as in ``Approvals.undo``."""
        self._id = self.approvals.undo()
        self._redraw()
        return self._id

    def decision(self, id: Any) -> Decision:
        """What was decided on the draft with this id."""
        return self.approvals.decision(id)

    @property
    def counts(self) -> dict[str, int]:
        """How many drafts have each status."""
        return self.approvals.counts

    def to_csv(self, path: str | Path) -> Path:
        """Save everything as a CSV file for spreadsheets; errors as in ``save_csv``."""
        return save_csv(self.approvals, path)

    def _decided(self, id: Any) -> None:
        self._typed.pop(self.approvals.draft(id).id, None)
        self._redraw()

    # --- what the controls do ---

    def _visible(self) -> list[str]:
        drafts, state = self.approvals.drafts, self.approvals
        if self.view.value == _ATTENTION:
            return [one.id for one in drafts if state.needs_attention(one.id)]
        if self.view.value == _OPEN:
            return [one.id for one in drafts if state.decision(one.id).status == OPEN]
        return [one.id for one in drafts]

    def _show(self, id: str | None) -> None:
        if id is not None:
            self._id = id
            self._redraw()

    def _step(self, distance: int) -> None:
        ids = self._visible()
        self._show(ids[(ids.index(self._id) + distance) % len(ids)])

    def _type(self, text: str) -> None:
        self._typed[self._id] = text
        self._name_approval()

    def _restore(self) -> None:
        self._typed[self._id] = self.approvals.draft(self._id).draft
        self._redraw()

    def _approve_shown(self) -> None:
        id, after = self._id, self._next_open()
        self.approvals.edit(id, self.answer.value)  # text as in the draft counts as approved
        self._go_on(id, after)

    def _reject_shown(self) -> None:
        id, after = self._id, self._next_open()
        self.approvals.reject(id, self.reason.value)
        self.reason.value = ""
        self._go_on(id, after)

    def _next_open(self) -> str:
        """The next draft of this view without a decision, seen from the present one; it itself when there is none."""
        ids = self._visible()
        here = ids.index(self._id)
        waiting = (id for id in ids[here + 1 :] + ids[:here] if self.decision(id).status == OPEN)
        return next(waiting, self._id)

    def _go_on(self, id: str, after: str) -> None:
        decision = self.decision(id)
        self._typed.pop(id, None)
        self._id = after
        self._redraw()
        found = f" 자동 점검에 걸린 것: {'; '.join(decision.problems)}" if decision.problems else ""
        done = "" if self.counts[OPEN] else " 모든 초안을 결정했습니다. 'CSV로 저장'을 눌러 주십시오."
        self._say(f"{id}: {decision.status}.{found}{done}")

    def _undo_last(self) -> None:
        self.view.value = _ALL  # the draft must be there to be shown
        self._say(f"{self.undo()}의 마지막 결정을 되돌렸습니다.")

    def _save(self) -> None:
        path = self.to_csv(self._save_to)
        self._say(f"{path.name} 파일에 {len(self.approvals.drafts)}개를 저장했습니다. 남은 초안: {self.counts[OPEN]}개")

    # --- what is shown ---

    def _redraw(self) -> None:
        ids = self._visible()
        if ids and self._id not in ids:
            self._id = ids[0]
        self._moving = True
        try:
            rows = {one.id: (one, decision) for one, decision in self.approvals.rows()}
            self.question.options = [(choice_label(*rows[id]), id) for id in ids]
            self.question.value = self._id if ids else None
            self.answer.value = self._typed.get(self._id, self.approvals.text(self._id)) if ids else ""
        finally:
            self._moving = False
        controls = (self.question, self.back, self.forward, self.answer, self.restore, self.reason)
        for control in (*controls, self.approve_button, self.reject_button):
            control.disabled = not ids
        self.progress.value = counts_html(self.counts) if rows else ""
        if ids:
            self.card.value = card_html(*rows[self._id], ids.index(self._id) + 1, len(ids))
        else:
            self.card.value = note_html(NOTHING if rows else EMPTY)
        self._name_approval()

    def _name_approval(self) -> None:
        same = not self._id or self.answer.value.strip() == self.approvals.draft(self._id).draft.strip()
        self.approve_button.description = _APPROVE if same else _APPROVE_EDITED

    def _say(self, message: str, error: bool = False) -> None:
        self.message.value = message_html(message, error)

    def __repr__(self) -> str:
        return twin_text(self.approvals)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return mimebundle(self.box, repr(self), twin_html(self.approvals))
