"""The report on a whole class: one page for the instructor, readable on a projector, with nothing loaded from outside.

It names students: it is for the instructor alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, median

from course_utils.grading.class_summary import TaskSummary, attention, summarise
from course_utils.grading.final_grade import FinalGrade
from course_utils.grading.report_style import bar, bar_table, lines, number, page, pairs, shown, table, write_page
from course_utils.grading.results import STATUS_WORDS
from course_utils.grading.similarity import CopyHint

_COMMON_NOTE = 8  # submissions with the same note: it is told once, not in each row
_SLICES = 10  # of the distribution: 10 percent each
_HOW_TO_READ = (
    "해결: 자동으로 채점하는 점수를 모두 얻은 수강생의 비율입니다. 직접 채점하는 점수는 들어 있지 않습니다.",
    "진단: 한 수강생이 같은 진단을 여러 항목에서 받아도 한 번만 셉니다. 많이 나온 진단부터 다음 수업에서 다룹니다.",
    "실행 시간: 수강생의 코드가 쓴 시간입니다. 가장 긴 값이 시간 제한에 가까우면 풀이가 느린 것입니다.",
    "점수: 늦은 제출의 감점까지 뺀 값이고, 점수에 세지 않는 제출물과 채점하지 못한 제출물은 분포에서 빠집니다.",
)
_COPY_WARNING = (
    "단서일 뿐 증거가 아닙니다. 함께 공부했거나 같은 자료를 보아도 코드가 비슷해집니다. "
    "두 제출물을 직접 읽고 당사자의 설명을 들은 뒤 판단해 주십시오. 이름과 주석, 모양을 바꾼 코드도 찾지만, "
    "짧은 문제 하나만 베낀 것이나 많이 고친 것은 찾지 못합니다."
)

_OWN_CODE = (
    "직접 작성하라는 문제에 라이브러리의 함수를 쓴 것으로 보입니다. 점수는 깎지 않았습니다. "
    "풀이를 읽고 판단해 주십시오. 이름을 감춘 것은 찾지 못합니다."
)


def write_class_report(
    grades: Sequence[FinalGrade],
    path: Path,
    *,
    hints: Sequence[CopyHint] = (),
    titles: Mapping[str, str] | None = None,
    facts: Sequence[tuple[str, str]] = (),
    problems: Sequence[str] = (),
) -> Path:
    """Write ``class_report.html``; the same grades give the same bytes.

    Args:
        hints: what ``similarity.copy_hints`` found.
        titles: set -> its title.
        facts: names and values of how it was graded, such as ("컴퓨터", "Linux, 2코어").
        problems: files that could not be taken as a submission, in Korean.

    Raises:
        CourseError: the page cannot be written.
    """
    return write_page(path, class_report_html(grades, hints, titles or {}, facts, problems))


def class_report_html(
    grades: Sequence[FinalGrade],
    hints: Sequence[CopyHint],
    titles: Mapping[str, str],
    facts: Sequence[tuple[str, str]],
    problems: Sequence[str],
) -> str:
    """The report as a document."""
    sets = list(dict.fromkeys(grade.result.exercise for grade in grades))
    parts = [_numbers(grades, hints)]
    task_titles: dict[str, str] = {}
    for exercise in sets:
        own = [grade for grade in grades if grade.result.exercise == exercise]
        summaries = summarise(own)
        task_titles |= {one.name: one.title for one in summaries}
        parts.append(_set(titles.get(exercise, exercise), own, summaries))
    parts += [_attention(grades, problems), _pending(grades)]
    parts += [_ready_made(grades, task_titles), _copies(hints, task_titles)]
    parts += [_how_graded(grades, facts), _reading()]
    return page("채점 보고서", "\n".join(filter(None, parts)))


def _counted(grades: Sequence[FinalGrade]) -> list[FinalGrade]:
    return [grade for grade in grades if grade.result.status == "graded" and not grade.excused]


def _numbers(grades: Sequence[FinalGrade], hints: Sequence[CopyHint]) -> str:
    states = Counter(grade.result.status for grade in grades)
    told = ", ".join(f"{word} {states[name]}" for name, word in STATUS_WORDS.items() if states[name]) or "없음"
    handed_in = len(grades) - states["absent"]
    students = len({grade.result.student for grade in grades})
    rows = [("제출물", f"{handed_in}개, 수강생 {students}명 ({told})")]
    rows.append(("직접 채점할 글", f"{sum(len(grade.pending) for grade in grades)}개 남음"))
    rows.append(("비슷한 풀이", f"{len(hints)}묶음"))
    return pairs(rows)


def _set(title: str, grades: Sequence[FinalGrade], summaries: Sequence[TaskSummary]) -> str:
    counted = _counted(grades)
    parts = [f"<section><h2>{shown(title)}</h2>"]
    if not counted:
        return parts[0] + "<p>점수로 셀 수 있는 제출물이 없습니다.</p></section>"
    points = [grade.points or 0.0 for grade in counted]
    most = counted[0].maximum
    said = (
        f"{len(points)}명의 점수: 평균 {number(mean(points))}점, 중앙값 {number(median(points))}점, "
        f"가장 낮은 점수 {number(min(points))}점, 가장 높은 점수 {number(max(points))}점 ({most}점 만점)."
    )
    parts += [f"<p>{said}</p>", _distribution(counted), _task_table(summaries), _mistakes(summaries)]
    return "\n".join(parts) + "</section>"


def _distribution(grades: Sequence[FinalGrade]) -> str:
    counts = [0] * _SLICES
    for grade in grades:
        counts[min(int(grade.share * _SLICES + 1e-9), _SLICES - 1)] += 1
    wide = 100 // _SLICES
    rows = [(f"{wide * i}~{wide * (i + 1)}%", count, "명") for i, count in enumerate(counts)]
    return bar_table("점수의 분포", ("얻은 점수의 비율", "수강생"), rows)


def _task_table(summaries: Sequence[TaskSummary]) -> str:
    rows = []
    for one in summaries:
        solved, hardest, times = "직접 채점", "-", "-"
        if one.judged:
            solved = f"{100 * one.solved_share:.0f}% ({one.solved}/{one.students}){bar(one.solved_share)}"
            hardest = f"{shown(one.hardest[0])} ({one.hardest[1]}명)" if one.hardest[1] else "없음"
            times = f"{one.median_seconds:.2f} / {one.longest_seconds:.2f}초"
        rows.append([shown(one.title), solved, f"{number(one.mean)} / {one.points}", hardest, times])
    headers = ("문제", "해결", "평균 / 배점", "가장 많이 틀린 항목", "실행 시간: 중앙값 / 최대")
    return table("문제별 결과", headers, rows, numbers=(2, 4))


def _mistakes(summaries: Sequence[TaskSummary]) -> str:
    rows = [
        [shown(one.title), f"{each.students}명{bar(each.students / one.students)}", lines(each.text)]
        for one in summaries
        for each in one.misconceptions
    ]
    return table("받은 진단", ("문제", "수강생", "진단"), rows) if rows else ""


def _attention(grades: Sequence[FinalGrade], problems: Sequence[str]) -> str:
    handed_in = [grade for grade in grades if grade.result.status != "absent"]
    notes = Counter(note for grade in handed_in for note in {*grade.result.notes, grade.lateness.note} if note)
    common = {note: count for note, count in notes.items() if count >= _COMMON_NOTE}
    rows = []
    for grade in handed_in:
        result = grade.result
        own = [note for note in (*result.notes, grade.lateness.note) if note and note not in common]
        if said := [*attention(result), *own]:
            state = STATUS_WORDS[result.status]
            rows.append([shown(result.student), shown(result.exercise), state, "<br>".join(map(lines, said))])
    parts = ["<section><h2>살펴볼 제출물</h2>"]
    parts.append(
        table("제출물마다 살펴볼 까닭", ("수강생", "연습 문제", "상태", "까닭"), rows) if rows else "<p>없습니다.</p>"
    )
    if common:
        items = "".join(f"<li>{lines(note)} ({count}개)</li>" for note, count in sorted(common.items()))
        parts.append(f"<h3>여러 제출물에 있는 참고 사항</h3><ul>{items}</ul>")
    absent = [grade.result for grade in grades if grade.result.status == "absent"]
    if absent:
        names = ", ".join(f"{shown(one.student)} ({shown(one.exercise)})" for one in absent)
        parts.append(f"<h3>제출하지 않음: {len(absent)}건</h3><p>{names}</p>")
    if problems:
        items = "".join(f"<li>{lines(problem)}</li>" for problem in problems)
        parts.append(f"<h3>제출물로 쓰지 못한 파일</h3><ul>{items}</ul>")
    return "\n".join(parts) + "</section>"


def _pending(grades: Sequence[FinalGrade]) -> str:
    waiting = Counter((grade.result.exercise, task.title) for grade in grades for task in grade.pending)
    if not waiting:
        return "<section><h2>직접 채점할 글</h2><p>남은 것이 없습니다.</p></section>"
    rows = [[shown(exercise), shown(title), f"{count}개"] for (exercise, title), count in sorted(waiting.items())]
    grid = table("직접 채점할 글", ("연습 문제", "문제", "남은 글"), rows, numbers=(2,))
    link = '<a href="to_grade.html">to_grade.html</a>'
    how = f"<p>{link}에서 글을 읽고 overrides.toml에 점수를 적은 뒤 채점 명령을 다시 실행하십시오.</p>"
    return f"<section><h2>직접 채점할 글</h2>{how}{grid}</section>"


def _ready_made(grades: Sequence[FinalGrade], titles: Mapping[str, str]) -> str:
    rows = [
        [
            shown(grade.result.student),
            shown(grade.result.exercise),
            shown(titles.get(task, task)),
            shown(", ".join(names)),
        ]
        for grade in grades
        for task, names in grade.result.ready_made.items()
    ]
    if not rows:
        return ""
    title, headers = "라이브러리의 완성된 함수를 쓴 풀이", ("수강생", "연습 문제", "문제", "쓴 함수")
    return f"<section><h2>{title}</h2><p>{_OWN_CODE}</p>{table(title, headers, rows)}</section>"


def _copies(hints: Sequence[CopyHint], titles: Mapping[str, str]) -> str:
    parts = ["<section><h2>비슷한 풀이</h2>"]
    if not hints:
        return parts[0] + "<p>우연으로 보기 어려울 만큼 비슷한 제출물은 없습니다.</p></section>"
    rows = []
    for hint in hints:
        tasks = ", ".join(f"{shown(titles.get(one.task, one.task))} ({100 * one.share:.0f}%)" for one in hint.tasks)
        rows.append([", ".join(map(shown, hint.students)), shown(hint.exercise), tasks, f"{hint.bits:.0f}"])
    headers = ("수강생", "연습 문제", "문제 (겹치는 비율)", "단서의 세기(비트)")
    parts += [f"<p><strong>{_COPY_WARNING}</strong></p>", table("비슷한 풀이", headers, rows, numbers=(3,))]
    return "\n".join(parts) + "</section>"


def _how_graded(grades: Sequence[FinalGrade], facts: Sequence[tuple[str, str]]) -> str:
    graded = [grade.result for grade in grades if grade.result.status == "graded"]
    boxes = Counter(result.sandbox or "알 수 없음" for result in graded)
    rows = [(name, shown(value)) for name, value in facts]
    if len(boxes) > 1 or (boxes and not facts):
        rows.append(("가두는 방법", ", ".join(f"{shown(name)} ({count}개)" for name, count in sorted(boxes.items()))))
    seconds = [result.seconds for result in graded]
    if seconds:
        rows.append(("채점 시간", f"제출물 하나에 중앙값 {median(seconds):.2f}초, 최대 {max(seconds):.2f}초"))
    return f"<section><h2>어떻게 채점했는가</h2>{pairs(rows)}</section>" if rows else ""


def _reading() -> str:
    items = "".join(f"<li>{shown(text)}</li>" for text in _HOW_TO_READ)
    return f"<section><h2>읽는 법</h2><ul>{items}</ul></section>"
