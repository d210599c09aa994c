"""Can the course's pages be read without seeing them? `python -m tools.accessibility` checks what is committed.

READMEs, docs, notebooks and their saved output: headings, names of pictures and tables. What only shows when a page is
drawn (contrast, keyboard, narrow windows) is checked by tests/test_accessibility_*.py in a real browser.
"""

import re
import sys
from pathlib import Path

import nbformat

from tools import alt_texts
from tools.markdown_text import soup_of
from tools.page_rules import fragment_problems, heading_problems, headings_of, no_headings

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["README*.md", "CHANGELOG.md", "docs/**/*.md", "course_utils/assets/**/*.md"]
NOTEBOOKS = ["notebooks/*.ipynb", "exercises/*/*.ipynb", "solutions/*/*.ipynb"]
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)  # the model card's settings


def markdown_problems(text: str) -> list[str]:
    """A page of Markdown: its headings, its pictures, its links' words."""
    soup = soup_of(_FRONT.sub("", text))
    found = heading_problems(headings_of(soup))
    found += [f"no alt: {image}" for image in soup.find_all("img") if not image.get("alt", "").strip()]
    links = soup.find_all("a", href=True)
    return found + [f"a link without words: {link}" for link in links if not _words(link)]


def _words(link) -> str:
    return link.get_text(strip=True) or "".join(image.get("alt", "") for image in link.find_all("img")).strip()


def output_problems(html: str) -> list[str]:
    """Saved output of a cell. The tables that pandas makes have headers, but neither scope nor caption."""
    if 'class="dataframe"' in html:
        return no_headings(html)
    return no_headings(html) + fragment_problems(html)


def outputs_of(path: Path) -> list[str]:
    """The HTML among the saved outputs of a notebook."""
    cells = nbformat.read(path, as_version=4).cells
    data = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    return [one[kind] for one in data for kind in ("text/html", "image/svg+xml") if kind in one]


def notebook_problems(path: Path) -> list[str]:
    """Headings in the order of the cells, saved outputs, and what the figures say about themselves."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    outputs = outputs_of(path)
    found = markdown_problems(text) + [problem for html in outputs for problem in output_problems(html)]
    described = [figure for html in outputs for figure in alt_texts.figures(html)]
    found += [problem for alt, svg in described for problem in alt_texts.complaints(alt, svg)]
    return found + alt_texts.repeated(alt for alt, _ in described)


def problems(root: Path = ROOT) -> list[str]:
    """All that is wrong, each with its file."""
    found = []
    for path in (path for pattern in PAGES for path in sorted(root.glob(pattern))):
        found += [(path, problem) for problem in markdown_problems(path.read_text(encoding="utf-8"))]
    for path in (path for pattern in NOTEBOOKS for path in sorted(root.glob(pattern))):
        found += [(path, problem) for problem in notebook_problems(path)]
    return [f"{path.relative_to(root).as_posix()}: {problem}" for path, problem in found]


def main() -> int:
    found = problems()
    print(f"{len(found)} problems", *found, sep="\n  ")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
