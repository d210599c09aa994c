"""Odd and hostile files that a class hands in: name -> function(path, notebook, exercise) that writes one.

A fault takes a notebook with every answer right, so that a grader which keeps what was earned can be told from one
that does not. They are tame: none does harm where it is run without a sandbox, apart from taking time and memory.
"""

import json
import os
import zipfile


def _write(path, notebook):
    path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")


def _with_cell(source, first=False):
    """A fault that adds one code cell, at the end or right after the imports."""

    def write(path, notebook, exercise):
        cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        cells = notebook["cells"]
        marked = [i for i, old in enumerate(cells) if "nbgrader" in old["metadata"]]
        cells.insert(marked[0] if first else len(cells), cell)
        _write(path, notebook)

    return write


def _in_first_answer(line):
    """A fault inside the first function that is graded."""

    def write(path, notebook, exercise):
        for cell in notebook["cells"]:
            source = "".join(cell["source"])
            if cell["metadata"].get("nbgrader", {}).get("solution") and source.startswith("def "):
                lines = source.splitlines()
                end = next(i for i, text in enumerate(lines) if text.rstrip().endswith(":"))
                cell["source"] = "\n".join([*lines[: end + 1], f"    {line}", *lines[end + 1 :]])
                break
        _write(path, notebook)

    return write


def _bytes(content):
    return lambda path, notebook, exercise: path.write_bytes(content)


def _truncated(path, notebook, exercise):
    text = json.dumps(notebook, ensure_ascii=False)
    path.write_text(text[: len(text) // 2], encoding="utf-8")


def _no_metadata(path, notebook, exercise):
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    _write(path, notebook)


def _format_3(path, notebook, exercise):
    cells = []
    for cell in notebook["cells"]:
        body = (
            {"input": cell["source"], "language": "python"}
            if cell["cell_type"] == "code"
            else {"source": cell["source"]}
        )
        cells.append({"cell_type": cell["cell_type"], "metadata": cell["metadata"], **body, "outputs": []})
    path.write_text(json.dumps({"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells}]}), encoding="utf-8")


def _copied_cells(path, notebook, exercise):
    notebook["cells"] = [twin for cell in notebook["cells"] for twin in (cell, cell)]
    _write(path, notebook)


def _future_schema(path, notebook, exercise):
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = 99
    _write(path, notebook)


def _link(path, notebook, exercise):
    os.symlink("/etc/hostname", path)


def _bomb(path, notebook, exercise):
    with zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{exercise}.ipynb", bytes(300 * 2**20))


def _zipped(path, notebook, exercise):
    with zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{exercise}.ipynb", json.dumps(notebook, ensure_ascii=False))


def _other_name(path, notebook, exercise):
    _write(path.with_name("제출합니다 (최종).ipynb"), notebook)


FAULTS = {
    "truncated": _truncated,
    "empty": _bytes(b""),
    "not_utf8": _bytes(b"\xff\xfe\xfa" * 100),
    "no_metadata": _no_metadata,
    "format_3": _format_3,
    "copied_cells": _copied_cells,
    "future_schema": _future_schema,
    "link": _link,
    "zip_bomb": _bomb,
    "zipped": _zipped,
    "other_name": _other_name,
    "endless_cell": _with_cell("while True:\n    pass"),
    "endless_answer": _in_first_answer("while True: pass"),
    "exit": _with_cell("import os\nos._exit(0)", first=True),
    "memory": _with_cell("x = []\nwhile True:\n    x.append(bytearray(10**8))"),
    "crash_in_answer": _in_first_answer("import os; os._exit(1)"),
    "syntax_error": _with_cell("def f(:\n    pass", first=True),
    "missing_package": _with_cell("import no_such_package_anywhere", first=True),
    "flood": _with_cell("print('x' * 10**8)"),
    "stderr": _with_cell("import sys, warnings\nprint('note', file=sys.stderr)\nwarnings.warn('note')", first=True),
    "extra_output": _in_first_answer("print('debug')"),
}
# What leaves every point where it was: the answers are right and can be read.
HARMLESS = (
    "no_metadata", "format_3", "copied_cells", "future_schema", "zipped", "other_name", "endless_cell", "exit",
    "memory", "syntax_error", "missing_package", "flood", "stderr", "extra_output",
)  # fmt: skip
