"""Judges of exercise set 01: several claims at once, and a shortlist of models that has to meet conditions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from course_utils.checks.judges import plain, type_name

VERDICTS = ("참", "거짓", "알 수 없음")
FREE = ("apache-2.0", "mit")
_COLUMNS = (
    "model", "license", "params_b", "type_icon", "available_on_hub", "merged", "official_provider", "ifeval"
)  # fmt: skip


def claims(got: Any, expected: dict[str, str]) -> str | None:
    """Verdicts by the claims' letters. Only the letters of ``expected`` count, so a mistake may name one alone."""
    if not isinstance(got, dict):
        return f'{{"가": "참", ...}}처럼 딕셔너리(dict)로 적어 주십시오. 지금은 {type_name(got)}입니다.'
    if missing := [letter for letter in expected if got.get(letter) in (None, ...)]:
        return f"아직 판정하지 않은 주장이 있습니다: {', '.join(missing)}"
    mine = {letter: _without_spaces(got[letter]) for letter in expected}
    if odd := [letter for letter in expected if mine[letter] not in map(_without_spaces, VERDICTS)]:
        return f"({odd[0]})에 적은 값을 '참', '거짓', '알 수 없음' 가운데 하나로 바꾸어 주십시오."
    wrong = sum(mine[letter] != _without_spaces(verdict) for letter, verdict in expected.items())
    return f"판정이 다른 주장이 {wrong}개 있습니다." if wrong else None


def _without_spaces(value: Any) -> str:
    """The verdict is in the words, not in their spacing; what is no text is no verdict."""
    return "".join(value.split()) if isinstance(value, str) else ""


def shortlist(got: Any, expected: Any, memory_gb: float, ifeval: float) -> str | None:
    """Three names that meet the conditions, or that break the same one first as ``expected`` does."""
    wanted, found = _fault(expected, memory_gb, ifeval), _fault(got, memory_gb, ifeval)
    if wanted[0] == found[0]:
        return None
    return found[1] or "모든 조건에 맞는 목록입니다."


def _fault(got: Any, memory_gb: float, ifeval: float) -> tuple[str, str]:
    """Name of the first condition that is broken ("" for none), and a sentence with the model that breaks it."""
    names = plain(got)
    if not isinstance(names, list) or any(type(name) is not str for name in names):
        return "form", f"모델 이름(글)의 리스트로 적어 주십시오. 지금은 {type_name(got)}입니다."
    if len(names) != 3 or len(set(names)) != 3:
        return "count", f"서로 다른 모델 세 개를 적어 주십시오. 지금은 {len(set(names))}개입니다."
    for name in names:
        if fault := _fault_of(name, memory_gb, ifeval):
            return fault, f"조건에 맞지 않는 모델: {name[:80]}"
    makers = [name.split("/")[0] for name in names]
    if len(set(makers)) < 3:
        return "maker", f"만든 곳: {', '.join(makers)}"
    return "", ""


def _fault_of(name: str, memory_gb: float, ifeval: float) -> str:
    rows = _models().get(name, [])
    conditions = (
        ("unknown", lambda row: True),
        ("license", lambda row: row["license"] in FREE),
        ("memory", lambda row: row["params_b"] * 2 * 1.2 <= memory_gb),
        ("kind", lambda row: row["type_icon"] == "💬" and row["available_on_hub"] and not row["merged"]),
        ("uploader", lambda row: row["official_provider"]),
        ("ifeval", lambda row: row["ifeval"] >= ifeval),
    )
    for fault, holds in conditions:
        rows = [row for row in rows if holds(row)]
        if not rows:
            return fault
    return ""


@lru_cache
def _models() -> dict[str, list[dict[str, Any]]]:
    """Model -> its rows: two where it was evaluated in two number formats."""
    from course_utils.leaderboard import open_llm

    found: dict[str, list[dict[str, Any]]] = {}
    for row in open_llm()[list(_COLUMNS)].astype(object).to_dict("records"):
        found.setdefault(row["model"], []).append(row)
    return found
