"""Slides of the lessons: nothing of a lesson is lost, nothing is fetched while showing, every slide is readable."""

import hashlib
import re
from base64 import b64encode
from urllib.error import URLError

import nbformat
import pytest
from browser import chromium, save_screenshot, watch
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.bootstrap import BOOTSTRAP_ID
from tools.run_notebooks import NOTEBOOKS
from tools.slides import __main__ as command
from tools.slides import libraries
from tools.slides.blocks import blocks, first_sentence
from tools.slides.deck import OUTPUT_ONLY, slides_of

LESSONS = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))


def squeezed(text):
    """Letters and digits only: marks of layout are the slides' own."""
    return re.sub(r"\W+", "", text)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem[:2])
def test_every_sentence_code_cell_and_output_of_a_lesson_is_in_its_slides(path):
    lesson = nbformat.read(path, as_version=4)
    deck = slides_of(lesson)
    said = squeezed(" ".join(cell.source for cell in deck.cells if cell.cell_type == "markdown"))
    for cell in lesson.cells:
        if cell.cell_type == "markdown":
            for block in blocks(cell.source):
                assert squeezed(block.text) in said, block.text
    cells = [cell for cell in lesson.cells if cell.cell_type == "code" and cell.get("id") != BOOTSTRAP_ID]
    code = [cell for cell in deck.cells if cell.cell_type == "code"]
    assert [cell.source for cell in code if OUTPUT_ONLY not in cell.metadata.get("tags", [])] == [
        cell.source for cell in cells
    ]
    assert [cell.outputs for cell in code if cell.outputs] == [cell.outputs for cell in cells if cell.outputs]


def kinds(notebook):
    return [(cell.metadata.slideshow.slide_type, cell.source.split("\n")[0]) for cell in slides_of(notebook).cells]


def test_the_output_waits_for_a_key_and_the_prose_is_for_the_speaker():
    told = "## 1. 절\n\n이론입니다.\n\n**하는 일**: 더합니다. 둘을 더합니다."
    stream = [new_output("stream", text="2\n")]
    cells = [
        new_markdown_cell(f"# 제목\n\n{told}"),
        new_code_cell("print(1 + 1)", outputs=stream),
        new_markdown_cell("**읽는 법**: 둘입니다."),
    ]
    assert kinds(new_notebook(cells=cells)) == [
        ("slide", "# 제목"),
        ("slide", "## 1. 절"),
        ("-", "이론입니다."),
        ("notes", "이론입니다."),
        ("subslide", '<p class="where">1. 절</p>'),
        ("-", "더합니다. 둘을 더합니다."),
        ("-", "print(1 + 1)"),
        ("notes", "**하는 일**: 더합니다. 둘을 더합니다."),  # before the fragment, or reveal.js hides it until then
        ("fragment", "print(1 + 1)"),
    ]


def test_long_output_and_pictures_get_a_slide_of_their_own_and_answers_wait():
    long = new_code_cell("print('\\n' * 20)", outputs=[new_output("stream", text="\n" * 20)])
    picture = new_code_cell(
        "draw()", outputs=[new_output("display_data", {"text/html": '<img alt="a" src="data:image/svg+xml,">'})]
    )
    question = new_markdown_cell("1. 몇일까요?\n\n<details><summary>답 보기</summary>\n\n셋입니다.\n\n</details>")
    cells = [new_markdown_cell("# 제목"), long, new_markdown_cell("그렇습니다."), picture, question]
    assert [kind for kind in kinds(new_notebook(cells=cells)) if kind[0] != "notes"] == [
        ("slide", "# 제목"),
        ("-", "print('\\n' * 20)"),
        ("subslide", '<p class="where">제목</p>'),
        ("-", "print('\\n' * 20)"),
        ("-", "draw()"),
        ("subslide", '<p class="where">제목</p>'),
        ("-", "draw()"),
        ("subslide", '<p class="where">제목</p>'),
        ("-", "1. 몇일까요?"),
        ("fragment", "**답**: 셋입니다."),
    ]


