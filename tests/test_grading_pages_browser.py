"""The grader's pages in a real browser: nothing of a student's runs, nothing is cut off, everything can be read."""

import grading_samples as samples
import pytest
from browser import chromium, save_screenshot, watch

from course_utils.grading.class_report import write_class_report
from course_utils.grading.feedback_page import write_feedback
from course_utils.grading.final_grade import final_grades
from course_utils.grading.manual_page import write_manual_page
from course_utils.grading.similarity import CopyHint, SharedTask

pytestmark = pytest.mark.browser
SCREENS = {"laptop": (1366, 768), "projector": (1024, 768), "phone": (390, 844)}
EVILS = (
    samples.EVIL,
    "<svg onload=document.title='XSS'>",
    "</pre></main><style>body{display:none}</style>",
    '"><iframe src="javascript:parent.document.title=1">',
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "&lt;script&gt;document.title=1&lt;/script&gt;",
)
# Text with too little contrast against its ground (WCAG AA: 4.5, and 3 for large text).
PALE = """() => {
  const light = c => c.map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const of = c => { const [r, g, b] = light(c); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const parsed = text => text.match(/[\\d.]+/g).map(Number);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const c = parsed(getComputedStyle(node).backgroundColor);
      if (c.length < 4 || c[3]) return c.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  let count = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement, style = getComputedStyle(node);
    if (!walker.currentNode.textContent.trim()) continue;
    count++;
    const [a, b] = [of(parsed(style.color).slice(0, 3)), of(ground(node))].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.7 && style.fontWeight >= 700);
    if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5)) found.push(walker.currentNode.textContent);
  }
  return {found, count};
}"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("grades")
    results = samples.a_class()
    hint = CopyHint("ex04", ("수강생01", samples.EVIL), (SharedTask("softmax", 0.8, 20),), 41.6)
    [grade] = final_grades([samples.many_faults()])
    return {
        "class": write_class_report(
            final_grades(results), folder / "class.html", hints=[hint], problems=[samples.EVIL]
        ),
        "manual": write_manual_page(
            final_grades(results), folder / "to_grade.html", schemes={"predict_reason": "기준"}
        ),
        "feedback": write_feedback(grade, folder, "연습 문제 04. 소프트맥스와 온도"),
    }


@pytest.fixture
def opened(browser):
    page = browser.new_page()
    said, requests = watch(page), []
    page.on("request", lambda request: requests.append(request.url))
    page.on("dialog", lambda dialog: (said.append("dialog"), dialog.dismiss()))

    def open_page(path, screen="laptop"):
        width, height = SCREENS[screen]
        page.set_viewport_size({"width": width, "height": height})
        page.goto(path.as_uri())
        return page

    yield open_page
    assert said == [] and [url for url in requests if not url.startswith(("file:", "data:"))] == []
    page.close()


@pytest.mark.parametrize("name", ["class", "manual", "feedback"])
def test_page_fits_every_screen_and_is_readable(opened, pages, name):
    for screen, (width, _) in SCREENS.items():
        page = opened(pages[name], screen)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        save_screenshot(page, f"grading_{name}_{screen}")
    pale = page.evaluate(PALE)
    assert pale["found"] == [] and pale["count"] > 20
    assert page.evaluate("document.documentElement.lang") == "ko"


def test_pale_text_would_be_seen(opened, tmp_path):
    (tmp_path / "pale.html").write_text("<body><p style='color:#999'>a</p><p style='color:#666'>b</p>")
    assert opened(tmp_path / "pale.html").evaluate(PALE) == {"found": ["a"], "count": 2}


@pytest.mark.parametrize("evil", EVILS, ids=range(len(EVILS)))
def test_what_a_student_wrote_stays_text(opened, tmp_path, evil):
    task = samples.task(evil, evil, [samples.failed(evil, evil, (("입력", evil),), title=evil)])
    one = samples.result(evil, [task, samples.reason()], texts={"predict_reason": evil}, notes=(evil,), file=evil)
    [grade] = final_grades([one])
    pages = [
        write_feedback(grade, tmp_path, evil),
        write_manual_page([grade], tmp_path / "m.html", schemes={"predict_reason": evil}, titles={"ex04": evil}),
        write_class_report([grade], tmp_path / "c.html", titles={"ex04": evil}, facts=[(evil, evil)]),
    ]
    for path in pages:
        page = opened(path)
        assert page.evaluate("document.querySelectorAll('script, svg, iframe, form, math, [onerror]').length") == 0
        assert page.evaluate("document.querySelectorAll('main, style').length") == 2
        # Letter for letter, but for what looks like a path of the machine.
        assert evil in page.locator("body").text_content() and page.locator("h1").is_visible()


def test_a_script_in_a_page_would_not_run(browser, pages, tmp_path):
    """The page's own policy holds even where escaping failed."""
    html = pages["feedback"].read_text(encoding="utf-8")
    (tmp_path / "open.html").write_text(html.replace("</main>", f"{samples.EVIL}</main>"), encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "open.html").as_uri())
    assert page.title() != "XSS" and page.evaluate("document.scripts.length") == 1
    page.close()


def test_printed_pages_leave_nothing_out(opened, pages):
    page = opened(pages["class"])
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 without its margins
    cut = "[...document.querySelectorAll('.wide')].filter(box => box.scrollWidth > box.clientWidth + 1).length"
    assert page.evaluate(cut) == 0
