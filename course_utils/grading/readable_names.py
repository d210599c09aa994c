"""Names of files and people as text that can be shown: any encoding in, clean NFC text out."""

from __future__ import annotations

import os
import re
import unicodedata

_MAX_SHOWN = 80


def readable_name(name: str) -> str:
    """A name as the file system gave it, as clean text: bytes that are no UTF-8 are read as cp949 (Korean Windows)."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:  # os.fsdecode() keeps such bytes as lone surrogates
        name = _decoded(os.fsencode(name)) if os.name == "posix" else name.encode("utf-8", "replace").decode()
    return one_line(name)


def name_in_archive(name: str, is_utf8: bool) -> str:
    """A zip entry's name, read as cp437 by ``zipfile`` unless marked UTF-8; Windows in Korea writes cp949."""
    if not is_utf8:
        try:
            name = _decoded(name.encode("cp437"))
        except UnicodeEncodeError:  # came from the entry's Unicode field after all
            pass
    return name


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def one_line(text: str) -> str:
    """``text`` composed (NFC: macOS hands Hangul over in single letters), control and direction marks as blanks."""
    text = unicodedata.normalize("NFC", text)
    kept = (" " if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs") else letter for letter in text)
    return re.sub(" +", " ", "".join(kept)).strip()


def shortened(text: str, length: int = _MAX_SHOWN) -> str:
    """At most ``length`` characters of ``text``, with a mark where it was cut."""
    return text if len(text) <= length else text[: length - 1] + "…"
