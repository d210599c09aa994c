"""Which cells of a submission run, and where its answers stand: what they say counts, not their marks."""

from course_utils.grading.cell_plan import answer_sources, answer_texts, bound_names, plan_cells
from course_utils.grading.reader import NotebookCell

STUB = "def f(x):\n    # 여기에 코드를 작성합니다.\n    ..."
CHECK = 'points = check("f", f)\npoints'
RELEASED = [
    NotebookCell("code", "import numpy as np", cell_id="c0"),
    NotebookCell("code", STUB, "f", solution=True, cell_id="c1"),
    NotebookCell("code", CHECK, "f-check", locked=True, cell_id="c2"),
    NotebookCell("code", "import torch\nprint(f(1))", tags=("demo",), cell_id="c3"),
    NotebookCell("markdown", "왜 그렇습니까?", cell_id="c4"),
    NotebookCell("markdown", "여기에 답을 씁니다.", "why", locked=False, solution=True, cell_id="c5"),
]
DONE = "def f(x):\n    return x"


def run(*cells):
    return list(plan_cells(cells, RELEASED, ["f"]).run)


def code(source, **marks):
    return NotebookCell("code", source, **marks)


def test_the_unsolved_notebook_runs_without_checks_and_demonstrations():
    plan = plan_cells(RELEASED, RELEASED, ["f"])
    assert plan.run == ("import numpy as np", STUB) and plan.numbers == (1, 2) and plan.notes == ()


def test_marks_alone_drop_nothing_and_keep_nothing():
    assert run(code(DONE, grade_id="f-check", locked=True, tags=("demo",))) == [DONE]
    assert run(code(CHECK + "  \n\n")) == []
    assert run(code(CHECK + "\nf = len", grade_id="f-check")) == [CHECK + "\nf = len"]


def test_a_check_with_its_hidden_tests_is_a_check_and_nothing_hides_among_them():
    hidden = "### BEGIN HIDDEN TESTS\nfrom answer_key.hidden import check_hidden\n\nf = 1\n### END HIDDEN TESTS\n"
    first, last = CHECK.split("\n")
    assert run(code(f"{first}\n{hidden}{last}")) == []
    assert run(code(f"{first}\n{hidden.replace('END', 'end')}{last}")) != []


def test_a_changed_demonstration_runs_only_when_it_binds_an_answer():
    assert run(code("import torch\nprint(f(2))", cell_id="c3")) == []
    assert run(code("import torch\n" + DONE, cell_id="c3")) == ["import torch\n" + DONE]
    assert run(code("import torch\nprint(f(1))")) == []


def test_a_copied_stub_does_not_undo_the_answer():
    assert run(code(DONE, grade_id="f"), code(STUB, grade_id="f")) == [DONE]
    assert run(code(STUB), code("f = lambda x: x")) == ["f = lambda x: x"]
    assert run(code(STUB), code("g = 1")) == [STUB, "g = 1"]


def test_copies_and_lost_marks_are_noted():
    twice = plan_cells([code(DONE, grade_id="f"), code("1", grade_id="f")], RELEASED, ["f"])
    assert "두 번" in twice.notes[0] and "f" in twice.notes[0]
    assert "metadata" in plan_cells([code(DONE)], RELEASED, ["f"]).notes[0]


def test_the_learners_own_code_of_a_task_is_found():
    assert answer_sources(RELEASED, RELEASED, {"f": ["f"]}) == {}
    assert answer_sources([code("x = 1", grade_id="f"), code(DONE)], RELEASED, {"f": ["f"]}) == {"f": DONE}
    assert answer_sources([code("x = 1", grade_id="f")], RELEASED, {"f": ["f"]}) == {"f": "x = 1"}


def test_written_answers_are_found_with_and_without_marks():
    def written(*cells):
        return answer_texts([NotebookCell(**cell) for cell in cells], RELEASED, ["why"])["why"]

    text = {"kind": "markdown", "source": "왜냐하면"}
    assert written({**text, "grade_id": "why"}) == written({**text, "cell_id": "c5"}) == "왜냐하면"
    assert written({"kind": "markdown", "source": "왜 그렇습니까?"}, text) == "왜냐하면"
    assert written({**text, "grade_id": "other"}) == "" == answer_texts(RELEASED, RELEASED, ["why"])["why"]


def test_names_that_a_cell_binds():
    source = "def f(x):\n    y = 1\nasync def g(): pass\na, (b, c) = 1, (2, 3)\nprint(x, end='')\nn: int = 3\n"
    source += "x == 2\nclass K:\n    k = 1"
    assert bound_names(source) == {"f", "g", "a", "b", "c", "n", "K"}
