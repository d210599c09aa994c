"""The course's words: one definition each, wherever it is shown. ``print(look_up("온도"))`` in any lesson."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from course_utils.errors import CourseValueError

FILE = Path(__file__).resolve().parent / "assets" / "glossary.toml"


@dataclass(frozen=True)
class Term:
    """A word of the course.

    ``definition`` is one sentence, ``more`` adds to it. ``first`` and ``lesson`` are the numbers ("04") of the lessons
    that first use the word and that explain it; ``key`` says that it stands in the latter's list of words, and
    ``everyday`` that it is also a plain Korean word, which needs no English word elsewhere.
    ``variants`` are other forms that texts may use, ``avoid`` those that none may use.
    """

    korean: str
    english: str
    definition: str
    first: str
    lesson: str = ""
    more: str = ""
    key: bool = False
    everyday: bool = False
    variants: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """``온도(temperature)``; only one word where both languages use the same."""
        return self.korean if self.korean == self.english else f"{self.korean}({self.english})"

    @property
    def meaning(self) -> str:
        """The definition and what is added to it."""
        return f"{self.definition} {self.more}".strip()


@cache
def terms() -> tuple[Term, ...]:
    """Every word, in the order of the file: by the lesson that explains it."""
    listed = tomllib.loads(FILE.read_text(encoding="utf-8"))["term"]
    known = (
        Term(**{"lesson": entry["first"], **{k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}})
        for entry in listed
    )
    return tuple(sorted(known, key=lambda term: term.lesson))


def look_up(word: str) -> str:
    """What ``word`` means, as text to print: a Korean or English word of the course, in any of its forms.

    Raises:
        CourseValueError: the course does not use that word; the message names words that look like it.
    """
    wanted = _bare(word) if isinstance(word, str) else ""
    found = [term for term in terms() if wanted and wanted in map(_bare, _forms(term))]
    if found:
        return "\n".join(f"{term.title}: {term.meaning} ({term.lesson} 단원)" for term in found)
    forms = {_bare(form): term.korean for term in terms() for form in _forms(term)}
    near = dict.fromkeys(forms[form] for form in get_close_matches(wanted, forms, n=5, cutoff=0.5))
    hint = f"비슷한 낱말: {', '.join(near)}. " if near else ""
    raise CourseValueError(
        f"낱말 모음에 없는 말입니다: {word!r}. {hint}"
        '우리말이나 영어로 하나만 적어 주십시오. 예: look_up("온도"), look_up("softmax")'
    )


def _forms(term: Term) -> tuple[str, ...]:
    return (term.korean, term.english, *term.variants, *term.avoid)


def _bare(form: str) -> str:
    """Without what people write in different ways: spaces, hyphens, capitals."""
    return "".join(letter for letter in form.lower() if letter.isalnum())
