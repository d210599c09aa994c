"""Stand-ins for the grading of one submission that other processes can import: quick, hanging, dying, failing once."""

import os
import time
from pathlib import Path

from course_utils.grading.results import SubmissionResult, TaskGrade


def square(number):
    return number * number


def troubled(number):
    """0 dies each time, 1 hangs, 2 dies the first time, all others are squared."""
    if number == 0:
        os._exit(3)
    if number == 1:
        time.sleep(600)
    if isinstance(number, tuple):
        marker = Path(number[1])
        if not marker.exists():
            marker.write_text("died")
            os._exit(3)
        return "second try"
    return number * number


def slow_square(number):
    time.sleep(0.2)
    return number * number


def process_number(_):
    time.sleep(0.1)
    return os.getpid()


def grade(submission):
    """One point for everybody; a file named "die" ends the process. Counts its calls in a file beside it."""
    if submission.student == "die":
        os._exit(3)
    with open(submission.path.with_suffix(".calls"), "a") as calls:
        calls.write("x")
    task = TaskGrade("softmax", "소프트맥스", "function", 2, 1.0)
    status = "failed" if submission.student == "fail" else "graded"
    return SubmissionResult(
        submission.student, submission.exercise, submission.shown, submission.digest, status, (task,), notes=("own",)
    )


def oom_score(_):
    """How soon Linux ends this process when memory runs out."""
    return int(Path("/proc/self/oom_score_adj").read_text())
