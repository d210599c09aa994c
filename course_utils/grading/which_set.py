"""Which exercise set a notebook belongs to: its own contents say it best, then its name, then its folders' names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

_NAMED = re.compile(r"(?<![a-z0-9])ex[ _.-]?0?(\d{1,2})(?![0-9])", re.IGNORECASE)
_KOREAN = re.compile(r"연습\s*문제\s*0?(\d{1,2})(?![0-9])")
# The text of the file itself: quotes are escaped in it, and Hangul may be written as \uXXXX.
_CALL = re.compile(r"""check\(\s*\\?["']([\w.-]{1,80})\\?["']""")
_PROGRESS = re.compile(r"""progress\(\s*\\?["']ex(\d\d)\\?["']""")
_GRADE_ID = re.compile(r'"grade_id"\s*:\s*"([^"\\]{1,80})"')
_TITLE = re.compile(r"#\s*(?:연습 문제|\\uc5f0\\uc2b5 \\ubb38\\uc81c)\s*0?(\d{1,2})", re.IGNORECASE)


def set_in_name(name: str, known: Sequence[str]) -> str:
    """The set in a file's or folder's name ("ex4", "EX 04", "연습 문제 4"); empty when it is none of ``known``."""
    found = {f"ex{int(number):02d}" for pattern in (_NAMED, _KOREAN) for number in pattern.findall(name)}
    found &= set(known)
    return found.pop() if len(found) == 1 else ""


def set_in_text(text: str, known: Sequence[str], tasks: Mapping[str, str]) -> str:
    """The set that the text of a notebook file speaks of, by most votes; empty when it speaks of none.

    Args:
        tasks: name of every task -> its set. The notebook is not parsed: also broken ones can be recognised.
    """
    votes = Counter(tasks[name] for name in set(_CALL.findall(text)) if name in tasks)
    votes.update(tasks[name] for name in set(map(_task_of, _GRADE_ID.findall(text))) if name in tasks)
    for pattern in (_PROGRESS, _TITLE):
        votes.update({f"ex{int(number):02d}" for number in pattern.findall(text)})
    ranked = [(name, count) for name, count in votes.most_common() if name in known]
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return ""
    return ranked[0][0]


def _task_of(grade_id: str) -> str:
    return grade_id.removesuffix("-check")


def without_set(name: str, known: Sequence[str], topics: Mapping[str, str]) -> str:
    """``name`` with every mention of a set, and of that set's topic ("_softmax_temperature"), taken out."""
    for set_name in known:
        topic = re.escape(topics.get(set_name, "")).replace("_", "[ _-]?")
        number = set_name.removeprefix("ex").lstrip("0")
        mention = rf"(?<![a-z0-9])(?:ex[ _.-]?0?{number}(?![0-9])(?:[ _-]?{topic})?|연습\s*문제\s*0?{number}(?![0-9]))"
        name = re.sub(mention, " ", name, flags=re.IGNORECASE)
    return name
