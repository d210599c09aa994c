"""What the instructor decides: deadlines, extensions, points given by hand, excused students. Read from a TOML file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from pathlib import Path

from course_utils.grading.results import SubmissionResult, TaskGrade
from course_utils.grading.submission_times import KOREA, in_zone

_DAY = 24 * 60 * 60
ALL = "all"


@dataclass(frozen=True)
class LatePolicy:
    """When a set is due and what lateness costs, in percent of the points earned."""

    deadline: datetime | None = None
    grace_minutes: float = 0.0
    percent_per_day: float = 0.0
    maximum_percent: float = 100.0
    count_file_times: bool = False
    extensions: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Lateness:
    """How late a submission is. ``percent`` is deducted; ``note`` says why, or what could not be told, in Korean."""

    days: int = 0
    percent: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Overrides:
    """The instructor's decisions. ``manual``: student -> task -> points; ``excused``: student -> sets, or {"all"}.

    ``policies``: set -> policy, with "all" for every set that has none of its own.
    """

    zone: tzinfo = KOREA
    policies: Mapping[str, LatePolicy] = field(default_factory=dict)
    manual: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    excused: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rename: Mapping[str, str] = field(default_factory=dict)
    ignore: Sequence[str] = ()
    source: Path | None = None

    def is_excused(self, student: str, exercise: str) -> bool:
        """Whether the set does not count for the student."""
        return bool(self.excused.get(student, frozenset()) & {ALL, exercise})

    def lateness(self, result: SubmissionResult) -> Lateness:
        """How late ``result`` was handed in, and what that costs. Nothing for what was never handed in."""
        policy = self.policies.get(result.exercise, self.policies.get(ALL, LatePolicy()))
        deadline = policy.extensions.get(result.student, policy.deadline)
        if deadline is None or result.status == "absent" or self.is_excused(result.student, result.exercise):
            return Lateness()
        if not result.when:
            return Lateness(note="제출 시각을 알 수 없어 늦었는지 판단하지 못했습니다.")
        over = (datetime.fromisoformat(result.when) - deadline).total_seconds()
        if over <= policy.grace_minutes * 60:
            return Lateness()
        shown = in_zone(datetime.fromisoformat(result.when), self.zone).strftime("%Y-%m-%d %H:%M")
        if result.clock == "file" and not policy.count_file_times:
            note = f"파일이 저장된 시각({shown})은 마감 뒤이지만 내려받은 시각일 수 있어 감점하지 않았습니다."
            return Lateness(note=note)
        days = math.ceil(over / _DAY)
        percent = min(days * policy.percent_per_day, policy.maximum_percent)
        return Lateness(days, percent, f"마감보다 {days}일 늦음({shown} 제출): {percent:g}% 감점")

    def with_manual_points(self, result: SubmissionResult) -> SubmissionResult:
        """``result`` with the points that were given by hand.

        They fill the hand-graded part of a task that has one, and stand in place of all points in one that has none.
        """
        given = self.manual.get(result.student, {})
        if not given:
            return result
        tasks = tuple(_with_points(task, given[task.name]) if task.name in given else task for task in result.tasks)
        return replace(result, tasks=tasks)

    def final_points(self, result: SubmissionResult) -> float | None:
        """Points that count, after deductions, to two decimals; ``None`` for an excused student."""
        if self.is_excused(result.student, result.exercise):
            return None
        earned = result.earned * (1 - self.lateness(result).percent / 100)
        return round(earned, 2)


def _with_points(task: TaskGrade, points: float) -> TaskGrade:
    if not task.manual_points:
        return replace(task, earned=points, pending=False)
    automatic = sum(aspect.earned for aspect in task.aspects)
    return replace(task, earned=automatic + points, pending=False)
