"""ex06: the candidates of one place of an answer as probabilities, at any temperature."""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from typing import Any

import numpy as np

from answer_key.ex06.samples import mixed
from answer_key.task import Aspect, Case, Mistake, Task, stand_in

Chances = dict[str, float]


def reference(choice: Any, place: int, temperature: float = 1.0) -> Chances:
    """Token -> probability among the visible candidates; ``ValueError`` without log probabilities or for a bad T."""
    return _at(choice, place, temperature)


def _at(
    choice: Any,
    place: int,
    temperature: float,
    weight: Callable[[float, float], float] = lambda logprob, t: exp(logprob / t),
    share: bool = True,
    zero: bool = True,
    check: bool = True,
) -> Chances:
    if check and (choice.logprobs is None or not 0 <= temperature <= 2):
        raise ValueError("로그 확률이 없거나 온도가 0과 2 사이가 아닙니다.")
    top = choice.logprobs.content[place].top_logprobs
    if temperature == 0 and zero:
        best = max(candidate.logprob for candidate in top)
        return {candidate.token: float(candidate.logprob == best) for candidate in top}
    weights = {candidate.token: weight(candidate.logprob, temperature) for candidate in top}
    total = sum(weights.values()) if share else 1.0
    return {token: value / total for token, value in weights.items()}


def _with(**how: Any) -> Callable[..., Chances]:
    return lambda choice, place, temperature=1.0: _at(choice, place, temperature, **how)


def _written_only(choice: Any, place: int, temperature: float = 1.0) -> Chances:
    """The token that was written, and no other candidate."""
    made = reference(choice, place, temperature)
    token = choice.logprobs.content[place].token
    return {token: made[token]}


def _winner_only(choice: Any, place: int, temperature: float = 1.0) -> Chances:
    """At temperature 0 leaves out all but the winner."""
    return {token: value for token, value in reference(choice, place, temperature).items() if value}


def _first_wins(choice: Any, place: int, temperature: float = 1.0) -> Chances:
    """At temperature 0 takes the candidate that stands first for the best."""
    made = reference(choice, place, temperature)
    return made if temperature else {token: float(number == 0) for number, token in enumerate(made)}


_WORDS = ("안녕하세요", "고객님", "문의", "담당자", "확인", "잠시", "우산", "배송", "!", ".", " 감사", " 조금만")


def _places(rng: np.random.Generator, count: int, candidates: int = 4) -> list[list[list[Any]]]:
    """Candidates with log probabilities that leave some room for others; the written one comes first."""
    made = []
    for _ in range(count):
        shares = rng.dirichlet(np.full(candidates, 0.8)) * rng.uniform(0.7, 0.98) + 1e-4
        tokens = mixed(rng, list(_WORDS))[:candidates]
        top = [[token, round(float(np.log(value)), 4)] for token, value in zip(tokens, shares, strict=True)]
        made.append(mixed(rng, top))
    return made


def _cases(rng: np.random.Generator, *temperatures: float) -> list[Case]:
    made = []
    for temperature in temperatures:
        count = int(rng.integers(2, 5))
        place = int(rng.integers(1, count))
        made.append(Case(stand_in("ex06.choice", places=_places(rng, count)), place, temperature=temperature))
    return made


def _one(rng: np.random.Generator) -> list[Case]:
    return [
        *_cases(rng, 1.0, 1.0),
        Case(stand_in("ex06.choice", places=_places(rng, 2, int(rng.integers(2, 8)))), 0),
    ]


def _others(rng: np.random.Generator) -> list[Case]:
    return _cases(rng, 0.5, 1.8, 2.0, round(float(rng.uniform(0.2, 1.9)), 2))


def _zero(rng: np.random.Generator) -> list[Case]:
    return _cases(rng, 0.0, 0.0)


def _refused(rng: np.random.Generator) -> list[Case]:
    choice = stand_in("ex06.choice", places=_places(rng, 1))
    return [
        Case(stand_in("ex06.choice", places=None), 0),
        Case(choice, 0, temperature=round(float(rng.uniform(2.1, 9.0)), 1)),
        Case(choice, 0, temperature=-0.5),
    ]


