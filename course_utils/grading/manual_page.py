"""The texts to be graded by hand, all students' answers to a task together, with the lines for ``overrides.toml``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from course_utils.grading.final_grade import FinalGrade, automatic_points
from course_utils.grading.report_style import code_box, lines, number, page, shown, write_page
from course_utils.grading.results import TaskGrade

_HOW = (
    "문제마다 모든 수강생의 글을 모았습니다. 글을 읽고, 아래 상자의 내용을 overrides.toml에 옮긴 뒤 점수를 적습니다. "
    "줄 맨 앞의 #을 지운 줄만 점수로 셉니다. 그다음 채점 명령을 다시 실행하십시오."
)
_ONCE = (
    "이미 적어 둔 점수도 들어 있으므로, overrides.toml의 [manual...] 부분 전체를 이 상자의 내용으로 바꾸면 됩니다. "
    "글마다 있는 작은 상자에서 옮길 때에는 같은 수강생의 [manual] 줄이 파일에 하나만 있게 하십시오."
)
_BARE_KEY = re.compile("[A-Za-z0-9_-]+")

Answer = tuple[FinalGrade, TaskGrade]


def write_manual_page(
    grades: Sequence[FinalGrade],
    path: Path,
    *,
    schemes: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
) -> Path:
    """Write ``to_grade.html``.

    Args:
        schemes: task -> its mark scheme, from the answer key.
        titles: set -> its title.

    Raises:
        CourseError: the page cannot be written.
    """
    return write_page(path, manual_html(grades, schemes or {}, titles or {}))


def manual_html(grades: Sequence[FinalGrade], schemes: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """The page as a document: set by set, task by task; what waits comes first, then what has its points."""
    tasks: dict[tuple[str, str], list[Answer]] = {}
    for grade in grades:
        for task in grade.result.tasks:
            if task.manual_points and grade.result.status == "graded" and not grade.excused:
                tasks.setdefault((grade.result.exercise, task.name), []).append((grade, task))
    if not tasks:
        return page("직접 채점할 글", "<p>직접 채점할 글이 없습니다.</p>")
    open_count = sum(task.pending for answers in tasks.values() for _, task in answers)
    parts = [f"<p><strong>남은 글 {open_count}개.</strong> {shown(_HOW)}</p>", _contents(tasks)]
    for (exercise, name), answers in tasks.items():
        parts.append(_task(titles.get(exercise, exercise), answers, schemes.get(name, "")))
    parts.append(f"<section><h2>overrides.toml에 옮길 줄</h2><p>{shown(_ONCE)}</p>{_all_lines(tasks)}</section>")
    return page("직접 채점할 글", "\n".join(parts))


def toml_lines(student: str, tasks: Iterable[TaskGrade]) -> str:
    """The points of one student for ``overrides.toml``; those not given yet stand there as comments."""
    rows = [f"[manual.{_quoted(student)}]"]
    for task in tasks:
        name = task.name if _BARE_KEY.fullmatch(task.name) else _quoted(task.name)
        given = f"{name} = {number(_given(task))}"
        rows.append(f"# {name} = 0  # 0~{task.manual_points}점" if task.pending else given)
    return "\n".join(rows)


def _given(task: TaskGrade) -> float:
    return task.earned - automatic_points(task)[0]


def _quoted(text: str) -> str:
    """A TOML string in which every sign that does not show stands as its number."""
    return '"' + "".join(map(_toml_letter, text)) + '"'


def _toml_letter(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"


def _all_lines(tasks: Mapping[tuple[str, str], Sequence[Answer]]) -> str:
    students: dict[str, list[TaskGrade]] = {}
    for answers in tasks.values():
        for grade, task in answers:
            if not _empty((grade, task)):
                students.setdefault(grade.result.student, []).append(task)
    text = "\n\n".join(toml_lines(student, students[student]) for student in sorted(students))
    return f"<pre>{escape(text)}</pre>"


def _contents(tasks: Mapping[tuple[str, str], Sequence[Answer]]) -> str:
    items = []
    for (exercise, _), answers in tasks.items():
        waiting = sum(task.pending for _, task in answers)
        items.append(
            f"<li>{shown(exercise)} {shown(answers[0][1].title)}: {waiting}개 남음, 모두 {len(answers)}개</li>"
        )
    return f"<ul>{''.join(items)}</ul>"


def _task(title: str, answers: Sequence[Answer], scheme: str) -> str:
    first = answers[0][1]
    head = f"{shown(title)}: {shown(first.title)} <span class='keep'>({first.manual_points}점)</span>"
    parts = [f"<section><h2>{head}</h2>"]
    if scheme:
        parts.append(f'<div class="card calm"><h3>채점 기준</h3><p>{lines(scheme)}</p></div>')
    written = [answer for answer in answers if not _empty(answer)]
    parts += [_answer(grade, task) for grade, task in sorted(written, key=lambda answer: not answer[1].pending)]
    if nothing := [shown(answer[0].result.student) for answer in answers if _empty(answer)]:
        parts.append(f"<p>글을 내지 않아 0점: {', '.join(nothing)}</p>")
    return "\n".join(parts) + "</section>"


def _empty(answer: Answer) -> bool:
    """Whether there is nothing to grade: no text, and nobody gave points all the same."""
    grade, task = answer
    return not task.pending and not _given(task) and not grade.result.texts.get(task.name, "").strip()


def _answer(grade: FinalGrade, task: TaskGrade) -> str:
    student, text = grade.result.student, grade.result.texts.get(task.name, "")
    state = "아직 채점하지 않음" if task.pending else f"준 점수 {number(_given(task))}점"
    answer = code_box(text, paths=True) if text.strip() else "<p>낸 글이 없습니다.</p>"
    look = "wait" if task.pending else "good"
    toml = f"<pre>{escape(toml_lines(student, [task]))}</pre>"
    return f'<div class="card {look}"><h3>{shown(student)}</h3><p>{state}</p>{answer}{toml}</div>'
