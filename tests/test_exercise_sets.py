"""Every exercise set: the solution earns everything, the stub nothing, and each known mistake its own diagnosis."""

import re

import nbformat
import numpy as np
import pytest

from answer_key import load_set, set_names
from answer_key.hidden import generator
from answer_key.sheet import is_stale
from course_utils.checks.local import check_answers
from tests.exercise_notebooks import ROOT, grade_id, is_check, names_after_run, notebook_of, sections
from tools import notebook_rules as rules
from tools.bootstrap import colab_badge

SETS = set_names()
TASKS = [(name, task.name) for name in SETS for task in load_set(name).tasks]
CHECKED = [(name, task.name) for name in SETS for task in load_set(name).tasks if task.kind != "text"]
SEEDS = (0, 1, 2)


def task_of(set_name, task_name):
    return next(task for task in load_set(set_name).tasks if task.name == task_name)


@pytest.fixture(scope="module")
def solved():
    """Set -> what its solution notebook defines."""
    made = {}

    def names(set_name):
        if set_name not in made:
            made[set_name] = names_after_run(notebook_of(load_set(set_name), "solutions"))
        return made[set_name]

    return names


def test_there_is_a_set_for_each_lesson_from_01_on():
    assert SETS == [f"ex{number:02d}" for number in range(1, 8)]


@pytest.mark.parametrize("name", SETS)
def test_sheet_is_what_the_answer_key_gives_today(name):
    assert not is_stale(name), f"run: python -m answer_key.sheet {name}"


def test_names_of_tasks_are_unique_in_the_whole_course():
    names = [task for _, task in TASKS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("set_name", "task_name"), CHECKED)
def test_solution_earns_every_point_for_any_seed(set_name, task_name, solved):
    task, names = task_of(set_name, task_name), solved(set_name)
    answers = tuple(names[name] for name in task.answers)
    for seed in SEEDS:
        result = check_answers(task.sheet(generator(seed, task_name)), answers)
        findings = [(a.name, a.finding.reason, a.finding.diagnosis) for a in result.aspects if a.finding]
        assert (result.earned, findings) == (task.points, [])
    assert check_answers(task.sheet(), answers).earned == result.tried_points or any(
        not aspect.visible for aspect in task.aspects
    )


def refuses(*args, **kwargs):
    raise ValueError("아니오")


def echoes(*args, **kwargs):
    return [*args, *kwargs.values()][0]


LAZY = [refuses, echoes, *(lambda *args, value=value, **kwargs: value for value in (0, 1.0, "", [], {}, True, False))]


@pytest.mark.parametrize(("set_name", "task_name"), CHECKED)
def test_a_function_that_does_nothing_earns_nothing(set_name, task_name):
    task = task_of(set_name, task_name)
    if task.kind == "function":
        sheet = task.sheet(generator(0, task_name))
        assert [check_answers(sheet, (answer,)).earned for answer in LAZY] == [0] * len(LAZY)


@pytest.mark.parametrize("name", SETS)
def test_unsolved_notebook_runs_through_and_earns_nothing(name):
    exercise = load_set(name)
    names = names_after_run(notebook_of(exercise, "exercises"))
    for task in exercise.tasks:
        if task.kind != "text":
            answers = tuple(names[answer] for answer in task.answers)
            assert check_answers(task.sheet(), answers).earned == 0, task.name
            assert check_answers(task.sheet(generator(0)), answers).earned == 0, task.name


@pytest.mark.parametrize(("set_name", "task_name"), CHECKED)
def test_each_known_mistake_loses_points_and_gets_its_own_diagnosis(set_name, task_name):
    task = task_of(set_name, task_name)
    assert len(task.mistakes) >= 3
    assert len({mistake.text for mistake in task.mistakes}) == len(task.mistakes)
    sheet = task.sheet(generator(0, task_name))
    for mistake in task.mistakes:
        answers = mistake.answer if task.kind == "value" and len(task.answers) > 1 else (mistake.answer,)
        result = check_answers(sheet, answers)
        diagnoses = [aspect.finding.mistake for aspect in result.aspects if aspect.finding]
        assert result.earned < task.points, mistake.name
        assert mistake.name in diagnoses, (mistake.name, diagnoses)


