"""Contrast of everything that is shown, measured in a browser on what it draws; and meaning without colour."""

import io
import re

import chart_samples
import contrast
import numpy as np
import pytest
import shown_html
from browser import chromium, korean_page

from course_utils.chart_page import COLOURS, GRID
from tools import accessibility, alt_texts

pytestmark = pytest.mark.browser
# Ground and letters of JupyterLab's and Colab's themes.
THEMES = {
    "light": ("#ffffff", "#000000"),
    "JupyterLab dark": ("#111111", "#e0e0e0"),
    "Colab dark": ("#383838", "#d5d5d5"),
}
QUIET = [GRID]  # lines that help the eye along; the numbers stand at the bars and in the description


@pytest.fixture(scope="module")
def page():
    with chromium() as browser:
        yield browser.new_page(viewport={"width": 1200, "height": 2600})


def pale(page, html):
    page.set_content(html)
    return page.evaluate(contrast.PALE, [QUIET, None])


def test_figures_of_the_lessons_and_every_colour_of_charts(page):
    shown = [
        html for path in sorted(accessibility.ROOT.glob("notebooks/*.ipynb")) for html in accessibility.outputs_of(path)
    ]
    drawings = {alt: svg for html in shown for alt, svg in alt_texts.figures(html)}
    drawings |= {make.__name__: make().svg for make in (chart_samples.six_groups, chart_samples.six_lines)}
    results = {name: pale(page, korean_page(svg)) for name, svg in drawings.items()}
    assert {name[:40]: result["found"] for name, result in results.items() if result["found"]} == {}
    assert len(results) > 30 and min(result["count"] for result in results.values()) > 5


def test_pages_for_students_and_instructors(page, tmp_path):
    results = {name: pale(page, html) for name, html in shown_html.pages(tmp_path).items()}
    assert {name: result["found"] for name, result in results.items() if result["found"]} == {}
    assert min(result["count"] for result in results.values()) > 10


def test_outputs_and_widgets_on_light_and_dark_grounds(page):
    found, shown = {}, shown_html.fragments()
    for theme, (ground, letters) in THEMES.items():
        for name, html in shown.items():
            result = pale(page, korean_page(f'<div style="background:{ground};color:{letters}">{html}</div>'))
            found |= {(theme, name): result["found"]} if result["found"] else {}
    assert found == {}


BAD = {
    "text": '<p style="color:#999">글</p>',
    "text on its own ground": '<p style="background:#005a9c;color:#222">글</p>',
    "half-transparent text": '<p style="color:#0008;opacity:.6">글</p>',
    "dark text on a dark page": '<div style="background:#111"><p style="color:#333">글</p></div>',
    "large text": '<p style="font-size:30px;color:#aaa">글</p>',
    "text of a drawing": '<svg width="90" height="90"><text x="9" y="50" fill="#aaa">글</text></svg>',
    "text on a bar": '<svg width="90" height="90"><rect width="40" height="50" fill="#555"/>'
    '<text x="9" y="30">글</text></svg>',
    "bar": '<svg width="90" height="90"><rect width="20" height="50" fill="#ccc"/></svg>',
    "line": '<svg width="90" height="90"><path d="M0 0L50 50" stroke="#FFD700" fill="none"/></svg>',
    "pattern": '<svg width="90" height="90"><pattern id="p" width="9" height="9">'
    '<path d="M0 0L9 9" stroke="#ddd" fill="none"/></pattern>'
    '<rect width="20" height="50" fill="url(#p)"/></svg>',
    "edge": '<div style="background:#fff;border-left:6px solid #eee">글</div>',
}
GOOD = (
    '<p style="color:#767676">글</p><p style="font-size:30px;color:#949494">글</p>',
    '<div style="background:#111"><p style="background:#fff;color:#222">글</p></div>',
    '<svg width="90" height="90"><rect width="20" height="50" fill="#ccc" stroke="#666"/></svg>',
    f'<svg width="90" height="90"><path d="M0 0L50 50" stroke="{GRID}" fill="none"/></svg>',
    '<svg width="90" height="90"><rect width="40" height="50" fill="#555"/>'
    '<text x="9" y="30" fill="#fff">글</text></svg>',
)


@pytest.mark.parametrize("what", BAD)
def test_too_little_contrast_is_noticed(page, what):
    assert len(pale(page, korean_page(BAD[what]))["found"]) == 1


@pytest.mark.parametrize("html", GOOD)
def test_enough_contrast_passes(page, html):
    result = pale(page, korean_page(html))
    assert result["found"] == [] and result["count"]


# --- without any colour ---

SWATCHES = """count => [...document.querySelectorAll('text')].slice(1, count + 1).map(text => {
    const box = text.getBoundingClientRect();
    return {x: box.left - 37, y: box.top, width: 32, height: box.height};
})"""


def in_one_colour(svg):
    """Every colour as the same grey: what still differs, differs by pattern, mark or dash. White stays."""
    return re.sub(r"#(?!fff)[0-9a-fA-F]{6}\b|#(?!fff)[0-9a-fA-F]{3}\b", "#555555", svg)


def swatches(page, svg, count):
    from matplotlib.image import imread

    page.set_content(korean_page(svg))
    clips = page.evaluate(SWATCHES, count)
    return [imread(io.BytesIO(page.screenshot(clip=clip)))[:, :, :3] for clip in clips]


def alike(pictures):
    """Pairs that nobody can tell apart: nearly all of their points are the same."""
    size = [min(picture.shape[axis] for picture in pictures) for axis in (0, 1)]
    cut = [picture[: size[0], : size[1]] for picture in pictures]
    differ = [(i, j, np.mean(np.abs(cut[i] - cut[j]).max(axis=2) > 0.25)) for i in range(len(cut)) for j in range(i)]
    return [(i, j) for i, j, share in differ if share < 0.02]


@pytest.mark.parametrize("make", [chart_samples.six_groups, chart_samples.six_lines], ids=lambda make: make.__name__)
def test_series_differ_without_colour(page, make):
    assert alike(swatches(page, in_one_colour(make().svg), len(COLOURS))) == []


def test_series_that_differ_by_colour_alone_would_be_noticed(page):
    words = "".join(
        f'<rect x="9" y="{30 * i}" width="30" height="14" fill="{c}"/><text x="46" y="{30 * i + 12}">{c[1:]}</text>'
        for i, c in enumerate(("#0072B2", "#D55E00"), 1)
    )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200"><text y="12">제목</text>{words}</svg>'
    assert alike(swatches(page, svg, 2)) == [] and alike(swatches(page, in_one_colour(svg), 2)) == [(1, 0)]
