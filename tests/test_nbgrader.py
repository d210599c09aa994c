"""nbgrader itself on a small class: what it gives is what our grader gives, and either reads the other's files."""

import json
import random
import shutil
import subprocess
import sys

import pytest

from answer_key import load_set, set_names
from course_utils.grading.command_line import main as grader
from tools import nbgrader_course as course
from tools.fake_class import Student, cells_of, mistaken_source, notebook_for

WHOLE = ("ex04",)  # sets that every kind of submission is tried on; the others cost two seconds for each
SETS = {name: load_set(name) for name in set_names()}
RELEASED = {name: one for name, one in SETS.items() if (course.ROOT / "exercises" / one.folder).exists()}
ONE_JOB = ("--jobs", "1")  # the answer key of ex02 loads torch, in every process that grades it
NOISE = "import sys, warnings; print('진행 50 %', file=sys.stderr); warnings.warn('느립니다'); print('디버그')"

pytestmark = [
    pytest.mark.nbgrader,
    pytest.mark.skipif(sys.platform != "linux", reason="grading needs a sandbox of Linux"),
]


def mistakes(exercise, number):
    """For every task of the set that has one, its known mistake of this number (they start over)."""
    found = {}
    for task in SETS[exercise].tasks:
        names = [mistake.name for mistake in task.mistakes if mistaken_source(task, mistake)]
        if names:
            found[task.name] = names[number % len(names)]
    return found


def submissions(exercise):
    """In other sets one: every second task solved, the others as they were given out."""
    if exercise not in WHOLE:
        yield Student("half", exercise, "partial", {})
        return
    yield Student("perfect", exercise, "perfect", {})
    yield Student("blank", exercise, "blank", {})
    chosen = mistakes(exercise, WHOLE.index(exercise))
    yield Student("partial", exercise, "partial", {name: chosen[name] for name in list(chosen)[::2]})


def notebook(student):
    """The first set's perfect answers are noisy ones, and its blank notebook asks for its cells to be left out."""
    made = notebook_for(student, random.Random(0))
    blank = {cell["id"]: cell["source"] for cell in cells_of(student.exercise, "exercises")["cells"]}
    solutions = [cell for cell in made["cells"] if cell["metadata"].get("nbgrader", {}).get("solution")]
    if student.name == "half":
        for cell in solutions[1::2]:
            cell["source"] = blank[cell["id"]]
    if student.exercise == WHOLE[0] and student.name == "perfect":
        for cell in solutions:
            head, _, body = "".join(cell["source"]).partition("\n")
            if head.startswith("def "):
                cell["source"] = f"{head}\n    {NOISE}\n{body}"
    if student.exercise == WHOLE[0] and student.name == "blank":
        for cell in made["cells"]:
            cell["metadata"]["tags"] = ["demo", "skip-execution"]
    return made


