"""Copy hints: disguised copies are found, honest solutions are not, and any text is taken."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from similar_solutions import STUB, TOP_P, disguised, honest_student

from course_utils.grading.code_tokens import code_words
from course_utils.grading.fingerprints import LENGTH, WINDOW, fingerprints
from course_utils.grading.similarity import Work, copy_hints

LONG = [source for source in TOP_P if len(code_words(source)) >= 75]


def works(*sources, task="top_p"):
    return [Work(f"s{i}", "ex05", task, source) for i, source in enumerate(sources)]


def pairs(hints):
    return [hint.students for hint in hints]


def class_of(size, seed):
    rng = random.Random(seed)
    return {f"s{i:03}": honest_student(rng) for i in range(size)}


def hints_of(students):
    return copy_hints([Work(name, "ex04", task, text) for name, own in students.items() for task, text in own.items()])


# --- what is compared ---


@pytest.mark.parametrize("source", TOP_P)
def test_names_comments_docstrings_and_layout_change_hardly_a_word(source):
    ours, theirs = fingerprints(code_words(source)), fingerprints(code_words(disguised(source)))
    assert len(ours & theirs) >= 0.7 * len(ours)


def test_same_words_for_the_same_code():
    one = "def f(a, b=2):\n    '''글'''\n    x = np.exp(a)  # 주석\n    return (x / 1.0,)"
    two = "import numpy as n\ndef g(c,\n      d=2):\n    zz = n.exp(c)\n    return zz / 1."
    assert code_words(one) == code_words(two)


def test_other_code_has_other_words():
    assert code_words("x = a + b") != code_words("x = a - b")
    assert code_words("y = np.exp(x)") != code_words("y = np.log(x)")
    assert code_words("y = f(axis=1)") != code_words("y = f(n=1)")
    assert code_words("import math\ny = math.exp(x)") != code_words("y = np.exp(x)")


def test_a_long_shared_run_is_always_seen():
    rng = random.Random(3)
    for _ in range(200):
        run = [str(rng.random()) for _ in range(LENGTH + WINDOW - 1)]
        one, two = ([str(rng.random()) for _ in range(rng.randrange(30))] for _ in range(2))
        assert fingerprints(one + run + two) & fingerprints(two + run + one)
    assert fingerprints(["a"] * (LENGTH - 1)) == set()


@given(st.text())
def test_any_text_has_words(text):
    code_words(text)


HOSTILE = [
    "(" * 100_000,
    "1+" * 100_000,
    "\n" * 40_000,
    "import (" * 9_000,
    "x\n  y\n z",
    "'''",
    "\x00",
    "!a\n%x\n?",
    "\\",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_broken_and_hostile_sources_are_taken(text):
    started = time.perf_counter()
    assert copy_hints(works(text, text, TOP_P[0])) is not None
    assert time.perf_counter() - started < 5


# --- what is said ---


def test_eight_different_solutions_are_no_copies():
    assert copy_hints(works(*TOP_P), {"top_p": [STUB]}) == []


@pytest.mark.parametrize("source", LONG, ids=range(len(LONG)))
def test_a_disguised_copy_of_a_long_solution_is_found(source):
    [hint] = copy_hints(works(*TOP_P, disguised(source)), {"top_p": [STUB]})
    assert hint.students == tuple(sorted((f"s{TOP_P.index(source)}", "s8"))) and hint.exercise == "ex05"
    assert hint.tasks[0].task == "top_p" and 0.6 < hint.tasks[0].share <= 1


def test_all_copies_of_one_solution_are_one_group():
    [group] = copy_hints(works(*TOP_P, TOP_P[7], disguised(TOP_P[7])))
    assert group.students == ("s7", "s8", "s9")


def test_one_short_task_alone_says_nothing():
    short = "def f(x):\n    y = np.exp(x - np.max(x))\n    return y / y.sum()\n"
    assert copy_hints(works(short, short, *TOP_P)) == []


def test_what_the_whole_class_shares_says_nothing():
    assert copy_hints(works(*[TOP_P[1]] * 30)) == []


def test_given_code_says_nothing():
    own = [f"{TOP_P[7]}\nanswer = {i}" for i in range(2)]
    assert pairs(copy_hints(works(*own, *TOP_P[:7]))) == [("s0", "s1")]
    assert copy_hints(works(*own, *TOP_P[:7]), {"top_p": [TOP_P[7]]}) == []


def test_several_tasks_together_count_more():
    shorter = min(TOP_P, key=lambda source: len(code_words(source)))
    two_tasks = [*works(*TOP_P, task="a"), *works(*TOP_P, task="b")]
    [first, second] = [Work("s8", "ex05", task, disguised(shorter)) for task in "ab"]
    assert copy_hints([*two_tasks, first]) == copy_hints([*two_tasks, second]) == []
    [hint] = copy_hints([*two_tasks, first, second])
    assert hint.students == ("s3", "s8") and [one.task for one in hint.tasks] == ["a", "b"]


def test_sets_are_looked_at_one_by_one():
    other_set = [Work(work.student, "ex06", "b", work.text) for work in works(*TOP_P, TOP_P[7])]
    hints = copy_hints([*works(*TOP_P, TOP_P[6]), *other_set])
    assert sorted((hint.exercise, hint.students) for hint in hints) == [("ex05", ("s6", "s8")), ("ex06", ("s7", "s8"))]


@pytest.mark.parametrize("size, classes", [(3, 30), (10, 15), (30, 6), (120, 1)])
def test_honest_classes_get_hardly_a_hint(size, classes):
    """Also where every step of a task has only three or four usual ways, far fewer than in a real class."""
    suspected = sum(bool(hints_of(class_of(size, 100 * size + i))) for i in range(classes))
    assert suspected <= classes // 10


def test_copied_answers_in_words_are_found():
    rng = random.Random(1)
    words = "온도 로짓 확률 토큰 크면 작으면 몰립니다 퍼집니다 때문입니다 그래서 나누면 차이 줄어 뽑힐 가능성".split()
    answers = [" ".join(rng.choice(words) for _ in range(40)) for _ in range(12)]
    texts = [
        Work(f"s{i:02}", "ex04", "why", text, prose=True) for i, text in enumerate([*answers, answers[3] + " 끝."])
    ]
    assert pairs(copy_hints(texts)) == [("s03", "s12")]


def test_the_order_of_the_class_changes_nothing():
    everything = works(*TOP_P, disguised(TOP_P[2]))
    assert copy_hints(everything) == copy_hints(everything[::-1]) != []


def test_five_hundred_students_are_compared_in_seconds():
    students = class_of(500, 9)
    started = time.perf_counter()
    hints_of(students)
    assert time.perf_counter() - started < 20
