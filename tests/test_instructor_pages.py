"""docs/instructor.ko.md and the pages below it: all found from the entry page, links and anchors lead somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENTRY = ROOT / "docs/instructor.ko.md"
PAGES = [ENTRY, *sorted((ROOT / "docs/instructor").glob("*.md"))]
NAMES = [page.name for page in PAGES]


def prose(page: Path) -> str:
    """The page without its code blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """What GitHub lets a link point to: its headings, in lower case, without punctuation."""
    headings = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> list[tuple[str, str]]:
    """(file, anchor) of every link that stays in the project."""
    found = re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", prose(page))
    return [link for link in found if not link[0].startswith("http")]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_to_files_and_headings(page):
    for target, anchor in links(page):
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), f"{target}#{anchor}"


def test_every_page_is_reached_from_the_entry_page_and_leads_back():
    listed = {(ENTRY.parent / target).resolve() for target, _ in links(ENTRY) if target}
    assert set(PAGES[1:]) <= listed
    for page in PAGES[1:]:
        assert ("../instructor.ko.md", "") in links(page), page.name


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_pages_are_written_for_people_and_name_no_machine(page):
    text = page.read_text(encoding="utf-8")
    assert "—" not in text and not re.search(r"/(root|work|Users)/", text)
    assert re.findall(r"[가-힣]+(?:한다|이다|된다|않는다|했다)\.", prose(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_no_two_headings_of_a_page_share_an_anchor(page):
    headings = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
    assert len(headings) == len(anchors(page))
