"""What the grader knows about a submission, before and after grading; plain data that survives as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

STATUSES = ("graded", "unreadable", "refused", "failed", "absent")
STATUS_WORDS = {
    "graded": "채점함",
    "unreadable": "읽을 수 없음",
    "refused": "열지 않음",
    "failed": "채점하지 못함",
    "absent": "제출하지 않음",
}


@dataclass(frozen=True)
class Submission:
    """A file handed in. ``exercise``: "ex04"; ``when``: time of handing in as ISO 8601 with zone, "" when unknown.

    ``clock``: where that time comes from, "timestamp.txt", "zip" or "file" (which may be the time of a download).
    ``shown``: the file's path as people see it; ``path`` may be a numbered copy out of an archive.
    ``refused``: why the file is not opened at all, in Korean: a link, a zip bomb.
    """

    student: str
    exercise: str
    path: Path
    digest: str
    when: str = ""
    notes: tuple[str, ...] = ()
    clock: str = ""
    shown: str = ""
    refused: str = ""


@dataclass(frozen=True)
class AspectGrade:
    """One aspect as reported: what a learner may see of the failure. ``shown`` is empty for hidden cases.

    ``shown``: pairs of (row name, text) such as ("입력", "softmax([1.0, 2.0])"), from visible cases alone.
    """

    name: str
    title: str
    points: int
    earned: int
    mistake: str = ""
    diagnosis: str = ""
    hidden: bool = False
    shown: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class TaskGrade:
    """One task of a submission. ``manual_points``: the most that a person can give; ``pending``: nobody has yet."""

    name: str
    title: str
    kind: str
    points: int
    earned: float
    manual_points: int = 0
    pending: bool = False
    aspects: tuple[AspectGrade, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class SubmissionResult:
    """The result of one submission.

    ``status``: see ``STATUSES``. ``texts``: task -> what was handed in for grading by hand. ``sources``: task -> the
    learner's source of that task, for the comparison of submissions. ``ready_made``: task -> finished functions of
    libraries that it uses. ``notes``: Korean sentences for the instructor.
    ``seconds``: wall time of grading.
    """

    student: str
    exercise: str
    file: str
    digest: str
    status: str
    tasks: tuple[TaskGrade, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    ready_made: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    sandbox: str = ""
    seconds: float = 0.0
    when: str = ""
    clock: str = ""

    @property
    def earned(self) -> float:
        """Points earned so far."""
        return sum(task.earned for task in self.tasks)

    @property
    def points(self) -> int:
        """The most that can be earned."""
        return sum(task.points for task in self.tasks)

    def to_json(self) -> dict[str, Any]:
        """As data for ``json.dumps``."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> SubmissionResult:
        """What ``to_json`` wrote.

        Raises:
            TypeError, KeyError: the data is something else.
        """
        tasks = tuple(_task(task) for task in data["tasks"])
        found = {task: tuple(names) for task, names in data["ready_made"].items()}
        return cls(**{**data, "tasks": tasks, "ready_made": found, "notes": tuple(data["notes"])})


def failed(submission: Submission, note: str) -> SubmissionResult:
    """A result without points through no fault of the student, and why."""
    return SubmissionResult(
        submission.student, submission.exercise, submission.shown, submission.digest, "failed", notes=(note,)
    )


def _task(data: dict[str, Any]) -> TaskGrade:
    aspects = tuple(
        AspectGrade(**{**aspect, "shown": tuple((name, text) for name, text in aspect["shown"])})
        for aspect in data["aspects"]
    )
    return TaskGrade(**{**data, "aspects": aspects})
