"""ex03: a history within a budget of tokens: the system message and whole turns stay."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from answer_key.ex03.samples import Message, conversation, said
from answer_key.task import Aspect, Case, Mistake, Task, stand_in

Count = Callable[[list[Message]], int]


def reference(messages: list[Message], budget: int, count_tokens: Count) -> list[Message]:
    """The longest list with the system message, the newest whole turns and the last question within the budget."""
    return _trim(messages, budget, count_tokens)


def _split(messages: list[Message]) -> tuple[list[Message], list[Message]]:
    start = 1 if messages[0]["role"] == "system" else 0
    return messages[:start], messages[start:]


def _trim(
    messages: list[Message], budget: int, count: Count, step: int = 2, strict: bool = False, refuse: bool = True
) -> list[Message]:
    head, talk = _split(messages)
    while count(head + talk) >= budget + (0 if strict else 1):
        if len(talk) <= 1:
            if refuse:
                raise ValueError("시스템 메시지와 질문만으로도 예산을 넘습니다.")
            break
        talk = talk[step:]
    return head + talk


def _without_system(messages: list[Message], budget: int, count_tokens: Count) -> list[Message]:
    """Cuts from the front, and the system message goes first."""
    while count_tokens(messages) > budget:
        if len(messages) <= 1:
            raise ValueError("시스템 메시지와 질문만으로도 예산을 넘습니다.")
        messages = messages[1 if messages[0]["role"] == "system" else 2 :]
    return messages


def _front_two(messages: list[Message], budget: int, count_tokens: Count) -> list[Message]:
    """Cuts two messages from the front of the whole list: the system message and half a turn."""
    while messages and count_tokens(messages) > budget:
        messages = messages[2:]
    if not messages:
        raise ValueError("시스템 메시지와 질문만으로도 예산을 넘습니다.")
    return messages


def _newest_first(messages: list[Message], budget: int, count_tokens: Count) -> list[Message]:
    """Drops the newest turns instead of the oldest."""
    head, talk = _split(messages)
    while count_tokens(head + talk) > budget:
        if len(talk) <= 1:
            raise ValueError("시스템 메시지와 질문만으로도 예산을 넘습니다.")
        talk = [*talk[:-3], talk[-1]]
    return head + talk


def _all_at_once(messages: list[Message], budget: int, count_tokens: Count) -> list[Message]:
    head, talk = _split(messages)
    if count_tokens(head + talk[-1:]) > budget:
        raise ValueError("시스템 메시지와 질문만으로도 예산을 넘습니다.")
    return head + (talk[-1:] if count_tokens(messages) > budget else talk)


def _first_is_system(messages: list[Message], budget: int, count_tokens: Count) -> list[Message]:
    head, talk = messages[:1], messages[1:]
    while count_tokens(head + talk) > budget:
        if len(talk) <= 1:
            raise ValueError("시스템 메시지와 질문만으로도 예산을 넘습니다.")
        talk = talk[2:]
    return head + talk


def _once(messages: list[Message], budget: int, count_tokens: Count) -> list[Message]:
    head, talk = _split(messages)
    if count_tokens(head + talk[-1:]) > budget:
        raise ValueError("시스템 메시지와 질문만으로도 예산을 넘습니다.")
    return head + (talk[2:] if count_tokens(messages) > budget else talk)


def _letters(messages: list[Message], budget: int, count_tokens: Count) -> list[Message]:
    return _trim(messages, budget, lambda talk: sum(len(message["content"]) for message in talk))


def _talk_only(messages: list[Message], budget: int, count_tokens: Count) -> list[Message]:
    head, talk = _split(messages)
    return head + _trim(talk, budget, count_tokens)


def _budgets(rng: np.random.Generator, talk: list[Message], exact: bool = False) -> Case:
    """A budget that needs some turns dropped: between what a number of turns needs and what one more needs."""
    settings = {"letters": int(rng.integers(1, 4)), "marks": int(rng.integers(1, 7))}
    count = stand_in("ex03.counter", **settings)
    needed = [_count(settings, part) for part in _parts(talk)]
    kept = int(rng.integers(len(needed) - 1))
    budget = needed[kept] if exact else int(rng.integers(needed[kept], needed[kept + 1]))
    return Case(talk, budget, count)


def _parts(talk: list[Message]) -> list[list[Message]]:
    """What is left with 0, 1, 2 ... of the newest turns."""
    head, rest = _split(talk)
    return [head + rest[start:] for start in range(len(rest) - 1, -1, -2)]


def _count(settings: dict[str, int], messages: list[Message]) -> int:
    from course_utils.checks.stand_ins_ex03 import counter

    return counter(**settings)(messages)


def _enough(rng: np.random.Generator) -> list[Case]:
    made = []
    for turns in (0, 2):
        talk = conversation(rng, turns)
        settings = {"letters": int(rng.integers(1, 4)), "marks": int(rng.integers(1, 7))}
        spare = int(rng.integers(0, 20))
        made.append(Case(talk, _count(settings, talk) + spare, stand_in("ex03.counter", **settings)))
    return made


def _dropped(rng: np.random.Generator) -> list[Case]:
    return [_budgets(rng, conversation(rng, turns)) for turns in (2, 3, 5, 6)]


def _exact(rng: np.random.Generator) -> list[Case]:
    cases = [_budgets(rng, conversation(rng, turns), exact=True) for turns in (3, 4)]
    return [*cases, _budgets(rng, conversation(rng, 3, system=False))]


def _too_small(rng: np.random.Generator) -> list[Case]:
    made = []
    for turns in (0, 2):
        talk = conversation(rng, turns)
        settings = {"letters": 1, "marks": int(rng.integers(1, 7))}
        least = _count(settings, talk[-1:])
        made.append(Case(talk, least - int(rng.integers(1, 4)), stand_in("ex03.counter", **settings)))
    return made


_TALK = [
    said("system", "한 문장으로만 답해 줘."),
    said("user", "안녕하세요, 우산 있나요?"),
    said("assistant", "네, 두 가지가 있습니다."),
    said("user", "우산 무게가 얼마나 되나요?"),
    said("assistant", "상세 페이지에 나와 있습니다."),
    said("user", "색상은 몇 가지인가요?"),
    said("assistant", "파란색과 검은색이 있습니다."),
    said("user", "배송은 언제 시작되나요?"),
]
_COUNTER = stand_in("ex03.counter", letters=2, marks=3)

TASK = Task(
    name="trim_history",
    title="예산 안에서 대화 줄이기",
    reference=reference,
    judge=("ex03.messages", {}),
    aspects=(
        Aspect("enough", "예산이 넉넉하면 그대로", 1, (Case(_TALK, 100, _COUNTER),), _enough, edge=True),
        Aspect(
            "dropped",
            "오래된 차례부터 통째로",
            2,
            visible=(Case(_TALK, 70, _COUNTER), Case(_TALK, 36, _COUNTER)),
            hidden=_dropped,
        ),
        Aspect("exact", "딱 맞는 예산, 시스템 메시지가 없는 대화", 1, visible=(), hidden=_exact),
        Aspect("too_small", "넣을 수 없으면 거절함", 1, visible=(Case(_TALK, 12, _COUNTER),), hidden=_too_small),
    ),
    mistakes=(
        Mistake(
            "untouched",
            lambda messages, budget, count_tokens: list(messages),
            "받은 목록을 그대로 돌려주었습니다. count_tokens(messages)가 budget보다 크면 오래된 차례를 버려 주십시오.",
        ),
        Mistake(
            "one_message",
            lambda messages, budget, count_tokens: _trim(messages, budget, count_tokens, step=1),
            "메시지를 하나씩 버려 차례가 반으로 잘렸습니다. user와 assistant를 한 쌍으로 두 개씩 버려 주십시오.",
        ),
        Mistake(
            "front_two",
            _front_two,
            "목록 전체의 앞에서 두 개씩 버려 시스템 메시지와 첫 질문이 함께 사라졌습니다. "
            "시스템 메시지를 먼저 떼어 두어야 두 개가 한 차례가 됩니다.",
        ),
        Mistake(
            "without_system",
            _without_system,
            "시스템 메시지까지 버렸습니다. 시스템 메시지를 따로 떼어 두고 나머지만 줄인 다음 다시 앞에 붙여 주십시오.",
        ),
        Mistake(
            "newest",
            _newest_first,
            "가장 새로운 차례를 버렸습니다. 바로 앞의 대화가 다음 답에 더 필요하므로 오래된 차례부터 버려 주십시오.",
        ),
        Mistake("once", _once, "차례를 한 번만 버렸습니다. 예산에 들어올 때까지 while로 되풀이해 주십시오."),
        Mistake(
            "first_is_system",
            _first_is_system,
            "시스템 메시지가 없는 대화에서 첫 질문을 시스템 메시지처럼 남겼습니다. 첫 메시지의 역할부터 보십시오.",
        ),
        Mistake(
            "strict",
            lambda messages, budget, count_tokens: _trim(messages, budget, count_tokens, strict=True),
            "토큰 수가 예산과 똑같을 때에도 버렸습니다. 예산 '이하'이면 그대로 둡니다.",
        ),
        Mistake(
            "all_at_once",
            _all_at_once,
            "예산을 넘자 지난 차례를 모두 버렸습니다. 오래된 차례부터 하나씩 버리고 그때마다 다시 세어 주십시오.",
        ),
        Mistake(
            "letters",
            _letters,
            "글자 수를 센 결과와 같습니다. 모델이 읽는 것은 토큰이고 역할 표시도 토큰이므로, 받은 count_tokens로 세어 "
            "주십시오.",
        ),
        Mistake(
            "talk_only",
            _talk_only,
            "시스템 메시지의 토큰을 세지 않았습니다. 실제로 보낼 목록 전체를 count_tokens에 넣어 주십시오.",
        ),
        Mistake(
            "no_refusal",
            lambda messages, budget, count_tokens: _trim(messages, budget, count_tokens, refuse=False),
            "예산을 넘는 목록을 돌려주었습니다. "
            "시스템 메시지와 마지막 질문만으로도 넘치면 ValueError를 일으켜 주십시오.",
        ),
    ),
)
