"""Diagnoses that fit every task: nothing written, no return, an exception, too slow, the input changed."""

from __future__ import annotations

from typing import Any

from course_utils.checks.api_record import returned_nothing
from course_utils.checks.outcome import Outcome
from course_utils.checks.sheets import CaseSheet, TaskSheet

_CURES = {
    "NameError": "이름을 잘못 적었거나, 그 이름을 정하는 앞의 셀을 실행하지 않았을 때 나는 오류입니다.",
    "TypeError": "값의 종류나 매개변수의 개수가 맞지 않을 때 나는 오류입니다. 함수의 첫 줄은 바꾸지 않습니다.",
    "ValueError": "값의 모양이나 내용이 계산에 맞지 않을 때 나는 오류입니다.",
    "AxisError": "배열에 없는 축(axis)을 가리켰을 때 나는 오류입니다. 한 줄짜리 배열의 축은 하나(0 또는 -1)뿐입니다.",
    "AssertionError": "assert 문의 조건이 거짓일 때 나는 오류입니다.",
    "error": "정규 표현식의 꼴이 잘못되었을 때 나는 오류입니다. 괄호의 짝이 맞는지, +나 ?를 글자로 찾을 때 앞에 "
    "\\를 붙였는지 확인해 주십시오.",
    "IndexError": "없는 자리(번호)를 읽으려 할 때 나는 오류입니다. 길이와 번호를 확인해 주십시오.",
    "KeyError": "딕셔너리나 표에 없는 이름을 읽으려 할 때 나는 오류입니다. 이름의 철자를 확인해 주십시오.",
    "ZeroDivisionError": "0으로 나누면 나는 오류입니다. 나누는 값이 0이 될 때를 먼저 살펴 주십시오.",
    "AttributeError": "그 값에 없는 이름을 점(.) 뒤에 적었을 때 나는 오류입니다. 값의 종류를 확인해 주십시오.",
    "NotImplementedError": "아직 작성하지 않은 부분입니다.",
    "RecursionError": "함수가 자기 자신을 끝없이 부를 때 나는 오류입니다. 멈추는 조건을 확인해 주십시오.",
    "ModuleNotFoundError": "설치되지 않은 라이브러리를 불러올 때 나는 오류입니다. 문제에서 안내한 라이브러리만 씁니다.",
    "MemoryError": "메모리가 모자랄 때 나는 오류입니다. 지나치게 큰 배열이나 리스트를 만들지 않는지 확인해 주십시오.",
}


CHANGED_INPUT = (
    "받은 배열이나 리스트, 딕셔너리를 직접 바꾸었습니다. 복사본(.copy() 등)을 만들어 그것을 바꾸어 주십시오."
)


def general_diagnosis(task: TaskSheet, case: CaseSheet, outcome: Outcome, reason: str) -> tuple[str, str]:
    """Name and Korean text of what went wrong when no known mistake of the task fits."""
    if outcome.kind == "missing":
        names = ", ".join(task.answers)
        return "missing", f"제출한 파일에서 찾지 못한 이름입니다: {names}. 문제에 적힌 이름을 그대로 써 주십시오."
    if outcome.kind == "timeout":
        text = f"정해진 시간 {task.seconds:g}초 안에 끝나지 않았습니다. 끝나지 않는 반복이 있는지 확인해 주십시오."
        return "timeout", text
    if outcome.kind == "crash":
        return (
            "crash",
            "프로그램이 갑자기 끝났습니다. 메모리를 너무 많이 쓰거나 프로그램을 끝내는 코드가 있는지 확인해 주십시오.",
        )
    if case.expected.kind == "error" and outcome.kind in ("value", "unsendable") and outcome.value is not Ellipsis:
        return _not_raised(case, outcome)
    if outcome.kind == "unsendable":
        return "unsendable", outcome.error_text or "점검할 수 없는 값을 돌려주었습니다."
    # Where a record of requests is kept, an exception is part of a value; see ``calling.with_evidence``.
    if outcome.kind == "error" or (outcome.error_types and not case.expected.error_types):
        return _exception(case, outcome)
    if outcome.value is Ellipsis or (outcome.value is None and task.kind == "value") or _only_empty(outcome.value):
        return (
            "not_written",
            "아직 답을 적지 않았습니다. '여기에 코드를 작성합니다'와 'pass'가 있는 줄을 지우고 "
            "답을 적은 뒤 셀을 실행해 주십시오.",
        )
    nothing = outcome.value is None or (returned_nothing(outcome.value) and not case.expected.error_types)
    if nothing and outcome.printed:
        return "printed", "print()로 보여 주기만 하고 돌려주지 않았습니다. 결과를 return으로 돌려주십시오."
    if nothing:
        return (
            "no_return",
            "아무 값도 돌려주지 않았습니다(None). 아직 작성하지 않았거나, 이 입력에서 실행되는 return 문이 없습니다.",
        )
    if outcome.changed_input:
        return "changed_input", CHANGED_INPUT
    return "other", reason


def _not_raised(case: CaseSheet, outcome: Outcome) -> tuple[str, str]:
    wanted = case.expected.error_types[0]
    # Who has written nothing is told so once, at the first aspect.
    name = "no_return" if outcome.kind == "value" and outcome.value is None and not outcome.printed else "not_raised"
    return (
        name,
        f"{wanted} 오류를 내야 하는데 오류 없이 끝났습니다. print()나 return 대신 raise {wanted}(...)를 써 주십시오.",
    )


def _only_empty(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and all(item is None or item is Ellipsis for item in value)


def _exception(case: CaseSheet, outcome: Outcome) -> tuple[str, str]:
    name = outcome.error_types[0] if outcome.error_types else "오류"
    # The message may quote the hidden input; the learner meets the same message by running the visible case.
    text = f"{name} 오류가 났습니다" + (f": {outcome.error_text}" if outcome.error_text and not case.hidden else ".")
    line = f"\n오류가 난 줄: {outcome.error_line}" if outcome.error_line and not case.hidden else ""
    cure = next((_CURES[kind] for kind in outcome.error_types if kind in _CURES), "")
    return name, f"{text}{line}\n{cure}".strip()
