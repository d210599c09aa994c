"""What stays of a solution when names, comments and layout are taken away: a list of words to compare.

Nothing is parsed into a tree or run: any text, however broken or deeply nested, gives some list.
"""

from __future__ import annotations

import builtins
import io
import keyword
import re
import token
import tokenize
from collections.abc import Iterator

_KEPT = frozenset(dir(builtins)) | frozenset(keyword.kwlist)
# Layout, and the signs that formatters add and remove.
_NO_WORDS = frozenset({token.INDENT, token.DEDENT, token.NL, token.ENCODING, token.ENDMARKER, token.COMMENT})
_NO_SIGNS = frozenset("(),;:\\")
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_LONGEST = 40_000  # characters of one solution; more is not compared
_LONG_TEXT = 5  # words from which on a text in quotes counts word by word
_WORD = re.compile(r"\w+")
# Spaces, not \s, which takes minutes on many empty lines.
_IMPORT = re.compile(r"(?:^|;)[ \t]*(?:from[ \t]+([\w.]+)[ \t]+)?import[ \t]+(\([^)]{0,2000}|[^;\n]+)", re.MULTILINE)

Word = tuple[int, str]


def code_words(source: str) -> list[str]:
    """The words of a solution in order: keywords, operators, numbers, names of built-ins, modules and attributes.

    Variables, parameters and own functions are all ``v`` and short texts ``s``, so that renaming changes nothing;
    comments, docstrings, brackets, commas and layout are left out.
    """
    modules = {name: full.rpartition(".")[2] for name, full in imported(source).items()}
    return [word for line in statements(source) for word in _line_words(line, modules)]


def prose_words(text: str) -> list[str]:
    """The words of a text in order, without punctuation."""
    return _WORD.findall(text[:_LONGEST].casefold())


def _tokens(source: str) -> Iterator[Word]:
    """Kind and text of each token; where Python's tokenizer gives up, the rest of that source is left out."""
    try:
        for one in tokenize.generate_tokens(io.StringIO(source).readline):
            if one.type not in _NO_WORDS:
                yield one.type, one.string
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError):  # the last from Python 3.12 on
        return


def statements(source: str) -> Iterator[list[Word]]:
    """Kind and text of the tokens of each statement, none of them empty."""
    line: list[Word] = []
    for kind, text in _tokens(source[:_LONGEST]):
        if kind != token.NEWLINE:
            line.append((kind, text))
        elif line:
            yield line
            line = []
    if line:
        yield line


def imported(source: str) -> dict[str, str]:
    """Name in the source -> what it stands for: ``np`` and ``n`` are both ``numpy``, ``exp`` is ``math.exp``."""
    found: dict[str, str] = {}
    for package, names in _IMPORT.findall(source[:_LONGEST]):
        for part in re.sub(r"#.*", "", names).strip("() ").split(","):
            pair = part.split()
            if pair and all(name.replace(".", "").isidentifier() for name in pair):
                name = pair[-1] if package or len(pair) > 1 else pair[0].split(".")[0]
                found[name] = f"{package}.{pair[0]}" if package else name if len(pair) == 1 else pair[0]
    return {"np": "numpy", "pd": "pandas"} | found


def _line_words(line: list[Word], modules: dict[str, str]) -> list[str]:
    """The words of one statement; none for a docstring and for imports, which everybody has."""
    if not line or all(kind == token.STRING for kind, _ in line) or line[0][1] in ("import", "from"):
        return []
    if line[0][1] in ("def", "async"):  # names, annotations and defaults are mostly prescribed
        return ["def", *_line_words(_after_signature(line), modules)]
    words: list[str] = []
    before, depth = "", 0
    for place, (kind, text) in enumerate(line):
        depth += (text in _OPEN) - (text in _CLOSE)
        if kind == token.NAME:
            argument = depth and before in ("(", ",") and line[place + 1 : place + 2] == [(token.OP, "=")]
            words.append(text if before == "." or argument or text in _KEPT else modules.get(text, "v"))
        elif kind == token.NUMBER:
            words.append(_number(text))
        elif kind == token.STRING:
            inside = _WORD.findall(text)
            words += ["s", *inside] if len(inside) >= _LONG_TEXT else ["s"]
        elif text.strip() and text not in _NO_SIGNS:
            words.append(text)
        before = text
    return words


def _after_signature(line: list[Word]) -> list[Word]:
    """What stands behind the colon of a ``def``, on the same line."""
    depth = 0
    for place, (_, text) in enumerate(line):
        depth += (text in _OPEN) - (text in _CLOSE)
        if text == ":" and not depth:
            return line[place + 1 :]
    return []


def _number(text: str) -> str:
    """``1e0``, ``1.`` and ``1.0`` are the same number."""
    try:
        return repr(float(text.replace("_", "")))
    except ValueError:
        return text
