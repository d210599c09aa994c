"""Grade many submissions side by side; what is graded is stored at once, and only what is new or changed is run."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TextIO

from course_utils.grading.class_state import ResultStore
from course_utils.grading.results import STATUS_WORDS, Submission, SubmissionResult, failed
from course_utils.grading.side_by_side import Broken, side_by_side

_BROKEN = {
    "died": "채점하던 프로그램이 갑자기 끝나 채점하지 못했습니다. 다시 실행하면 한 번 더 채점합니다.",
    "hung": "채점하던 프로그램이 정해진 시간 안에 끝나지 않아 채점하지 못했습니다. 다시 실행하면 한 번 더 채점합니다.",
}


def grade_class(
    submissions: Sequence[Submission],
    store: ResultStore,
    grade: Callable[[Submission], SubmissionResult],
    *,
    jobs: int,
    seconds: float,
    again: bool = False,
    stream: TextIO | None = None,
) -> list[SubmissionResult]:
    """The result of every submission, in their order.

    Args:
        grade: grades one; other processes must be able to import it.
        jobs: how many at a time.
        seconds: the longest that one may take before its process is ended.
        again: grade also what has a stored result.
        stream: where progress is shown (standard error): a bar on a terminal, lines elsewhere.
    """
    stream = stream or sys.stderr
    results = {} if again else {i: found for i, one in enumerate(submissions) if (found := store.load(one))}
    if results:
        print(f"이미 채점한 제출물 {len(results)}개는 그대로 씁니다.", file=stream)
    todo = [i for i in range(len(submissions)) if i not in results]
    with _progress(len(todo), stream) as tell:
        for index, outcome in side_by_side(grade, [submissions[i] for i in todo], jobs, seconds):
            submission = submissions[todo[index]]
            if isinstance(outcome, Broken):
                outcome = failed(submission, _BROKEN[outcome.reason])
            store.save(submission, outcome)
            results[todo[index]] = outcome
            tell(outcome)
    return [_with_circumstances(results[i], one) for i, one in enumerate(submissions)]


def _with_circumstances(result: SubmissionResult, submission: Submission) -> SubmissionResult:
    """What was found while collecting is as of this run, also where the result is an older one."""
    notes = (*submission.notes, *result.notes)
    return replace(result, notes=notes, when=submission.when, clock=submission.clock, file=submission.shown)


@contextmanager
def _progress(total: int, stream: TextIO) -> Iterator[Callable[[SubmissionResult], Any]]:
    if not stream.isatty():
        yield _Lines(total, stream).tell
        return
    from tqdm import tqdm

    room = shutil.get_terminal_size()  # 80 by 24 where a terminal does not know its size, and tqdm would draw nothing
    size = {"ncols": min(100, room.columns), "nrows": room.lines}
    with tqdm(total=total, desc="채점", unit="개", file=stream, disable=total == 0, **size) as bar:

        def tell(result: SubmissionResult) -> None:
            bar.set_postfix_str(result.student[:12], refresh=False)
            bar.update()

        yield tell


class _Lines:
    """Progress where no bar can be drawn: one line for each submission."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self._total, self._stream, self._done = total, stream, 0

    def tell(self, result: SubmissionResult) -> None:
        self._done += 1
        points = f"{result.earned:g} / {result.points}점" if result.status == "graded" else STATUS_WORDS[result.status]
        line = f"[{self._done}/{self._total}] {result.student} {result.exercise}: {points} ({result.seconds:.1f}초)"
        print(line, file=self._stream, flush=True)
