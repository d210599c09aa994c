"""Every text of the course that a learner or an instructor reads, cut into pieces that say where they stand."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What customers say, in every register and with slips of spelling on purpose; and the rules' own lists of slips.
_NOT_READ = ("tools/mini/", "tools/language_")
_SOURCES = ("course_utils", "answer_key", "tools")

HANGUL = re.compile("[가-힣]")
GAP = "\ue000"  # stands for what is not prose: code, a formula, an address
FENCE = re.compile(r"^(```|~~~).*?^\1[^\S\n]*$", re.MULTILINE | re.DOTALL)
_GAPS = re.compile(r"`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$|https?://[^\s)>\"']+", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
_TAG = re.compile(r"</?[A-Za-z][^>]*>|<!--.*?-->", re.DOTALL)
# Not the course's own voice: code, quoted lines, quoted words.
NOT_PROSE = re.compile(r"`[^`\n]*`|^[^\S\n]*>.*$|\"[^\"\n]*\"|“[^”\n]*”|‘[^’\n]*’|(?<!\w)'[^'\n]*'", re.MULTILINE)
_PATTERN = re.compile(r"\(\?|\[\^?가-힣|\\[dswb]|\|\.\*")  # a regular expression, not a text
_COMMENT = re.compile(r"(?:^|\s)#\s+(.*[가-힣].*)$", re.MULTILINE)
_MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)


@dataclass(frozen=True)
class Text:
    """A piece of text: ``where`` it stands, its ``source``, and whether all of it is in the course's ``own_voice``.

    Sample sentences of customers, and of answers that a check must refuse, are not.
    """

    where: str
    source: str
    own_voice: bool = True
    markdown: bool = True

    @cached_property
    def prose(self) -> str:
        """Without fenced code and markup; code in a line, formulas and addresses are one `GAP` each."""
        return _GAPS.sub(GAP, self.with_code)

    @cached_property
    def with_code(self) -> str:
        """Without fenced code and markup, code in a line kept."""
        text = FENCE.sub("", self.source) if self.markdown else self.source
        return _TAG.sub("", _LINK.sub(r"\1", text) if self.markdown else text)

    @cached_property
    def own_words(self) -> str:
        """The prose without what is quoted."""
        return NOT_PROSE.sub(GAP, self.with_code)


def cells(path: Path, kind: str) -> Iterator[tuple[str, str]]:
    """Where it stands, and its source, of every cell of `kind` ("markdown" or "code") in the notebook at `path`."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == kind:
            yield f"{_place(path)}, cell {cell.get('id')}", "".join(cell["source"])


def notebook_texts(path: Path) -> Iterator[Text]:
    """Its markdown cells; comments and Korean strings of its code, where the strings may be anybody's words."""
    for where, source in cells(path, "markdown"):
        yield Text(where, source)
    for where, source in cells(path, "code"):
        code = _MAGIC.sub(r"\1pass", source)
        for comment in _COMMENT.findall(code):
            yield Text(where, comment, markdown=False)
        for _, text in _strings(ast.parse(code)):
            yield Text(where, text, own_voice=False, markdown=False)


def python_strings(path: Path) -> Iterator[Text]:
    """Korean strings of a module: messages, labels, diagnoses; the parts that are filled in later stand as ``{}``."""
    where = _place(path)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for line, text in _strings(tree):
        own = where not in OTHER_VOICES or "십시오" in text
        yield Text(f"{where}:{line}", text, own_voice=own, markdown=False)


def _strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):  # a docstring
            skipped.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
    for node in ast.walk(tree):
        text = None
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            text = "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            text = node.value
        if text and HANGUL.search(text) and not _PATTERN.search(text):
            yield node.lineno, text


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


# Modules full of what customers write and what drafts for them say: only what tells the reader to do something is
# surely the course's own.
OTHER_VOICES = frozenset(
    [
        "answer_key/ex03/read_answer.py",
        "answer_key/ex03/clean_prompt.py",
        "answer_key/ex03/samples.py",
        "answer_key/ex06/usable_drafts.py",
        "answer_key/ex07/answer_all_cases.py",
        "answer_key/ex07/drafts.py",
        "answer_key/ex07/draw_until_passed.py",
        "answer_key/ex07/invented_facts.py",
        "answer_key/ex07/mask_personal.py",
        "answer_key/ex07/rude_sentences.py",
        "course_utils/chat_example.py",
        "course_utils/gguf_tokenizer.py",
    ]
)


def every_text() -> Iterator[Text]:
    """All of them: lessons, exercises, pages, messages, diagnoses, the glossary, what `make` prints."""
    for path in sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("solutions/*/*.ipynb")]):
        yield from notebook_texts(path)
    for path in [ROOT / "README.ko.md", *sorted(ROOT.glob("docs/**/*.ko.md"))]:
        yield Text(_place(path), path.read_text(encoding="utf-8"))
    for path in sorted(path for folder in _SOURCES for path in (ROOT / folder).rglob("*.py")):
        if not _place(path).startswith(_NOT_READ):
            yield from python_strings(path)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for said in re.findall(r'"([^"\n]*[가-힣][^"\n]*)"', makefile):
        yield Text("Makefile", said, markdown=False)
