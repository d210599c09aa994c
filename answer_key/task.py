"""What an author of an exercise writes: tasks, their aspects and cases, references and known mistakes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from course_utils.checks.calling import call_here
from course_utils.checks.outcome import Outcome
from course_utils.checks.scoring import disagreement
from course_utils.checks.sheets import AspectSheet, CaseSheet, TaskSheet
from course_utils.checks.values import StandIn

# The reference may be slow where the learner's own code is not: it may have to import torch first.
_REFERENCE_SECONDS = 60.0


class Case:
    """One call: ``Case(logits, temperature=2.0)``. ``label`` says in Korean what it tries."""

    def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
        self.args, self.kwargs, self.label = args, kwargs, label


def stand_in(kind: str, /, **settings: Any) -> StandIn:
    """An argument that is built where the learner's function runs; see ``course_utils.checks.stand_ins``."""
    return StandIn(kind, **settings)


@dataclass(frozen=True)
class Aspect:
    """Something a task asks for. ``hidden(rng)`` draws the cases that only grading tries; at least one way to fail.

    ``edge``: a function that does nothing, such as one that returns its input, may get all of its cases right; then it
    earns its points only together with another aspect. Where every case asks for an error this goes without saying.
    """

    name: str
    title: str
    points: int
    visible: Sequence[Case] = ()
    hidden: Callable[[np.random.Generator], list[Case]] | None = None
    edge: bool = False


@dataclass(frozen=True)
class Mistake:
    """A typical wrong answer (a function, or a value for ``kind="value"``) and its diagnosis in Korean.

    ``expected(*args, **kwargs)``: what a judge compares with to recognise it, where its own result is random.
    """

    name: str
    answer: Any
    text: str
    expected: Callable | None = None


@dataclass(frozen=True)
class Task:
    """One task. ``kind``: "function", "value" (the answer itself is compared) or "text" (graded by hand).

    Where a value has several aspects, ``expected(answer, *case.args)`` is the part of it that a case looks at.
    """

    name: str
    title: str
    aspects: Sequence[Aspect] = ()
    mistakes: Sequence[Mistake] = ()
    reference: Any = None
    kind: str = "function"
    answers: tuple[str, ...] = ()
    judge: tuple[str, dict[str, Any]] = ("close", {})
    expected: Callable | None = None
    seconds: float = 5.0
    manual_points: int = 0
    may_change_input: bool = False
    mark_scheme: str = ""  # for hand-graded tasks: what earns how many points, for the instructor's page

    def __post_init__(self) -> None:
        if not self.answers:
            object.__setattr__(self, "answers", (self.name,))

    @property
    def points(self) -> int:
        """The most that can be earned."""
        return self.manual_points + sum(aspect.points for aspect in self.aspects)

    def sheet(self, rng: np.random.Generator | None = None) -> TaskSheet:
        """The task with its visible cases, and with hidden ones too when ``rng`` is given."""
        aspects = []
        for aspect, visible in zip(self.aspects, self._visible, strict=True):
            cases = list(visible)
            if rng is not None and aspect.hidden is not None:
                cases += [self._case(case, hidden=True) for case in aspect.hidden(rng)]
            edge = aspect.edge or (bool(cases) and all(case.expected.kind == "error" for case in cases))
            aspects.append(AspectSheet(aspect.name, aspect.title, aspect.points, tuple(cases), edge))
        return TaskSheet(
            name=self.name,
            title=self.title,
            kind=self.kind,
            answers=self.answers,
            judge=self.judge[0],
            parameters=self.judge[1],
            seconds=self.seconds,
            aspects=tuple(aspects),
            mistakes={mistake.name: mistake.text for mistake in self.mistakes},
            manual_points=self.manual_points,
            may_change_input=self.may_change_input,
            has_hidden=any(aspect.hidden for aspect in self.aspects),
        )

    @cached_property
    def _visible(self) -> list[list[CaseSheet]]:
        """The visible cases of each aspect: the same for every submission, so worked out once."""
        return [[self._case(case, hidden=False) for case in aspect.visible] for aspect in self.aspects]

    def _case(self, case: Case, hidden: bool) -> CaseSheet:
        bare = CaseSheet(tuple(case.args), case.kwargs, case.label, hidden=hidden)
        right = self._outcome(bare, self.reference, self.expected)
        # A learner reads the message of an error that is asked for; one in English is an accident of the reference.
        if right.kind != "value" and not re.search("[가-힣]", right.error_text):
            raise AssertionError(f"the reference of {self.name} fails: {right} for {case.args} {case.kwargs}")
        probe = TaskSheet(self.name, self.title, self.kind, (), self.judge[0], self.judge[1], self.seconds, (), {})
        looks = _Mistaken(lambda: self._mistaken(bare, right, probe))
        return CaseSheet(bare.args, bare.kwargs, bare.label, right, looks, hidden)

    def _mistaken(self, bare: CaseSheet, right: Outcome, probe: TaskSheet) -> Iterator[tuple[str, Outcome]]:
        for mistake in self.mistakes:
            outcome = self._outcome(bare, mistake.answer, mistake.expected, self.seconds)
            if disagreement(probe, outcome, right) is not None:
                yield mistake.name, outcome

    def _outcome(
        self, case: CaseSheet, answer: Any, expected: Callable | None, seconds: float = _REFERENCE_SECONDS
    ) -> Outcome:
        if self.kind == "value":
            return Outcome("value", self.expected(answer, *case.args) if self.expected else answer)
        outcome = call_here(expected or answer, case, seconds)
        # What was printed, the line and the time are of no use to a judge, and would make the sheets change.
        return Outcome(outcome.kind, outcome.value, outcome.error_types, outcome.error_text)


class _Mistaken(Mapping):
    """The mistakes' outcomes of a case, worked out at the first look into them: when an answer was wrong."""

    def __init__(self, work_out: Callable[[], Iterable[tuple[str, Outcome]]]) -> None:
        self._work_out = work_out

    @cached_property
    def _outcomes(self) -> dict[str, Outcome]:
        return dict(self._work_out())

    def __getitem__(self, name: str) -> Outcome:
        return self._outcomes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._outcomes)

    def __len__(self) -> int:
        return len(self._outcomes)


@dataclass(frozen=True)
class ExerciseSet:
    """A set: ``name`` as "ex04", ``folder`` as "ex04_softmax_temperature", ``lesson`` the lesson's title."""

    name: str
    folder: str
    title: str
    tasks: Sequence[Task] = field(default_factory=tuple)

    @property
    def points(self) -> int:
        """The most that can be earned."""
        return sum(task.points for task in self.tasks)


def part(answer: tuple, *places: int) -> tuple:
    """The answers at ``places``, the others None: what a case of one of several answers looks at."""
    return tuple(one if place in places else None for place, one in enumerate(answer))