# 60 %, 20 % and 10 %, and 50 %, 30 % and 5 %: the rest belongs to candidates that the server does not show.
_TOP = [
    [["안녕하세요", -0.5108], ["고객님", -1.6094], ["네", -2.3026]],
    [["!", -1.204], [",", -0.6931], [".", -2.9957]],
]
_CHOICE = stand_in("ex06.choice", places=_TOP)

TASK = Task(
    name="candidates_at",
    title="로그 확률에서 후보의 확률 구하기",
    reference=reference,
    judge=("close", {"rtol": 1e-4, "atol": 1e-9}),
    aspects=(
        Aspect("one", "온도 1의 확률", 1, visible=(Case(_CHOICE, 0), Case(_CHOICE, 1)), hidden=_one),
        Aspect(
            "others",
            "다른 온도의 확률",
            1,
            visible=(Case(_CHOICE, 0, temperature=2.0), Case(_CHOICE, 1, temperature=0.5)),
            hidden=_others,
        ),
        Aspect("zero", "온도 0의 약속", 1, visible=(Case(_CHOICE, 1, temperature=0.0),), hidden=_zero),
        Aspect(
            "refused",
            "로그 확률이 없는 답, 범위를 벗어난 온도",
            1,
            visible=(Case(stand_in("ex06.choice", places=None), 0), Case(_CHOICE, 0, temperature=3.0)),
            hidden=_refused,
        ),
    ),
    mistakes=(
        Mistake(
            "log_left",
            _with(weight=lambda logprob, t: logprob, share=False, zero=False),
            "로그 확률을 그대로 돌려주었습니다. 로그 확률은 0 이하의 수이며, exp()를 씌워야 확률이 됩니다.",
        ),
        Mistake(
            "not_shared",
            _with(share=False),
            "합이 1이 아닙니다. 서버가 보여 주지 않은 후보의 몫이 빠져 있으므로, "
            "보이는 후보의 합으로 나누어 다시 1로 맞추어 주십시오.",
        ),
        Mistake(
            "no_temperature",
            _with(weight=lambda logprob, t: exp(logprob)),
            "온도가 결과를 바꾸지 못했습니다. exp()를 씌우기 전의 로그 확률을 온도로 나누어야 합니다. 확률을 모두 같은 "
            "수로 나누면 다시 1로 맞출 때 되돌아갑니다.",
        ),
        Mistake(
            "multiplied",
            _with(weight=lambda logprob, t: exp(logprob * t)),
            "온도를 곱했습니다. 온도로 나누어야 높은 온도에서 후보들의 확률이 서로 가까워집니다.",
        ),
        Mistake(
            "base_two",
            _with(weight=lambda logprob, t: 2 ** (logprob / t)),
            "밑이 2인 거듭제곱을 썼습니다. API의 로그 확률은 자연로그이므로 exp()를 씁니다.",
        ),
        Mistake(
            "first_place",
            lambda choice, place, temperature=1.0: reference(choice, 0, temperature),
            "언제나 첫째 자리의 후보를 읽었습니다. content[place]의 후보를 읽어 주십시오.",
        ),
        Mistake(
            "written_only",
            _written_only,
            "답에 쓰인 토큰 하나만 있습니다. 그 자리의 후보는 top_logprobs에 모두 들어 있습니다.",
        ),
        Mistake(
            "zero_division",
            _with(zero=False),
            "온도 0으로 나누었습니다. 온도 0은 계산이 아니라 1등을 고르라는 약속이므로, 나누기 전에 따로 처리해 "
            "주십시오.",
        ),
        Mistake(
            "winner_only",
            _winner_only,
            "온도 0에서 1등만 돌려주었습니다. 나머지 후보도 확률 0.0으로 담아 주십시오.",
        ),
        Mistake(
            "first_wins",
            _first_wins,
            "온도 0에서 맨 앞의 후보를 골랐습니다. 후보가 늘 로그 확률의 순서로 놓인 것은 아니므로 max()로 가장 큰 "
            "후보를 찾으십시오.",
        ),
        Mistake(
            "unchecked",
            _with(check=False),
            "거절해야 할 것을 거절하지 않았습니다. choice.logprobs가 None이거나 온도가 0보다 작거나 2보다 크면 "
            "ValueError를 일으켜 주십시오.",
        ),
    ),
)
