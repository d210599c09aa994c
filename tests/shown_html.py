"""Everything of the course that is shown as HTML, in as many states as there are: for the tests of accessibility."""

import os

import grading_samples as samples

from course_utils import load_pipeline
from course_utils.approval_state import Approvals
from course_utils.approval_view import card_html, counts_html, note_html, twin_html
from course_utils.chat_example import EXAMPLE
from course_utils.chat_turn import Answer, ChatSettings, turns_html
from course_utils.chat_view import empty_html, turn_view, turns_view
from course_utils.checks.progress_panel import progress_of
from course_utils.checks.result import message_score, score_of
from course_utils.checks.scoring import AspectResult, Finding, TaskResult
from course_utils.checks.sheets import set_sheet
from course_utils.explorer import DecodingExplorer
from course_utils.explorer_view import answer_html, hints_html, message_html
from course_utils.grading.class_report import write_class_report
from course_utils.grading.feedback_page import feedback_html
from course_utils.grading.final_grade import final_grades
from course_utils.grading.manual_page import write_manual_page
from course_utils.grading.similarity import CopyHint, SharedTask
from course_utils.known_models import catalogue
from course_utils.leaderboard import open_llm
from course_utils.leaderboard_table import show_table
from course_utils.ranking_widget import RankingExplorer
from course_utils.runtime import check_machine
from course_utils.shop_questions import shop_questions
from tools.class_handout import as_html


def pages(folder):
    """Name -> whole document: what students and instructors open in a browser."""
    grades, [grade] = final_grades(samples.a_class()), final_grades([samples.many_faults()])
    hint = CopyHint("ex04", ("수강생01", "수강생02"), (SharedTask("softmax", 0.8, 20),), 41.6)
    report = write_class_report(grades, folder / "class.html", hints=[hint], problems=["a.zip"])
    manual = write_manual_page(grades, folder / "manual.html", schemes={"predict_reason": "기준"})
    return {
        "feedback": feedback_html(grade, "연습 문제 04. 소프트맥스와 온도", {}),
        "class report": report.read_text("utf-8"),
        "manual page": manual.read_text("utf-8"),
        "class sheet": as_html("http://192.0.2.1:8000/v1", ["class-1", "class-2"], "mini"),
    }


def _approvals():
    drafts = [
        {
            "id": f"Q{i}",
            "question": "무게가 얼마인가요?",
            "draft": "안녕하세요.",
            "product": "텀블러",
            "problems": ["짧음"],
        }
        for i in range(4)
    ]
    state = Approvals(drafts)
    state.approve("Q0")
    state.edit("Q1", "확인하겠습니다.")
    state.reject("Q2", "사실과 다름")
    return state


def _scores():
    """check() with everything passed, a part, nothing."""
    task = next(task for task in set_sheet("ex04").tasks if len(task.aspects) > 1)
    case = task.aspects[0].cases[0]
    finding = Finding(case, case.expected, "값이 다릅니다.", "other", "가장 큰 값을 먼저 빼 주십시오.")
    for failed in ((), (0,), range(len(task.aspects))):
        aspects = [
            AspectResult(
                one.name, one.title, one.points, one.points * (i not in failed), True, i in failed and finding or None
            )
            for i, one in enumerate(task.aspects)
        ]
        yield score_of(TaskResult(task, tuple(aspects)))._repr_html_()
    yield message_score("점검할 수 없습니다", "함수를 먼저 정의해 주십시오.")._repr_html_()


def fragments():
    """Name -> HTML: what stands in a notebook, live or saved."""
    os.environ.setdefault("COURSE_MODEL", "mini")
    explorer, table, state = DecodingExplorer(load_pipeline("mini"), compare=True), open_llm(), _approvals()
    settings, good, bad = ChatSettings(), Answer("api", text="네.", tokens=2), Answer("api", error="서버가 없습니다.")
    found = {
        "explorer twin": explorer._repr_mimebundle_()["text/html"],
        "explorer answer": answer_html(["안", "녕"], True, "질문") + answer_html([], False) + hints_html(),
        "messages": message_html("말") + message_html("오류", error=True),
        "explorer heard": explorer.heard.value,
        "chat twin": turns_html(EXAMPLE),
        "chat": empty_html() + turns_view(EXAMPLE) + turn_view("질문", settings, {"pipeline": good, "api": bad}),
        "chat waiting": turn_view("질문", settings, {}),
        "approval twin": twin_html(state),
        "approval": counts_html(state.counts) + note_html("없음"),
        "ranking": RankingExplorer(table, rows=3)._repr_mimebundle_()["text/html"],
        "leaderboard": show_table(table, head=3)._repr_mimebundle_()[0]["text/html"],
        "progress": progress_of("ex04")._repr_html_(),
        "catalogue": catalogue()._repr_html_(),
        "machine": check_machine()._repr_html_(),
        "queue": shop_questions()._repr_html_(),
    }
    found |= {f"card {i}": card_html(*row, i + 1, 4) for i, row in enumerate(state.rows())}
    return found | {f"score {i}": html for i, html in enumerate(_scores())}
