"""What ``check()`` returns: the points as a float, and for people what passed, what failed and why."""

from __future__ import annotations

from html import escape

from course_utils.checks.scoring import AspectResult, Finding, TaskResult
from course_utils.checks.sheets import TaskSheet
from course_utils.checks.showing import call_text, expected_text, outcome_text, tables_of

# Dark text on light ground whatever the notebook's theme: contrast at least 7 : 1.
_BOX = "border:1px solid #767676;border-left:6px solid {edge};padding:0.5em 0.8em;color:#1a1a1a;background:#fafafa"
_EDGES = {"passed": "#0b6b3a", "partly": "#8a5a00", "failed": "#a4232b", "open": "#4a4a4a"}
_NAME_CELL = "text-align:left;vertical-align:top;white-space:nowrap;padding-right:0.8em;width:5em"
_WORDS = {True: "통과", False: "확인 필요"}


class Score(float):
    """Points earned in the visible checks. Prints as the bare number, so nbgrader reads it as partial credit."""

    html: str
    text: str

    def __new__(cls, points: float, html: str = "", text: str = "") -> Score:
        score = super().__new__(cls, points)
        score.html, score.text = html, text
        return score

    def __repr__(self) -> str:
        return float.__repr__(self)

    def _repr_html_(self) -> str:
        return self.html


def score_of(result: TaskResult) -> Score:
    """The result of a task's visible checks as a ``Score``."""
    return Score(result.earned, _html(result), _text(result))


def message_score(title: str, message: str) -> Score:
    """0 points and a message: for a check that could not be run at all."""
    box = _BOX.format(edge=_EDGES["failed"])
    lines = escape(message).replace("\n", "<br>")
    return Score(
        0.0,
        f'<div role="status" style="{box}"><strong>{escape(title)}</strong><br>{lines}</div>',
        f"{title}\n{message}",
    )


def headline(result: TaskResult) -> str:
    """``소프트맥스: 보이는 점검 3점 가운데 2점``"""
    return f"{result.sheet.title}: 보이는 점검 {result.tried_points}점 가운데 {result.earned}점"


def closing(result: TaskResult) -> str:
    """What remains: hidden checks, and points given by hand."""
    task: TaskSheet = result.sheet
    if result.earned < result.tried_points or not result.tried_points:
        return ""
    if not task.has_hidden:
        return "맞습니다. 이 문제에는 숨은 점검이 없습니다."
    hidden = task.points - task.manual_points - result.tried_points
    extra = f" 숨은 점검에만 있는 {hidden}점도 그때 정해집니다." if hidden else ""
    return f"보이는 점검을 모두 통과했습니다. 채점할 때는 값이 다른 숨은 점검을 한 번 더 실행합니다.{extra}"


def _state(result: TaskResult) -> str:
    if result.earned == result.tried_points:
        return "passed"
    return "partly" if result.earned else "failed"


def details(finding: Finding, result: TaskResult) -> list[tuple[str, str]]:
    """What to show of a failure, as rows of a name and a text; the last one is the diagnosis."""
    case, outcome = finding.case, finding.outcome
    rows = [("설명", case.label)] if case.label else []
    if result.sheet.kind == "function":
        rows.append(("입력", call_text(result.sheet, case)))
        rows += [("표", table) for table in tables_of(case)]
        rows.append(("기댓값", expected_text(case.expected)))
    rows.append(("받은 값", outcome_text(outcome)))
    if outcome.printed:
        rows.append(("출력된 글", outcome.printed[:300].rstrip()))
    if finding.reason and finding.reason != finding.diagnosis:
        rows.append(("차이", finding.reason))
    return [*rows, ("진단", finding.diagnosis)]


def _html(result: TaskResult) -> str:
    parts = [f"<strong>{escape(headline(result))}</strong>", "<ul style='margin:0.3em 0'>"]
    for aspect, finding in _explained(result):
        parts.append(f"<li>{escape(_aspect_line(aspect))}{_finding_html(finding, result)}</li>")
    parts.append("</ul>")
    if closing(result):
        parts.append(f"<div>{escape(closing(result))}</div>")
    box = _BOX.format(edge=_EDGES[_state(result)])
    return f'<div role="status" style="{box}">{"".join(parts)}</div>'


def _aspect_line(aspect: AspectResult) -> str:
    if not aspect.tried:
        return f"{aspect.title} ({aspect.points}점): 채점할 때 확인합니다"
    return f"{aspect.title} ({aspect.points}점): {_WORDS[aspect.passed]}"


def _explained(result: TaskResult) -> list[tuple[AspectResult, Finding | None]]:
    """Each aspect with what to show of its failure: the same cause is explained once."""
    seen, rows = set(), []
    for aspect in result.aspects:
        finding = aspect.finding
        new = finding is not None and (finding.mistake == "other" or finding.mistake not in seen)
        rows.append((aspect, finding if new else None))
        seen.add(finding.mistake if finding else None)
    return rows


def _finding_html(finding: Finding | None, result: TaskResult) -> str:
    if finding is None:
        return ""
    cells = "".join(
        f'<tr><th scope="row" style="{_NAME_CELL}">{escape(name)}</th>'
        f'<td style="text-align:left">{_value_html(text)}</td></tr>'
        for name, text in details(finding, result)
    )
    # Fixed: a wide value scrolls in its cell instead of pushing the diagnosis off a phone's screen.
    style = "color:inherit;background:transparent;margin:0.2em 0;table-layout:fixed;width:100%;max-width:60em"
    return f'<table aria-label="확인할 점" style="{style}">{cells}</table>'


def _value_html(text: str) -> str:
    """Prose wraps; what has columns keeps them and scrolls."""
    if "\n" in text and "  " in text:
        style = "margin:0;overflow-x:auto;white-space:pre;color:inherit;background:transparent"
        return f'<pre tabindex="0" style="{style}">{escape(text)}</pre>'
    return f'<span style="white-space:pre-wrap;word-break:break-word">{escape(text)}</span>'


def _text(result: TaskResult) -> str:
    lines = [headline(result)]
    for aspect, finding in _explained(result):
        lines.append(f"- {_aspect_line(aspect)}")
        if finding:
            lines += [f"    {name}: {text}" for name, text in details(finding, result)]
    return "\n".join(filter(None, [*lines, closing(result)]))
