"""What secret keys look like: to hide them in messages, and to find those that were written where others can read."""

from __future__ import annotations

import re

# Each shape is narrow enough that prose, code and pictures in base64 do not match by accident.
_SHAPES = {
    "OpenAI": r"sk-[A-Za-z0-9_-]{16,}",
    "Hugging Face": r"hf_[A-Za-z0-9]{20,}",
    "Google": r"AIza[A-Za-z0-9_-]{30,}",
    "AWS": r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    "GitHub": r"(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})",
    "Groq": r"gsk_[A-Za-z0-9]{20,}",
    "Slack": r"xox[abeprs]-[A-Za-z0-9-]{10,}",
    "Bearer": r"[Bb]earer[ \t]+(?=[A-Za-z._~+/=-]*\d)[A-Za-z0-9._~+/=-]{16,}",
    # Jupyter prints its address with a token of 40 or 48 hexadecimal digits.
    "Jupyter": r"token[=:][ \t]*[0-9a-f]{32,}",
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    # Any other key that is named as one: api_key="...", also as JSON writes it inside a string (\").
    "assigned": r"""(?:api|access|secret)_?-?key\\*["']?\s*[=:]\s*\\*["'](?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{20,}""",
}
_FIND = {
    name: re.compile(r"(?<![A-Za-z0-9_])" + shape, re.IGNORECASE if name == "assigned" else 0)
    for name, shape in _SHAPES.items()
}
_FIND["assigned"] = re.compile(_SHAPES["assigned"], re.IGNORECASE)  # OPENAI_API_KEY = "..." has letters before it
# What stands in every key of a kind, in lower case: looking for it first is 20 times as fast in large files.
_MARKS = {
    "OpenAI": ["sk-"],
    "Hugging Face": ["hf_"],
    "Google": ["aiza"],
    "AWS": ["akia", "asia"],
    "GitHub": ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
    "Groq": ["gsk_"],
    "Slack": ["xox"],
    "Bearer": ["earer"],
    "Jupyter": ["token=", "token:"],
    "private key": ["private key-----"],
    "assigned": ["apikey", "api_key", "api-key", "accesskey", "access_key", "access-key", "secret"],
}
# For hiding: servers quote parts of a key with stars between ("sk-ab****yz").
_HIDE = re.compile(r"(?<![A-Za-z0-9_])(?:sk-|hf_|gsk_|AIza)[A-Za-z0-9_*.-]{4,}|(?<=[Bb]earer )\S+")


def find_keys(text: str) -> list[tuple[str, str]]:
    """(kind, key) of everything in ``text`` that looks like a secret key, in the order of the kinds."""
    lower = text.lower()
    possible = [name for name, marks in _MARKS.items() if any(mark in lower for mark in marks)]
    return [(name, match[0]) for name in possible for match in _FIND[name].finditer(text)]


def hide_keys(text: str, *known: str | None) -> str:
    """``text`` with everything that looks like a key, and the ``known`` keys themselves, replaced by stars."""
    for key in sorted(filter(None, known), key=len, reverse=True):
        text = text.replace(key, "***")
    return _HIDE.sub("***", text)
