"""Solution and exercise notebooks as tests need them: their cells, their sections, their names after a run."""

import contextlib
import io
import re
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from tools.bootstrap import BOOTSTRAP_ID

ROOT = Path(__file__).resolve().parent.parent


def notebook_of(exercise, kind):
    """The set's notebook; `kind`: "solutions" or "exercises"."""
    return nbformat.read(ROOT / kind / exercise.folder / f"{exercise.folder}.ipynb", as_version=4)


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def is_check(cell):
    return grade_id(cell).endswith("-check")


def names_after_run(notebook):
    """Run the code cells here, without bootstrap, checks and demonstrations; returns what they define.

    Raises what a cell raises: in an unsolved notebook no cell may.
    """
    transform = TransformerManager().transform_cell
    found = {"__name__": "__main__", "get_ipython": lambda: None}
    for cell in notebook.cells:
        left_out = cell.get("id") == BOOTSTRAP_ID or is_check(cell) or "demo" in cell.metadata.get("tags", [])
        if cell.cell_type == "code" and not left_out:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(transform(cell.source), f"<{cell.get('id')}>", "exec"), found)
    return found


def sections(notebook, tasks):
    """Task name -> (text before its solution cell, text after its check cell), headings excluded from neither."""
    found, before, current = {}, "", None
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and grade_id(cell) not in tasks:
            if re.match(r"## ", cell.source):
                before, current = "", None
            before += "\n" + cell.source
            if current:
                found[current] = (found[current][0], found[current][1] + "\n" + cell.source)
        elif grade_id(cell) in tasks:
            current = grade_id(cell)
            found[current] = (before, "")
    return found
