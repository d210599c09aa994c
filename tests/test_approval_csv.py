"""The CSV of an approval: read back by others' readers, letter for letter, with nothing left to compute."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.approval_csv import COLUMNS, csv_text, defused, save_csv
from course_utils.approval_state import Approvals
from course_utils.errors import CourseError
from course_utils.shown_text import without_unseen

ROW = {"id": "Q1", "question": '가, "나"\n다', "draft": "답", "nickname": "=SUM(1+1)", "problems": ["하나", "둘"]}


def test_excel_finds_its_mark_and_pandas_every_cell(tmp_path):
    approvals = Approvals([ROW, {**ROW, "id": "Q2"}])
    approvals.edit("Q1", "고친 답")
    path = save_csv(approvals, tmp_path / "결과.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") and [p.name for p in tmp_path.iterdir()] == ["결과.csv"]
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    assert tuple(table.columns) == COLUMNS
    first, second = table.to_dict("records")
    assert first["question"] == ROW["question"] and first["nickname"] == "'=SUM(1+1)"
    assert (first["decision"], first["answer"], first["problems"]) == ("고쳐서 승인", "고친 답", "하나; 둘")
    assert (second["decision"], second["answer"]) == ("남음", "")


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@given(st.lists(cells, min_size=1, max_size=4), cells)
def test_no_cell_begins_like_a_formula_and_nothing_is_lost(questions, nickname):
    rows = [{"id": str(i), "question": text, "draft": text, "nickname": nickname} for i, text in enumerate(questions)]
    read = list(csv.DictReader(io.StringIO(csv_text(Approvals(rows)), newline="")))
    for row, text in zip(read, questions, strict=True):
        for cell, meant in ((row["question"], text), (row["nickname"], nickname)):
            assert (
                not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
                and cell[:1] not in "\t\r\n"
                or not cell
            )
            assert cell in (without_unseen(meant), f"'{without_unseen(meant)}")


@pytest.mark.parametrize("danger", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n1", "  =1", "＝1", "＠x"])
def test_what_looks_like_a_formula_is_defused(danger):
    assert defused(danger) == f"'{danger}"


@pytest.mark.parametrize("harmless", ["", "안녕하세요", "1+1", "a@b", "'=1", "3-4일"])
def test_harmless_text_stays_as_it_is(harmless):
    assert defused(harmless) == harmless


def test_an_empty_queue_gives_the_header_alone():
    assert csv_text(Approvals([])) == ",".join(COLUMNS) + "\r\n"


def test_a_file_that_cannot_be_written_is_told_and_the_old_one_stays(tmp_path, monkeypatch):
    approvals = Approvals([ROW])
    with pytest.raises(CourseError, match="엑셀"):
        save_csv(approvals, tmp_path / "none" / "a.csv")
    (tmp_path / "a.csv").write_text("old")

    def locked(self, target):
        raise PermissionError("open in Excel")

    monkeypatch.setattr("pathlib.Path.replace", locked)
    with pytest.raises(CourseError, match="a.csv"):
        save_csv(approvals, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["a.csv"]
