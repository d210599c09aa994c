"""ex07: is one decoding setting really better? The exact sign test on the same questions under both."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np

from answer_key.task import Aspect, Case, Mistake, Task

FIRST, SECOND, NEITHER = "앞", "뒤", "알 수 없음"
Passed = list[bool]


def reference(first: Passed, second: Passed, limit: float = 0.05) -> dict[str, Any]:
    """Which setting passes more often, if chance explains the difference in less than ``limit`` of the cases.

    Sign test (Arbuthnot, 1710): questions where both do alike tell nothing; of the others each is a fair coin.

    Raises:
        ValueError: lists of different lengths.
    """
    _require_pairs(first, second)
    wins, losses = _wins(first, second)
    return _answer(wins, losses, min(1.0, 2 * _tail(max(wins, losses), wins + losses)), limit)


def _require_pairs(first: Passed, second: Passed) -> None:
    if len(first) != len(second):
        raise ValueError("두 설정의 결과는 같은 질문에 대한 것이어야 합니다.")


def _wins(first: Passed, second: Passed) -> tuple[int, int]:
    pairs = list(zip(first, second, strict=False))
    return sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs)


def _tail(heads: int, coins: int) -> float:
    """Chance of at least so many heads of fair coins."""
    return sum(comb(coins, k) for k in range(heads, coins + 1)) / 2**coins


def _answer(wins: int, losses: int, p: float, limit: float) -> dict[str, Any]:
    better = NEITHER if p >= limit or wins == losses else FIRST if wins > losses else SECOND
    return {"p": p, "better": better}


def _by_rate(first: Passed, second: Passed, limit: float = 0.05) -> dict[str, Any]:
    found = reference(first, second, limit)
    wins, losses = _wins(first, second)
    return found | {"better": NEITHER if wins == losses else FIRST if wins > losses else SECOND}


def _one_sided(first: Passed, second: Passed, limit: float = 0.05) -> dict[str, Any]:
    _require_pairs(first, second)
    wins, losses = _wins(first, second)
    return _answer(wins, losses, _tail(max(wins, losses), wins + losses), limit)


def _uncapped(first: Passed, second: Passed, limit: float = 0.05) -> dict[str, Any]:
    _require_pairs(first, second)
    wins, losses = _wins(first, second)
    return _answer(wins, losses, 2 * _tail(max(wins, losses), wins + losses), limit)


def _exactly(first: Passed, second: Passed, limit: float = 0.05) -> dict[str, Any]:
    _require_pairs(first, second)
    wins, losses = _wins(first, second)
    coins = wins + losses
    return _answer(wins, losses, min(1.0, 2 * comb(coins, max(wins, losses)) / 2**coins), limit)


def _no_last(first: Passed, second: Passed, limit: float = 0.05) -> dict[str, Any]:
    _require_pairs(first, second)
    wins, losses = _wins(first, second)
    coins = wins + losses
    tail = sum(comb(coins, k) for k in range(max(wins, losses), coins)) / 2**coins
    return _either(wins, losses, min(1.0, 2 * tail), limit)


def _front_only(first: Passed, second: Passed, limit: float = 0.05) -> dict[str, Any]:
    _require_pairs(first, second)
    wins, losses = _wins(first, second)
    return _either(wins, losses, min(1.0, 2 * _tail(wins, wins + losses)), limit)


def _either(wins: int, losses: int, p: float, limit: float) -> dict[str, Any]:
    """As learners write it: whoever did not win lost."""
    return {"p": p, "better": NEITHER if p >= limit else FIRST if wins > losses else SECOND}


def _limit_too(first: Passed, second: Passed, limit: float = 0.05) -> dict[str, Any]:
    found = reference(first, second, limit)
    wins, losses = _wins(first, second)
    return _answer(wins, losses, found["p"], limit * (1 + 1e-9))


def _all_questions(first: Passed, second: Passed, limit: float = 0.05) -> dict[str, Any]:
    _require_pairs(first, second)
    wins, losses = sum(first), sum(second)
    return _answer(wins, losses, min(1.0, 2 * _tail(max(wins, losses), wins + losses)), limit)


def _ties_counted(first: Passed, second: Passed, limit: float = 0.05) -> dict[str, Any]:
    _require_pairs(first, second)
    wins, losses = _wins(first, second)
    p = min(1.0, 2 * _tail(max(wins, losses), len(first)))
    return _answer(wins, losses, p, limit)


def _turned(first: Passed, second: Passed, limit: float = 0.05) -> dict[str, Any]:
    found = reference(first, second, limit)
    return found | {"better": {FIRST: SECOND, SECOND: FIRST, NEITHER: NEITHER}[found["better"]]}


def _fixed_limit(first: Passed, second: Passed, limit: float = 0.05) -> dict[str, Any]:
    return reference(first, second)


def _unchecked(first: Passed, second: Passed, limit: float = 0.05) -> dict[str, Any]:
    count = min(len(first), len(second))
    return reference(first[:count], second[:count], limit)


def _case(
    wins: int, losses: int, both: int, neither: int, rng: np.random.Generator | None = None, **other: Any
) -> Case:
    pairs = [(True, False)] * wins + [(False, True)] * losses + [(True, True)] * both + [(False, False)] * neither
    order = range(len(pairs)) if rng is None else rng.permutation(len(pairs))
    mixed = [pairs[int(place)] for place in order]
    return Case([a for a, _ in mixed], [b for _, b in mixed], **other)


def _n(rng: np.random.Generator, low: int, high: int) -> int:
    return int(rng.integers(low, high + 1))


def _clear(rng: np.random.Generator) -> list[Case]:
    less, more = _n(rng, 0, 1), _n(rng, 9, 14)
    return [
        _case(more, less, _n(rng, 2, 9), _n(rng, 1, 5), rng),
        _case(less, more, _n(rng, 2, 9), _n(rng, 1, 5), rng),
        _case(6, 0, _n(rng, 0, 12), _n(rng, 0, 6), rng),
    ]


def _unclear(rng: np.random.Generator) -> list[Case]:
    less = _n(rng, 1, 4)
    more = less + _n(rng, 2, 4)
    return [
        _case(more, less, _n(rng, 5, 12), _n(rng, 1, 5), rng),
        _case(less, more, _n(rng, 5, 12), _n(rng, 1, 5), rng),
        _case(5, 0, _n(rng, 5, 15), _n(rng, 1, 4), rng),
        _case(10, 2, 8, _n(rng, 1, 4), rng, limit=0.01),
        _case(4, 0, _n(rng, 3, 9), 1, rng, limit=0.2),
        _case(0, 4, _n(rng, 3, 9), 1, rng, limit=0.125),
    ]


def _even(rng: np.random.Generator) -> list[Case]:
    same = _n(rng, 2, 5)
    return [_case(0, 0, _n(rng, 3, 20), _n(rng, 1, 5), rng), _case(same, same, _n(rng, 2, 9), 2, rng), Case([], [])]


def _uneven(rng: np.random.Generator) -> list[Case]:
    count = _n(rng, 5, 12)
    return [Case([True] * count, [False] * (count - 1)), Case([], [True]), Case([True] * count, [True] * (count + 5))]


TASK = Task(
    name="better_setting",
    title="어느 설정이 나을까요",
    reference=reference,
    judge=("close", {}),
    aspects=(
        Aspect("clear", "뚜렷한 차이", 1, visible=(_case(10, 2, 8, 4), _case(0, 6, 3, 1)), hidden=_clear),
        Aspect(
            "unclear",
            "우연일 수 있는 차이",
            2,
            visible=(
                _case(7, 2, 11, 4),
                _case(5, 0, 15, 4),
                _case(4, 0, 4, 1, limit=0.2),
                _case(5, 0, 2, 1, limit=0.0625),
            ),
            hidden=_unclear,
        ),
        Aspect("even", "비겼을 때", 1, visible=(_case(0, 0, 20, 4), _case(3, 3, 5, 1)), hidden=_even),
        Aspect("uneven", "길이가 다를 때", 1, visible=(Case([True, True, False], [True]),), hidden=_uneven),
    ),
    mistakes=(
        Mistake(
            "limit_too",
            _limit_too,
            "p가 limit와 꼭 같을 때 이긴 쪽이 있다고 보았습니다. p가 limit보다 '작을' 때만 이긴 쪽을 정합니다.",
        ),
        Mistake(
            "by_rate",
            _by_rate,
            "p는 맞지만 통과한 수만 보고 이긴 쪽을 정했습니다. p가 limit보다 작지 않으면 '알 수 없음'입니다.",
        ),
        Mistake(
            "turned",
            _turned,
            "이긴 쪽이 거꾸로입니다. 앞만 통과한 질문이 더 많으면 '앞'입니다.",
        ),
        Mistake(
            "one_sided",
            _one_sided,
            "한쪽만 세었습니다. 어느 쪽이 나을지 미리 정해 두지 않았으므로 반대쪽으로 그만큼 치우친 경우도 더해 "
            "2를 곱합니다.",
        ),
        Mistake(
            "uncapped",
            _uncapped,
            "p가 1보다 큽니다. 꼭 비긴 결과에서는 양쪽을 더할 때 가운데가 두 번 들어가므로 min(1.0, ...)으로 "
            "막아 주십시오.",
        ),
        Mistake(
            "no_last",
            _no_last,
            "마지막 항을 빠뜨렸습니다. range(m, n)은 n - 1에서 끝나므로 k가 n일 때까지 더하려면 range(m, n + 1)입니다.",
        ),
        Mistake(
            "front_only",
            _front_only,
            "뒤가 이겼을 때의 확률이 다릅니다. m은 a가 아니라 a와 b 가운데 큰 것입니다: max(a, b)",
        ),
        Mistake(
            "exactly",
            _exactly,
            "꼭 그만큼 나올 확률만 구했습니다. '그만큼 또는 그보다 더 치우칠' 확률이므로 k가 n일 때까지 모두 "
            "더해 주십시오.",
        ),
        Mistake(
            "ties_counted",
            _ties_counted,
            "둘 다 통과하거나 둘 다 걸린 질문까지 동전으로 세었습니다. 결과가 갈린 질문만 세어 주십시오.",
        ),
        Mistake(
            "all_passed",
            _all_questions,
            "통과한 수끼리 견주었습니다. 둘 다 통과한 질문은 어느 쪽이 나은지 알려 주지 않습니다. "
            "한쪽만 통과한 질문을 세어 주십시오.",
        ),
        Mistake(
            "fixed_limit",
            _fixed_limit,
            "기준이 늘 0.05입니다. 매개변수로 받은 limit와 견주어 주십시오.",
        ),
        Mistake(
            "unchecked",
            _unchecked,
            "길이가 다른 두 리스트를 받아들였습니다. zip()은 짧은 쪽에서 말없이 멈춥니다. "
            "길이가 다르면 ValueError를 일으켜 주십시오.",
        ),
    ),
)
