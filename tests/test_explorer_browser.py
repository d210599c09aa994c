"""The explorer and its pictures as people get them: in a real Chromium, the explorer in a real JupyterLab."""

import numpy as np
import pytest
from browser import chromium, korean_page, save_screenshot
from jupyter_lab import run_all

from course_utils.candidates import Candidates, Settings
from course_utils.token_bars import step_chart

pytestmark = pytest.mark.browser

CELL = """from course_utils import load_pipeline
from course_utils.explorer import DecodingExplorer

DecodingExplorer(load_pipeline("mini"))"""
LABELS = [
    "예시",
    "질문",
    "한 토큰 뽑아 잇기",
    "10개 이어 뽑기",
    "100번 뽑아 보기",
    "되돌리기",
    "처음부터",
    "씨앗",
    "두 설정 비교",
]
LABELS += ["온도", "top-k", "top-p", "탐욕적 디코딩(항상 1등만)"]
# The name that stands beside or on the element with the focus.
FOCUSED = """() => {
    const element = document.activeElement;
    const widget = element.closest('.widget-inline-hbox');
    const label = widget && widget.querySelector('.widget-label:not([style*="none"])');
    return (label || element.closest('label, button') || element).innerText.trim();
}"""
CUT_LABELS = """() => [...document.querySelectorAll('.jp-OutputArea .widget-label, .jp-OutputArea button')]
    .filter(label => label.offsetParent && label.scrollWidth > label.clientWidth + 1).map(label => label.innerText)"""


def test_sliders_move_by_keyboard_in_jupyterlab_and_the_bars_follow(jupyter):
    with jupyter.page(CELL) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(40_000)
        run_all(page, address)
        picture = page.locator(".jp-OutputArea-output img[alt]")
        picture.wait_for()
        first = picture.get_attribute("src")
        assert "온도 1 ·" in picture.get_attribute("alt")

        slider = page.get_by_role("slider").first
        slider.focus()
        for _ in range(3):
            slider.press("ArrowLeft")
        page.wait_for_selector('img[alt*="온도 0.7 ·"]')
        assert picture.get_attribute("src") != first

        page.get_by_role("button", name="한 토큰 뽑아 잇기").click()
        page.get_by_text("뽑힌 토큰:").wait_for()
        page.get_by_label("예시").focus()
        reached = {page.evaluate(FOCUSED): None}  # in order; a step each
        for _ in range(len(LABELS) - 1):
            page.keyboard.press("Tab")
            reached[page.evaluate(FOCUSED)] = None
        assert list(reached) == LABELS
        assert page.evaluate(CUT_LABELS) == []

        page.get_by_label("두 설정 비교").check()
        page.wait_for_selector('img[alt*="설정 B"]')
        assert page.evaluate(CUT_LABELS) == []
        save_screenshot(page, "explorer_compare")


# What a reader sees of the explorer, as [name, left, right, top, bottom], in pixels; first the output that holds it.
BOXES = """() => {
    const output = document.querySelector('.jp-OutputArea-output .widget-box').closest('.jp-OutputArea-output');
    const seen = [...output.querySelectorAll(
        '.widget-box, .widget-box input, .widget-box select, .widget-box button, .widget-box img, .widget-box label,' +
        '.widget-box [role=slider], .widget-readout, .widget-html-content > div')];
    return [output, ...seen.filter(element => element.checkVisibility())].map(element => {
        const box = element.getBoundingClientRect();
        return [element.tagName + ' ' + (element.innerText || element.className || '').slice(0, 30),
                box.left, box.right, box.top, box.bottom];
    });
}"""


def outside(boxes):
    (_, left, right, _, _), *seen = boxes
    assert len(seen) > 20
    return [box for box in seen if box[1] < left - 0.5 or box[2] > right + 0.5]


def test_the_explorer_fits_into_a_narrow_window(jupyter):
    with jupyter.page(CELL.replace('"mini")', '"mini"), compare=True')) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 1000})
        page.set_default_timeout(40_000)
        run_all(page, address)
        for width in (1366, 1024, 911, 390):
            page.set_viewport_size({"width": width, "height": 1000})
            if width < 500:  # the list of files takes more than half of such a window
                page.evaluate("window.jupyterapp.shell.collapseLeft()")
            page.get_by_label("두 설정 비교").check()
            page.wait_for_selector('img[alt*="설정 B"]')
            page.wait_for_timeout(500)  # until JupyterLab has shared the room out anew
            save_screenshot(page, f"explorer_compare_{width}")
            boxes = page.evaluate(BOXES)
            assert outside(boxes) == [] == page.evaluate(CUT_LABELS), width
            [first, second] = [box for box in boxes if box[0].startswith("IMG")]
            assert first[2] <= second[1] or first[4] <= second[3], f"the pictures overlap at {width}"
            assert (first[4] <= second[3]) == (width < 1366), "pictures below one another where there is no room"
            assert min(first[2] - first[1], second[2] - second[1]) > 200
            page.get_by_label("두 설정 비교").uncheck()
            page.wait_for_selector('img[alt*="설정 B"]', state="hidden")
            save_screenshot(page, f"explorer_{width}")
            assert outside(page.evaluate(BOXES)) == [] == page.evaluate(CUT_LABELS), width


TEXT_BOXES = """() => [...document.querySelectorAll('svg')].map(svg => {
    const frame = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('text')].map(text => {
        const box = text.getBoundingClientRect();
        return [text.textContent, ...[box.left, box.right].map(x => x - frame.left),
                ...[box.top, box.bottom].map(y => y - frame.top)];
    }).concat([['frame', 0, frame.width, 0, frame.height]]);
})"""


def samples():
    logits = np.random.default_rng(2).normal(size=102_400) * 3
    words = ["한글로된아주긴토큰입니다", "WWWWWWWWWWWWWWWWWWWWWWWW", "<EC 95>", "👨‍👩‍👧", "العربية", "␣", "ㅎ"]
    candidates = Candidates(logits, [words[token % len(words)] for token in range(len(logits))])
    counts = {int(token): 1000 for token in candidates.ranking(40)}
    for width in (480, 500, 640, 760, 1000):
        for setting in (Settings(), Settings(0.001, 50, 0.95), Settings(10, 20, 0.999), Settings(greedy=True)):
            yield step_chart(candidates.step(setting), width=width, title="설정 A")
            yield step_chart(candidates.step(setting), width=width, counts=counts)


def test_no_words_of_a_picture_overlap_or_leave_it():
    with chromium() as browser:
        page = browser.new_page()
        page.set_content(korean_page("<br>".join(picture.svg for picture in samples())))
        save_screenshot(page, "candidate_charts")
        pictures = page.evaluate(TEXT_BOXES)
    assert len(pictures) == 40
    for *texts, (_, _, width, _, height) in pictures:
        for place, (words, left, right, top, bottom) in enumerate(texts):
            assert min(left, top) >= 0 and right <= width and bottom <= height, f"{words} leaves a picture {width} wide"
            for other, left2, right2, top2, bottom2 in texts[place + 1 :]:
                # Lines of text may touch: a font's box is higher than its letters.
                apart = right <= left2 or right2 <= left or bottom <= top2 + 5 or bottom2 <= top + 5
                assert apart, f"{words} overlaps {other} in a picture {width} wide"