def test_a_sentence_is_not_cut_at_a_number_or_inside_code():
    text = "온도 0.5에서 `a.b()`를 부릅니다. " + "둘째 문장은 아주 깁니다 " * 12 + "."
    assert first_sentence(text) == "온도 0.5에서 `a.b()`를 부릅니다."


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The slides of lesson 04 with libraries from the registry or the cache; skips where neither is at hand."""
    out = tmp_path_factory.mktemp("slides")
    try:
        libraries.put_libraries(out / command.LIBRARY_FOLDER)
    except libraries.LibraryError as error:
        pytest.skip(f"no npm registry: {error}")
    assert command.main(["04", "--out", str(out)]) == 0
    return out / "04_softmax_temperature.html"


def test_the_page_fetches_nothing(page):
    text = page.read_text(encoding="utf-8")
    loaded = re.findall(r"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=\"([^\"]+)\"", text)
    assert {address.split(":")[0].split(",")[0] for address in loaded} <= {
        "data",
        *(f"libraries/{name}" for name in ("reveal.css", "white.css", "reveal.js", "notes.js", "tex-svg.js")),
    }
    assert '<html lang="ko">' in text


HERE = "(() => { const at = Reveal.getIndices(); return `${at.h}/${at.v || 0}`; })()"
# Opens each slide with all its fragments; those that are wider than the screen, or were not measured, are named.
OPEN_EACH = f"""(() => {{
  const wide = [], all = Reveal.getSlides();
  for (const slide of all) {{
    const at = Reveal.getIndices(slide);
    Reveal.slide(at.h, at.v || 0, 99);
    if (slide.scrollWidth > slide.clientWidth + 1 || !slide.dataset.fit) wide.push({HERE});
  }}
  Reveal.slide(0, 0, -1);
  history.replaceState(null, '', location.pathname);
  return [all.length, wide];
}})()"""
# As the space key does, from the first slide: how many slides were seen.
WALK_TO_THE_END = f"""(() => {{
  Reveal.slide(0, 0, -1);
  const seen = new Set([{HERE}]), state = () => JSON.stringify(Reveal.getIndices());
  for (let at = null; at !== state(); ) {{ at = state(); Reveal.next(); seen.add({HERE}); }}
  return seen.size;
}})()"""


@pytest.mark.browser
def test_every_slide_can_be_read_and_reached_with_the_space_key(page):
    with chromium() as browser:
        tab = browser.new_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
        complaints = watch(tab)
        tab.goto(page.as_uri())
        tab.wait_for_selector("body[data-ready=yes]")
        # reveal.js remembers where it was in a column: the walk comes first.
        seen = tab.evaluate(WALK_TO_THE_END)
        slides, wide = tab.evaluate(OPEN_EACH)
        assert seen == slides > 40 and wide == []
        tab.reload()
        tab.wait_for_selector("body[data-ready=yes]")
        for _ in range(9):  # with real keys as far as the first code and its output
            tab.keyboard.press("Space")
        assert tab.evaluate(HERE).startswith("3/") and tab.locator(".present .fragment.visible").count()
        tab.evaluate("Reveal.slide(3, 0, -1)")
        assert tab.evaluate("document.querySelectorAll('mjx-container').length") > 2
        save_screenshot(tab, "slides_04")
    assert complaints == []


# --- the libraries ---


def test_libraries_that_are_not_the_meant_ones_are_refused(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))

    class Answer:
        __enter__ = lambda self: self  # noqa: E731
        __exit__ = lambda self, *error: None  # noqa: E731
        read = lambda self: b"something else"  # noqa: E731

    monkeypatch.setattr(libraries.urllib.request, "urlopen", lambda *a, **k: Answer())
    with pytest.raises(libraries.LibraryError, match="other contents"):
        libraries.put_libraries(tmp_path / "out")
    digest = b64encode(hashlib.sha512(b"something else").digest()).decode()
    assert libraries.fetch("reveal.js", "1", digest) == b"something else"


def test_without_a_network_the_command_says_what_is_needed(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))

    def refuse(*a, **k):
        raise URLError("no route")

    monkeypatch.setattr(libraries.urllib.request, "urlopen", refuse)
    assert command.main(["04", "--out", str(tmp_path)]) == 1
    assert "with a network" in capsys.readouterr().err and not list(tmp_path.glob("*.html"))
    with pytest.raises(SystemExit):
        command.main(["99"])
