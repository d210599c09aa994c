"""A course folder for nbgrader outside the checkout, and what nbgrader made of the submissions in it.

`python -m tools.nbgrader_course FOLDER [ex04 ...]` generates, grades and writes feedback there with the checkout's
`nbgrader_config.py`, in one process. `FOLDER/submitted/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb` is what is graded.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools import kernel_sockets

ROOT = Path(__file__).resolve().parent.parent
STEPS = ("generate", "autograde", "feedback")


def make_course(folder: Path, names: Sequence[str]) -> None:
    """Copy the solutions of the sets `names` (their folders) to `folder`, the root of a course for nbgrader."""
    for name in names:
        shutil.copytree(ROOT / "solutions" / name, folder / "solutions" / name)


def hand_in(folder: Path, student: str, name: str, notebook: dict) -> Path:
    """Write a submission where nbgrader and the course's own grader look for it."""
    path = folder / "submitted" / student / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
    return path


def environment() -> dict[str, str]:
    """Environment variables for nbgrader: it calls alembic by name, and the kernels need the answer key."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


def run_steps(folder: Path, names: Sequence[str], steps: Sequence[str] = STEPS) -> None:
    """Run nbgrader's `steps` for each set, in this process.

    Raises:
        NbGraderException: a step failed; its log on standard error says why.
    """
    os.environ.update(environment())
    for step in steps:
        with nbgrader_step(step, [f"--course-dir={folder}", "--force", "--log-level=ERROR"]) as start:
            for name in names:
                start(name)


@contextmanager
def nbgrader_step(step: str, arguments: list[str]) -> Iterator[Callable[[str], None]]:
    """Gives a function that runs nbgrader's `step` on one set's folder; `arguments` are of nbgrader's command line."""
    from nbgrader import apps, converters

    kind, maker = {
        "generate": (apps.GenerateAssignmentApp, converters.GenerateAssignment),
        "autograde": (apps.AutogradeApp, converters.Autograde),
        "feedback": (apps.GenerateFeedbackApp, converters.GenerateFeedback),
    }[step]
    arguments = [*arguments, *kernel_sockets.arguments()]
    before = os.getcwd()
    os.chdir(ROOT)  # nbgrader looks for its configuration file here
    try:
        app = kind()
        app.initialize(arguments)

        def start(name: str) -> None:
            app.coursedir.assignment_id = name
            maker(coursedir=app.coursedir, parent=app).start()

        yield start
    finally:
        os.chdir(before)
        kind.clear_instance()


def scores(folder: Path) -> dict[tuple[str, str], dict[str, float]]:
    """(student, set's folder) -> task -> points that nbgrader gave by itself; hand-graded cells are left out."""
    from nbgrader.api import Gradebook

    found: dict[tuple[str, str], dict[str, float]] = {}
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        for assignment in gradebook.assignments:
            for submission in assignment.submissions:
                tasks = found.setdefault((submission.student.id, assignment.name), {})
                for grade in (grade for notebook in submission.notebooks for grade in notebook.grades):
                    if grade.cell.cell_type == "code":
                        tasks[grade.name.removesuffix("-check")] = grade.auto_score
    return found


def scores_here(out: Path) -> dict[tuple[str, str], dict[str, float]]:
    """The same from the course's own grader, whose results folder is `out`."""
    from answer_key import load_set
    from course_utils.grading.results import SubmissionResult

    found = {}
    for path in (out / "results").glob("*.json"):
        result = SubmissionResult.from_json(json.loads(path.read_text(encoding="utf-8"))["result"])
        tasks = {task.name: float(task.earned) for task in result.tasks if task.kind != "text"}
        found[result.student, load_set(result.exercise).folder] = tasks
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status."""
    from tools.exercises import folders

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sets", nargs="*")
    options = parser.parse_args(arguments)
    names = folders(options.sets)
    run_steps(options.folder.resolve(), names)
    for (student, name), tasks in sorted(scores(options.folder).items()):
        print(f"{name} {student}: {sum(tasks.values()):g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
