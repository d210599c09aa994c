"""The approval board: buttons, fields and filters without a browser; its static twin."""

import pytest

from course_utils.approval import ApprovalBoard
from course_utils.approval_view import plain_html
from course_utils.errors import CourseValueError

ROWS = [
    {"id": f"Q{i}", "question": f"질문 {i}", "draft": f"초안 {i}", "problems": ["살펴봄"] * (i == 1)} for i in range(3)
]
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def board(tmp_path):
    return ApprovalBoard(ROWS, check=lambda row, text: ["확답"] if "반드시" in text else [], save_to=tmp_path / "a.csv")


def statuses(board):
    return [board.decision(row["id"]).status for row in ROWS]


def test_approving_goes_on_to_the_next_undecided_draft(board):
    board.approve("Q1")
    board.approve_button.click()
    assert statuses(board) == ["승인", "승인", "남음"] and board.question.value == "Q2"
    board.approve_button.click()
    assert "모든 초안을 결정했습니다" in board.message.value and board.question.value == "Q2"


def test_typing_renames_the_button_and_the_text_goes_out(board):
    board.answer.value = "반드시 보냅니다"
    assert board.approve_button.description == "고친 글로 승인"
    board.approve_button.click()
    assert board.decision("Q0").answer == "반드시 보냅니다" and "확답" in board.message.value
    assert board.answer.value == "초안 1" and board.approve_button.description == "승인"


def test_text_typed_but_not_approved_waits_for_its_reader(board):
    board.answer.value = "쓰다 만 글"
    board.forward.click()
    assert board.answer.value == "초안 1"
    board.back.click()
    assert board.answer.value == "쓰다 만 글" and statuses(board) == ["남음"] * 3
    board.restore.click()
    assert board.answer.value == "초안 0" and board.approve_button.description == "승인"


def test_a_rejection_needs_a_reason(board):
    board.reject_button.click()
    assert 'role="alert"' in board.message.value and statuses(board)[0] == "남음"
    board.reason.value = "말투가 맞지 않음"
    board.reject_button.click()
    assert board.decision("Q0").reason == "말투가 맞지 않음" and board.reason.value == ""


def test_filters_show_what_they_say(board):
    board.view.value = "살펴볼 것"
    assert [id for _, id in board.question.options] == ["Q1"] and board.answer.value == "초안 1"
    board.approve_button.click()
    board.view.value = "남은 것"
    assert [id for _, id in board.question.options] == ["Q0", "Q2"]
    board.approve_button.click()
    board.approve_button.click()
    assert (
        board.question.options == ()
        and board.approve_button.disabled
        and "'모두'" in board.card.value.replace("&#x27;", "'")
    )
    board.undo_button.click()
    assert board.view.value == "모두" and board.question.value == "Q2" and not board.approve_button.disabled


def test_undo_shows_the_draft_it_brought_back(board):
    board.undo_button.click()
    assert "되돌릴 결정이 없습니다" in board.message.value
    board.reject("Q2", "이유")
    board.question.value = "Q0"
    assert board.undo() == "Q2" and board.question.value == "Q2" and statuses(board) == ["남음"] * 3


def test_saving_says_what_is_left_and_no_folder(board, tmp_path):
    board.approve("Q0")
    board.save_button.click()
    assert "a.csv 파일에 3개" in board.message.value and "2개" in board.message.value
    assert str(tmp_path) not in board.message.value and (tmp_path / "a.csv").exists()


def test_decisions_by_code_show_on_the_board(board):
    board.edit("Q0", "다른 글")
    assert "다른 글" in board.card.value and "고쳐서 승인 1" in board.progress.value
    assert board.question.options[0][0].startswith("✎")


def test_an_empty_queue_shows_itself(tmp_path):
    board = ApprovalBoard([], save_to=tmp_path / "a.csv")
    assert board.approve_button.disabled and "승인할 초안이 없습니다" in board.card.value
    for button in (board.forward, board.approve_button, board.restore, board.undo_button, board.save_button):
        button.click()
    board.view.value = "남은 것"
    assert repr(board) == "승인할 초안이 없습니다." and "승인할 초안" in board._repr_mimebundle_()["text/html"]


def test_wrong_drafts_are_told_where_the_board_is_made():
    with pytest.raises(CourseValueError, match="겹치는"):
        ApprovalBoard([ROWS[0], ROWS[0]])


def test_a_check_that_fails_is_told_on_the_board():
    board = ApprovalBoard(ROWS, check=lambda row, text: 1 / 0)
    board.answer.value = "새 글"
    board.approve_button.click()
    assert "ZeroDivisionError" in board.message.value and board.counts["남음"] == 3


def test_nobody_s_text_becomes_a_tag_or_a_formula():
    bad = "<script>x</script> $a$ \\(b\\)"
    board = ApprovalBoard([dict.fromkeys(("id", "question", "draft", "product", "nickname", "time", "problems"), bad)])
    twin = board._repr_mimebundle_()["text/html"]
    for html in (board.card.value, twin):
        assert "<script" not in html and "$a$" not in html and "\\(" not in html
    assert plain_html("$&") == "<span>$</span>&amp;"


def test_static_twin_says_the_same_and_is_reproducible():
    bundles = []
    for _ in range(2):
        board = ApprovalBoard(ROWS)
        board.reject("Q1", "딴말")
        bundles.append(board._repr_mimebundle_())
    static = [{key: bundle[key] for key in ("text/html", "text/plain")} for bundle in bundles]
    assert static[0] == static[1] and VIEW in bundles[0]
    for kind in static[0].values():
        assert all(text in kind for text in ("Q0", "거절: 딴말", "살펴봄", "남음 2", "초안 2"))
    assert "<caption>" in static[0]["text/html"] and "이 셀을 실행하면" in static[0]["text/html"]
