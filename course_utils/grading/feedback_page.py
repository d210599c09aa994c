"""What a student gets back: one page a submission, without scripts, hidden cases or paths of the grader's machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from course_utils.grading.final_grade import FinalGrade, automatic_points
from course_utils.grading.report_style import bar, code_box, lines, mark, number, page, pairs, shown, table, write_page
from course_utils.grading.results import STATUS_WORDS, AspectGrade, SubmissionResult, TaskGrade
from course_utils.grading.student_names import file_name_for

# Diagnoses whose words depend on the values tried: for a hidden case they are replaced.
_TELLS_VALUES = ("", "other", "unsendable")
_HIDDEN = (
    "숨은 점검에서 다른 값이 나왔습니다. 문제의 설명에서 이 항목을 다시 읽고, 예와 다른 입력으로도 시험해 주십시오."
)
_HIDDEN_NOTE = "숨은 점검에서 찾았습니다. 숨은 점검의 입력과 기댓값은 보여 드리지 않습니다."
_NOT_WRITTEN = ("not_written", "missing", "no_return")


def feedback_name(student: str, exercise: str) -> str:
    """The name of the page's file, safe on every system."""
    return f"{file_name_for(student, exercise)}.html"


def write_feedback(grade: FinalGrade, folder: Path, title: str = "", sections: Mapping[str, str] | None = None) -> Path:
    """Write the page of one submission into ``folder``; the same grade gives the same bytes.

    Args:
        title: the set's title; its name when empty.
        sections: task -> where in the lesson to read again.

    Raises:
        CourseError: the page cannot be written.
    """
    path = folder / feedback_name(grade.result.student, grade.result.exercise)
    return write_page(path, feedback_html(grade, title, sections or {}))


def feedback_html(grade: FinalGrade, title: str, sections: Mapping[str, str]) -> str:
    """The page of one submission as a document."""
    result = grade.result
    parts = [_head(grade)]
    if result.status == "graded":
        parts += [_overview(grade), "<h2>문제별 결과</h2>", *(_task(task, result.texts) for task in result.tasks)]
    parts += [_notes(grade), _next(grade, sections) if result.status == "graded" else ""]
    return page(f"{title or result.exercise}: 채점 결과", "\n".join(filter(None, parts)))


def task_status(task: TaskGrade) -> str:
    """Where a task stands, as a word of ``report_style.MARKS``."""
    earned, possible = automatic_points(task)
    if task.pending and earned == possible:
        return "채점 대기"
    if task.earned >= task.points:
        return "해결"
    return "일부 해결" if task.earned else "확인 필요"


def _head(grade: FinalGrade) -> str:
    result = grade.result
    rows = [("수강생", shown(result.student)), ("파일", shown(PurePosixPath(result.file.replace("\\", "/")).name))]
    if result.when:
        rows.append(("제출 시각", shown(result.when[:16].replace("T", " "))))
    if result.status != "graded":
        rows.append(("상태", f"<strong>{STATUS_WORDS[result.status]}</strong>"))
    if grade.points is None:
        rows.append(("점수", "이 연습 문제는 점수에 세지 않습니다."))
    else:
        points = f'<span class="score">{number(grade.points)} / {grade.maximum}점</span>{bar(grade.share)}'
        rows.append(("점수", points))
    if grade.deduction:
        rows.append(("감점", f"{number(result.earned)}점에서 {number(grade.deduction)}점을 뺐습니다."))
    if grade.pending:
        open_points = sum(task.manual_points for task in grade.pending)
        rows.append(("채점 대기", f"선생님이 직접 채점할 {open_points}점이 아직 더해지지 않았습니다."))
    return pairs(rows)


def _overview(grade: FinalGrade) -> str:
    rows = [
        [
            shown(task.title),
            mark(task_status(task)),
            "대기" if _only_waits(task) else number(task.earned),
            f"{task.points}",
        ]
        for task in grade.result.tasks
    ]
    grid = table("문제별 점수", ("문제", "상태", "점수", "배점"), rows, numbers=(2, 3))
    return f"<h2>한눈에 보기</h2>\n<p>{_reading(grade.result)}</p>\n{grid}"


def _only_waits(task: TaskGrade) -> bool:
    return task.pending and not task.aspects


def _reading(result: SubmissionResult) -> str:
    """Two or three sentences on the whole: what is solved, what to do first."""
    judged = [task for task in result.tasks if task.aspects]
    solved = [task for task in judged if _right(task)]
    said = [f"자동으로 채점한 {len(judged)}문제 가운데 {len(solved)}문제에서 모든 점수를 얻었습니다."] if judged else []
    blank = [task for task in judged if _blank(task, result)]
    if blank:
        said.append(f"아직 답이 없는 문제가 {len(blank)}개입니다: {_names(blank)}.")
    hidden = [task for task in judged if not _right(task) and not any(_open_failure(aspect) for aspect in task.aspects)]
    if hidden:
        said.append(
            f"{_names(hidden)}: 보이는 점검은 통과했지만 숨은 점검에서 틀렸습니다. "
            "예의 값에만 맞춘 부분이 없는지, 빈 입력이나 아주 큰 값처럼 드문 입력에서도 맞는지 확인해 주십시오."
        )
    return " ".join(said)


