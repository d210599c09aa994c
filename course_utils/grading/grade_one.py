"""One submission graded: read, run in its sandbox, every task judged here. Whatever it does, a result comes out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from course_utils.checks.outcome import Outcome
from course_utils.checks.scoring import TaskResult, score_task
from course_utils.checks.sheets import TaskSheet
from course_utils.checks.stand_ins import needs_host
from course_utils.errors import CourseError, first_line
from course_utils.grading.answer_keys import EXERCISES, load_key
from course_utils.grading.cell_plan import CellPlan, answer_sources, answer_texts, plan_cells
from course_utils.grading.limits import Limits
from course_utils.grading.reader import NotebookCell, Refused, Unreadable, read_notebook
from course_utils.grading.ready_made import ready_made
from course_utils.grading.results import Submission, SubmissionResult, TaskGrade, failed
from course_utils.grading.sandbox import Sandbox
from course_utils.grading.task_grades import blank_tasks, graded_task, text_task
from course_utils.grading.worker_link import CellReport, WorkerLink

_CELL_TROUBLE = {
    "error": "오류가 난 셀",
    "timeout": "제한 시간을 넘긴 셀",
    "crash": "프로그램이 갑자기 끝난 셀",
    "skipped": "전체 제한 시간이 지나 실행하지 않은 셀",
}


@dataclass(frozen=True)
class Grader:
    """Grades submissions one after another; can be sent to another process."""

    sandbox: Sandbox
    limits: Limits
    seed: str

    def __call__(self, submission: Submission) -> SubmissionResult:
        try:
            key = load_key(submission.exercise)
        except CourseError as error:  # this set alone cannot be graded
            return failed(submission, str(error))
        return grade_submission(submission, key, self.sandbox, self.limits, self.seed)


def grade_submission(submission: Submission, key: Any, sandbox: Sandbox, limits: Limits, seed: str) -> SubmissionResult:
    """The result of one submission; never raises for what was handed in, nor for a fault of ours.

    Args:
        key: the ``ExerciseSet`` of the answer key.
        seed: the class's seed; with student, set and task it decides the hidden cases.
    """
    started = time.monotonic()
    blank = SubmissionResult(
        submission.student, submission.exercise, submission.shown, submission.digest, "failed",
        tasks=blank_tasks(key.tasks), sandbox=sandbox.name,
    )  # fmt: skip
    try:
        result = _graded(blank, submission, key, sandbox, limits, seed)
    except Unreadable as error:
        result = replace(blank, status="unreadable", notes=(str(error),))
    except Refused as error:
        result = replace(blank, status="refused", notes=(str(error),))
    except CourseError as error:
        result = replace(blank, notes=(str(error),))
    except Exception as error:
        note = f"채점기에 잘못이 있어 채점하지 못했습니다({type(error).__name__}: {first_line(error)[:200]})."
        result = replace(blank, notes=(note,))
    return replace(result, seconds=round(time.monotonic() - started, 3))


@lru_cache
def released_cells(folder: str) -> tuple[NotebookCell, ...]:
    """The cells of the notebook that was given out for a set.

    Raises:
        CourseError: it is not in ``exercises/``.
    """
    path = released_path(folder)
    if not path.is_file():
        raise CourseError(f"나누어 준 노트북이 없습니다: {path}. 'make exercises'를 먼저 실행해 주십시오.")
    return tuple(read_notebook(path))


def released_path(folder: str) -> Path:
    """Where the notebook lies that was given out for the set in ``folder``."""
    return EXERCISES / folder / f"{folder}.ipynb"


def _graded(
    blank: SubmissionResult, submission: Submission, key: Any, sandbox: Sandbox, limits: Limits, seed: str
) -> SubmissionResult:
    if submission.refused:
        raise Refused(submission.refused)
    cells = read_notebook(submission.path)
    released = released_cells(key.folder)
    checked = {task.name: task.answers for task in key.tasks if task.kind != "text"}
    names = [name for answers in checked.values() for name in answers]
    texts = answer_texts(cells, released, [task.name for task in key.tasks if task.manual_points])
    plan = plan_cells(cells, released, names)
    sheets = {
        task.name: task.sheet(_generator(seed, submission, task.name)) for task in key.tasks if task.name in checked
    }
    sockets = any(needs_host([list(case.args), dict(case.kwargs)]) for case in _cases(sheets.values()))
    with WorkerLink(sandbox, limits, sockets=sockets) as link:
        reports = link.run_cells(list(plan.run))
        origins = link.origins([sheet.answers[0] for sheet in sheets.values() if sheet.kind == "function"])
        results = {name: _score(sheet, link) for name, sheet in sheets.items()}
        restarts = link.restarts
    tasks = tuple(_grade(task, results, texts) for task in key.tasks)
    sources = answer_sources(cells, released, checked)
    finished = ready_made(plan.run, [cell.source for cell in released], sources, checked, origins)
    return replace(
        blank,
        status="graded",
        tasks=tasks,
        texts={name: text for name, text in texts.items() if text},
        sources=sources,
        ready_made=finished,
        notes=(*plan.notes, *_trouble(plan, reports, released), *_restarted(restarts), *_noted(finished, key.tasks)),
    )


def _generator(seed: str, submission: Submission, task: str) -> Any:
    from answer_key.hidden import generator

    return generator(seed, submission.student, submission.exercise, task)


def _cases(sheets: Any) -> Iterator[Any]:
    for sheet in sheets:
        for aspect in sheet.aspects:
            yield from aspect.cases


def _score(sheet: TaskSheet, link: WorkerLink) -> TaskResult:
    if sheet.kind == "function":
        return score_task(sheet, lambda case: link.call(sheet.answers[0], case, sheet.seconds))
    handed_over: list[Outcome] = []

    def value(_: Any) -> Outcome:
        if not handed_over:  # the same for every case
            handed_over.append(link.value(list(sheet.answers)))
        return handed_over[0]

    return score_task(sheet, value)


def _grade(task: Any, results: dict[str, TaskResult], texts: dict[str, str]) -> TaskGrade:
    if task.name in results:
        return graded_task(task, results[task.name])
    return text_task(task, texts.get(task.name, ""))


def _trouble(plan: CellPlan, reports: Sequence[CellReport], released: Sequence[NotebookCell]) -> Iterator[str]:
    for status, words in _CELL_TROUBLE.items():
        hit = [
            (number, report) for number, report in zip(plan.numbers, reports, strict=True) if report.status == status
        ]
        if not hit:
            continue
        shown = ", ".join(f"{number}번째" + _first_type(report) for number, report in hit[:8])
        yield f"{words}: {shown}" + (f" 등 {len(hit)}개" if len(hit) > 8 else "")
    given = "\n".join(cell.source for cell in released)  # the course's own cell that installs it is everybody's
    ignored = [line for report in reports for line in report.ignored if line.strip() not in given]
    if ignored:
        yield f"실행하지 않은 Jupyter 명령: {', '.join(line.strip()[:60] for line in ignored[:5])}"


def _first_type(report: CellReport) -> str:
    return f"({report.error_types[0][:60]})" if report.error_types else ""


def _restarted(restarts: int) -> Iterator[str]:
    if restarts:
        yield f"프로그램이 갑자기 끝나거나 멈추어 {restarts}번 다시 시작했습니다. 그때까지 얻은 점수는 그대로입니다."


def _noted(finished: dict[str, tuple[str, ...]], tasks: Sequence[Any]) -> Iterator[str]:
    used = ", ".join(f"{task.title}({', '.join(finished[task.name])})" for task in tasks if task.name in finished)
    if used:
        yield f"라이브러리의 완성된 함수를 쓴 풀이: {used}. 점수는 그대로입니다."
