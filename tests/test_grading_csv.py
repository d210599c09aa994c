"""grades.csv: what a spreadsheet and a program read in it, whatever students call themselves and their files."""

import csv
import io
from datetime import datetime

import grading_samples as samples
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.grading.final_grade import final_grades
from course_utils.grading.overrides import KOREA, LatePolicy, Overrides
from course_utils.grading.table_csv import AFTER, BEFORE, LONG, write_csv, write_long_csv

LATE = LatePolicy(datetime(2026, 3, 27, 23, 59, tzinfo=KOREA), percent_per_day=10)


def rows_of(path):
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")  # by which Excel knows UTF-8
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def written(tmp_path, results, overrides=None):
    return rows_of(write_csv(final_grades(results, overrides), tmp_path / "grades.csv"))


def test_one_row_a_student_and_set_and_one_column_a_task(tmp_path):
    later = samples.result(exercise="ex05", tasks=[samples.task("top_p", "top-p")])
    rows = written(tmp_path, [later, samples.result("이영희"), samples.result()])
    assert [(row["exercise"], row["student"]) for row in rows] == [
        ("ex04", "이영희"),
        ("ex04", "홍길동"),
        ("ex05", "홍길동"),
    ]
    assert list(rows[0]) == [*BEFORE, "softmax", "predict_reason", "top_p", *AFTER]
    assert (rows[0]["softmax"], rows[0]["top_p"], rows[2]["top_p"]) == ("2", "", "2")


def test_numbers_add_up_to_the_total(tmp_path):
    for row in written(tmp_path, samples.a_class()):
        tasks = [row[name] for name in list(row)[len(BEFORE) : -len(AFTER)]]
        assert float(row["total"]) + float(row["late_deduction"]) == pytest.approx(sum(float(x) for x in tasks if x))
        assert float(row["percent"]) == pytest.approx(100 * float(row["total"]) / float(row["maximum"]), abs=0.05)


def test_hand_grading_that_waits_is_an_empty_cell_and_a_yes(tmp_path):
    graded = samples.result("가", [samples.reason(1.5)])
    rows = written(tmp_path, [graded, samples.result("나", [samples.reason()])])
    assert [(row["predict_reason"], row["needs_manual"], row["total"]) for row in rows] == [
        ("1.5", "no", "1.5"),
        ("", "yes", "0"),
    ]


def test_points_from_the_overrides_and_deductions_count(tmp_path):
    overrides = Overrides(policies={"all": LATE}, manual={"홍길동": {"predict_reason": 2}})
    late = samples.result(when="2026-03-28T09:00:00+09:00", clock="zip")
    [row] = written(tmp_path, [late], overrides)
    assert (row["total"], row["late_deduction"], row["percent"], row["needs_manual"]) == ("3.6", "0.4", "90.0", "no")
    assert "1일 늦음" in row["notes"]


def test_an_excused_student_has_no_total(tmp_path):
    [row] = written(tmp_path, [samples.result()], Overrides(excused={"홍길동": frozenset({"all"})}))
    assert (row["total"], row["percent"], row["needs_manual"], row["excused"]) == ("", "", "no", "yes")


def test_an_unreadable_file_counts_against_the_maximum_of_its_set(tmp_path):
    rows = written(tmp_path, [samples.result("가"), samples.result("나", (), "unreadable", notes=("깨짐",))])
    assert (rows[1]["status"], rows[1]["total"], rows[1]["maximum"], rows[1]["notes"]) == (
        "unreadable",
        "0",
        "4",
        "깨짐",
    )


@given(st.lists(st.text(), min_size=1, max_size=4, unique=True), st.text())
def test_no_name_or_note_is_computed_and_every_row_stays_one_row(tmp_path_factory, names, note):
    path = tmp_path_factory.mktemp("csv") / "grades.csv"
    write_csv(final_grades([samples.result(name, notes=(note,), file=note) for name in names]), path)
    text = path.read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == len(names) + 1 == len(text.split("\r\n")) - 1
    cells = [cell for row in rows[1:] for cell in row]
    assert not any(cell.lstrip().startswith(tuple("=+-@＝＋－＠")) or cell.startswith(("\t", "\r")) for cell in cells)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "＝1", " =1"])
def test_a_formula_as_a_name_is_text(tmp_path, name):
    [row] = written(tmp_path, [samples.result(name)])
    assert row["student"].startswith("'")


def test_no_path_of_the_teachers_machine_stands_in_it(tmp_path):
    write_csv(final_grades([samples.many_faults()]), tmp_path / "grades.csv")
    assert "teacher" not in (tmp_path / "grades.csv").read_text(encoding="utf-8-sig")


def test_same_results_in_any_order_give_the_same_bytes(tmp_path):
    results = samples.a_class()
    one = write_csv(final_grades(results), tmp_path / "a.csv").read_bytes()
    assert one == write_csv(final_grades(results[::-1]), tmp_path / "b.csv").read_bytes()


def test_the_long_table_has_one_row_a_task(tmp_path):
    results = samples.a_class(5)
    rows = rows_of(write_long_csv(final_grades(results), tmp_path / "long.csv"))
    assert len(rows) == sum(len(one.tasks) for one in results) and tuple(rows[0]) == LONG
    [wrong] = [row for row in rows if (row["student"], row["task"]) == ("홍길동", "temperature")]
    assert (wrong["failed_aspects"], wrong["mistakes"], wrong["earned"]) == ("row, row", "no_max", "0")


def test_an_earlier_file_stays_when_the_new_one_cannot_be_written(tmp_path, monkeypatch):
    path = write_csv(final_grades([samples.result()]), tmp_path / "grades.csv")
    before = path.read_bytes()

    def locked(*_):
        raise PermissionError(13, "open in Excel")

    monkeypatch.setattr("course_utils.part_files.os.replace", locked)
    with pytest.raises(CourseError, match="열어 둔"):
        write_csv(final_grades([samples.result("다른 사람")]), path)
    assert path.read_bytes() == before and [file.name for file in tmp_path.iterdir()] == ["grades.csv"]


def test_nothing_waits_where_nothing_was_read():
    [absent] = final_grades([samples.result(status="absent")])
    assert absent.pending == ()
