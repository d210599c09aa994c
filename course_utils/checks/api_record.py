"""The record of a checked function's requests as text for the feedback."""

from __future__ import annotations

from typing import Any

from course_utils.fault_answers import ERRORS

_ANSWERS = {"ok": "답변", "slow": "시간 초과", "drop": "연결 끊김", "cut": "답이 중간에 끊김"}


def is_record(value: Any) -> bool:
    """Whether ``value`` is what ``WatchedServer.evidence`` and the result of the call make together."""
    return type(value) is dict and {"requests", "waited_after"} <= value.keys()


def returned_nothing(value: Any) -> bool:
    """Whether the function behind a record ended without an exception and without a value."""
    return is_record(value) and "raised" not in value and value.get("returned") is None


def record_text(value: dict[str, Any]) -> str:
    """One line for each request, and one for what came of it."""
    lines = []
    for number, request in enumerate(value["requests"], 1):
        pause = f"{request['waited']:g}초 기다림, " if request["waited"] else ""
        lines.append(f"{number}번째 요청: {pause}{_body(request['body'])} → {_answer(request['answer'])}")
    if not lines:
        lines.append("요청을 보내지 않음")
    if value["waited_after"]:
        lines.append(f"마지막 요청 뒤에 {value['waited_after']:g}초 기다림")
    end = f"{value['raised'][0]} 오류" if "raised" in value else f"돌려준 값: {_short(value.get('returned'))}"
    return "\n".join([*lines, end])


def _body(body: dict[str, Any]) -> str:
    messages = body.get("messages")
    parts = [f"{name}={_short(value)}" for name, value in body.items() if name != "messages"]
    if isinstance(messages, list):
        parts.append(f"메시지 {len(messages)}개")
    return ", ".join(parts)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]} ... (모두 {len(text):,}자)"


def _answer(name: str) -> str:
    if name in ERRORS:
        status, _, _, _, code = ERRORS[name]
        return f"{status} {code}" if code else str(status)
    return _ANSWERS.get(name, name)
