"""Finished functions of libraries are told; the course's own solutions and what a notebook hands out are not."""

import json
import time

import pytest
from exercise_notebooks import ROOT

from answer_key import load_set, set_names
from course_utils.grading.cell_plan import answer_sources, plan_cells
from course_utils.grading.grade_one import grade_submission, released_cells
from course_utils.grading.limits import Limits
from course_utils.grading.reader import read_notebook
from course_utils.grading.ready_made import ready_made
from course_utils.grading.results import Submission, SubmissionResult
from course_utils.grading.sandbox import choose_sandbox

GIVEN = "import numpy as np\nfrom course_utils import check, decoding"
HONEST = "def softmax(x):\n    w = np.exp(x)\n    return w / w.sum()"


def told(source, *others, name="softmax", origins=None):
    return ready_made((GIVEN, *others, source), [GIVEN], {name: source}, {name: (name,)}, origins or {}).get(name, ())


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (HONEST, ()),
        ("from scipy.special import softmax", ("scipy.special.softmax",)),
        ("import scipy.special as s\ndef softmax(x): return s.softmax(x)", ("scipy.special.softmax",)),
        ("def softmax(x):\n    from scipy import special\n    return special.softmax(x)", ("scipy.special.softmax",)),
        ("def softmax(x): return decoding.softmax(x)", ("course_utils.decoding.softmax",)),
        ("import torch\nsoftmax = torch.nn.functional.softmax", ("torch.nn.functional.softmax",)),
        ("from scipy.special import (  # all\n    log_softmax as l,\n)\nsoftmax = lambda x: np.exp(l(x))",
         ("scipy.special.log_softmax",)),
        ("import json; from answer_key.x import right as softmax", ("answer_key.x.right",)),
        ("# scipy.special.softmax(x)\ndef softmax(x): return 'decoding.softmax'", ()),
        ("def softmax(x): return x.special.softmax", ()),
    ],
)  # fmt: skip
def test_what_an_answer_uses_is_found_and_words_about_it_are_not(source, found):
    assert told(source) == found


def test_helpers_count_and_comparisons_beside_the_answer_do_not():
    helper = "from course_utils.decoding import softmax as lib\ndef helper(x):\n    return lib(x)"
    assert told("def softmax(x): return helper(x)", helper) == ("course_utils.decoding.softmax",)
    compared = "from scipy.special import softmax as right\nassert np.allclose(softmax(np.ones(2)), right(np.ones(2)))"
    assert told(HONEST, compared) == ()


def test_what_the_worker_says_is_told_as_well():
    assert told("", origins={"softmax": "helper.softmax"}) == ("helper.softmax",)


@pytest.mark.parametrize(
    "text", ["import (" * 20_000, "\n" * 100_000, "a." * 50_000, "from a import b\n" * 9_000, "'''("]
)
def test_hostile_text_takes_no_time(text):
    started = time.perf_counter()
    told(text, *[f"x{i} = softmax + x{i + 1}" for i in range(300)])
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("name", set_names())
def test_no_solution_of_the_course_is_told(name):
    key = load_set(name)
    cells = read_notebook(ROOT / "solutions" / key.folder / f"{key.folder}.ipynb")
    released = released_cells(key.folder)
    answers = {task.name: task.answers for task in key.tasks if task.kind != "text"}
    plan = plan_cells(cells, released, [one for names in answers.values() for one in names])
    sources = answer_sources(cells, released, answers)
    assert ready_made(plan.run, [cell.source for cell in released], sources, answers, {}) == {} and sources


def test_a_submission_with_a_library_answer_keeps_its_points_and_is_noted(tmp_path):
    key = load_set("ex05")
    path = tmp_path / "x.ipynb"
    cell = (
        "from course_utils.decoding import top_k_filter as f\nfrom functools import partial\ntop_k_filter = partial(f)"
    )
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": cell}]}), encoding="utf-8")
    sandbox = choose_sandbox(allow_none=True)
    result = grade_submission(Submission("가", "ex05", path, ""), key, sandbox, Limits(), "seed")
    assert result.ready_made == {"top_k_filter": ("course_utils.decoding.top_k_filter",)} and result.earned > 0
    assert [note for note in result.notes if "top-k 필터(course_utils.decoding.top_k_filter)" in note]
    assert SubmissionResult.from_json(json.loads(json.dumps(result.to_json()))) == result
