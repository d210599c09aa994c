"""The house rules for committed notebooks; `python -m tools.notebook_rules` checks those in notebooks/.

Strict nbval compares outputs, but it says nothing about cells that were never run, keys, missing alt text or style.
Each rule takes a notebook and its file name, and returns what breaks it, as short sentences; none when all is well.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat

from course_utils.key_shapes import find_keys
from tools.bootstrap import BOOTSTRAP_ID, bootstrap_source, colab_badge
from tools.language_rules import problems as language_problems
from tools.language_texts import FENCE, Text
from tools.run_notebooks import NOTEBOOKS, complaints

MAX_LINES = 15
MAX_COLUMNS = 100
MAX_IGNORED_OUTPUTS = 3

_MACHINE_PATH = re.compile(r"(?<![\w.:/-])(/(?:root|home|tmp|work|opt|Users|var/folders)/[\w.-]+)|([A-Z]:\\+Users\\)")
# nbval also obeys comments in the code.
_NBVAL_COMMENT = re.compile(r"^[^\S\n]*#\s*(NBVAL|PYTEST_VALIDATE)_", re.IGNORECASE | re.MULTILINE)
_TIMING_KEYS = {"execution", "ExecuteTime"}
_CODE_OR_MATH = re.compile(r"`[^`]*`|\$[^$]*\$")


def _code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _outputs(notebook) -> Iterator:
    for cell in _code_cells(notebook):
        yield from cell.outputs


def _markdown(notebook) -> list[str]:
    """The text of the markdown cells, without fenced code."""
    return [FENCE.sub("", cell.source) for cell in notebook.cells if cell.cell_type == "markdown"]


def _tags(cell) -> list[str]:
    return cell.metadata.get("tags", [])


def executed_in_order(notebook, name) -> list[str]:
    counts = [cell.execution_count for cell in _code_cells(notebook)]
    return [] if counts == list(range(1, len(counts) + 1)) else [f"not run top to bottom in one go: {counts}"]


def quiet(notebook, name) -> list[str]:
    return complaints(notebook)


def no_leftovers(notebook, name) -> list[str]:
    """GitHub shows notebooks with broken widget state as "Invalid Notebook"; timings change at every run."""
    found = ["widget state is saved in the metadata"] if "widgets" in notebook.metadata else []
    if any(_TIMING_KEYS & set(cell.metadata) for cell in notebook.cells):
        found.append("timings are saved in the cells' metadata")
    return found


def no_keys(notebook, name) -> list[str]:
    return [f"looks like a secret key ({kind}): {key[:6]}..." for kind, key in find_keys(nbformat.writes(notebook))]


def no_machine_paths(notebook, name) -> list[str]:
    found = {match[0] for match in _MACHINE_PATH.finditer(nbformat.writes(notebook))}
    return [f"path of somebody's machine: {path}" for path in sorted(found)]


def short_cells(notebook, name) -> list[str]:
    found = []
    for number, cell in enumerate(notebook.cells):
        lines = cell.source.splitlines() if cell.cell_type == "code" else []
        if len(lines) > MAX_LINES:
            found.append(f"cell {number} has {len(lines)} lines of code, more than {MAX_LINES}")
        found += [f"cell {number} has a line over {MAX_COLUMNS} characters" for x in lines if len(x) > MAX_COLUMNS]
    return found


def framed(notebook, name) -> list[str]:
    """What a cell does is said before it, how to read its output after it."""
    kinds = ["end"] + [cell.cell_type for cell in notebook.cells] + ["end"]
    return [
        f"code cell {number} stands next to {before if before != 'markdown' else after}, not between text"
        for number, (before, kind, after) in enumerate(zip(kinds, kinds[1:], kinds[2:], strict=False))
        if kind == "code" and (before, after) != ("markdown", "markdown")
    ]


def title_cell(notebook, name) -> list[str]:
    first = notebook.cells[0] if notebook.cells else None
    if first is None or first.cell_type != "markdown":
        return ["the first cell is not text"]
    needed = {"title": r"\A# \S", "goals": r"목표", "time": r"\d+\s*분", "Colab badge": re.escape(colab_badge(name))}
    return [f"the first cell lacks: {what}" for what, pattern in needed.items() if not re.search(pattern, first.source)]


def bootstrap_cell(notebook, name) -> list[str]:
    code = _code_cells(notebook)
    if not code or code[0].get("id") != BOOTSTRAP_ID:
        return [f"the first code cell is not the bootstrap cell (its id must be {BOOTSTRAP_ID!r})"]
    return [] if code[0].source == bootstrap_source() else ["the bootstrap cell differs from tools/bootstrap.py"]


def _html_without_alt(html: str) -> list[str]:
    images = [tag for tag in re.findall(r"<img\b[^>]*>", html) if not re.search(r"\balt=(\"[^\"]+\"|'[^']+')", tag)]
    pictures = []
    for tag, body in re.findall(r"(<svg\b[^>]*>)(.*?)</svg>", html, re.DOTALL):
        hidden = re.search(r"\baria-hidden=[\"']true", tag)
        if not (hidden or re.search(r"\baria-label=[\"'][^\"']", tag) or re.search(r"<title\b[^>]*>\s*[^<\s]", body)):
            pictures.append(tag)
    return [f"no alt text: {tag[:60]}" for tag in images + pictures]


def alt_texts(notebook, name) -> list[str]:
    """Every picture can be read aloud: `alt` of images, `aria-label` or `<title>` of SVG, also inside HTML."""
    found = []
    for text in _markdown(notebook):
        found += [f"no alt text: {match[0]}" for match in re.finditer(r"!\[\s*\]\([^)]*\)", text)]
        found += _html_without_alt(text)
    for output in _outputs(notebook):
        data, metadata = output.get("data", {}), output.get("metadata", {})
        for kind in ("image/png", "image/jpeg"):
            if kind in data and not metadata.get(kind, {}).get("alt"):
                found.append(f"no alt text: {kind} output")
        found += _html_without_alt(data.get("image/svg+xml", "")) + _html_without_alt(data.get("text/html", ""))
    return found


def heading_order(notebook, name) -> list[str]:
    levels = [len(mark) for text in _markdown(notebook) for mark in re.findall(r"^(#{1,6})\s", text, re.MULTILINE)]
    found = [] if levels.count(1) == 1 else [f"{levels.count(1)} titles of the first level, not one"]
    jumps = [(a, b) for a, b in zip([0, *levels], levels, strict=False) if b > a + 1]
    return found + [f"a heading of level {b} follows one of level {a}" for a, b in jumps]


def no_struck_text(notebook, name) -> list[str]:
    """Two tildes in a paragraph, as in "0~6절, 7~13절", are struck through by Jupyter: one at most, or another word."""
    texts = [_CODE_OR_MATH.sub("", text) for text in _markdown(notebook)]
    paragraphs = [part for text in texts for part in re.split(r"\n\s*\n|\n(?=[-|#\d])", text)]
    return [f"struck through: ...{part[:60]}" for part in paragraphs if part.count("~") >= 2]


def polite_prose(notebook, name) -> list[str]:
    """What the language gate says about the text of the markdown cells; `tools.language_rules` reads the rest."""
    return language_problems(
        Text(f"notebooks/{name}, cell {cell.get('id')}", cell.source)
        for cell in notebook.cells
        if cell.cell_type == "markdown"
    )


def not_compared(notebook) -> list[int]:
    """Numbers of the cells that nbval runs without comparing their output."""
    return [number for number, cell in enumerate(notebook.cells) if "nbval-ignore-output" in _tags(cell)]


def _only_pictures(cell) -> bool:
    """Whether a cell shows nothing but pictures (a widget's saved output is its picture): no text, no numbers."""
    return bool(cell.get("outputs")) and all(
        any(kind.startswith("image/") for kind in data) or data.get("text/html", "").lstrip().startswith("<img ")
        for data in (output.get("data", {}) for output in cell.outputs)
    )


def really_tested(notebook, name) -> list[str]:
    found = [f"cell {n} is skipped by nbval" for n, cell in enumerate(notebook.cells) if "nbval-skip" in _tags(cell)]
    ignored = not_compared(notebook)
    if len(ignored) > MAX_IGNORED_OUTPUTS:
        found.append(f"{len(ignored)} outputs are not compared, more than {MAX_IGNORED_OUTPUTS}")
    about_the_machine = [n for n in ignored if notebook.cells[n].source.strip().endswith("\ncheck_machine()")]
    more = [n for n in ignored if n not in about_the_machine and not _only_pictures(notebook.cells[n])]
    found += [f"cell {number} is not compared but shows more than a picture" for number in more]
    by_comment = [n for n, cell in enumerate(notebook.cells) if _NBVAL_COMMENT.search(cell.source)]
    return found + [f"cell {n} steers nbval by a comment; use a tag, which can be counted" for n in by_comment]


RULES = [
    executed_in_order,
    quiet,
    no_leftovers,
    no_keys,
    no_machine_paths,
    short_cells,
    framed,
    title_cell,
    bootstrap_cell,
    alt_texts,
    heading_order,
    no_struck_text,
    polite_prose,
    really_tested,
]


def check(path: Path) -> list[str]:
    """All that is wrong with the notebook at `path`, each line with the rule's name."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return [f"{rule.__name__}: {problem}" for rule in RULES for problem in rule(notebook, path.name)]


def main() -> int:
    paths = [Path(name) for name in sys.argv[1:]] or sorted(NOTEBOOKS.glob("*.ipynb"))
    failed = False
    for path in paths:
        found = check(path)
        ignored = not_compared(nbformat.read(path, as_version=4))
        print(f"{path.name}: {len(found)} problems, {len(ignored)} outputs not compared", *found, sep="\n  ")
        failed = failed or bool(found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
