"""Write the glossary where learners read it: `python -m tools.glossary [--check]`.

Each lesson's list of words (the cell "words" at its end) and the appendix (the cell "terms" of A1) hold what
course_utils/assets/glossary.toml says, and nothing else; their headings are written by hand.
"""

import argparse
import json
import re
import sys
from pathlib import Path

from course_utils.glossary import Term, terms
from tools.language_texts import FENCE, GAP, ROOT, cells

LESSONS = ROOT / "notebooks"
APPENDIX = "A1_glossary.ipynb"
WORDS_CELL, TERMS_CELL = "words", "terms"
POINTER = f"강의에 나오는 낱말은 모두 [부록 A1. 낱말 모음]({APPENDIX})에 있습니다."
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_SINGLE = str.maketrans("ㄲㄸㅃㅆㅉ", "ㄱㄷㅂㅅㅈ")
_LATIN = "로마자"
_NO_FIRST_USE = re.compile(
    r"^(?:#|\||>|- \*\*|\[!\[).*$|!?\[[^\]\n]*\]\([^)\s]*\)|`[^`\n]*`|\"[^\"\n]*\"", re.MULTILINE
)
_BESIDE = 12  # letters between a word and its gloss: emphasis, a second noun


def lesson_files() -> dict[str, Path]:
    """Number ("04") -> notebook of each lesson."""
    return {path.name[:2]: path for path in sorted(LESSONS.glob("[0-9][0-9]_*.ipynb"))}


def _entry(term: Term) -> str:
    gloss = "" if term.korean == term.english else f"({term.english})"
    return f"- **{term.korean}**{gloss}: {term.meaning}"


def lesson_words(number: str) -> str:
    """The list of words that lesson `number` explains, and where the others are."""
    listed = [_entry(term) for term in terms() if term.key and term.lesson == number]
    return "\n".join(listed + ["", POINTER])


def _initial(term: Term) -> str:
    code = ord(term.korean[0]) - 0xAC00
    return _INITIALS[code // 588].translate(_SINGLE) if 0 <= code < 11172 else _LATIN


def appendix_terms() -> str:
    """Every word in alphabetical order, with links to the lesson that first uses it and to the one that explains it."""
    files = lesson_files()
    groups: dict[str, list[str]] = {}
    for term in sorted(terms(), key=lambda term: (_initial(term) == _LATIN, term.korean.lower())):
        places = [f"[{number} 단원]({files[number].name})" for number in dict.fromkeys([term.lesson, term.first])]
        where = places[0] if len(places) == 1 else f"{places[0]}, 처음 나오는 곳은 {places[1]}"
        groups.setdefault(_initial(term), []).append(f"{_entry(term)} {where}")
    return "\n\n".join(f"### {initial}\n\n" + "\n".join(listed) for initial, listed in groups.items())


def unglossed(path: Path) -> list[str]:
    """Words of the glossary whose first use in the lesson at `path` does not have its English word beside it.

    Headings, tables, links, quotations and code are passed over. Everyday words need it only in the lesson that
    explains them, anywhere.
    """
    pieces = [FENCE.sub("", source) for where, source in cells(path, "markdown") if not where.endswith(WORDS_CELL)]
    whole = "\n\n".join(pieces)
    prose = _NO_FIRST_USE.sub(lambda match: GAP * len(match[0]), whole)
    needed = (term for term in terms() if not term.everyday or term.lesson == path.name[:2])
    return [term.korean for term in needed if _initial(term) != _LATIN and _late(term, prose, whole)]


def _late(term: Term, prose: str, whole: str) -> bool:
    """Whether `prose` uses the word before it, or one of its forms, stands beside the English word in `whole`."""
    longer = [other.korean for other in terms() if term.korean in other.korean and other is not term]
    prose = re.sub("|".join(map(re.escape, longer)), lambda match: GAP * len(match[0]), prose) if longer else prose
    used = re.search(rf"(?<![가-힣]){re.escape(term.korean)}", prose)
    latin = [term.english.removesuffix("s"), *(form for form in term.variants if form.isascii())]
    english = "(?:" + "|".join(re.sub(r"[ -]", "[ -]", form) for form in latin) + ")"
    glossed = re.search(rf"\([^()]*{english}[^()]*\)", whole, re.IGNORECASE)
    return bool(used) and not (glossed and (term.everyday or glossed.start() <= used.end() + _BESIDE))


def stale(write: bool = False) -> list[str]:
    """Notebooks whose list of words is not what the glossary says; with `write` they are mended."""
    expected = {path: (WORDS_CELL, lesson_words(number)) for number, path in lesson_files().items()}
    expected[LESSONS / APPENDIX] = (TERMS_CELL, appendix_terms())
    old = []
    for path, (name, body) in expected.items():
        notebook = json.loads(path.read_text(encoding="utf-8"))
        found = [cell for cell in notebook["cells"] if cell.get("id") == name]
        fresh = [f"{''.join(cell['source']).partition(chr(10))[0]}\n\n{body}" for cell in found]
        if not found or [f"{''.join(cell['source'])}" for cell in found] != fresh:
            old.append(path.name)
        if write:
            for cell, text in zip(found, fresh, strict=True):
                cell["source"] = text.splitlines(keepends=True)
            text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True)
            path.write_text(text + "\n", encoding="utf-8", newline="\n")
    return old


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; status 1 where a list is stale")
    options = parser.parse_args(arguments)
    old = stale(write=not options.check)
    print(f"{'stale' if options.check else 'written'}: {', '.join(old) or 'none'}")
    return int(options.check and bool(old))


if __name__ == "__main__":
    sys.exit(main())
