"""Any file ends in cells or in a Korean sentence."""

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.grading import reader
from course_utils.grading.reader import NotebookCell, Refused, Unreadable, parse_notebook, read_notebook


def notebook(*cells, **more):
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}).encode()


def raw(source, kind="code", grade_id=None, **metadata):
    if grade_id:
        metadata["nbgrader"] = {"grade_id": grade_id, "schema_version": 99, "points": -5, "locked": True}
    return {"cell_type": kind, "source": source, "metadata": metadata, "outputs": [{"text": "x" * 100}]}


def test_cells_with_their_marks():
    data = notebook(raw(["a = 1\n", "b = 2"], grade_id="t", tags=["demo"]), raw("text", "markdown"), raw("r", "raw"))
    first, *rest = parse_notebook(data)
    assert first == NotebookCell("code", "a = 1\nb = 2", "t", ("demo",), locked=True)
    assert [(cell.kind, cell.source) for cell in rest] == [("markdown", "text"), ("raw", "r")]


def test_format_3_keeps_its_cells_in_worksheets():
    sheet = {"cells": [{"cell_type": "code", "input": ["x = 1"]}, {"cell_type": "heading", "source": "h", "level": 1}]}
    cells = parse_notebook(json.dumps({"nbformat": 3, "worksheets": [sheet, 5]}).encode())
    assert [(cell.kind, cell.source) for cell in cells] == [("code", "x = 1"), ("markdown", "h")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_unicode_encoding_is_read(encoding):
    data = json.dumps({"cells": [raw("x = '한글'")]}, ensure_ascii=False).encode(encoding)
    assert parse_notebook(data)[0].source == "x = '한글'"


@pytest.mark.parametrize(
    "content",
    [b"", b"  \n", b"{", b"\x89PNG\r\n", b"[]", b"3", b"null", b"{}", b'{"cells": 5}', b'{"cells": [1, "a", null]}',
     "{\"cells\": [{\"source\": \"한\"}]}".encode("cp949"), b"[" * 100_000, b'{"cells": [' + b"9" * 10_000 + b"]}"],
)  # fmt: skip
def test_what_is_no_notebook_is_told(content):
    with pytest.raises(Unreadable, match="[가-힣]"):
        parse_notebook(content)


@pytest.mark.parametrize(
    "cell",
    [{}, {"cell_type": []}, {"cell_type": "code", "source": {"a": 1}}, {"source": [1, None, "ok"]},
     {"metadata": {"nbgrader": [], "tags": {"a": 1}}}, {"metadata": {"nbgrader": {"grade_id": ["x"]}, "tags": [1]}}],
)  # fmt: skip
def test_odd_cells_never_matter(cell):
    assert [c.source for c in parse_notebook(notebook(cell, raw("x = 1")))] in (["", "x = 1"], ["ok", "x = 1"])


def test_half_letters_and_line_ends_are_put_right():
    (cell,) = parse_notebook(notebook(raw("a = '\ud800'\r\nb\rc", grade_id="\ud800")))
    assert cell.source == "a = '?'\nb\nc" and cell.grade_id == "?"


def test_too_much_is_refused(monkeypatch):
    with pytest.raises(Refused, match="셀이 1,001개"):
        parse_notebook(notebook(*[raw("1")] * 1001))
    with pytest.raises(Refused, match="너무 길어서"):
        parse_notebook(notebook(raw("x" * 200_001)))
    monkeypatch.setattr(reader, "_MAX_BRACKETS", 100)
    with pytest.raises(Refused, match="목록"):
        parse_notebook(notebook(raw("1"), rest=[[]] * 100))


def test_links_pipes_folders_and_large_files_are_refused(tmp_path, monkeypatch):
    good = tmp_path / "good.ipynb"
    good.write_bytes(notebook(raw("x = 1")))
    assert read_notebook(good)[0].source == "x = 1"
    (tmp_path / "link.ipynb").symlink_to(good)
    (tmp_path / "folder.ipynb").mkdir()
    os.mkfifo(tmp_path / "pipe.ipynb")
    for name in ("link", "folder", "pipe", "missing"):
        with pytest.raises(Refused, match="[가-힣]"):
            read_notebook(tmp_path / f"{name}.ipynb")
    monkeypatch.setattr(reader, "MAX_BYTES", 10)
    with pytest.raises(Refused, match="크거나"):
        read_notebook(good)


KEYS = st.sampled_from(["cells", "source", "cell_type", "metadata", "nbgrader", "tags", "grade_id", "worksheets"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text("ab\n", max_size=5)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)


@settings(max_examples=80, deadline=None)
@given(JSON)
def test_no_json_makes_the_reader_raise_anything_else(data):
    try:
        cells = parse_notebook(json.dumps(data).encode())
    except (Unreadable, Refused):
        return
    assert cells and all(isinstance(cell, NotebookCell) for cell in cells)
