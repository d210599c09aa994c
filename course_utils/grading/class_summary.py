"""What the results of a class say about each task: how many solved it, which mistakes, how long it took."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from course_utils.grading.final_grade import FinalGrade, automatic_points
from course_utils.grading.results import SubmissionResult, TaskGrade

# Names of general diagnoses whose words differ from student to student: their own words for the count.
_GENERAL = {
    "other": "그 밖의 틀린 값",
    "unsendable": "점검할 수 없는 값을 돌려줌",
    "missing": "문제에 적힌 이름이 제출물에 없음",
    "timeout": "정해진 시간 안에 끝나지 않음",
    "crash": "실행하던 프로그램이 갑자기 끝남",
    "not_written": "아직 답을 적지 않음",
    "no_return": "값을 돌려주지 않음(작성하지 않았거나 return 없음)",
    "printed": "print()로 보여 주기만 하고 돌려주지 않음",
    "not_raised": "오류를 내야 할 때 오류 없이 끝남",
    "changed_input": "받은 값을 직접 바꿈",
}
_NOTHING = ("not_written", "no_return", "missing")


@dataclass(frozen=True)
class Misconception:
    """A diagnosis and how many students of this task got it."""

    mistake: str
    text: str
    students: int


@dataclass(frozen=True)
class TaskSummary:
    """One task over ``students`` graded submissions. ``mean`` of ``points``; seconds are of the learners' code.

    ``judged``: whether the grader gives points itself; ``solved``: how many students have all of those.
    ``hardest``: title of the aspect that most students fail, and how many do; ``pending``: hand grading to be done.
    """

    name: str
    title: str
    points: int
    students: int
    judged: bool
    solved: int
    mean: float
    misconceptions: tuple[Misconception, ...]
    hardest: tuple[str, int]
    median_seconds: float
    longest_seconds: float
    pending: int

    @property
    def solved_share(self) -> float:
        """How many of the students have every automatic point, 0 to 1."""
        return self.solved / self.students if self.students else 0.0


def summarise(grades: Sequence[FinalGrade]) -> list[TaskSummary]:
    """The tasks of one set in the order of the notebook; only graded submissions count."""
    tasks: dict[str, list[TaskGrade]] = defaultdict(list)
    for grade in grades:
        if grade.result.status == "graded":
            for task in grade.result.tasks:
                tasks[task.name].append(task)
    return [_summary(each) for each in tasks.values()]


def _summary(tasks: Sequence[TaskGrade]) -> TaskSummary:
    failed = Counter(aspect.title for task in tasks for aspect in task.aspects if aspect.earned < aspect.points)
    hardest = min(failed.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
    seconds = [task.seconds for task in tasks]
    return TaskSummary(
        name=tasks[0].name,
        title=tasks[0].title,
        points=max(task.points for task in tasks),
        students=len(tasks),
        judged=any(task.aspects for task in tasks),
        solved=sum(earned == possible for earned, possible in map(automatic_points, tasks)),
        mean=sum(task.earned for task in tasks) / len(tasks),
        misconceptions=tuple(_misconceptions(tasks)),
        hardest=hardest,
        median_seconds=median(seconds),
        longest_seconds=max(seconds),
        pending=sum(task.pending for task in tasks),
    )


def _misconceptions(tasks: Sequence[TaskGrade]) -> list[Misconception]:
    """Every diagnosis, the most frequent first; a student counts once for each."""
    counts: Counter[str] = Counter()
    texts: dict[str, str] = {}
    for task in tasks:
        found = {aspect.mistake: aspect.diagnosis for aspect in task.aspects if aspect.mistake}
        counts.update(list(found))
        for mistake, text in found.items():
            # An exception's message differs from student to student; the last line says what such an error means.
            general = f"{mistake} 오류. {text.splitlines()[-1]}" if mistake.endswith("Error") and text else text
            texts.setdefault(mistake, _GENERAL.get(mistake, general))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Misconception(mistake, texts[mistake], count) for mistake, count in ordered]


def attention(result: SubmissionResult) -> list[str]:
    """Why the instructor should look at this submission, in Korean; mostly nothing."""
    if result.status == "absent":
        return []
    if result.status != "graded":
        return ["채점하지 못했습니다."]
    reasons = []
    judged = [task for task in result.tasks if task.aspects]
    mistakes = [{aspect.mistake for aspect in task.aspects if aspect.mistake} for task in judged]
    if judged and all(found and found <= set(_NOTHING) for found in mistakes):
        reasons.append("작성한 코드가 없습니다.")
    for name, words in (("crash", "실행하던 프로그램이 갑자기 끝난 문제"), ("timeout", "시간을 넘긴 문제")):
        titles = [task.title for task, found in zip(judged, mistakes, strict=True) if name in found]
        if titles:
            reasons.append(f"{words}: {', '.join(titles)}.")
    return reasons
