"""Somebody's text where people read it: what turns a line round stays in its place, what nobody sees is shown.

Arabic and Hebrew run from right to left, and a browser lets them carry the Korean words and numbers around them along.
A handful of control characters do that to any text, or change what a reader believes to read (U+202E).
"""

from __future__ import annotations

import re
from html import escape

# Embeddings, overrides and isolates; control characters except tab and line breaks; halves of letters.
_UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# The blocks of Unicode whose letters run from right to left, and its marks for them.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200e\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def visible(text: str) -> str:
    """``text`` with the characters that act instead of being seen written out: ``<U+202E>``."""
    return _UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def without_unseen(text: str) -> str:
    """``text`` without these characters, for files that other programs open."""
    return _UNSEEN.sub("", text)


def shown_html(text: str) -> str:
    """One line of text as HTML, escaped; text from right to left does not reach beyond its end."""
    html = escape(visible(text))
    return f'<bdi dir="auto">{html}</bdi>' if _RIGHT_TO_LEFT.search(text) else html