def _right(task: TaskGrade) -> bool:
    earned, possible = automatic_points(task)
    return earned == possible


def _open_failure(aspect: AspectGrade) -> bool:
    return aspect.earned < aspect.points and not aspect.hidden


def _blank(task: TaskGrade, result: SubmissionResult) -> bool:
    """Whether nothing was written; a function of the student's own that returns nothing is not blank."""
    given_up = all(aspect.mistake in _NOT_WRITTEN for aspect in task.aspects if aspect.mistake)
    return not task.earned and given_up and not result.sources.get(task.name, "").strip()


def _names(tasks: list[TaskGrade]) -> str:
    return ", ".join(shown(task.title) for task in tasks)


def _task(task: TaskGrade, texts: Mapping[str, str]) -> str:
    status = task_status(task)
    look = {"해결": "good", "일부 해결": "part", "채점 대기": "wait"}.get(status, "bad")
    earned = f"배점 {task.points}점" if _only_waits(task) else f"{number(task.earned)} / {task.points}점"
    parts = [f"<h3>{shown(task.title)}</h3><p>{mark(status)} · {earned}</p>"]
    told: set[str] = set()
    parts += [_aspect(aspect, told) for aspect in task.aspects]
    if task.manual_points:
        parts.append(_by_hand(task, texts.get(task.name, "")))
    return f'<section class="card {look}">{"".join(parts)}</section>'


def _aspect(aspect: AspectGrade, told: set[str]) -> str:
    """One aspect; a diagnosis already ``told`` for the same task is not repeated."""
    passed = aspect.earned >= aspect.points
    word = mark("통과" if passed else "확인 필요")
    head = f"<h4>{shown(aspect.title)} <span class='keep'>({aspect.earned} / {aspect.points}점)</span> {word}</h4>"
    if passed:
        return head
    text = _HIDDEN if aspect.hidden and aspect.mistake in _TELLS_VALUES else aspect.diagnosis
    if text in told:
        return f"{head}<p>앞 항목과 같은 까닭입니다.</p>"
    told.add(text)
    rows = [] if aspect.hidden else [(name, code_box(value)) for name, value in aspect.shown]
    note = f'<p class="small">{_HIDDEN_NOTE}</p>' if aspect.hidden else ""
    return f"{head}{pairs(rows) if rows else ''}<p><strong>진단</strong> {lines(text)}</p>{note}"


def _by_hand(task: TaskGrade, text: str) -> str:
    given = task.earned - automatic_points(task)[0]
    if task.pending:
        said = f"선생님이 직접 채점하는 {task.manual_points}점은 아직 더해지지 않았습니다."
    elif not text.strip() and not given:
        return f"<h4>직접 채점하는 글</h4><p>낸 글이 없어 {task.manual_points}점 가운데 0점입니다.</p>"
    else:
        said = f"선생님이 직접 채점한 점수: {number(given)} / {task.manual_points}점"
    answer = code_box(text, paths=True) if text.strip() else "<p>낸 글이 없습니다.</p>"
    return f"<h4>직접 채점하는 글</h4><p>{said}</p>{answer}"


def _notes(grade: FinalGrade) -> str:
    notes = [*grade.result.notes, grade.lateness.note]
    # What only the instructor can put right names the file to edit.
    items = "".join(f"<li>{lines(note)}</li>" for note in notes if note and "overrides.toml" not in note)
    return f"<h2>참고 사항</h2><ul>{items}</ul>" if items else ""


def _next(grade: FinalGrade, sections: Mapping[str, str]) -> str:
    """What to read again and to try, the first three unsolved tasks in the order of the set."""
    result = grade.result
    lesson = result.exercise.removeprefix("ex")
    open_tasks = [task for task in result.tasks if task.aspects and not _right(task)]
    if not open_tasks:
        again = "자동으로 채점하는 점수를 모두 얻었습니다. 연습 문제의 '더 해 보기'에 도전해 보십시오."
        return f"<h2>다음에 할 일</h2><p>{again}</p>"
    items = []
    for task in open_tasks[:3]:
        place = sections.get(task.name) or f"{lesson} 단원"
        first = (
            "힌트 1부터 차례로 펼쳐 보십시오"
            if _blank(task, result)
            else "진단에 따라 고친 뒤 보이는 점검을 다시 실행해 보십시오"
        )
        items.append(
            f"<li><strong>{shown(task.title)}</strong>: {shown(place)}에서 관련 부분을 다시 읽고, {first}.</li>"
        )
    rest = f"<p>나머지 {len(open_tasks) - 3}문제는 그다음에 살펴보십시오.</p>" if len(open_tasks) > 3 else ""
    return f"<h2>다음에 할 일</h2><ol>{''.join(items)}</ol>{rest}"
