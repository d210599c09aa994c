"""A markdown cell cut into blocks: headings, the lessons' frames (what we do, how to read), tables, questions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

WHAT, READ = "**하는 일**:", "**읽는 법**:"
_HEADING = re.compile(r"^(#{1,6})\s+(.*)$")
_DETAILS = re.compile(r"<details>\s*<summary>(.*?)</summary>(.*?)</details>", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[다요오까][.!?])\s+(?=\S)")
_BADGE = "colab-badge.svg"


@dataclass(frozen=True)
class Block:
    """One block: `kind` is heading, what, read, answer, text or shown (table, list, formula, quotation, picture)."""

    kind: str
    text: str
    level: int = 0


def blocks(source: str) -> Iterator[Block]:
    """The blocks of a markdown cell in their order; the Colab badge is left out."""
    for part in _parts(source):
        if _BADGE in part:
            continue
        if heading := _HEADING.match(part):
            yield Block("heading", heading[2].strip(), len(heading[1]))
        elif folded := _DETAILS.fullmatch(part):
            yield Block("answer", folded[2].strip())
        elif part.startswith(WHAT):
            yield Block("what", part.removeprefix(WHAT).strip())
        elif part.startswith(READ):
            yield Block("read", part.removeprefix(READ).strip())
        else:
            yield Block("shown" if _is_shown(part) else "text", part)


def _parts(source: str) -> Iterator[str]:
    """The cell cut at blank lines; a folded answer or fenced code stays whole, a heading is cut from what follows."""
    kept: list[str] = []
    for piece in re.split(r"\n[^\S\n]*\n", source):
        kept.append(piece)
        whole = "\n\n".join(kept)
        if whole.count("<details>") > whole.count("</details>") or whole.count("```") % 2:
            continue
        kept = []
        whole = whole.strip()
        while heading := re.match(r"#{1,6}\s.*(?:\n|$)", whole):
            yield heading[0].strip()
            whole = whole[heading.end() :].strip()
        if whole:
            yield whole
    if kept:
        yield "\n\n".join(kept).strip()


def _is_shown(part: str) -> bool:
    return bool(re.match(r"[|>]|[-*]\s|\d+\.\s|\$\$|!\[|<|```", part))


def is_question(block: Block) -> bool:
    """Whether the block is one numbered question, such as those whose answers are folded."""
    return block.kind == "shown" and re.match(r"\d+\.\s", block.text) is not None and "\n" not in block.text


def first_sentence(text: str, most: int = 130) -> str:
    """The first sentence of a paragraph, and more of them while `most` characters are not passed."""
    shown = ""
    for sentence in _SENTENCE.split(" ".join(text.split())):
        if shown and len(shown) + len(sentence) > most:
            break
        shown = f"{shown} {sentence}".strip()
    return shown
