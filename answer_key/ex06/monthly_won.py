"""ex06: what a month of requests costs, from the usage of some days."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from answer_key.task import Aspect, Case, Mistake, Task, stand_in

Prices = dict[str, float]


def reference(usages: list[Any], prices: Prices, won: float, days: int) -> float:
    """Won for 30 days; prices in dollars for a million tokens, ``days``: of how many days the usages are."""
    return _month(usages, prices, won, days)


def _cached(usage: Any) -> int:
    details = usage.prompt_tokens_details
    return details.cached_tokens if details else 0


def _thought(usage: Any) -> int:
    details = usage.completion_tokens_details
    return details.reasoning_tokens if details else 0


def _dollars(usage: Any, prices: Prices) -> float:
    fresh = usage.prompt_tokens - _cached(usage)
    read = fresh * prices["input"] + _cached(usage) * prices["cached"]
    return (read + usage.completion_tokens * prices["output"]) / 1_000_000


def _month(
    usages: list[Any],
    prices: Prices,
    won: float,
    days: int,
    dollars: Callable[[Any, Prices], float] = _dollars,
) -> float:
    return sum(dollars(usage, prices) for usage in usages if usage) * won * 30 / days


def _with(dollars: Callable[[Any, Prices], float]) -> Callable[..., float]:
    """Another price of one request."""
    return lambda usages, prices, won, days: _month(usages, prices, won, days, dollars)


def _no_details(usages: list[Any], prices: Prices, won: float, days: int) -> float:
    """Reads the details where there are none."""

    def dollars(usage: Any, prices: Prices) -> float:
        cached = usage.prompt_tokens_details.cached_tokens
        return _dollars(usage, prices) + 0 * cached

    return _month(usages, prices, won, days, dollars)


def _silent_requests(usages: list[Any], prices: Prices, won: float, days: int) -> float:
    return sum(_dollars(usage, prices) for usage in usages) * won * 30 / days + 0 * sum(u.total_tokens for u in usages)


def _for_each(usages: list[Any], prices: Prices, won: float, days: int) -> float:
    """Divides by the number of requests."""
    return _month(usages, prices, won, len(usages) or 1)


def _first_only(usages: list[Any], prices: Prices, won: float, days: int) -> float:
    return _month([usage for usage in usages if usage][:1], prices, won, days)


def _prices(rng: np.random.Generator) -> Prices:
    low = round(float(rng.uniform(0.2, 3.0)), 2)
    return {"input": low, "cached": round(low / float(rng.choice([2, 4, 10])), 3), "output": round(low * 4.5, 2)}


def _case(rng: np.random.Generator, rows: list[Any]) -> Case:
    settings = (_prices(rng), float(rng.integers(1200, 1600)), int(rng.integers(1, 15)))
    return Case(stand_in("ex06.usages", rows=rows), *settings)


def _rows(rng: np.random.Generator, cached: bool = False, thought: bool = False) -> list[Any]:
    made = []
    for _ in range(int(rng.integers(2, 6))):
        read, written = int(rng.integers(40, 3000)), int(rng.integers(20, 900))
        part = int(rng.integers(1, read)) if cached else None
        made.append([read, written, part, int(rng.integers(1, written)) if thought else None])
    return made


def _basic(rng: np.random.Generator) -> list[Case]:
    return [_case(rng, _rows(rng)) for _ in range(3)]


def _with_cache(rng: np.random.Generator) -> list[Case]:
    return [_case(rng, _rows(rng, cached=True)), _case(rng, [*_rows(rng, cached=True), *_rows(rng)])]


def _with_thoughts(rng: np.random.Generator) -> list[Case]:
    return [_case(rng, _rows(rng, thought=True)), _case(rng, _rows(rng, cached=True, thought=True))]


def _missing(rng: np.random.Generator) -> list[Case]:
    return [_case(rng, [None, *_rows(rng, cached=True), None]), _case(rng, []), _case(rng, [None])]


_PRICES = {"input": 1.0, "cached": 0.25, "output": 4.0}


def _shown(rows: list[Any], days: int = 1) -> Case:
    return Case(stand_in("ex06.usages", rows=rows), _PRICES, 1400.0, days)


TASK = Task(
    name="monthly_won",
    title="사용량에서 한 달의 요금 구하기",
    reference=reference,
    judge=("close", {"rtol": 1e-6, "atol": 1e-9}),
    aspects=(
        Aspect(
            "basic",
            "입력과 출력의 요금, 30일",
            1,
            visible=(_shown([[60, 33, None, None], [100, 40, None, None]], days=2),),
            hidden=_basic,
        ),
        Aspect("cache", "할인받은 입력", 1, visible=(_shown([[1000, 50, 800, None]]),), hidden=_with_cache),
        Aspect("thoughts", "생각하는 글", 1, visible=(_shown([[200, 500, 0, 450]]),), hidden=_with_thoughts),
        Aspect(
            "missing",
            "알려 주지 않은 사용량",
            1,
            visible=(_shown([[60, 33, None, None], None, [60, 33, 40, None]]),),
            hidden=_missing,
        ),
    ),
    mistakes=(
        Mistake(
            "per_thousand",
            _with(lambda usage, prices: 1000 * _dollars(usage, prices)),
            "요금이 1,000배입니다. 가격은 토큰 1,000개가 아니라 100만 개의 값이므로 1_000_000으로 나누십시오.",
        ),
        Mistake(
            "per_token",
            _with(lambda usage, prices: 1_000_000 * _dollars(usage, prices)),
            "토큰 100만 개의 가격을 토큰 하나의 가격처럼 곱했습니다. 1_000_000으로 나누십시오.",
        ),
        Mistake(
            "rounded",
            lambda usages, prices, won, days: round(_month(usages, prices, won, days)),
            "반올림한 값입니다. 계산한 값을 그대로 돌려주십시오. 반올림은 보여 줄 때 합니다.",
        ),
        Mistake(
            "first_only",
            _first_only,
            "사용량을 하나만 계산했습니다. return이 for 문 안에 있으면 첫 바퀴에서 함수가 끝나므로 for 문 밖에 "
            "두십시오.",
        ),
        Mistake(
            "one_price",
            _with(lambda usage, prices: usage.total_tokens * prices["input"] / 1_000_000),
            "모든 토큰에 입력의 가격을 곱했습니다. 출력 토큰에는 더 비싼 출력의 가격을 곱해야 합니다.",
        ),
        Mistake(
            "dollars",
            lambda usages, prices, won, days: _month(usages, prices, 1.0, days),
            "달러로 돌려주었습니다. 1달러에 해당하는 원(won)을 곱해 주십시오.",
        ),
        Mistake(
            "days_forgotten",
            lambda usages, prices, won, days: _month(usages, prices, won, 30),
            "받은 날수(days)의 요금입니다. 하루의 평균을 구한 다음 30을 곱해 주십시오.",
        ),
        Mistake(
            "thirty_times",
            lambda usages, prices, won, days: _month(usages, prices, won, 1),
            "days로 나누지 않고 30을 곱했습니다. 사용량은 하루의 것이 아니라 days일 동안의 것입니다.",
        ),
        Mistake(
            "for_each",
            _for_each,
            "요청의 수로 나누었습니다. 하루의 요금을 구하려면 모은 날수 days로 나누어야 합니다.",
        ),
        Mistake(
            "cache_ignored",
            _with(
                lambda usage, prices: (
                    (usage.prompt_tokens * prices["input"] + usage.completion_tokens * prices["output"]) / 1_000_000
                )
            ),
            '할인을 계산하지 않았습니다. 입력 토큰 가운데 cached_tokens개는 prices["cached"]의 가격으로 냅니다.',
        ),
        Mistake(
            "cache_twice",
            _with(lambda usage, prices: _dollars(usage, prices) + _cached(usage) * prices["input"] / 1_000_000),
            "할인받은 토큰의 요금을 두 번 계산했습니다. cached_tokens는 prompt_tokens에 이미 들어 있으므로, "
            "제값을 낼 토큰은 prompt_tokens에서 cached_tokens를 뺀 수입니다.",
        ),
        Mistake(
            "thoughts_twice",
            _with(lambda usage, prices: _dollars(usage, prices) + _thought(usage) * prices["output"] / 1_000_000),
            "생각하는 글의 요금을 두 번 계산했습니다. reasoning_tokens는 completion_tokens에 이미 들어 있습니다.",
        ),
        Mistake(
            "thoughts_free",
            _with(lambda usage, prices: _dollars(usage, prices) - _thought(usage) * prices["output"] / 1_000_000),
            "생각하는 글을 공짜로 보았습니다. 화면에 보이지 않아도 출력 토큰이므로 요금을 냅니다.",
        ),
        Mistake(
            "silent_requests",
            _silent_requests,
            "사용량이 None인 요청에서 멈추었습니다. 읽기 전에 None인지 확인하십시오. 자세한 내역"
            "(prompt_tokens_details)도 None일 수 있습니다.",
        ),
        Mistake(
            "details_needed",
            _no_details,
            "자세한 내역(prompt_tokens_details)이 None인 요청에서 멈추었습니다. 내역이 없으면 할인받은 토큰을 0개로 "
            "보십시오.",
        ),
    ),
)
