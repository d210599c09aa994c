"""A result together with what the instructor decided: the one thing that every report is made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from course_utils.grading.overrides import Lateness, Overrides
from course_utils.grading.results import SubmissionResult, TaskGrade


@dataclass(frozen=True)
class FinalGrade:
    """``result``: with the points given by hand; ``points``: what counts after deductions, ``None`` when excused.

    ``maximum``: the most that can be earned in the set, also where the file could not be read.
    """

    result: SubmissionResult
    points: float | None
    maximum: int
    lateness: Lateness = Lateness()

    @property
    def excused(self) -> bool:
        """Whether the set does not count for this student."""
        return self.points is None

    @property
    def deduction(self) -> float:
        """Points taken off for being late."""
        return 0.0 if self.points is None else self.result.earned - self.points

    @property
    def pending(self) -> tuple[TaskGrade, ...]:
        """Tasks that still wait for points given by hand; none where nothing can be read or nothing counts."""
        waits = self.result.status == "graded" and not self.excused
        return tuple(task for task in self.result.tasks if waits and task.pending)

    @property
    def share(self) -> float:
        """Final points as a share of the most that can be earned, 0 to 1."""
        return (self.points or 0.0) / self.maximum if self.maximum else 0.0


def final_grades(results: Iterable[SubmissionResult], overrides: Overrides | None = None) -> list[FinalGrade]:
    """The results after the instructor's decisions, ordered by set and student, whatever order they came in."""
    decisions = overrides or Overrides()
    ordered = sorted(results, key=lambda one: (one.exercise, one.student))
    maxima: dict[str, int] = {}
    for result in ordered:
        maxima[result.exercise] = max(result.points, maxima.get(result.exercise, 0))
    found = []
    for result in map(decisions.with_manual_points, ordered):
        points, late = decisions.final_points(result), decisions.lateness(result)
        found.append(FinalGrade(result, points, maxima[result.exercise], late))
    return found


def automatic_points(task: TaskGrade) -> tuple[float, int]:
    """Earned and possible points of the part that the grader judges itself."""
    return sum(aspect.earned for aspect in task.aspects), sum(aspect.points for aspect in task.aspects)
