"""Hints at copied solutions: students who share more than the class explains, over all tasks of an exercise set.

A short task has one natural solution, so equal code alone says nothing. Each piece of code (a fingerprint) is weighed
by how many others in the class wrote it: likelihood ratio of "one has it from the other" against "chance".
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course_utils.grading.code_tokens import code_words, prose_words
from course_utils.grading.fingerprints import LENGTH, fingerprints

if TYPE_CHECKING:
    import numpy as np

    from course_utils.grading.results import SubmissionResult

# Measured on simulated honest classes of 3 to 500 students; tests/test_grading_similarity.py repeats a part of it.
_COPIED = 0.8  # chance that a piece of the original is still in the copy
_UNSEEN, _OTHERS = 1.0, 5.0  # imagined others, one of whom has the piece: a small class says little
_NEW = 2.5 / LENGTH  # neighbouring pieces share words: so much of each is new
_LEAST, _PER_DOUBLING = 18.0, 2.6  # bits that two students must reach; more in a large class, which has more pairs
_TOLD = 4.0  # bits from which on a task is named in the hint
_MOST_PIECES = 400  # of one work; nobody writes so much for one task
_COLUMNS = 4096  # pieces compared at once: bounds the memory
_PROSE = 4  # words in one piece of prose: a Korean word says more than a sign of code


@dataclass(frozen=True)
class Work:
    """What one student wrote for one task; ``prose`` for an answer in words."""

    student: str
    exercise: str
    task: str
    text: str
    prose: bool = False


@dataclass(frozen=True)
class SharedTask:
    """``share``: how many of the shorter work's ``pieces`` both have, 0 to 1."""

    task: str
    share: float
    pieces: int


@dataclass(frozen=True)
class CopyHint:
    """Students whose work in a set resembles each other's more than the class explains; never a proof.

    ``bits``: the strongest evidence between any two of them: 30 bits are a billion to one, were the model exact.
    """

    exercise: str
    students: tuple[str, ...]
    tasks: tuple[SharedTask, ...]
    bits: float


Pair = tuple[str, str]
Evidence = dict[Pair, dict[str, tuple[SharedTask, float]]]


def works_of(results: Iterable[SubmissionResult]) -> list[Work]:
    """Everything that the students of these results wrote themselves."""
    found = []
    for one in results:
        found += [Work(one.student, one.exercise, task, text) for task, text in one.sources.items()]
        found += [Work(one.student, one.exercise, task, text, prose=True) for task, text in one.texts.items()]
    return found


def copy_hints(works: Iterable[Work], given: Mapping[str, Sequence[str]] | None = None) -> list[CopyHint]:
    """Groups of students with suspiciously similar work, the strongest evidence first.

    Args:
        works: the work of a whole class; the last of several by one student for one task counts.
        given: task -> texts that everybody had, such as the stub: their pieces are left out.
    """
    known = {task: set().union(*map(_given_pieces, texts)) for task, texts in (given or {}).items()}
    sets: dict[str, dict[tuple[str, bool], dict[str, set[int]]]] = defaultdict(lambda: defaultdict(dict))
    for work in works:
        if own := _pieces(work) - known.get(work.task, set()):
            sets[work.exercise][work.task, work.prose][work.student] = own
    hints = []
    for exercise, tasks in sets.items():
        evidence: Evidence = defaultdict(dict)
        for (task, _), pieces in sorted(tasks.items()):
            _compare(task, pieces, evidence)
        class_size = len({student for pieces in tasks.values() for student in pieces})
        least = _LEAST + _PER_DOUBLING * math.log2(max(2, class_size))
        strong = {pair: each for pair, each in evidence.items() if sum(bits for _, bits in each.values()) >= least}
        hints += _groups(exercise, strong)
    return sorted(hints, key=lambda hint: (-hint.bits, hint.exercise, hint.students))


