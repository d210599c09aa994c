"""All widgets of the course in a real JupyterLab by keyboard alone: reached, named, seen, worked and heard."""

import contrast
import pytest
from browser import chromium, save_screenshot
from jupyter_lab import run_all

from course_utils.chart_page import GRID

pytestmark = pytest.mark.browser

CELL = """from IPython.display import HTML, display
from openai import OpenAI
from course_utils import load_pipeline, progress
from course_utils.approval import ApprovalBoard
from course_utils.chat_widget import CompareChat
from course_utils.explorer import DecodingExplorer
from course_utils.leaderboard import open_llm
from course_utils.leaderboard_table import show_table
from course_utils.ranking_widget import RankingExplorer

pipe, table = load_pipeline("mini"), open_llm().head(30)
drafts = [{"id": f"Q{i}", "question": "무게가 얼마인가요?", "draft": "안녕하세요.", "product": "컵"} for i in (1, 2, 3)]
nobody = OpenAI(base_url="http://127.0.0.1:9/v1", api_key="none", max_retries=0)
board, ranking = ApprovalBoard(drafts), RankingExplorer(table, rows=3)
display(DecodingExplorer(pipe), board, ranking, CompareChat(pipe, nobody, retries=0))
display(show_table(table, columns=["rank", "model", "average"]), progress("ex04"))
display(HTML("<p id='" + "done'>.</p>"))"""
EXPLORER = ["예시", "질문", "한 토큰 뽑아 잇기", "10개 이어 뽑기", "100번 뽑아 보기", "되돌리기", "처음부터", "씨앗"]
EXPLORER += ["두 설정 비교", "온도", "top-k", "top-p", "탐욕적 디코딩(항상 1등만)"]
BOARD = ["보기", "질문", "이전", "다음", "답변", "승인", "초안으로", "되돌리기", "CSV로 저장", "거절 이유", "거절"]
BENCHMARKS = ["IFEval", "BBH", "MATH", "GPQA", "MUSR", "MMLU-PRO"]
RANKING = ["가중치 고르기", *(name for one in BENCHMARKS for name in (one, f"{one} 값")), "순위"]
CHAT = [
    "대화",
    "예시",
    "질문",
    "보내기",
    "새 대화",
    "시스템 프롬프트 펼치기",
    "온도",
    "온도 값",
    "top-p",
    "top-p 값",
    "씨앗",
]
TABLE = ["열 고르기▼", "찾기:", *(f"{name}: 누르면 이 열로 정렬합니다" for name in ("순위", "모델", "평균"))]
FIRST = [*EXPLORER, *BOARD, *RANKING, *CHAT, *TABLE]
# The element with the focus: its name for a screen reader, whether a ring shows it, whether it is inside an output.
FOCUS = """() => {
    const node = document.activeElement, style = getComputedStyle(node), own = node.closest('.course-widget');
    const words = node.matches('select, input, textarea') ? '' : node.innerText;
    const label = node.labels && node.labels[0];
    const name = node.getAttribute('aria-label') || (label && label.innerText) || words;
    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= (own ? 3 : 1);
    return {name: (name || '').trim(), ring, inside: !!node.closest('.jp-OutputArea-output'),
            value: node.getAttribute('aria-valuetext')};
}"""
# Live regions that were there before, so that a screen reader listens to them, and what they say now.
MARK = "() => document.querySelectorAll('.course-widget [aria-live]').forEach(node => node.wasHere = true)"
HEARD = """() => [...document.querySelectorAll('.course-widget [aria-live]')].filter(node => node.wasHere)
    .map(node => node.innerText.trim()).join(' | ')"""
# What leaves its output sideways, unless it scrolls; and controls whose words are cut off.
OUTSIDE = """() => [...document.querySelectorAll('.jp-OutputArea-output')].flatMap(output => {
    const right = output.getBoundingClientRect().right + 1;
    const scrolls = node => { for (; node !== output; node = node.parentElement)
        if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(node).overflowX)) return true; return false; };
    return [...output.querySelectorAll('button, input, select, textarea, label, img, p, b, .widget-readout')]
        .filter(node => node.checkVisibility() && node.getBoundingClientRect().width > 1 && !scrolls(node) &&
            (node.getBoundingClientRect().right > right || (node.matches('button, label') && node.offsetParent &&
             node.scrollWidth > node.clientWidth + 1))).map(node => node.outerHTML.slice(0, 90));
})"""
OUTPUTS = ".jp-OutputArea-child"
SHOW = f"n => document.querySelectorAll('{OUTPUTS}')[n].scrollIntoView()"
THEME = "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})"


