"""Decisions on drafts: what they leave behind, undo against a model, and drafts that cannot be used."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.approval_state import APPROVED, EDITED, OPEN, REJECTED, Approvals, Decision
from course_utils.errors import CourseError, CourseValueError

ROWS = [{"id": f"Q{i}", "question": f"질문 {i}", "draft": f"초안 {i}"} for i in range(3)]


@pytest.fixture
def approvals():
    return Approvals(ROWS, check=lambda row, text: ["확답"] if "반드시" in text else [])


def test_each_decision_has_its_status_and_only_approved_answers_go_out(approvals):
    approvals.approve("Q0")
    approvals.edit("Q1", " 고친 글 ")
    approvals.reject("Q2", " 딴말 ")
    assert approvals.decision("Q0") == Decision(APPROVED, "초안 0")
    assert approvals.decision("Q1") == Decision(EDITED, "고친 글")
    assert approvals.decision("Q2") == Decision(REJECTED, "", "딴말")
    assert approvals.counts == {APPROVED: 1, EDITED: 1, REJECTED: 1, OPEN: 0}


def test_text_that_equals_the_draft_counts_as_approved(approvals):
    assert approvals.edit("Q0", "초안 0\n").status == APPROVED


def test_an_edited_text_goes_through_the_checks(approvals):
    assert approvals.edit("Q0", "반드시 보냅니다").problems == ("확답",)
    assert approvals.needs_attention("Q0") and not approvals.needs_attention("Q1")


steps = st.lists(st.tuples(st.sampled_from(["approve", "edit", "reject", "undo"]), st.integers(0, 2)), max_size=20)


@given(steps)
def test_undo_goes_back_exactly_one_decision(steps):
    approvals = Approvals(ROWS)
    past = [dict.fromkeys((row["id"] for row in ROWS), Decision())]
    for name, place in steps:
        id = f"Q{place}"
        if name == "undo":
            if len(past) == 1:
                with pytest.raises(CourseError):
                    approvals.undo()
                continue
            past.pop()
            approvals.undo()
        else:
            arguments = {"approve": (), "edit": ("새 글",), "reject": ("이유",)}[name]
            past.append({**past[-1], id: getattr(approvals, name)(id, *arguments)})
        assert {row["id"]: approvals.decision(row["id"]) for row in ROWS} == past[-1]
        assert sum(approvals.counts.values()) == 3


def test_tables_and_lists_give_the_same_drafts():
    rows = [{**ROWS[0], "id": 7, "problems": ["가", ""], "nickname": None}, {**ROWS[1], "problems": "나"}]
    for drafts in (rows, tuple(rows), pd.DataFrame(rows)):
        first, second = Approvals(drafts).drafts
        assert (first.id, first.nickname, first.problems, second.problems) == ("7", "", ("가",), ("나",))
    assert Approvals(Approvals(rows).drafts).drafts == Approvals(rows).drafts


def test_an_empty_queue_is_a_queue():
    for nothing in ([], pd.DataFrame(), pd.DataFrame(columns=["id", "question", "draft"])):
        assert Approvals(nothing).rows() == []


@pytest.mark.parametrize(
    "drafts, told",
    [
        ([ROWS[0], ROWS[1], ROWS[0]], "겹치는.*Q0"),
        (pd.DataFrame(ROWS).assign(id=1), "겹치는"),
        ([{"id": "1", "question": "가"}], "없는 열: draft"),
        (pd.DataFrame(ROWS).drop(columns="question"), "없는 열: question"),
        ([{**ROWS[0], "id": " "}], "번호"),
        ([{**ROWS[0], "id": float("nan")}], "번호"),
        *((wrong, "DataFrame") for wrong in (None, 5, "초안", ["초안"], {"id": "1"}, b"")),
    ],
)
def test_drafts_that_cannot_be_used_are_told_in_korean(drafts, told):
    with pytest.raises(CourseValueError, match=told):
        Approvals(drafts)


def test_decisions_that_cannot_be_meant_are_refused_and_change_nothing(approvals):
    for wrong in (
        lambda: approvals.approve("Q9"),
        lambda: approvals.edit("Q0", "  "),
        lambda: approvals.edit("Q0", None),
        lambda: approvals.reject("Q0", ""),
        lambda: Approvals([{**ROWS[0], "draft": " "}]).approve("Q0"),
    ):
        with pytest.raises(CourseValueError):
            wrong()
    with pytest.raises(CourseError, match="되돌릴"):
        approvals.undo()
    assert approvals.counts[OPEN] == 3
