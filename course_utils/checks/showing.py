"""Values as short text for the feedback: a call as the learner would write it, a result, an expected outcome."""

from __future__ import annotations

import re
from typing import Any

from course_utils.checks.api_record import is_record, record_text
from course_utils.checks.outcome import Outcome
from course_utils.checks.sheets import CaseSheet, TaskSheet
from course_utils.checks.values import StandIn

MAX_LETTERS = 500
FOR_PEOPLE = "for_people"  # key of the text in an expected value that is a judge's facts
MAX_ROWS = 12  # of a table


def shown(value: Any, limit: int = MAX_LETTERS) -> str:
    """The value as a learner would see it in a notebook, cut after ``limit`` letters."""
    import numpy as np

    if isinstance(value, np.ndarray):
        text = _one_line(value)
    elif isinstance(value, np.generic):
        text = repr(value.item())
    elif _is_table(value):
        return _table_text(value)
    elif type(value).__module__.startswith("pandas"):
        text = value.head(MAX_ROWS).to_string() if hasattr(value, "head") else str(value)
    elif isinstance(value, float):
        text = f"{value:.8g}"
    elif type(value) in (list, tuple) and len(value) <= 200:
        inner = ", ".join(shown(item, limit) for item in value)
        text = f"[{inner}]" if type(value) is list else f"({inner}{',' * (len(value) == 1)})"
    elif type(value) is dict and len(value) <= 200:
        text = "{" + ", ".join(f"{key!r}: {shown(item, limit)}" for key, item in value.items()) + "}"
    else:
        text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]} ... (모두 {len(text):,}자)"


def _one_line(array: Any) -> str:
    """``[[1, 0.5], [2, 3]]``: several arrays in one call are unreadable in NumPy's own rows and columns."""
    import numpy as np

    text = np.array2string(
        array, separator=", ", threshold=60, max_line_width=10**6, formatter={"float_kind": lambda x: f"{x:.6g}"}
    )
    return re.sub(r"(?<=\[)\s+", "", re.sub(r",\s+", ", ", text))


def _is_table(value: Any) -> bool:
    return type(value).__module__.startswith("pandas") and hasattr(value, "columns")


def _table_text(table: Any) -> str:
    import pandas as pd

    with pd.option_context("display.unicode.east_asian_width", True, "display.max_colwidth", 40):
        text = table.head(MAX_ROWS).to_string()
    rest = len(table) - MAX_ROWS
    return text + (f"\n... (이 아래로 {rest:,}줄 더 있습니다)" if rest > 0 else "")


def call_text(task: TaskSheet, case: CaseSheet) -> str:
    """``softmax([1.0, 2.0, 3.0])``; a table is called 표, see ``tables_of``."""
    parts = [_argument(value) for value in case.args]
    parts += [f"{name}={_argument(value)}" for name, value in case.kwargs.items()]
    return f"{task.answers[0]}({', '.join(parts)})"


def _argument(value: Any) -> str:
    if isinstance(value, StandIn) and len(repr(value)) > MAX_LETTERS:  # its beginning alone would tell nothing
        return f"{value.kind}(...)"
    return "표" if _is_table(value) else shown(value)


def tables_of(case: CaseSheet) -> list[str]:
    """The tables among a case's arguments, as text with aligned columns."""
    return [_table_text(value) for value in [*case.args, *case.kwargs.values()] if _is_table(value)]


def expected_text(outcome: Outcome) -> str:
    """What a call should give. A judge's facts are not for people: where they come with a text, it stands for them."""
    if type(outcome.value) is dict and type(outcome.value.get(FOR_PEOPLE)) is str:
        return outcome.value[FOR_PEOPLE]
    return outcome_text(outcome)


def outcome_text(outcome: Outcome) -> str:
    """What a call gave, as short text."""
    if outcome.kind == "value":
        return record_text(outcome.value) if is_record(outcome.value) else shown(outcome.value)
    if outcome.kind == "error":
        return f"{outcome.error_types[0]} 오류" + (f": {outcome.error_text}" if outcome.error_text else "")
    words = {"timeout": "시간 초과", "crash": "프로그램이 갑자기 끝남", "unsendable": "점검할 수 없는 값"}
    return words.get(outcome.kind, "없음")
