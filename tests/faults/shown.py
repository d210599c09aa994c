"""What a learner sees after a cell, and what is asked of it when something went wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_CODE = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"|https?://\S+|(?<![가-힣])[/~][\w./~-]+|\w+\([^)]*\)|\([^가-힣)]*\)")
_PLACES = ("site-packages", "dist-packages", "course_utils/", "<frozen", 'File "')
MOST_LINES = 12


@dataclass(frozen=True)
class Shown:
    """``text``: all that appeared; ``error``: the part that IPython shows for an exception, empty when ``ok``."""

    ok: bool
    text: str
    error: str = ""

    @classmethod
    def of(cls, ok: bool, text: str, error: str = "") -> Shown:
        """The same without the colours of a terminal."""
        return cls(ok, _COLOURS.sub("", text), _COLOURS.sub("", error).strip())

    def has(self, *parts: str) -> Shown:
        """Asserts that every one of ``parts`` appeared."""
        missing = [part for part in parts if part not in self.text]
        assert not missing, f"not shown: {missing}\nshown:\n{self.text}"
        return self

    def went_well(self) -> Shown:
        """Asserts that the cell ran to its end."""
        assert self.ok, f"the cell failed:\n{self.text}"
        return self

    def refused(self, way_out: bool = True) -> Shown:
        """Asserts that the cell failed, and as ``is_kind`` wants it."""
        assert not self.ok, f"the cell went well:\n{self.text}"
        return self.is_kind(way_out)

    def is_kind(self, way_out: bool = True) -> Shown:
        """Asserts that the error (or, when the cell went well, everything shown) helps a beginner.

        Mostly Hangul, says what to do next (``way_out``), no trace, no warning of a library, no path of the
        machine's packages, at most MOST_LINES lines.
        """
        text = self.error or self.text.strip()
        assert text, "nothing was shown"
        assert "Traceback" not in self.text and "Error:" not in self.text, f"a trace is shown:\n{self.text}"
        assert "Warning" not in self.text, f"a library's warning is shown:\n{self.text}"
        assert not [place for place in _PLACES if place in self.text], f"a path of this machine:\n{self.text}"
        assert len(text.splitlines()) <= MOST_LINES, f"{len(text.splitlines())} lines:\n{text}"
        letters = [letter for letter in _CODE.sub("", text) if letter.isalpha()]
        hangul = sum("가" <= letter <= "힣" for letter in letters)
        assert hangul > len(letters) / 2, f"not mostly Hangul ({hangul} of {len(letters)} letters):\n{text}"
        assert not way_out or "십시오" in text, f"no way out is named:\n{text}"
        return self
