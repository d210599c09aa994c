"""Points and diagnoses from the outcomes of calls: one code for ``check()`` in the notebook and for the grader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from course_utils.checks.api_record import returned_nothing
from course_utils.checks.judges import find
from course_utils.checks.outcome import Outcome
from course_utils.checks.sheets import AspectSheet, CaseSheet, TaskSheet

# Outcomes after which the same function is not called again in this aspect: it would only cost the time limit again.
_FATAL = ("timeout", "crash", "missing")

_BY_CHANCE = (
    "따로 다루어야 하는 입력에서만 맞았습니다. 이런 입력에서는 아무 계산도 하지 않는 함수도 맞을 수 있습니다. "
    "다른 항목을 하나라도 통과하면 이 점수도 얻습니다."
)


@dataclass(frozen=True)
class Finding:
    """Why a case failed. ``mistake``: name of the known mistake, or of a general one such as "not_written"."""

    case: CaseSheet
    outcome: Outcome
    reason: str
    mistake: str
    diagnosis: str


@dataclass(frozen=True)
class AspectResult:
    """One aspect: ``earned`` is all its points or 0; ``tried`` is False where it has no case to try here."""

    name: str
    title: str
    points: int
    earned: int
    tried: bool
    finding: Finding | None = None

    @property
    def passed(self) -> bool:
        """Whether every case passed."""
        return self.tried and self.finding is None


@dataclass(frozen=True)
class TaskResult:
    """One task: its aspects, and ``seconds`` spent in the learner's code."""

    sheet: TaskSheet
    aspects: tuple[AspectResult, ...]
    seconds: float = 0.0

    @property
    def earned(self) -> int:
        """Points earned in the aspects that could be tried."""
        return sum(aspect.earned for aspect in self.aspects)

    @property
    def tried_points(self) -> int:
        """The most that could be earned here: points of hidden aspects and of hand grading left out."""
        return sum(aspect.points for aspect in self.aspects if aspect.tried)


def score_task(task: TaskSheet, call: Callable[[CaseSheet], Outcome]) -> TaskResult:
    """Try every case of every aspect with ``call`` and judge the outcomes. An aspect stops at its first failure.

    Aspects that ask for exceptions to the rule earn nothing while the rule itself fails everywhere.
    """
    results, seconds = [], 0.0
    fatal: Outcome | None = None
    for aspect in task.aspects:
        finding, outcome = None, None
        for case in aspect.cases:
            outcome = fatal or call(case)
            seconds += 0.0 if fatal else outcome.seconds
            if outcome.kind in _FATAL:
                fatal = outcome
            finding = examine(task, case, outcome)
            if finding:
                break
        results.append((aspect, finding, outcome))
    rule_works = any(finding is None and aspect.cases and not aspect.edge for aspect, finding, _ in results)
    if not rule_works:
        results = [(aspect, finding or _by_chance(aspect, outcome), outcome) for aspect, finding, outcome in results]
    return TaskResult(task, tuple(_result(aspect, finding) for aspect, finding, _ in results), seconds)


def _by_chance(aspect: AspectSheet, outcome: Outcome | None) -> Finding | None:
    if not aspect.edge or outcome is None:
        return None
    return Finding(aspect.cases[-1], outcome, "이 경우에 맞습니다.", "by_chance", _BY_CHANCE)


def _result(aspect: AspectSheet, finding: Finding | None) -> AspectResult:
    tried = bool(aspect.cases)
    earned = aspect.points if tried and finding is None else 0
    return AspectResult(aspect.name, aspect.title, aspect.points, earned, tried, finding)


def examine(task: TaskSheet, case: CaseSheet, outcome: Outcome) -> Finding | None:
    """None when the outcome is right; otherwise what is wrong, and the known mistake that gives the same outcome."""
    from course_utils.checks.diagnosis import CHANGED_INPUT, general_diagnosis

    reason = disagreement(task, outcome, case.expected)
    if reason is None and outcome.changed_input and not task.may_change_input:
        reason = "돌려준 값은 맞지만, 받은 값을 바꾸어 놓았습니다."
        return Finding(case, outcome, reason, "changed_input", CHANGED_INPUT)
    if reason is None:
        return None
    if not _nothing_written(outcome):
        for name, looks_like in case.mistakes.items():
            if disagreement(task, outcome, looks_like) is None:
                return Finding(case, outcome, reason, name, task.mistakes[name])
    return Finding(case, outcome, reason, *general_diagnosis(task, case, outcome, reason))


def _nothing_written(outcome: Outcome) -> bool:
    if returned_nothing(outcome.value) and not outcome.value["requests"]:
        return True
    return outcome.kind == "value" and outcome.value is None


def disagreement(task: TaskSheet, outcome: Outcome, expected: Outcome) -> str | None:
    """Why ``outcome`` is not ``expected``, in Korean; None when it is."""
    if expected.kind == "error":
        wanted = expected.error_types[0]
        if outcome.kind == "error":
            return (
                None
                if wanted in outcome.error_types
                else f"{wanted} 오류를 내야 하는데 {outcome.error_types[0]} 오류가 났습니다."
            )
        return (
            f"{wanted} 오류를 내야 하는데 그러지 않았습니다."
            if outcome.kind == "value"
            else "끝까지 실행되지 않았습니다."
        )
    if outcome.kind != "value" or expected.kind != "value":
        # Known mistakes may end in a time-out or a crash as well.
        return None if outcome.kind == expected.kind else "값을 돌려주지 않았습니다."
    try:
        return find(task.judge)(outcome.value, expected.value, **task.parameters)
    except Exception as error:  # a value so odd that the judge stumbles is a wrong value
        return f"돌려준 값을 읽을 수 없습니다 ({type(error).__name__})."
