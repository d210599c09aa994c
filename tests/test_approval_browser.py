"""The approval board as a reader gets it: in a real JupyterLab, by keyboard, on screens of several widths."""

import re

import pytest
from browser import chromium, save_screenshot
from jupyter_lab import run_all

pytestmark = pytest.mark.browser

CELL = """from course_utils.approval import ApprovalBoard

long = "안녕하세요. 지난달에 아버지 생신 선물로 보온병을 하나 샀는데 무척 좋아하셔서 하나 더 사려고 합니다. " * 4
drafts = [
    {"id": "Q1", "question": "<b>급해요</b> $a_1$ 또는 $b$", "draft": "안녕하세요, 고객님.", "product": "원피스",
     "nickname": "별이엄마", "time": "2026-11-02 19:05"},
    {"id": "Q2", "question": long, "draft": "확인하겠습니다.", "product": "보온병",
     "problems": ["항의하는 질문입니다."]},
    {"id": "Q3", "question": "가" * 200, "draft": "답변드리겠습니다.", "product": "우산"},
]
ApprovalBoard(drafts, check=lambda row, text: ["확답으로 보이는 말"] if "반드시" in text else [])"""
ORDER = ["보기", "질문", "이전", "다음", "답변", "승인", "초안으로", "되돌리기", "CSV로 저장", "거절 이유", "거절"]
# The name of the element with the focus: of its label, or its own.
FOCUSED = """() => {
    const element = document.activeElement;
    const label = element.closest('.jupyter-widgets') && element.closest('.jupyter-widgets').querySelector('label');
    return (label || element).innerText.trim();
}"""
BOXES = """() => {
    const output = document.querySelector('.jp-OutputArea-output .widget-box').closest('.jp-OutputArea-output');
    const seen = output.querySelectorAll('input, select, button, textarea, label, .course-approval-card');
    return [output, ...seen].filter(element => element.checkVisibility()).map(element => {
        const box = element.getBoundingClientRect();
        return [element.tagName + ' ' + (element.innerText || '').slice(0, 20), box.left, box.right,
                element.scrollWidth - element.clientWidth];
    });
}"""


def button(page, words):
    """The button with exactly these words; its accessible name also holds the icon's letter."""
    return page.locator("button", has_text=re.compile(rf"^\s*{words}\s*$"))


def test_a_queue_is_decided_by_keyboard_and_fits_every_screen(jupyter):
    with jupyter.page(CELL) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 900})
        page.set_default_timeout(40_000)
        run_all(page, address)
        card = page.locator(".course-approval-card")
        card.wait_for()
        assert "<b>급해요</b> $a_1$ 또는 $b$" in card.inner_text()  # letter for letter: no tag, no formula
        assert card.locator("mjx-container, .MathJax").count() == 0

        page.get_by_label("보기").focus()
        reached = [page.evaluate(FOCUSED)]
        for _ in ORDER[1:]:
            page.keyboard.press("Tab")
            reached.append(page.evaluate(FOCUSED))
        assert reached == ORDER

        button(page, "승인").press("Space")
        page.get_by_text("Q1: 승인.").wait_for()
        assert "Q2" in card.inner_text() and "항의하는 질문입니다." in card.inner_text()
        assert page.evaluate(FOCUSED) == "승인"  # the focus stays, the next draft is one key away

        page.get_by_label("답변").fill("반드시 확인하겠습니다.")
        button(page, "고친 글로 승인").press("Enter")
        page.get_by_text("Q2: 고쳐서 승인. 자동 점검에 걸린 것: 확답으로 보이는 말").wait_for()
        page.get_by_label("거절 이유").fill("딴말")
        button(page, "거절").press("Enter")
        page.get_by_text("모든 초안을 결정했습니다").wait_for()
        button(page, "CSV로 저장").click()
        page.get_by_text("shop_answers.csv 파일에 3개를 저장했습니다").wait_for()
        assert "'" not in (jupyter.work / "shop_answers.csv").read_text(encoding="utf-8-sig")

        page.evaluate("window.jupyterapp.shell.collapseLeft()")
        for width in (1366, 911, 390):  # 911: 1366 pixels at 150 %
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(400)  # until JupyterLab has shared the room out anew
            save_screenshot(page, f"approval_{width}")
            (_, left, right, _), *seen = page.evaluate(BOXES)
            assert len(seen) > 15
            assert [box for box in seen if box[1] < left - 0.5 or box[2] > right + 0.5] == [], width
            assert [box for box in seen if box[0].startswith(("BUTTON", "LABEL")) and box[3] > 1] == [], width