NBGRADER = """
import json, sys
from pathlib import Path
from nbgrader.apps import ValidateApp
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from tools import kernel_sockets, nbgrader_course as course

folder, whole, others = Path(sys.argv[1]), sys.argv[2].split(","), sys.argv[3].split(",")
course.run_steps(folder, [*whole, *others], ["generate", "autograde"])
course.run_steps(folder, whole, ["feedback"])
api = NbGraderAPI(CourseDirectory(config=Config(CourseDirectory={"root": str(folder)})))
notebook = str(folder / f"exercises/{whole[-1]}/{whole[-1]}.ipynb")
ValidateApp.launch_instance([notebook, *kernel_sockets.arguments()])
print(flush=True)
print(json.dumps(api.get_submissions(whole[0]), default=str))
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """(course folder that nbgrader graded, scores of nbgrader, scores of our grader, what nbgrader's programs said)."""
    folder = tmp_path_factory.mktemp("course")
    whole = [SETS[name].folder for name in WHOLE]
    others = [one.folder for name, one in RELEASED.items() if name not in WHOLE]
    course.make_course(folder, whole + others)
    for exercise, one in RELEASED.items():
        for student in submissions(exercise):
            course.hand_in(folder, student.name, one.folder, notebook(student))
    before = contents(folder / "submitted")
    assert grader(["grade", str(folder / "submitted"), "--out", str(folder / "grades"), "--seed", "1", *ONE_JOB]) == 0
    command = [sys.executable, "-c", NBGRADER, str(folder), ",".join(whole), ",".join(others)]
    ran = subprocess.run(command, cwd=course.ROOT, env=course.environment(), capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert contents(folder / "submitted") == before
    return folder, course.scores(folder), course.scores_here(folder / "grades"), ran.stdout


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_task_has_the_same_score_in_both(graded):
    _, theirs, ours, _ = graded
    assert len(ours) == 3 * len(WHOLE) + len(RELEASED) - len(WHOLE)
    assert theirs == ours


def test_perfect_is_everything_and_blank_nothing(graded):
    """Perfect though the answers write to standard error: nbgrader gives such cells nothing, so check() keeps it in.

    Nothing though the blank notebook's cells are tagged to be left out: nbgrader gives those all their points.
    """
    _, theirs, _, _ = graded
    for one in (SETS[name] for name in WHOLE):
        points = {task.name: task.points for task in one.tasks if task.kind != "text"}
        assert theirs["perfect", one.folder] == points
        assert theirs["blank", one.folder] == dict.fromkeys(points, 0)


def test_other_submissions_earn_something_and_not_everything(graded):
    _, theirs, _, _ = graded
    for (student, _), scores in theirs.items():
        points = sum(task.points for one in SETS.values() for task in one.tasks if task.name in scores)
        assert student in ("perfect", "blank") or 0 < sum(scores.values()) < points
    for (student, _), scores in theirs.items():
        assert student != "half" or {0.0} < set(scores.values())


def test_feedback_is_a_page_for_every_submission(graded):
    folder, theirs, _, _ = graded
    pages = {key: folder / "feedback" / key[0] / key[1] / f"{key[1]}.html" for key in theirs if key[0] != "half"}
    for (student, name), page in pages.items():
        text = page.read_text(encoding="utf-8")
        assert f"(Score: {sum(theirs[student, name].values()):g}" in text.replace(".0", "")


def test_what_nbgrader_wrote_is_read_by_our_grader(graded):
    """The graded copies, in the layout autograded/STUDENT/ASSIGNMENT, give the same scores again."""
    folder, _, ours, _ = graded
    name = SETS[WHOLE[-1]].folder
    copies = folder / "copies" / "submitted"
    for path in (folder / "autograded").glob(f"*/{name}"):
        shutil.copytree(path, copies / path.parent.name / name)
    assert grader(["grade", str(copies), "--out", str(folder / "again"), "--seed", "2", *ONE_JOB]) == 0
    again = course.scores_here(folder / "again")
    assert len(again) == 3 and again == {key: scores for key, scores in ours.items() if key[1] == name}


def test_formgrader_is_told_what_waits_for_a_person(graded):
    """The data behind formgrader's pages, from nbgrader's own interface."""
    *_, said = graded
    told = {one["student"]: one for one in json.loads(said.splitlines()[-1])}
    automatic = sum(task.points for task in SETS[WHOLE[0]].tasks if task.kind != "text")
    assert told.keys() == {"perfect", "blank", "partial"} and all(one["autograded"] for one in told.values())
    assert told["perfect"]["score"] == automatic and told["blank"]["score"] == 0
    assert told["perfect"]["needs_manual_grade"]


def test_validate_runs_on_the_released_notebook(graded):
    """What a student who has nbgrader does before handing in: on an unsolved notebook it names what is missing."""
    *_, said = graded
    tasks = SETS[WHOLE[-1]].tasks
    assert f"VALIDATION FAILED ON {len(tasks)} CELL(S)" in said and "Traceback" not in said
