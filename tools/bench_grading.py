"""The grader's row of `make bench`: 20 submissions, `python -m course_utils.grading` against `nbgrader autograde`.

Both run from the command line, start-up included, on the same files; both must give every task the same points.
nbgrader runs with this course's `nbgrader_config.py`, which leaves the demonstrations on a real model out as our
grader does. nbgrader grades one submission after another; ours uses all cores, and one core for the second figure.
"""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.bench_table import Row

EXERCISE = "ex04"  # answers in NumPy, as most sets have; where pandas is loaded (ex01) the ratio is smaller
SUBMISSIONS = 20
LIMIT = 1 / 5  # of nbgrader's time
# Hidden cases are drawn for each student in one grader and once for all in the other: a function that is wrong in rare
# cases alone, such as one that calls another wrong function, may be caught by one draw and not by the other.
ALIKE = 0.95  # of all scores


def write_submissions(folder: Path, exercise: str, count: int) -> str:
    """Write a course for nbgrader with `count` perfect, partly right and blank submissions; returns its set's name.

    Raises:
        NbGraderException: the set cannot be released.
    """
    from answer_key import load_set
    from tools.fake_class import make_students, write_class
    from tools.nbgrader_course import make_course

    rng = random.Random(0)
    students = make_students(count, [exercise], rng, faults=0)
    write_class(folder, students, rng)
    name = load_set(exercise).folder
    make_course(folder, [name])
    _run(folder, "generate_assignment", name)
    return name


def nbgrader_seconds(folder: Path, name: str) -> float:
    """Seconds of `nbgrader autograde` on everything that was handed in."""
    return _run(folder, "autograde", name, "--force")


def own_seconds(folder: Path, out: Path, *options: str) -> float:
    """Seconds of the course's own grader on the same, feedback and report included."""
    command = [sys.executable, "-m", "course_utils.grading", "grade", str(folder / "submitted"), "--out", str(out)]
    return _timed([*command, *options])


def _run(folder: Path, app: str, name: str, *options: str) -> float:
    command = [sys.executable, "-m", "nbgrader", app, name, f"--course-dir={folder}", "--log-level=ERROR", *options]
    return _timed(command)


def _timed(command: list[str]) -> float:
    """Wall time of a command.

    Raises:
        RuntimeError: it failed.
    """
    from tools.nbgrader_course import ROOT, environment

    started = time.perf_counter()
    ran = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True)
    took = time.perf_counter() - started
    if ran.returncode:
        raise RuntimeError(f"exit status {ran.returncode} of {' '.join(command)}\n{ran.stderr[-2000:]}")
    return took


def check_alike(theirs: dict, ours: dict, count: int) -> None:
    """Make sure that both did the same work.

    Raises:
        RuntimeError: one of them left submissions out, or they gave other points than each other.
    """
    pairs = [(points, ours[key][task]) for key, tasks in theirs.items() for task, points in tasks.items()]
    alike = sum(one == other for one, other in pairs)
    if not len(theirs) == len(ours) == count or alike < ALIKE * len(pairs):
        raise RuntimeError(f"{len(theirs)} and {len(ours)} submissions, {alike} of {len(pairs)} scores the same")


def grading_row(exercise: str = EXERCISE, count: int = SUBMISSIONS) -> Row | None:
    """Both graders once, one after the other; ours twice, on all cores and on one. None where no sandbox works.

    Raises:
        RuntimeError: one of them failed, or they did not do the same work.
    """
    from course_utils.errors import CourseError
    from course_utils.grading.sandbox import choose_sandbox
    from tools.nbgrader_course import scores, scores_here

    try:
        choose_sandbox()
    except CourseError as error:
        print(f"The grader is not measured: {error}", file=sys.stderr)
        return None
    with tempfile.TemporaryDirectory(prefix="bench-") as made:
        folder = Path(made)
        name = write_submissions(folder, exercise, count)
        own_seconds(folder, folder / "warm")
        ours = own_seconds(folder, folder / "all")
        theirs = nbgrader_seconds(folder, name)
        alone = own_seconds(folder, folder / "one", "--jobs", "1")
        for out in ("all", "one"):
            check_alike(scores(folder), scores_here(folder / out), count)
    return Row(
        what=f"grading {count} submissions of {exercise} against `nbgrader autograde`, submissions a minute",
        budget=f"at least {1 / LIMIT:.0f}x",
        measured=f"{theirs / ours:.1f}x ({60 * count / ours:.0f} : {60 * count / theirs:.0f}); "
        f"with --jobs 1 {theirs / alone:.1f}x ({60 * count / alone:.0f})",
        value=ours / theirs,
        limit=LIMIT,
    )


if __name__ == "__main__":
    print(grading_row(*sys.argv[1:2]))
