"""ex06: a stream's chunks joined to one answer, whole or broken off."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from answer_key.ex06.samples import ANSWERS, pick
from answer_key.task import Aspect, Case, Mistake, Task, stand_in

Answer = dict[str, Any]


def reference(stream: Iterable[Any]) -> Answer:
    """``text``, ``finish_reason`` (None: broken off) and ``tokens`` (None: no usage came)."""
    return _joined(stream)


def _joined(
    stream: Iterable[Any],
    piece: Callable[[Any], str] = lambda content: content or "",
    between: str = "",
    check: bool = True,
    patient: bool = True,
    reason: Callable[[str | None, str | None], str | None] = lambda old, new: new or old,
    tokens: Callable[[Any], int] = lambda usage: usage.completion_tokens,
) -> Answer:
    pieces: list[str] = []
    answer: Answer = {"finish_reason": None, "tokens": None}
    try:
        for chunk in stream:
            if chunk.usage:
                answer["tokens"] = tokens(chunk.usage)
            if check and not chunk.choices:
                continue
            choice = chunk.choices[0]
            pieces.append(piece(choice.delta.content))
            answer["finish_reason"] = reason(answer["finish_reason"], choice.finish_reason)
    except (IndexError, TypeError):
        raise
    except Exception:
        if not patient:
            raise
    return {"text": between.join(pieces), **answer}


def _counted(stream: Iterable[Any]) -> Answer:
    """Takes the number of pieces for the number of tokens."""
    count = 0

    def counting() -> Iterable[Any]:
        nonlocal count
        for chunk in stream:
            count += bool(chunk.choices and chunk.choices[0].delta.content)
            yield chunk

    return reference(counting()) | {"tokens": count}


def _nothing_when_broken(stream: Iterable[Any]) -> Answer:
    made = reference(stream)
    return made if made["finish_reason"] else {"text": "", "finish_reason": None, "tokens": None}


def _stop_assumed(stream: Iterable[Any]) -> Answer:
    return reference(stream) | {"finish_reason": "stop"}


def _until_empty(stream: Iterable[Any]) -> Answer:
    """Stops at the first chunk without choices."""

    def before() -> Iterable[Any]:
        for chunk in stream:
            if not chunk.choices:
                return
            yield chunk

    return reference(before())


def _usage_missed(stream: Iterable[Any]) -> Answer:
    return reference(stream) | {"tokens": None}


def _nothing_kept(stream: Iterable[Any]) -> Answer:
    return {"text": "", "finish_reason": None, "tokens": None}


def _with(**how: Any) -> Callable[[Iterable[Any]], Answer]:
    return lambda stream: _joined(stream, **how)


def _pieces(rng: np.random.Generator, text: str = "") -> list[Any]:
    """An answer cut at random places; a space may begin a piece, or be one."""
    text, made = text or f"{pick(rng, ANSWERS)} {pick(rng, ANSWERS)}", []
    while text:
        size = int(rng.integers(1, 6))
        made.append(text[:size])
        text = text[size:]
    return made


def _case(pieces: list[Any], reason: str = "stop", tokens: int | None = None, breaks: str = "") -> Case:
    settings = {"reason": reason, "tokens": tokens, "breaks": breaks}
    used = {name: value for name, value in settings.items() if value not in (None, "")}
    return Case(stand_in("ex06.stream", pieces=pieces, **used))


def _plain(rng: np.random.Generator) -> list[Case]:
    return [_case(_pieces(rng)), _case(_pieces(rng), reason="length")]


def _usage(rng: np.random.Generator) -> list[Case]:
    return [_case(_pieces(rng), reason, tokens=int(rng.integers(30, 90))) for reason in ("stop", "length")]


def _odd(rng: np.random.Generator) -> list[Case]:
    pieces = _pieces(rng)
    middle = int(rng.integers(1, len(pieces) - 1))
    return [
        _case([[], *pieces]),
        _case([*pieces[:middle], None, [], "", *pieces[middle:]], tokens=int(rng.integers(30, 90))),
        _case([None], reason="content_filter"),
    ]


def _broken(rng: np.random.Generator) -> list[Case]:
    return [
        _case(_pieces(rng), breaks="network"),
        _case(_pieces(rng)[:3], breaks="server"),
        Case(stand_in("ex06.stream", pieces=_pieces(rng), reason=None)),
        _case([], breaks="network"),
    ]


_PIECES = ["담당자가", " 확인", "한 뒤", " 답변", "드리겠습니다", "."]

TASK = Task(
    name="join_stream",
    title="스트림의 조각을 이어 답 만들기",
    reference=reference,
    judge=("equal", {}),
    aspects=(
        Aspect("plain", "조각을 차례로 이음", 1, visible=(_case(_PIECES),), hidden=_plain),
        Aspect("usage", "맨 끝의 사용량", 1, visible=(_case(_PIECES, "length", 23),), hidden=_usage),
        Aspect(
            "odd",
            "빈 조각, 내용이 없는 조각",
            1,
            visible=(_case([*_PIECES[:3], [], None, "", *_PIECES[3:]]),),
            hidden=_odd,
        ),
        Aspect(
            "broken",
            "중간에 끊긴 스트림",
            1,
            visible=(_case(_PIECES[:3], breaks="network"), Case(stand_in("ex06.stream", pieces=_PIECES, reason=None))),
            hidden=_broken,
        ),
    ),
    mistakes=(
        Mistake(
            "none_added",
            _with(piece=lambda content: content + ""),
            "내용(delta.content)이 None인 조각을 이으려다 멈추었습니다. 첫 조각에는 역할만, 끝 조각에는 멈춘 까닭만 "
            '있습니다. (delta.content or "")로 바꾸어 이으십시오.',
        ),
        Mistake(
            "written_none",
            _with(piece=str),
            "답에 'None'이라는 글자가 섞였습니다. 내용이 None인 조각은 건너뛰십시오.",
        ),
        Mistake(
            "no_choices",
            _with(check=False),
            "choices가 빈 조각에서 choices[0]을 읽다가 멈추었습니다. 사용량이 담긴 조각에는 답이 없으므로 "
            "if chunk.choices:로 먼저 확인하십시오.",
        ),
        Mistake(
            "spaced",
            _with(between=" "),
            "조각 사이에 빈칸을 넣었습니다. 조각은 낱말이 아니라 토큰이므로 아무것도 넣지 않고 이어야 합니다.",
        ),
        Mistake(
            "stripped",
            _with(piece=lambda content: (content or "").strip()),
            "조각마다 앞뒤 빈칸을 지워 띄어쓰기가 사라졌습니다. 띄어쓰기는 조각 안에 들어 있습니다.",
        ),
        Mistake(
            "last_reason",
            _with(reason=lambda old, new: old),
            "멈춘 까닭을 읽지 않았습니다. 답이 든 조각 가운데 하나에 finish_reason이 들어 있습니다.",
        ),
        Mistake(
            "stop_assumed",
            _stop_assumed,
            "멈춘 까닭을 늘 'stop'으로 적었습니다. 길이에 걸린 답(length)과 끊긴 답(None)을 구별할 수 없게 됩니다.",
        ),
        Mistake(
            "counted",
            _counted,
            "조각의 수를 토큰 수로 보았습니다. 조각 하나가 늘 토큰 하나인 것은 아니므로, "
            "맨 끝 조각의 usage를 읽으십시오.",
        ),
        Mistake(
            "usage_missed",
            _usage_missed,
            "사용량을 읽지 못했습니다. 사용량이 든 조각은 choices가 비어 있으므로 if chunk.choices: 밖에서 읽고, 빈 "
            "조각을 만났다고 끝내지 마십시오.",
        ),
        Mistake(
            "until_empty",
            _until_empty,
            "choices가 빈 조각에서 끝냈습니다. 빈 조각이 언제나 맨 끝인 것은 아니므로 break 대신 continue로 "
            "건너뛰십시오.",
        ),
        Mistake(
            "all_tokens",
            _with(tokens=lambda usage: usage.total_tokens),
            "입력 토큰까지 더한 수입니다. 출력 토큰은 usage.completion_tokens입니다.",
        ),
        Mistake(
            "not_caught",
            _with(patient=False),
            "조각을 받는 도중의 오류를 잡지 않아 받은 글까지 잃었습니다. for 문 전체를 try로 감싸십시오. 연결이 끊긴 "
            "오류는 openai의 오류가 아닐 수도 있으므로 except Exception으로 받습니다.",
        ),
        Mistake(
            "thrown_away",
            _nothing_when_broken,
            "끊기기 전에 받은 글을 버렸습니다. 받은 데까지 돌려주고 finish_reason을 None으로 남겨 주십시오.",
        ),
        Mistake(
            "nothing_kept",
            _nothing_kept,
            "조각이 모두 왔는데 받은 글이 없습니다. return이 for 문 안에 있으면 첫 조각에서 끝납니다. 또는 except "
            "Exception이 내 코드의 오류까지 잡았을 수 있습니다. try를 잠시 빼고 실행해 보십시오.",
        ),
    ),
)