@pytest.fixture(scope="module")
def page(jupyter):
    with jupyter.page(CELL) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 900})
        page.set_default_timeout(60_000)
        run_all(page, address)
        page.wait_for_selector("#done", state="attached")
        page.wait_for_selector(".dt-search input")
        page.wait_for_selector(":is(.noUi-handle, .ui-slider-handle)[aria-label=MMLU-PRO]", state="attached")
        yield page


def go_to(page, name, place=0):
    """Put the focus on the control ``name``, the ``place``-th of that name, as Tab would."""
    page.evaluate("document.querySelector('.jp-OutputArea-output select').focus()")
    seen = -1
    for _ in range(len(FIRST) + 10):
        seen += page.evaluate(FOCUS)["name"] == name
        if seen == place:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by Tab")


def hears(page, words):
    page.wait_for_function(f"words => ({HEARD})().includes(words)", arg=words)


def test_every_control_is_reached_in_order_named_and_seen_and_the_way_leads_out(page):
    page.evaluate("document.querySelector('.jp-Notebook').focus()")
    passed = []
    while not (focus := page.evaluate(FOCUS))["inside"]:  # from the cell, as a reader does
        passed.append(focus["name"])
        assert len(passed) < 6, passed
        page.keyboard.press("Tab")
    reached, dim = [], []
    while (focus := page.evaluate(FOCUS))["inside"]:
        reached.append(focus["name"])
        dim += [] if focus["ring"] else [focus["name"]]
        assert len(reached) < len(FIRST) + 12, "no way out"
        page.keyboard.press("Tab")
    assert reached[: len(FIRST)] == FIRST
    assert all(reached) and dim == []
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(FOCUS)["name"] == reached[-1]


def test_sliders_say_their_value_and_the_result_is_heard(page):
    page.evaluate(MARK)
    go_to(page, "온도")
    before = page.evaluate(HEARD)
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"before => ({HEARD})() !== before", arg=before)
    assert page.evaluate(FOCUS)["value"] == "0.9" and "1위 '" in page.evaluate(HEARD)
    go_to(page, "top-k")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    hears(page, "남은 토큰 2개")
    assert page.evaluate(FOCUS)["value"] == "2"
    go_to(page, "한 토큰 뽑아 잇기")
    page.keyboard.press("Enter")
    hears(page, "뽑힌 토큰:")
    go_to(page, "IFEval")
    page.keyboard.press("End")
    page.wait_for_function(f"() => ({FOCUS})().value === '5.0'")
    hears(page, "1위는")


def test_a_draft_is_decided_and_a_failed_question_is_heard(page):
    page.evaluate(MARK)
    go_to(page, "승인")
    page.keyboard.press("Space")
    hears(page, "Q1: 승인.")
    go_to(page, "거절 이유")
    page.keyboard.type("사실과 다름")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    hears(page, "Q2: 거절")
    go_to(page, "가중치 고르기")
    page.keyboard.press("ArrowDown")
    go_to(page, "보내기")
    page.keyboard.press("Enter")
    hears(page, "답을 받지 못한 쪽이 있습니다: API")
    go_to(page, "평균: 누르면 이 열로 정렬합니다")
    page.keyboard.press("Enter")
    page.wait_for_selector("thead th[aria-sort=descending]")


def test_contrast_in_both_themes_of_jupyterlab(page):
    found, count = {}, 0
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        page.evaluate(THEME, theme)
        page.wait_for_timeout(700)
        for place in range(page.locator(OUTPUTS).count()):
            page.evaluate(SHOW, place)
            page.wait_for_timeout(100)
            seen = page.evaluate(contrast.PALE, [[GRID], ".jp-OutputArea-output"])
            count += seen["count"]
            found |= {(theme, place): seen["found"]} if seen["found"] else {}
        save_screenshot(page, f"widgets_{theme}")
    assert found == {} and count > 200


@pytest.mark.parametrize("width", [683, 390])  # a laptop at 200 percent; a phone
def test_nothing_is_cut_off_in_narrow_windows(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate("window.jupyterapp.shell.collapseLeft()")
    page.wait_for_timeout(700)
    save_screenshot(page, f"widgets_{width}")
    assert page.evaluate(OUTSIDE) == []
    page.set_viewport_size({"width": 1366, "height": 900})


def test_what_is_cut_off_would_be_noticed(page):
    wide = '<p style="width:9999px">x</p>'
    page.locator(".jp-OutputArea-output").first.evaluate(
        "(node, html) => node.insertAdjacentHTML('beforeend', html)", wide
    )
    assert len(page.evaluate(OUTSIDE)) == 1
