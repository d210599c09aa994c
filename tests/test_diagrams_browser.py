"""The diagrams in a real browser: no words collide, leave their box or are crossed by a line."""

import pytest

from tests.browser import chromium, korean_page, save_screenshot, watch
from tests.diagram_pictures import examples

# Words are measured where they are seen: em boxes of Korean fonts are taller than any letter in them.
COLLISIONS = """() => {
  const texts = [...document.querySelectorAll('svg text')].map(t => {
    const b = t.getBBox(), size = parseFloat(t.getAttribute('font-size'));
    const middle = parseFloat(t.getAttribute('y')) - 0.36 * size;
    return {words: t.textContent, left: b.x, right: b.x + b.width, top: middle - size / 2, bottom: middle + size / 2};
  });
  const view = document.querySelector('svg').viewBox.baseVal, found = [];
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  texts.forEach((a, n) => {
    if (a.left < 2 || a.right > view.width - 2 || a.top < 2 || a.bottom > view.height - 2)
      found.push('outside: ' + a.words);
    texts.slice(n + 1).forEach(b => { if (!apart(a, b)) found.push(a.words + ' | ' + b.words); });
  });
  [...document.querySelectorAll('svg rect')].slice(1).forEach(r => {
    const b = r.getBBox(), box = {left: b.x, right: b.x + b.width, top: b.y, bottom: b.y + b.height};
    texts.forEach(t => {
      const inside = t.left >= box.left && t.right <= box.right && t.top >= box.top && t.bottom <= box.bottom;
      if (!inside && !apart(t, box)) found.push('over an edge: ' + t.words);
    });
  });
  [...document.querySelectorAll('svg .line')].forEach(line => {
    const points = [...line.points];
    points.slice(1).forEach((p, n) => {
      for (let k = 0; k <= 200; k++) {
        const x = points[n].x + (p.x - points[n].x) * k / 200, y = points[n].y + (p.y - points[n].y) * k / 200;
        texts.forEach(t => { if (x > t.left && x < t.right && y > t.top && y < t.bottom)
          found.push('crossed by a line: ' + t.words); });
      }
    });
  });
  return [...new Set(found)];
}"""


@pytest.mark.browser
def test_no_words_collide_leave_their_box_or_are_crossed_in_a_browser():
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        said = watch(page)
        found = {}
        for name, picture in examples().items():
            page.set_content(korean_page(picture.svg))
            save_screenshot(page, f"diagram {name}")
            if collisions := page.evaluate(COLLISIONS):
                found[name] = collisions
        assert found == {} and said == []


@pytest.mark.browser
def test_the_collision_test_sees_collisions():
    words_at = '<text x="{}" y="30" font-size="14">낱말</text>'
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="720" height="90" viewBox="0 0 720 90"><rect/>{}</svg>'
    broken = {
        "|": words_at.format(20) + words_at.format(30),
        "outside": words_at.format(705),
        "over an edge": words_at.format(20) + '<rect x="10" y="10" width="20" height="30"/>',
        "crossed": words_at.format(20) + '<polyline class="line" points="0,25 90,25"/>',
    }
    with chromium() as browser:
        page = browser.new_page()
        for sign, parts in broken.items():
            page.set_content(korean_page(svg.format(parts)))
            assert any(sign in collision for collision in page.evaluate(COLLISIONS)), sign