def _pieces(work: Work) -> set[int]:
    found = fingerprints(prose_words(work.text), _PROSE, 2) if work.prose else fingerprints(code_words(work.text))
    return set(sorted(found)[:_MOST_PIECES])


def _given_pieces(text: str) -> set[int]:
    """Every run of words of a given text, also those that winnowing would not keep; read as code and as prose."""
    return fingerprints(code_words(text), window=1) | fingerprints(prose_words(text), _PROSE, 1)


def _compare(task: str, pieces: Mapping[str, set[int]], evidence: Evidence) -> None:
    """Add to ``evidence`` the pairs of students whose work for this task speaks for copying."""
    import numpy as np

    students = sorted(pieces)
    if len(students) < 2:
        return
    bits, shared = _pair_tables([pieces[student] for student in students])
    for i, j in np.argwhere(np.triu(bits >= _TOLD, 1)).tolist():
        one, other = students[i], students[j]
        least = min(len(pieces[one]), len(pieces[other]))
        told = SharedTask(task, float(shared[i, j]) / least, int(shared[i, j]))
        before = evidence[one, other].get(task)
        # A task with code and an answer in words is named once, with the evidence of both.
        evidence[one, other][task] = (before[0] if before else told, float(bits[i, j]) + (before[1] if before else 0))


def _pair_tables(works: Sequence[set[int]]) -> tuple[np.ndarray, np.ndarray]:
    """For n works, n x n: evidence in bits that one of two was copied, and how many pieces both have."""
    import numpy as np

    count = len(works)
    holders = Counter(piece for work in works for piece in sorted(work))
    everyone = count - 2 + _OTHERS
    alone = {n: math.log2((1 - _COPIED) / (1 - min((n - 1 + _UNSEEN) / everyone, 0.95))) for n in set(holders.values())}
    both = {n: math.log2(_COPIED / min((max(n - 2, 0) + _UNSEEN) / everyone, 0.95)) for n in alone}
    bits = np.zeros((count, count))
    shared = np.zeros((count, count))
    bits += np.array([[sum(alone[holders[piece]] for piece in sorted(work))] for work in works])
    columns = sorted(piece for piece, n in holders.items() if n > 1)
    for start in range(0, len(columns), _COLUMNS):
        place = {piece: at for at, piece in enumerate(columns[start : start + _COLUMNS])}
        has = np.zeros((count, len(place)), dtype=np.float32)
        for row, work in enumerate(works):
            has[row, [place[piece] for piece in work if piece in place]] = 1
        gain = np.array([both[holders[piece]] - alone[holders[piece]] for piece in place], dtype=np.float32)
        bits += (has * gain) @ has.T
        shared += has @ has.T
    return np.maximum(bits, bits.T) * _NEW, shared  # whichever is more likely the original


def _groups(exercise: str, pairs: Evidence) -> list[CopyHint]:
    """Students joined by any chain of pairs; for each task the pair that shares most."""
    leader: dict[str, str] = {}

    def first(student: str) -> str:
        while leader.setdefault(student, student) != student:
            student = leader[student]
        return student

    for one, other in pairs:
        leader[max(first(one), first(other))] = min(first(one), first(other))
    members: dict[str, set[str]] = defaultdict(set)
    tasks: dict[str, dict[str, SharedTask]] = defaultdict(dict)
    strongest: defaultdict[str, float] = defaultdict(float)
    for pair, each in pairs.items():
        group = first(pair[0])
        members[group] |= set(pair)
        strongest[group] = max(strongest[group], sum(bits for _, bits in each.values()))
        for task, (shared, _) in each.items():
            best = tasks[group].get(task)
            if best is None or (shared.share, shared.pieces) > (best.share, best.pieces):
                tasks[group][task] = shared
    return [
        CopyHint(exercise, tuple(sorted(members[group])), tuple(each for _, each in sorted(tasks[group].items())), bits)
        for group, bits in strongest.items()
    ]
