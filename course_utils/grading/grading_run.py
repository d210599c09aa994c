"""The whole run of ``grade``: collect, run what is new, add the instructor's decisions, write the reports."""

from __future__ import annotations

import platform
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from course_utils.errors import CourseError
from course_utils.grading.answer_keys import EXERCISES, key_names, usable_key
from course_utils.grading.class_state import ResultStore, class_seed, locked
from course_utils.grading.collect import KnownSets, collect
from course_utils.grading.found_files import Problem
from course_utils.grading.grade_class import grade_class
from course_utils.grading.grade_one import Grader, released_path
from course_utils.grading.limits import Limits
from course_utils.grading.overrides import Overrides
from course_utils.grading.overrides_file import read_overrides, unknown_students
from course_utils.grading.program_digest import program_digest
from course_utils.grading.reports import ReportOrder, write_reports
from course_utils.grading.results import STATUS_WORDS, Submission, SubmissionResult
from course_utils.grading.roster import absent_results, not_on_roster, read_roster
from course_utils.grading.sandbox import Sandbox, choose_sandbox
from course_utils.grading.task_grades import blank_tasks

OVERRIDES_NAME = "overrides.toml"
_MOST_SHOWN = 20
_ITEM_MARGIN = 60.0  # seconds that grading one may take beyond its program's own limit: references, judges


@dataclass(frozen=True)
class GradingOrder:
    """What the command line was told."""

    submitted: Path
    out: Path
    only: str = ""
    jobs: int = 1
    seed: str | None = None
    overrides: Path | None = None
    roster: Path | None = None
    again: bool = False
    sandboxed: bool = True


def grade_all(order: GradingOrder, limits: Limits | None = None) -> int:
    """Grade everything and write every report; returns the exit status: 0 when all was read and run.

    Raises:
        CourseError: nothing can be graded (no such folder, no sandbox, an error in the overrides); Korean.
    """
    limits = limits or Limits()
    _check_places(order)
    sandbox = choose_sandbox(allow_none=not order.sandboxed)
    keys = _keys(order.only)
    roster = read_roster(order.roster) if order.roster else []
    overrides = _overrides(order, keys)
    with locked(order.out):
        _tell(sandbox)
        with tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True) as work:
            submissions, problems = _collect(order, keys, overrides, roster, Path(work))
            if not submissions:
                _tell_problems([_line(problem) for problem in problems])
                raise CourseError(_nothing_found(order))
            results = _graded(order, keys, submissions, sandbox, limits)
        used = {one.exercise: keys[one.exercise] for one in submissions}
        absent = absent_results(roster, submissions, {name: blank_tasks(key.tasks) for name, key in used.items()})
        doubts = _doubts(overrides, roster, submissions)
        problems_told = [*map(_line, problems), *doubts]
        facts = _facts(sandbox, order)
        hints = write_reports(ReportOrder([*results, *absent], overrides, used, problems_told, facts), order.out)
    _tell_problems(problems_told)
    lost = sum(problem.lost for problem in problems)
    return _summary(results, len(absent), lost, len(hints), order.out)


def _check_places(order: GradingOrder) -> None:
    submitted, out = order.submitted, order.out
    if not submitted.exists():
        raise CourseError(f"제출물이 없습니다: {submitted}. 폴더나 zip 파일의 경로를 확인해 주십시오.")
    if out.exists() and not out.is_dir():
        raise CourseError(f"폴더가 아닙니다: {out}. 결과를 쓸 폴더를 --out에 써 주십시오.")
    inside, other = out.resolve(), submitted.resolve()
    if inside == other or other in inside.parents:
        raise CourseError(
            "결과 폴더를 제출물 폴더 안에 둘 수 없습니다. 다음에 채점할 때 제출물과 섞입니다. --out을 바꾸어 주십시오."
        )


def _keys(only: str) -> dict[str, Any]:
    """Every set that was given out: without its exercise notebook a set cannot be graded, nor handed in."""
    given = {path.name[:4]: path.name for path in EXERCISES.glob("ex[0-9][0-9]_*")}
    keys = {name: usable_key(name, given[name]) for name in key_names() if name in given}
    if only and only not in keys:
        raise CourseError(f"{only} 연습 문제는 없습니다. 채점할 수 있는 연습 문제: {', '.join(keys) or '없음'}")
    if not keys:
        raise CourseError("나누어 준 연습 문제가 없습니다. 'make exercises'를 먼저 실행해 주십시오.")
    return keys


