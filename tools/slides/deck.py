"""From a lesson's notebook to the notebook of its slides, which nbconvert's SlidesExporter understands.

A slide shows what a room looks at: the heading, one sentence, the code, and on the next key press the output, so that
the class can guess first. The prose round it goes into the speaker's notes, whole.
"""

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.bootstrap import BOOTSTRAP_ID
from tools.slides.blocks import Block, blocks, first_sentence, is_question

# Marks a cell whose code is not shown again: its output stands under, or on the slide after, the code.
OUTPUT_ONLY = "slide-output"
# Lines of text that one slide holds at a size readable from the last row.
_LINES = 16
_TABLE_LINES = 12


class Deck:
    """Collects slides; every `add` goes on the slide that is open."""

    def __init__(self) -> None:
        self.cells: list[NotebookNode] = []
        self._where = ""
        self._used = False  # something besides the heading stands on the open slide
        self._notes: list[str] = []

    def heading(self, level: int, text: str) -> None:
        """Open a slide with a heading of its own: a column of slides for a section, a slide in it for a part of it."""
        self._close()
        self._where, self._used = text, False
        self._add(new_markdown_cell(f"{'#' * min(level, 3)} {text}"), "slide" if level <= 2 else "subslide")

    def fresh(self) -> None:
        """Open a slide in the same section, unless the open one has nothing but its heading."""
        if self._used:
            self._close()
            self._used = False
            self._add(new_markdown_cell(f'<p class="where">{self._where}</p>'), "subslide")

    def show(self, markdown: str, *, later: bool = False) -> None:
        """Text on the open slide; `later`: it appears on the next key press."""
        self._add(new_markdown_cell(markdown), "fragment" if later else "-")
        self._used = True

    def note(self, markdown: str) -> None:
        """Text for the speaker alone."""
        self._notes.append(markdown)

    def code(self, cell: NotebookNode) -> None:
        """Code on the open slide; its output on the next key press, on a slide of its own when both do not fit."""
        self._add(new_code_cell(cell.source, execution_count=cell.execution_count), "-")
        self._used = True
        if not cell.outputs:
            return
        output = new_code_cell(cell.source, outputs=cell.outputs, execution_count=cell.execution_count)
        output.metadata["tags"] = [OUTPUT_ONLY]
        if len(cell.source.splitlines()) + _output_lines(cell) > _LINES:
            self.fresh()
            self._add(output, "-")
        else:
            self._add(output, "fragment")
        self._used = True

    def finish(self) -> list[NotebookNode]:
        """All cells, the last slide's notes included."""
        self._close()
        return self.cells

    def _close(self) -> None:
        """Put the notes before what appears later: inside a fragment, reveal.js hides them until its key press."""
        if not self._notes:
            return
        self._add(new_markdown_cell("\n\n".join(self._notes)), "notes")
        self._notes = []
        at = len(self.cells) - 1
        while at and _kind(self.cells[at]) in ("notes", "fragment", "-"):
            at -= 1
        later = [i for i in range(at, len(self.cells)) if _kind(self.cells[i]) == "fragment"]
        if later:
            self.cells.insert(later[0], self.cells.pop())

    def _add(self, cell: NotebookNode, kind: str) -> None:
        cell.metadata["slideshow"] = {"slide_type": kind}
        self.cells.append(cell)


def _kind(cell: NotebookNode) -> str:
    return cell.metadata["slideshow"]["slide_type"]


def _output_lines(cell: NotebookNode) -> int:
    """About how many lines of text the output is high; a picture, which is what a room looks at, fills a slide."""
    lines = 0
    for output in cell.outputs:
        data = output.get("data", {})
        if "<img" in data.get("text/html", "") or any(kind.startswith("image/") for kind in data):
            lines += _LINES
        elif "text/html" in data:
            lines += _TABLE_LINES
        else:
            lines += len((output.get("text") or data.get("text/plain", "")).splitlines())
    return lines


def _put(deck: Deck, block: Block, before: Block | None) -> None:
    """One block of text; `before`: the block before it, in the same cell or the last one."""
    if block.kind == "heading":
        deck.heading(block.level, block.text)
    elif block.kind == "what":
        deck.fresh()
        deck.show(first_sentence(block.text))
        deck.note(f"**하는 일**: {block.text}")
    elif block.kind == "read":
        deck.note(f"**읽는 법**: {block.text}")
    elif block.kind == "answer":
        deck.show(f"**답**: {block.text}", later=True)
    elif block.kind == "shown":
        if is_question(block) or before is None or before.kind not in ("heading", "text"):
            deck.fresh()
        deck.show(block.text)
    else:
        if before is not None and before.kind == "heading":
            deck.show(first_sentence(block.text))
        deck.note(block.text)


def slides_of(notebook: NotebookNode) -> NotebookNode:
    """The notebook of the slides: same order, every code cell but the bootstrap cell, every table and question."""
    deck, before = Deck(), None
    for cell in notebook.cells:
        if cell.cell_type == "code":
            if cell.get("id") != BOOTSTRAP_ID:
                deck.code(cell)
            before = None
            continue
        for block in blocks(cell.source):
            _put(deck, block, before)
            before = block
    return new_notebook(cells=deck.finish(), metadata={**notebook.metadata, "title": _title(notebook)})


def _title(notebook: NotebookNode) -> str:
    return next(block.text for block in blocks(notebook.cells[0].source) if block.kind == "heading")
