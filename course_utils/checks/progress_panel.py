"""The progress panel: which tasks of a set are done in this session of the notebook."""

from __future__ import annotations

from html import escape

from course_utils.checks.scoring import TaskResult
from course_utils.checks.sheets import set_names, set_sheet, task_names
from course_utils.tables import html_table, text_table

_RESULTS: dict[str, TaskResult] = {}


def remember(result: TaskResult) -> None:
    """Keep the newest result of a task; an earlier one is replaced, better or worse."""
    _RESULTS[result.sheet.name] = result


class Progress:
    """The state of a set as a table; plain text where there is no HTML."""

    def __init__(self, name: str) -> None:
        self.sheet = set_sheet(name)

    def _rows(self) -> list[list[str]]:
        return [[task.title, *self._state(task, _RESULTS.get(task.name))] for task in self.sheet.tasks]

    @staticmethod
    def _state(task, result: TaskResult | None) -> tuple[str, str]:
        if task.kind == "text":
            return "선생님이 읽고 채점", f"- / {task.points}"
        if result is None:
            return "아직 점검하지 않음", f"0 / {task.points}"
        done = result.tried_points and result.earned == result.tried_points
        return ("보이는 점검 통과" if done else "더 살펴볼 점이 있음"), f"{result.earned} / {task.points}"

    def _title(self) -> str:
        checked = [task for task in self.sheet.tasks if task.kind != "text"]
        results = [_RESULTS.get(task.name) for task in checked]
        done = sum(1 for r in results if r and r.tried_points and r.earned == r.tried_points)
        return f"{self.sheet.title}: 문제 {len(checked)}개 가운데 {done}개가 보이는 점검을 통과했습니다."

    def __repr__(self) -> str:
        return text_table(self._title(), ["문제", "상태", "점수"], self._rows())

    def _repr_html_(self) -> str:
        checked = [task for task in self.sheet.tasks if task.kind != "text"]
        earned = sum(_RESULTS[task.name].earned for task in checked if task.name in _RESULTS)
        most = sum(task.points - task.manual_points for task in checked)
        bar = (
            f'<progress max="{most}" value="{earned}" aria-label="{escape(f"{most}점 가운데 {earned}점")}"></progress>'
        )
        note = "채점할 때는 숨은 점검을 함께 실행하므로 점수가 달라질 수 있습니다."
        table = html_table(self._title(), ["문제", "상태", "점수"], self._rows())
        panel = f"{table}<p>{bar} {earned} / {most}점. {note}</p>"
        return f'<div role="status" class="course-progress">{panel}</div>'


def progress_of(name: str | None = None) -> Progress:
    """The progress of the set ``name`` ("ex04"); by default of the set whose task was checked last.

    Raises:
        CourseValueError: there is no such set.
    """
    from course_utils.errors import CourseValueError

    if name is None and _RESULTS:
        name = task_names()[next(reversed(_RESULTS))]
    if name not in set_names():
        raise CourseValueError(f"없는 연습 문제입니다: {name!r}. 쓸 수 있는 이름: {', '.join(set_names())}")
    return Progress(name)
