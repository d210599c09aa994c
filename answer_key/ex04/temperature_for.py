"""temperature_for(logits, target): the temperature that gives the most probable token the probability ``target``.

Reference: scipy.optimize.brentq on the temperatures from 0.01 to 100; the probability falls as the temperature rises.
"""

from __future__ import annotations

import numpy as np

from answer_key.ex04.softmax import reference as softmax
from answer_key.task import Aspect, Case, Mistake, Task

LOWEST, HIGHEST = 0.01, 100.0


def top(logits, temperature):
    """Probability of the first of the most probable tokens."""
    return softmax(np.asarray(logits, dtype=float) / temperature).max()


def reference(logits, target):
    from scipy.optimize import brentq

    if not top(logits, HIGHEST) <= target <= top(logits, LOWEST):
        raise ValueError("온도 0.01에서 100 사이로는 이를 수 없는 확률입니다.")
    return brentq(lambda t: top(logits, t) - target, LOWEST, HIGHEST, xtol=1e-12, rtol=1e-12)


def bisected(logits, target, steps=100, downhill=True):
    """No refusal: what cannot be reached ends at a bound."""
    low, high = LOWEST, HIGHEST
    for _ in range(steps):
        middle = (low + high) / 2
        if (top(logits, middle) > target) == downhill:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def refusing(rule):
    """A wrong answer that still refuses what cannot be reached."""
    return lambda logits, target: reference(logits, target) and rule(logits, target)


def grid(step):
    """The best of evenly spaced temperatures."""

    def nearest(logits, target):
        temperatures = np.arange(step, HIGHEST, step)
        tops = softmax(np.asarray(logits, dtype=float) / temperatures[:, None]).max(axis=1)
        return float(temperatures[np.abs(tops - target).argmin()])

    return nearest


def two_tokens_only(logits, target):
    """The formula for two tokens: gap / log(p / (1 - p))."""
    second, first = np.sort(logits)[-2:]
    return (first - second) / np.log(target / (1 - target))


def first_logit(logits, target):
    """The probability of token 0, whichever is the most probable."""
    low, high = LOWEST, HIGHEST
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if softmax(logits / middle)[0] > target else (low, middle)
    return (low + high) / 2


def random_usual(rng):
    cases = []
    for size in (3, 5, 12):
        logits = rng.normal(0, 2, size=size).round(2)
        logits[rng.integers(1, size)] = logits.max() + 0.5
        temperature = float(rng.uniform(0.3, 4))
        cases.append(Case(logits, float(top(logits, temperature).round(4))))
    return cases


def random_extreme(rng):
    logits = rng.normal(0, 1, size=4).round(2)
    logits[2] = logits.max() + 1
    return [Case(logits * 15, float(top(logits * 15, 30.0).round(4))), Case(logits / 10, 0.9)]


def random_refused(rng):
    size = int(rng.integers(4, 7))
    tied = rng.normal(0, 1, size=size).round(2)
    tied[:2] = 4.0
    return [Case(rng.normal(0, 1, size=size).round(2), round(0.9 / size, 3)), Case(tied, 0.8)]


TASK = Task(
    name="temperature_for",
    title="확률에서 온도 찾기",
    reference=reference,
    judge=("close", {"rtol": 1e-3}),
    aspects=(
        Aspect(
            "usual",
            "1등의 확률이 target이 되는 온도",
            2,
            (Case(np.log([9.0, 1.0]), 0.75), Case(np.array([1.0, 4.0, 2.5]), 0.6)),
            random_usual,
        ),
        Aspect(
            "extreme",
            "아주 낮은 온도와 아주 높은 온도",
            2,
            (Case(np.array([0.0, 0.2]), 0.99), Case(np.array([0.0, 60.0, 20.0]), 0.5)),
            random_extreme,
        ),
        Aspect(
            "refused",
            "이를 수 없는 확률에는 ValueError",
            1,
            (
                Case(
                    np.array([3.0, 1.0, 0.0, 0.0]),
                    0.2,
                    label="토큰이 네 개이면 1등의 확률은 1/4보다 낮아질 수 없습니다",
                ),
                Case(np.array([3.0, 3.0, 0.0]), 0.9, label="1등이 둘이면 한 토큰의 확률은 절반을 넘을 수 없습니다"),
            ),
            random_refused,
        ),
    ),
    mistakes=(
        Mistake(
            "uphill",
            refusing(lambda logits, target: bisected(logits, target, downhill=False)),
            "범위를 반대쪽으로 좁혀 한쪽 끝까지 밀려났습니다. 온도를 올리면 1등의 확률은 낮아집니다. 확률이 target보다 "
            "높으면 온도를 더 올려야 합니다.",
        ),
        Mistake(
            "inverse",
            refusing(lambda logits, target: 1 / reference(logits, target)),
            "바른 온도의 역수입니다. 로짓에 곱할 수를 찾은 셈입니다. 로짓을 나눌 수를 돌려주십시오.",
        ),
        Mistake(
            "two_tokens",
            refusing(two_tokens_only),
            "1등과 2등만 보는 식입니다. 토큰이 셋 이상이면 나머지 토큰도 확률을 나누어 가집니다. 모든 토큰으로 "
            "소프트맥스를 계산해 주십시오.",
        ),
        Mistake(
            "first_token",
            refusing(first_logit),
            "0번 토큰의 확률을 보았습니다. 1등은 어느 자리에나 있을 수 있습니다. 확률의 최댓값(.max())을 target과 "
            "견주어 주십시오.",
        ),
        Mistake(
            "few_steps",
            refusing(lambda logits, target: bisected(logits, target, steps=10)),
            "아직 충분히 좁히지 않았습니다. 범위의 길이가 100이므로 10번을 반으로 나누어도 0.1이 남습니다. 확률이 "
            "target과 비슷해졌다고 멈추지 말고 60번쯤 되풀이해 주십시오.",
        ),
        Mistake(
            "grid",
            refusing(grid(0.1)),
            "0.1 간격으로만 찾아 오차가 큽니다. 낮은 온도에서는 0.1도 큰 차이입니다. 범위를 반씩 좁혀 가며 찾아 "
            "주십시오.",
        ),
        Mistake(
            "fine_grid",
            refusing(grid(0.01)),
            "0.01 간격으로만 찾아 오차가 0.1%를 넘습니다. 간격을 더 줄이면 오래 걸리므로, 범위를 반씩 좁혀 가며 찾아 "
            "주십시오.",
        ),
        Mistake(
            "probability",
            refusing(lambda logits, target: target),
            "온도가 아니라 그 온도에서 구한 1등의 확률을 돌려주었습니다. 마지막에 찾은 온도를 돌려주십시오.",
        ),
        Mistake(
            "accepted",
            bisected,
            "어떤 온도로도 이를 수 없는 확률인데 값을 돌려주었습니다. 온도 0.01과 100에서의 확률을 먼저 구하고, "
            "target이 그 사이에 없으면 raise ValueError(...)로 오류를 내 주십시오.",
        ),
    ),
)
