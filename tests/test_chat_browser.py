"""The chat widget as people get it: a question is asked in a real JupyterLab, by keyboard, and in narrow windows."""

import pytest
from browser import chromium, save_screenshot, watch
from jupyter_lab import run_all

pytestmark = pytest.mark.browser

CELL = """from openai import OpenAI
from course_utils import load_pipeline
from course_utils.chat_widget import CompareChat
from course_utils.serving import local_server

server = local_server().start()
client = OpenAI(base_url=server.base_url, api_key=server.api_key, max_retries=0)
chat = CompareChat(load_pipeline("mini"), client, retries=0)
chat.restart.on_click(lambda _: server.stop())  # so that the page can switch the server off
chat"""
SCRIPT = "<script>window.harmed = true</script><img src=x onerror='window.harmed = true'>"
LABELS = ["예시", "질문", "보내기", "새 대화", "시스템 프롬프트 펼치기", "온도", "top-p", "씨앗"]
# The name that stands beside or on the element with the focus.
FOCUSED = """() => {
    const element = document.activeElement;
    const widget = element.closest('.widget-inline-hbox, .widget-inline-vbox');
    const label = widget && widget.querySelector('.widget-label:not([style*="none"])');
    return (label || element.closest('label, button') || element).innerText.trim();
}"""
CUT_LABELS = """() => [...document.querySelectorAll('.jp-OutputArea .widget-label, .jp-OutputArea button')]
    .filter(label => label.offsetParent && label.scrollWidth > label.clientWidth + 1).map(label => label.innerText)"""
# What of the chat leaves the output that holds it, to the left or to the right.
OUTSIDE = """() => {
    const output = document.querySelector('.chat-pipeline').closest('.jp-OutputArea-output');
    const [left, right] = [output.getBoundingClientRect().left, output.getBoundingClientRect().right];
    return [...output.querySelectorAll('.widget-box, input, textarea, select, button, [role=slider], .chat-pipeline, ' +
        '.chat-api, .widget-html-content > div')].filter(element => element.checkVisibility())
        .filter(element => element.getBoundingClientRect().left < left - 0.5 ||
                           element.getBoundingClientRect().right > right + 0.5)
        .map(element => element.className || element.tagName);
}"""


def sides(page):
    return [page.locator(f".chat-{side}").last.bounding_box() for side in ("pipeline", "api")]


def test_a_conversation_by_keyboard_in_jupyterlab(jupyter):
    with jupyter.page(CELL) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(40_000)
        complaints = watch(page)
        run_all(page, address)
        page.get_by_label("예시").focus()
        reached = {page.evaluate(FOCUSED): None}  # in order; a slider takes two steps, with its readout
        for _ in range(len(LABELS) + 1):
            page.keyboard.press("Tab")
            reached[page.evaluate(FOCUSED)] = None
        assert list(reached) == LABELS

        page.get_by_label("질문").fill("이 텀블러 무게가 얼마나 되나요?")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_text("두 답이 모두 왔습니다.").wait_for()
        for side in ("pipeline", "api"):
            assert "텀블러" in page.locator(f".chat-{side}").inner_text()
        page.wait_for_function("!document.querySelector('.jp-OutputArea textarea').disabled")
        page.keyboard.press("Shift+Tab")  # a button that was switched off lost the focus, but not its place
        assert page.evaluate(FOCUSED) == "보내기"
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(FOCUSED) == "질문"

        page.keyboard.type(SCRIPT)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_function("document.querySelectorAll('.chat-api').length == 2")
        page.get_by_text("두 답이 모두 왔습니다.").wait_for()
        assert page.get_by_text(SCRIPT).count() == 1 and page.evaluate("window.harmed") is None

        for width, height in ((1366, 768), (1280, 720), (911, 512), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            if width < 500:  # the list of files takes more than half of such a window
                page.evaluate("window.jupyterapp.shell.collapseLeft()")
            page.wait_for_timeout(500)  # until JupyterLab has shared the room out anew
            save_screenshot(page, f"chat_{width}")
            assert page.evaluate(OUTSIDE) == [] == page.evaluate(CUT_LABELS), width
            left, right = sides(page)
            assert (left["x"] + left["width"] < right["x"]) == (width > 700), f"side by side at {width}"
            assert min(left["width"], right["width"]) >= 200

        page.get_by_role("button", name="새 대화").click()
        page.get_by_text("아직 대화가 없습니다").wait_for()
        page.get_by_label("질문").fill("배송은 언제 시작되나요?")
        page.get_by_role("button", name="보내기").click()
        page.get_by_text("답을 받지 못한 쪽이 있습니다: API").wait_for()
        assert "오류" in page.locator(".chat-api").inner_text() and "서버" in page.locator(".chat-api").inner_text()
        assert "배송" in page.locator(".chat-pipeline").inner_text()
        assert page.get_by_label("질문").input_value() == "배송은 언제 시작되나요?"
        save_screenshot(page, "chat_error")
        assert complaints == []
