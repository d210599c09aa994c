"""What an HTML page or a piece of one needs for people who do not see it: language, headings, tables, names.

Each function returns what is wrong, as short sentences; none when all is well. After WCAG 2.2: 1.1.1, 1.3.1, 2.4.2,
2.4.6, 3.1.1 and 4.1.2.
"""

import re

from bs4 import BeautifulSoup

_HEADING = re.compile("^h[1-6]$")
_NAMED_BY = ("aria-label", "aria-labelledby", "title")


def page_problems(html: str) -> list[str]:
    """A whole document in Korean."""
    soup = BeautifulSoup(html, "html.parser")
    found = [] if soup.html and soup.html.get("lang") == "ko" else ['<html> has no lang="ko"']
    title = soup.head and soup.head.title
    found += [] if title and title.get_text(strip=True) else ["no title"]
    return found + heading_problems(headings_of(soup)) + fragment_problems(html)


def fragment_problems(html: str) -> list[str]:
    """Part of a page: its tables, pictures, controls and ids."""
    soup = BeautifulSoup(html, "html.parser")
    found = [problem for table in soup.find_all("table") for problem in _table_problems(table)]
    found += [f"no alt: {str(image)[:60]}" for image in soup.find_all("img") if not image.get("alt", "").strip()]
    for drawing in soup.find_all("svg"):
        hidden = drawing.find_parent(attrs={"aria-hidden": "true"}) or drawing.get("aria-hidden") == "true"
        named = drawing.get("aria-label") or (drawing.title and drawing.title.get_text(strip=True))
        if not hidden and (not named or drawing.get("role") != "img"):
            found.append(f'no role="img" or no title: {str(drawing)[:60]}')
    controls = soup.find_all(["input", "select", "textarea", "progress", "meter"])
    found += [f"no name: {str(control)[:60]}" for control in controls if not _named(control, soup)]
    found += [f"a link or button without words: {one}" for one in soup.find_all(["a", "button"]) if not _spoken(one)]
    scrolling = [one for one in soup.find_all(style=re.compile(r"overflow(-x|-y)?:\s*(auto|scroll)"))]
    found += [f"scrolls, but not by keyboard: {str(one)[:60]}" for one in scrolling if one.get("tabindex") != "0"]
    ids = [one["id"] for one in soup.find_all(id=True)]
    return found + [f"two elements are called {name}" for name in sorted({name for name in ids if ids.count(name) > 1})]


def no_headings(html: str) -> list[str]:
    """A widget or an output stands under any heading of a notebook: a heading of its own would break the order."""
    return [f"a heading inside an output: {one}" for one in BeautifulSoup(html, "html.parser").find_all(_HEADING)]


def headings_of(soup: BeautifulSoup) -> list[tuple[int, str]]:
    """Level and words of every heading."""
    return [(int(one.name[1]), one.get_text(" ", strip=True)) for one in soup.find_all(_HEADING)]


def heading_problems(headings: list[tuple[int, str]]) -> list[str]:
    """One title, no empty heading, no level left out on the way down."""
    levels = [level for level, _ in headings]
    found = [] if levels.count(1) == 1 else [f"{levels.count(1)} headings of the first level, not one"]
    found += [f"an empty heading of level {level}" for level, words in headings if not words.strip()]
    steps = zip([0, *levels], headings, strict=False)
    return found + [f"level {b} after level {a}: {words}" for a, (b, words) in steps if b > a + 1]


def _table_problems(table) -> list[str]:
    start = str(table)[:60]
    if table.get("role") == "presentation":
        return []
    caption = table.find("caption")
    found = (
        []
        if table.get("aria-label") or (caption and caption.get_text(strip=True))
        else [f"a table without a caption: {start}"]
    )
    heads = table.find_all("th")
    found += [] if heads else [f"a table without headers: {start}"]
    return found + [f"a header without scope: {head}" for head in heads if head.get("scope") not in ("col", "row")]


def _named(control, soup) -> bool:
    by_label = control.get("id") and soup.find("label", attrs={"for": control["id"]})
    return bool(by_label or control.find_parent("label") or any(control.get(name) for name in _NAMED_BY))


def _spoken(element) -> bool:
    images = any(image.get("alt", "").strip() for image in element.find_all("img"))
    return bool(element.get_text(strip=True) or images or any(element.get(name) for name in _NAMED_BY))
