"""Charts in a real browser: they load, Hangul has real glyphs, nothing is cut off, no words overlap."""

import os
import re

import chart_samples
import pytest
from browser import chromium, korean_page, save_screenshot, watch

from course_utils.picture import FONT_FAMILY, side_by_side

pytestmark = pytest.mark.browser
SCREENS = {"laptop": (1366, 768), "projector": (1024, 768), "large": (1920, 1080), "phone": (390, 844)}
samples = pytest.mark.parametrize("sample", chart_samples.ALL, ids=lambda make: make.__name__)

# Pairs of words whose letters touch, and words outside the page or in front of a bar. Every corner is turned with the
# word, so that slanted names are compared as they lie (separating axes), not by their upright boxes.
LAYOUT = """() => {
  const page = document.querySelector('svg').getBoundingClientRect();
  const words = [...document.querySelectorAll('text')].map(node => {
    const box = node.getBBox(), to = node.getScreenCTM(), trim = box.height * 0.15;
    const top = box.y + trim, bottom = box.y + box.height - trim;
    const corners = [[box.x, top], [box.x + box.width, top], [box.x + box.width, bottom], [box.x, bottom]]
      .map(([x, y]) => [to.a * x + to.c * y + to.e, to.b * x + to.d * y + to.f]);
    return {text: node.textContent, corners, rect: node.getBoundingClientRect()};
  });
  const apart = (a, b) => [a, b].some(shape => shape.corners.some((p, i) => {
    const q = shape.corners[(i + 1) % 4], normal = [q[1] - p[1], p[0] - q[0]];
    const along = other => other.corners.map(c => c[0] * normal[0] + c[1] * normal[1]);
    return Math.max(...along(a)) <= Math.min(...along(b)) || Math.max(...along(b)) <= Math.min(...along(a));
  }));
  const overlaps = [], outside = [];
  words.forEach((a, i) => words.slice(i + 1).forEach(b => { if (!apart(a, b)) overlaps.push([a.text, b.text]); }));
  words.forEach(({text, rect}) => {
    if (rect.left < page.left - 1 || rect.right > page.right + 1 || rect.top < page.top - 1 ||
        rect.bottom > page.bottom + 1) outside.push(text);
  });
  return {overlaps, outside, count: words.length};
}"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser):
    page = browser.new_page()
    said = watch(page)
    yield page
    page.close()
    assert said == []


def layout(page, svg):
    page.set_content(korean_page(svg))
    return page.evaluate(LAYOUT)


@samples
def test_no_words_overlap_and_none_is_cut_off(page, sample):
    found = layout(page, sample().svg)
    assert found["overlaps"] == [] and found["outside"] == [] and found["count"] > 5


def test_overlap_and_words_outside_would_be_seen(page):
    words = [(10, 20, "가나다"), (12, 22, "라"), (10, 60, "마"), (95, 90, "바사아")]
    texts = "".join(f'<text x="{x}" y="{y}">{text}</text>' for x, y, text in words)
    found = layout(page, f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">{texts}</svg>')
    assert found == {"overlaps": [["가나다", "라"]], "outside": ["바사아"], "count": 4}


@pytest.mark.parametrize("screen", SCREENS)
def test_every_chart_loads_as_a_picture_and_fits_the_screen(page, screen):
    wide, high = SCREENS[screen]
    page.set_viewport_size({"width": wide, "height": high})
    pictures = [make() for make in chart_samples.ALL]
    page.set_content(korean_page("".join(picture.html() for picture in [*pictures, side_by_side(*pictures[:2])])))
    page.wait_for_function("[...document.images].every(image => image.complete)")
    sizes = page.evaluate(
        "[...document.images].map(i => [i.naturalWidth, i.naturalHeight, i.getBoundingClientRect().right,"
        " i.getBoundingClientRect().width / i.getBoundingClientRect().height, i.alt])"
    )
    assert len(sizes) == len(pictures) + 1
    for (natural_wide, natural_high, right, ratio, alt), picture in zip(sizes, pictures, strict=False):
        assert (natural_wide, natural_high, alt) == (picture.width, picture.height, picture.alt)
        assert right <= wide and ratio == pytest.approx(picture.width / picture.height, rel=0.01)
    assert page.evaluate("document.documentElement.scrollWidth") <= wide
    save_screenshot(page, f"figures_{screen}")


def ink(page, letter):
    """The pixels of one large letter in the font stack of the pictures, as the browser draws it."""
    return page.evaluate(
        """([letter, family]) => {
          const canvas = document.createElement('canvas'), pen = canvas.getContext('2d');
          canvas.width = canvas.height = 64;
          pen.font = '48px ' + family;
          pen.fillText(letter, 4, 50);
          return [...pen.getImageData(0, 0, 64, 64).data].filter((value, i) => i % 4 === 3).join();
        }""",
        [letter, FONT_FAMILY],
    )


def test_hangul_and_signs_have_glyphs_of_their_own_and_no_boxes(page):
    page.set_content(korean_page("가"))
    letters = "가각뷁한글온도…%"
    drawn = {letter: ink(page, letter) for letter in letters}
    missing = ink(page, "\U0010fffe")
    assert all(re.search("[1-9]", pixels) for pixels in drawn.values())
    if drawn["가"] == drawn["각"] and "COURSE_BROWSER" not in os.environ:
        pytest.skip("no Korean font on this machine")
    alike = [letter for letter in letters if list(drawn.values()).count(drawn[letter]) > 1 or drawn[letter] == missing]
    assert alike == []


def test_picture_shows_its_words_and_its_white_ground_on_a_dark_page(page):
    """Drawn as an img, where a page's fonts and styles do not reach: with words there is more ink than without."""
    picture = chart_samples.coin()

    def dark_pixels(svg):
        page.set_content(korean_page(f'<div style="background:#000">{type(picture)(svg, "말").html()}</div>'))
        return page.evaluate(
            """async () => {
              const image = document.images[0], canvas = document.createElement('canvas');
              await image.decode();
              canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
              const pen = canvas.getContext('2d');
              pen.drawImage(image, 0, 0);
              const all = pen.getImageData(0, 0, canvas.width, canvas.height).data;
              let dark = 0, clear = 0;
              for (let i = 0; i < all.length; i += 4) {
                if (all[i + 3] < 255) clear++;
                else if (all[i] + all[i + 1] + all[i + 2] < 200) dark++;
              }
              return [dark, clear];
            }"""
        )

    dark, clear = dark_pixels(picture.svg)
    assert clear == 0 and dark > dark_pixels(re.sub(r"<text.*?</text>", "", picture.svg))[0] + 500
