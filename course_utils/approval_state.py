"""A person's decisions on drafts of answers: approve, edit, reject, undo; the approval board without its widgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from course_utils.errors import CourseError, CourseValueError
from course_utils.tables import listed

APPROVED, EDITED, REJECTED, OPEN = "승인", "고쳐서 승인", "거절", "남음"
STATUSES = (APPROVED, EDITED, REJECTED, OPEN)
_SHOWN = 5  # ids that a message lists

Check = Callable[["Draft", str], Iterable[str]]


@dataclass(frozen=True)
class Draft:
    """A customer's question with the answer that a machine drafted; ``problems``: what the automatic checks found."""

    id: str
    question: str
    draft: str
    product: str = ""
    time: str = ""
    nickname: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What a person decided; ``answer`` is what the customer will read, empty unless approved."""

    status: str = OPEN
    answer: str = ""
    reason: str = ""
    problems: tuple[str, ...] = ()


class Approvals:
    """Drafts and the decisions on them, in the order of the queue."""

    def __init__(self, drafts: Any, check: Check | None = None) -> None:
        """Args:
            drafts: a table (DataFrame) or a list of dictionaries with ``id``, ``question`` and ``draft``; ``product``,
                ``time``, ``nickname`` and ``problems`` (a text or a list of texts) may be there too.
            check: called with a draft and the text to be sent; gives the problems of an edited text in words.

        Raises:
            CourseValueError: no table, missing columns, empty or repeated ids.
        """
        self.drafts = checked_drafts(drafts)
        self._check = check
        self._decisions = {one.id: Decision() for one in self.drafts}
        self._past: list[tuple[str, Decision]] = []

    # --- decisions ---

    def approve(self, id: Any) -> Decision:
        """The draft goes out as it is.

        Raises:
            CourseValueError: no such id, or a draft without a letter.
        """
        one = self.draft(id)
        if not one.draft.strip():
            raise CourseValueError(f"{one.id}의 초안이 비어 있어 승인할 수 없습니다. 답을 적거나 거절해 주십시오.")
        return self._decide(one, Decision(APPROVED, one.draft, problems=one.problems))

    def edit(self, id: Any, text: str) -> Decision:
        """``text`` goes out instead of the draft; text that equals the draft counts as approved.

        Raises:
            CourseValueError: no such id, or no text.
        """
        one = self.draft(id)
        if not isinstance(text, str) or not text.strip():
            raise CourseValueError(f"{one.id}의 답이 비어 있습니다. 손님에게 보낼 답을 적어 주십시오.")
        if text.strip() == one.draft.strip():
            return self.approve(one.id)
        problems = _texts(self._check(one, text.strip())) if self._check else ()
        return self._decide(one, Decision(EDITED, text.strip(), problems=problems))

    def reject(self, id: Any, reason: str) -> Decision:
        """Nothing goes out; a person will answer otherwise.

        Raises:
            CourseValueError: no such id, or no reason.
        """
        one = self.draft(id)
        if not isinstance(reason, str) or not reason.strip():
            raise CourseValueError(f"{one.id}: 거절하는 이유를 적어 주십시오. 나중에 봇을 고칠 때 씁니다.")
        return self._decide(one, Decision(REJECTED, reason=reason.strip()))

    def undo(self) -> str:
        """Take the last decision back; returns its id.

        Raises:
            CourseError: nothing has been decided yet.
        """
        if not self._past:
            raise CourseError("되돌릴 결정이 없습니다.")
        id, before = self._past.pop()
        self._decisions[id] = before
        return id

    def _decide(self, one: Draft, decision: Decision) -> Decision:
        self._past.append((one.id, self._decisions[one.id]))
        self._decisions[one.id] = decision
        return decision

    # --- what there is ---

    def draft(self, id: Any) -> Draft:
        """The draft with this id.

        Raises:
            CourseValueError: there is none.
        """
        for one in self.drafts:
            if one.id == str(id).strip():
                return one
        known = listed((one.id for one in self.drafts), _SHOWN) or "없음"
        raise CourseValueError(f"번호가 {id!r:.40}인 초안이 없습니다. 있는 번호: {known}")

    def decision(self, id: Any) -> Decision:
        """What was decided on the draft with this id; status ``OPEN`` before that."""
        return self._decisions[self.draft(id).id]

    def text(self, id: Any) -> str:
        """What the customer would read as things stand: the approved answer, else the draft."""
        return self.decision(id).answer or self.draft(id).draft

    @property
    def counts(self) -> dict[str, int]:
        """How many drafts have each of the four statuses."""
        found = Counter(one.status for one in self._decisions.values())
        return {status: found[status] for status in STATUSES}

    def needs_attention(self, id: Any) -> bool:
        """Whether the automatic checks found something in the draft or in the text that was put in its place."""
        return bool(self.draft(id).problems or self.decision(id).problems)

    def rows(self) -> list[tuple[Draft, Decision]]:
        """Every draft with its decision."""
        return [(one, self._decisions[one.id]) for one in self.drafts]


def problems_now(one: Draft, decision: Decision) -> tuple[str, ...]:
    """What the checks found in the text as it stands: the draft's problems are not those of an edited text."""
    return decision.problems if decision.status == EDITED else one.problems


def checked_drafts(drafts: Any) -> tuple[Draft, ...]:
    """``drafts`` as ``Draft`` objects; see ``Approvals``."""
    rows = _rows(drafts)
    missing = {name for row in rows for name in ("id", "question", "draft") if name not in row}
    if missing:
        raise CourseValueError(
            f"초안에 없는 열: {', '.join(sorted(missing))}. 열 이름은 id(번호), question(질문), draft(초안)입니다."
        )
    found = [_draft(row) for row in rows]
    if not all(one.id for one in found):
        raise CourseValueError("번호(id)가 빈 초안이 있습니다. 초안마다 서로 다른 번호를 붙여 주십시오.")
    repeated = [id for id, times in Counter(one.id for one in found).items() if times > 1]
    if repeated:
        raise CourseValueError(
            f"번호(id)가 겹치는 초안이 있습니다: {listed(repeated, _SHOWN)}. 초안마다 서로 다른 번호를 붙여 주십시오."
        )
    return tuple(found)


def _rows(drafts: Any) -> list[dict[str, Any]]:
    if hasattr(drafts, "to_dict") and hasattr(drafts, "columns"):
        if len(drafts) == 0:
            return []
        drafts = drafts.to_dict("records")
    if isinstance(drafts, Sequence) and not isinstance(drafts, str | bytes):
        if all(isinstance(row, Draft) for row in drafts):
            return [vars(row) for row in drafts]
        if all(isinstance(row, Mapping) for row in drafts):
            return [dict(row) for row in drafts]
    raise CourseValueError(
        "승인할 초안은 표(DataFrame)나 딕셔너리의 리스트로 넣어 주십시오.\n"
        '예: [{"id": "Q01", "question": "방수 되나요?", "draft": "안녕하세요, 고객님. ..."}]'
    )


def _draft(row: Mapping[str, Any]) -> Draft:
    texts = {name: _text(row.get(name)) for name in ("id", "question", "draft", "product", "time", "nickname")}
    one = Draft(**texts)
    return replace(one, id=one.id.strip(), problems=_texts(row.get("problems")))


def _text(value: Any) -> str:
    """A cell as text; a missing value (None, NaN, NaT) as nothing."""
    return "" if value is None or value != value else str(value)


def _texts(values: Any) -> tuple[str, ...]:
    listed_values = values if isinstance(values, Iterable) and not isinstance(values, str) else [values]
    return tuple(text for value in listed_values if (text := _text(value).strip()))
