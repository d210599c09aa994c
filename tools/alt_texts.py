"""Is the text that stands for a picture of use to someone who does not see it? The rules for figures' descriptions.

A figure of the course describes itself from its data (`course_utils.picture`), so its text names what the picture
shows. Badges are links: theirs says where they lead, and the same badge may stand often.
"""

import base64
import re
from collections.abc import Iterable
from html import unescape

SHORTEST, LONGEST = 30, 2000  # a sentence; what can be listened to
_KINDS = r"그림|사진|이미지|차트|그래프|도표|표|image|figure|picture|chart|plot|graph|img"
_EMPTY_WORDS = re.compile(rf"(?:{_KINDS}|[\s\d.,:_()-])*", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^>]*>")
_ALT = re.compile(r"\balt=(?:\"([^\"]*)\"|'([^']*)')")
_DATA = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")
_WORDS = re.compile(r"<text\b[^>]*>([^<]+)")


def figures(html: str) -> list[tuple[str, str]]:
    """The pictures in some HTML that carry their SVG: description and SVG of each."""
    found = []
    for tag in _IMAGE.findall(html):
        alt, data = _ALT.search(tag), _DATA.search(tag)
        if data:
            svg = base64.b64decode(data[1]).decode("utf-8")
            found.append((unescape((alt[1] or alt[2] or "") if alt else ""), svg))
    return found


def complaints(alt: str, svg: str = "") -> list[str]:
    """What makes ``alt`` useless for the figure ``svg``; nothing when it is good."""
    start, found = f"alt text {alt[:40]!r}", []
    if _EMPTY_WORDS.fullmatch(alt):
        found.append(f"{start} says nothing but that there is a picture")
    elif not SHORTEST <= len(alt) <= LONGEST:
        found.append(f"{start} has {len(alt)} letters, not {SHORTEST} to {LONGEST}")
    if len(re.findall(r"[가-힣]", alt)) < 8:
        found.append(f"{start} is not Korean")
    if not re.search(r"\d", alt):
        found.append(f"{start} names no number of the figure")
    shown = {unescape(word).strip() for word in _WORDS.findall(svg)}
    if shown and not any(len(word) > 1 and word in alt for word in shown):
        found.append(f"{start} names nothing that the figure shows")
    return found


def repeated(alts: Iterable[str]) -> list[str]:
    """Descriptions that stand for two figures: whoever hears them cannot tell the figures apart."""
    seen: set[str] = set()
    return [f"two figures are called {alt[:40]!r}" for alt in alts if alt in seen or seen.add(alt)]
