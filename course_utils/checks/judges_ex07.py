"""Judges of ex07: CSV text by the table that it holds, automatic answers by their properties."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

from course_utils.checks.judges import plain, type_name

_MARK = "\ufeff"
_LABEL = re.compile(r"\((전화번호|전자 우편|주민등록번호|카드 번호)\)")
_FIELDS = ("id", "answer", "human", "drafts")
_SHOWN = 40  # letters of a cell that a message quotes
_LONGEST = 300  # letters of an answer that is shown whole
Result = dict[str, Any]


def csv_table(got: Any, expected: Any) -> str | None:
    """CSV text that reads back as the same table, with a BOM exactly where ``expected`` has one.

    How cells are quoted and lines end is free.
    """
    if not isinstance(got, str):
        return f"글(문자열)이어야 하는데 {type_name(got)}입니다."
    if not re.search(r"[,\n]", got):
        return f"CSV의 내용이 아닙니다: {got[:_SHOWN]!r}. 파일의 이름이 아니라 파일에 들어갈 글을 돌려주십시오."
    if got.startswith(_MARK) != expected.startswith(_MARK):
        return "글의 맨 앞에 BOM('\\ufeff')이 없습니다." if expected.startswith(_MARK) else "필요 없는 BOM이 있습니다."
    mine, right = _table(got), _table(expected)
    if len(mine) != len(right):
        return f"표를 다시 읽으면 열 이름까지 {len(right)}줄이어야 하는데 {len(mine)}줄입니다."
    for number, (row, wanted) in enumerate(zip(mine, right, strict=True), 1):
        if len(row) != len(wanted):
            return f"{number}번째 줄의 칸이 {len(wanted)}개여야 하는데 {len(row)}개입니다."
        for cell, wish in zip(row, wanted, strict=True):
            if cell != wish:
                return f"{number}번째 줄의 칸이 {wish[:_SHOWN]!r}이어야 하는데 {cell[:_SHOWN]!r}입니다."
    return None


def _table(text: str) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text.removeprefix(_MARK), newline="")) if row]


def answers(got: Any, expected: Any, safe: str = "") -> str | None:
    """Automatic answers by their properties.

    ``expected`` is {"queue": ...}: for each question ``id``, ``asked`` (for people), ``person`` (whether a person must
    see it), ``drafts`` by number and ``wrong`` (what is wrong with each, "" where nothing is). With ``looks`` instead
    it is the name of a known mistake; then agreeing means that the answers show it.
    ``safe``: the answer where no draft passes.
    """
    results = plain(got)
    if "looks" in expected:
        readable = _shape(results) is None
        return None if readable and _LOOKS[expected["looks"]](results, expected, safe) else "다른 답입니다."
    queue = expected["queue"]
    if reason := _shape(results) or _order(results, queue):
        return reason
    # What customers would read comes first: the known mistakes are told in that order too.
    for look in (_content, _flag):
        for result, question in zip(results, queue, strict=True):
            if reason := look(result, question, safe):
                return f"{question['id']}: {reason}\n{_whole(result, question)}"
    return None


def _whole(result: Result, question: dict) -> str:
    """The question that failed with its drafts and what came back, a line each: a long queue is cut elsewhere."""
    needed = question["wrong"].index("") + 1 if "" in question["wrong"] else len(question["wrong"])
    read = max(needed, result["drafts"])  # what comes after these matters to nobody
    drafts = [
        f"{number}번째 초안({f'어긴 규칙: {wrong}' if wrong else '규칙을 지킴'}): {text.strip()!r}"
        for number, (text, wrong) in enumerate(zip(question["drafts"], question["wrong"], strict=True), 1)
        if number <= read or text.strip() == result["answer"].strip()
    ]
    mine = f"human={result['human']}, drafts={result['drafts']}, answer={result['answer'].strip()[:_LONGEST]!r}"
    return "\n".join([f"질문: {question['asked']}", *drafts, f"받은 답: {mine}"])


def _shape(results: Any) -> str | None:
    if not isinstance(results, list):
        return f"리스트여야 하는데 {type_name(results)}입니다."
    for result in results:
        if not isinstance(result, dict):
            return f"리스트에는 딕셔너리만 들어 있어야 합니다. 다른 것이 있습니다: {type_name(result)}"
        if missing := [name for name in _FIELDS if name not in result]:
            return f"딕셔너리에 빠진 이름이 있습니다: {', '.join(missing)}"
        if not isinstance(result["answer"], str):
            return f"answer는 글(문자열)이어야 하는데 {type_name(result['answer'])}입니다."
        if type(result["drafts"]) is not int:
            return f"drafts는 정수여야 하는데 {type_name(result['drafts'])}입니다."
        if type(result["human"]) is not bool:
            return f"human은 True나 False여야 하는데 {type_name(result['human'])}입니다."
    return None


def _order(results: list[Result], queue: list[dict]) -> str | None:
    mine, right = [result["id"] for result in results], [question["id"] for question in queue]
    if len(mine) != len(right):
        return f"질문은 {len(right)}개인데 답은 {len(mine)}개입니다."
    return None if mine == right else "질문의 순서대로 하나씩 답하지 않았습니다."


def _content(result: Result, question: dict, safe: str) -> str | None:
    """What is wrong with one answer and the number of its drafts."""
    answer, used = result["answer"], result["drafts"]
    if answer.strip() == safe:
        return _safe_one(question["wrong"], used)
    if answer.strip() not in (text.strip() for text in question["drafts"]):
        return "모델이 쓴 초안도 SAFE도 아닌 답입니다. 초안을 고치지 않았는지, 질문을 가려서 넘겼는지 확인해 주십시오."
    return _sent_one(answer, question["drafts"], question["wrong"], used)


def _flag(result: Result, question: dict, safe: str) -> str | None:
    wanted = question["person"] or result["answer"].strip() == safe
    if result["human"] == wanted:
        return None
    return f"사람이 먼저 {'보아야 하는데 human이 False' if wanted else '볼 까닭이 없는데 human이 True'}입니다."


def _safe_one(wrong: list[str], used: int) -> str | None:
    if "" in wrong:
        return f"{wrong.index('') + 1}번째 초안이 규칙을 모두 지켰는데 안전한 답변으로 바꾸었습니다."
    return None if used == len(wrong) else f"초안을 {len(wrong)}번 뽑아야 하는데 drafts가 {used}입니다."


def _sent_one(answer: str, drafts: list[str], wrong: list[str], used: int) -> str | None:
    place = next(at for at, text in enumerate(drafts) if text.strip() == answer.strip())
    if wrong[place]:
        return f"규칙을 어긴 초안을 내보냈습니다({wrong[place]})."
    if place and not wrong[0]:
        return f"첫 초안(씨앗 0)이 규칙을 모두 지켰는데 {place + 1}번째 초안을 보냈습니다."
    return None if used == place + 1 else f"{place + 1}번째 초안인데 drafts가 {used}입니다."


# --- what known mistakes look like ---


def _sent(results: list[Result], safe: str) -> list[str]:
    return [result["answer"] for result in results if result["answer"].strip() != safe]


def _labels(results: list[Result], expected: dict, safe: str) -> bool:
    return any(_LABEL.search(text) for text in _sent(results, safe))


def _shows(results: list[Result], expected: dict, safe: str) -> bool:
    """One of the texts that only this mistake sends out."""
    return bool(set(expected["texts"]) & set(_sent(results, safe)))


def _all_shown(results: list[Result], expected: dict) -> bool:
    sent = {result["answer"] for result in results}
    return bool(expected["texts"]) and sent >= set(expected["texts"])


def _never_again(results: list[Result], expected: dict, safe: str) -> bool:
    return _all_shown(results, expected) and all(result["drafts"] == 1 for result in results)


def _last_sent(results: list[Result], expected: dict, safe: str) -> bool:
    return _all_shown(results, expected) and any(result["drafts"] > 1 for result in results)


def _fewer(results: list[Result], expected: dict, safe: str) -> bool:
    return any(result["answer"].strip() == safe and result["drafts"] == expected["most"] - 1 for result in results)


def _redraws(results: list[Result], expected: dict, safe: str) -> bool:
    return any(result["answer"].strip() != safe and result["drafts"] == 0 for result in results)


def _unmarked(results: list[Result], expected: dict, safe: str) -> bool:
    return any(result["answer"].strip() == safe and not result["human"] for result in results)


def _unseen(results: list[Result], expected: dict, safe: str) -> bool:
    return any(result["id"] in expected["ids"] and not result["human"] for result in results)


def _reordered(results: list[Result], expected: dict, safe: str) -> bool:
    mine = [str(result["id"]) for result in results]
    return mine != expected["ids"] and sorted(mine) == sorted(expected["ids"])


def _left_out(results: list[Result], expected: dict, safe: str) -> bool:
    return 0 < len({str(result["id"]) for result in results}) < len(expected["ids"])


def _unmasked(results: list[Result], expected: dict, safe: str) -> bool:
    """Where masking would have given a good draft, the customer's own data came back, or the safe answer.

    A function that falls back to the safe answer elsewhere too has another fault.
    """
    mine = [result["answer"].strip() for result in results if result["id"] in expected["ids"]]
    others = [result["answer"].strip() for result in results if result["id"] in expected["others"]]
    echoed = [text == safe or any(one in text for one in expected["texts"]) for text in mine]
    return bool(mine) and all(echoed) and safe not in others


def _same_seed(results: list[Result], expected: dict, safe: str) -> bool:
    """The safe answer wherever a later draft was the first good one, and only there or where none was good."""
    safely = {result["id"] for result in results if result["answer"].strip() == safe}
    return bool(expected["later"]) and safely == {*expected["later"], *expected["none"]}


def _everyone(results: list[Result], expected: dict, safe: str) -> bool:
    """A person for every question, those with good drafts that nobody must see first among them."""
    free = [result["answer"].strip() for result in results if result["id"] in expected["ids"]]
    return bool(free) and safe not in free and all(result["human"] for result in results)


def _all_safe(results: list[Result], expected: dict, safe: str) -> bool:
    return bool(results) and all(result["answer"].strip() == safe for result in results)


_LOOKS: dict[str, Callable[[list[Result], dict, str], bool]] = {
    "shows": _shows,
    "never_again": _never_again,
    "last_sent": _last_sent,
    "fewer": _fewer,
    "redraws": _redraws,
    "unmarked": _unmarked,
    "unseen": _unseen,
    "reordered": _reordered,
    "left_out": _left_out,
    "all_safe": _all_safe,
    "unmasked": _unmasked,
    "labels": _labels,
    "same_seed": _same_seed,
    "everyone": _everyone,
}
