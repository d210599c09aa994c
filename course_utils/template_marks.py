"""A chat template's marks inside a stranger's text: defused, so that the text stays text.

A template writes who speaks as marks (``[|user|]``), and the tokenizer reads a mark that a customer typed exactly as
it reads the template's own: the customer could then end their turn and speak as the system. Setting
``split_special_tokens`` does not help: it breaks the template's own end token too, and EXAONE's role marks are ordinary
tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from unicodedata import normalize

# How marks begin in the families that do not make them special tokens: ``[|user|]``, ``<|im_start|>``.
_BEGINNING = re.compile(r"([\[<])(?=\|)")


def marks_of(tokenizer: Any) -> tuple[str, ...]:
    """The special tokens of a tokenizer as they are written: ``[BOS]``, ``[|endofturn|]`` ..."""
    added = getattr(tokenizer, "added_tokens_decoder", {})
    named = {str(token) for token in added.values() if getattr(token, "special", False)}
    return tuple(sorted(named | set(tokenizer.all_special_tokens)))


def without_marks(text: str, marks: Iterable[str] = ()) -> str:
    """``text`` in which no mark can be read: a space stands after the first letter of each (``[ |user|]``).

    A text without marks stays as it is, composed (Unicode NFC) as EXAONE's tokenizer composes it: otherwise a mark
    could come into being later.

    Args:
        text: what somebody else wrote, before it is put into a message.
        marks: special tokens to defuse besides ``[|...|]`` and ``<|...|>``: what ``marks_of`` gives.
    """
    plain = _BEGINNING.sub(r"\1 ", normalize("NFC", text))
    for mark in sorted(marks, key=len, reverse=True):
        if len(mark.strip()) > 1:
            plain = plain.replace(mark, f"{mark[0]} {mark[1:]}")
    return plain


def messages_without_marks(messages: Iterable[dict[str, str]], marks: Iterable[str] = ()) -> list[dict[str, str]]:
    """The messages of a conversation, each with its text defused; whoever wrote them, a text is no place for marks."""
    known = tuple(marks)
    return [{**message, "content": without_marks(message["content"], known)} for message in messages]