def _overrides(order: GradingOrder, keys: dict[str, Any]) -> Overrides:
    path = order.overrides or order.submitted.absolute().parent / OVERRIDES_NAME
    if order.overrides is None and not path.exists():
        return Overrides()
    print(f"마감과 직접 채점한 점수를 읽었습니다: {path}", file=sys.stderr)
    return read_overrides(path, keys)


def _tell(sandbox: Sandbox) -> None:
    print(f"제출물을 가두는 방법: {sandbox.name}", file=sys.stderr)
    for weakness in sandbox.weaknesses:
        print(f"- {weakness}", file=sys.stderr)


def _collect(
    order: GradingOrder, keys: dict[str, Any], overrides: Overrides, roster: Sequence[str], work: Path
) -> tuple[list[Submission], list[Problem]]:
    topics = {name: key.folder.partition("_")[2] for name, key in keys.items()}
    tasks = {task.name: name for name, key in keys.items() for task in key.tasks}
    sets = KnownSets(topics, tasks, order.only)
    return collect(
        order.submitted, work, sets,
        ignored=overrides.ignore, roster=roster, zone=overrides.zone, rename=overrides.rename,
    )  # fmt: skip


def _graded(
    order: GradingOrder, keys: dict[str, Any], submissions: Sequence[Submission], sandbox: Sandbox, limits: Limits
) -> list[SubmissionResult]:
    seed = class_seed(order.out, order.seed)
    sets = {one.exercise for one in submissions}
    told = repr(asdict(limits))
    programs = {name: program_digest(name, released_path(keys[name].folder), told) for name in sets}
    store = ResultStore(order.out, seed, programs)
    longest = limits.total_seconds + limits.start_seconds + _ITEM_MARGIN
    grader = Grader(sandbox, limits, seed)
    return grade_class(submissions, store, grader, jobs=order.jobs, seconds=longest, again=order.again)


def _line(problem: Problem) -> str:
    return f"{problem.where}: {problem.what}"


def _doubts(overrides: Overrides, roster: Sequence[str], submissions: Sequence[Submission]) -> list[str]:
    students = {one.student for one in submissions} | set(roster)
    return unknown_students(overrides, students) + (not_on_roster(roster, submissions) if roster else [])


def _facts(sandbox: Sandbox, order: GradingOrder) -> list[tuple[str, str]]:
    return [
        ("가두는 방법", " ".join([sandbox.name, *sandbox.weaknesses])),
        ("컴퓨터", f"{platform.system()}, 파이썬 {platform.python_version()}, 한 번에 {order.jobs}개"),
    ]


def _nothing_found(order: GradingOrder) -> str:
    kind = f"{order.only} 제출물" if order.only else "채점할 노트북(.ipynb)"
    return f"{order.submitted}에 {kind}이 없습니다. 폴더와 --set을 확인해 주십시오."


def _tell_problems(lines: Sequence[str]) -> None:
    for line in lines[:_MOST_SHOWN]:
        print(f"- {line}", file=sys.stderr)
    if len(lines) > _MOST_SHOWN:
        print(f"- 그 밖에 {len(lines) - _MOST_SHOWN}개. 모두 class_report.html에 있습니다.", file=sys.stderr)


def _summary(results: Sequence[SubmissionResult], absent: int, lost: int, hints: int, out: Path) -> int:
    counts = Counter(result.status for result in results)
    states = ", ".join(f"{STATUS_WORDS[status]} {count}" for status, count in counts.most_common())
    print(f"제출물 {len(results)}개: {states}" + (f", 제출하지 않은 사람 {absent}명" if absent else ""))
    pending = sum(any(task.pending for task in result.tasks) for result in results)
    if pending:
        print(f"직접 채점할 글이 있는 제출물: {pending}개 ({out / 'to_grade.html'})")
    if hints:
        print(f"풀이가 서로 비슷한 묶음: {hints}개 (class_report.html에서 확인해 주십시오)")
    if lost:
        print(f"채점하지 못한 파일: {lost}개 (class_report.html에 목록이 있습니다)")
    print(f"결과: {out / 'grades.csv'}, {out / 'class_report.html'}, {out / 'feedback'}")
    return 0 if set(counts) == {"graded"} and not lost else 1