@pytest.mark.parametrize(("set_name", "task_name"), CHECKED)
def test_most_mistakes_are_seen_by_the_visible_checks_already(set_name, task_name):
    """Feedback is instant: at most one of three known mistakes may wait for the hidden checks."""
    task = task_of(set_name, task_name)
    sheet, seen = task.sheet(), 0
    for mistake in task.mistakes:
        answers = mistake.answer if task.kind == "value" and len(task.answers) > 1 else (mistake.answer,)
        result = check_answers(sheet, answers)
        seen += any(aspect.finding and aspect.finding.mistake == mistake.name for aspect in result.aspects)
    assert seen * 3 >= len(task.mistakes) * 2


@pytest.mark.parametrize(("set_name", "task_name"), CHECKED)
def test_hidden_cases_differ_between_seeds_and_repeat_with_the_same(set_name, task_name):
    task = task_of(set_name, task_name)
    if task.kind == "value":
        return
    makers = [aspect.hidden for aspect in task.aspects if aspect.hidden]
    assert makers, "a task without hidden cases can be answered by a list of constants"

    def drawn(seed):
        return repr([[(case.args, case.kwargs) for case in make(np.random.default_rng(seed))] for make in makers])

    assert drawn(1) == drawn(1) and drawn(1) != drawn(2)


# --- how a notebook is built ---


@pytest.mark.parametrize("name", SETS)
def test_number_of_tasks(name):
    assert 5 <= sum(task.kind != "text" for task in load_set(name).tasks) <= 9


@pytest.mark.parametrize("kind", ["solutions", "exercises"])
@pytest.mark.parametrize("name", SETS)
def test_cells_of_each_task_stand_in_the_notebook_with_their_points(name, kind):
    exercise = load_set(name)
    cells = {grade_id(cell): cell for cell in notebook_of(exercise, kind).cells if grade_id(cell)}
    wanted = set()
    for task in exercise.tasks:
        graded = task.name if task.kind == "text" else f"{task.name}-check"
        wanted |= {task.name, graded}
        assert cells[graded].metadata.nbgrader.points == task.points
        assert cells[graded].metadata.nbgrader.grade and cells[graded].metadata.nbgrader.schema_version == 3
        assert cells[task.name].metadata.nbgrader.solution
    assert set(cells) == wanted


@pytest.mark.parametrize(("set_name", "task_name"), TASKS)
def test_each_task_says_its_difficulty_minutes_points_and_has_example_hints_and_extension(set_name, task_name):
    exercise, task = load_set(set_name), task_of(set_name, task_name)
    before, after = sections(notebook_of(exercise, "exercises"), [t.name for t in exercise.tasks])[task_name]
    assert re.search(rf"\*\*배점\*\*: {task.points}점", before)
    assert re.search(r"\*\*난이도\*\*: [하중상]", before) and re.search(r"\*\*시간\*\*: \d+분", before)
    if task.kind == "function":
        assert "예:" in before or "예시" in before
        assert len(re.findall(r"<summary>힌트 [123]", before)) == 3
        assert "<summary>더 해 보기" in after


@pytest.mark.parametrize("name", SETS)
def test_released_notebook_holds_no_solution_no_hidden_test_and_no_output(name):
    notebook = notebook_of(load_set(name), "exercises")
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "BEGIN SOLUTION" not in text and "HIDDEN" not in text and "answer_key" not in text
    assert not any(cell.get("outputs") for cell in notebook.cells)
    assert any(is_check(cell) for cell in notebook.cells)


@pytest.mark.parametrize("name", SETS)
def test_lesson_and_set_lead_to_each_other(name):
    folder = load_set(name).folder
    lesson = nbformat.read(ROOT / "notebooks" / f"{folder[2:]}.ipynb", as_version=4)
    badge = colab_badge(f"{folder}/{folder}.ipynb", folder="exercises")
    assert f"(../exercises/{folder}/{folder}.ipynb)" in lesson.cells[-1].source and badge in lesson.cells[-1].source
    first = notebook_of(load_set(name), "exercises").cells[0].source
    assert badge in first and f"notebooks/{folder[2:]}.ipynb" in first


RULES = [rules.no_leftovers, rules.no_keys, rules.no_machine_paths, rules.heading_order, rules.no_struck_text]
RULES += [rules.bootstrap_cell, rules.polite_prose, rules.short_cells, rules.alt_texts]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("name", SETS)
def test_released_notebook_keeps_the_house_rules(name, rule):
    assert rule(notebook_of(load_set(name), "exercises"), name) == []
