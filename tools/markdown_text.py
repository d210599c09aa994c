"""Markdown as the HTML that GitHub and Jupyter make of it, for the checks of links and of accessibility."""

import re
from functools import lru_cache

from bs4 import BeautifulSoup

_MATH = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


@lru_cache(maxsize=512)
def html_of(markdown: str) -> str:
    """The text as HTML, tables and raw HTML included; formulas are left out."""
    import mistune

    renderer = mistune.HTMLRenderer(escape=False, allow_harmful_protocols=True)
    return mistune.create_markdown(renderer=renderer, plugins=["table", "strikethrough"])(_MATH.sub("", markdown))


def soup_of(markdown: str) -> BeautifulSoup:
    """The same as a tree of elements."""
    return BeautifulSoup(html_of(markdown), "html.parser")


def github_anchors(headings: list[str]) -> set[str]:
    """The fragments under which GitHub shows these headings, in order: Hangul stays, repeated ones are numbered."""
    found: set[str] = set()
    for heading in headings:
        base = _NOT_IN_ANCHORS.sub("", heading.strip().lower()).replace(" ", "-")
        name, number = base, 0
        while name in found:
            number += 1
            name = f"{base}-{number}"
        found.add(name)
    return found


def jupyter_anchors(headings: list[str]) -> set[str]:
    """The fragments that JupyterLab and nbconvert give headings: spaces become hyphens, the rest stays."""
    return {heading.strip().replace(" ", "-") for heading in headings}
