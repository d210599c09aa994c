"""probabilities_at(logits, temperature): softmax of logits / temperature; temperature 0 is its limit.

The limit shares the probability equally among all the tokens with the highest logit.
"""

from __future__ import annotations

import numpy as np

from answer_key.ex04.softmax import plain_softmax
from answer_key.ex04.softmax import reference as softmax
from answer_key.task import Aspect, Case, Mistake, Task

TOY = np.array([4.0, 3.4, 2.5, 2.0, 0.5, -1.0])


def reference(logits, temperature):
    logits = np.asarray(logits, dtype=float)
    if temperature < 0:
        raise ValueError("온도는 0 이상이어야 합니다.")
    if temperature == 0:
        best = logits == logits.max()
        return best / best.sum()
    return softmax(logits / temperature)


def above_zero(rule):
    """A wrong answer that goes wrong at a temperature above 0 only."""
    return lambda logits, temperature: rule(logits, temperature) if temperature > 0 else reference(logits, temperature)


def divides_by_zero(logits, temperature):
    return reference(logits, temperature) if temperature < 0 else softmax(logits / np.float64(temperature))


def first_winner_takes_all(logits, temperature):
    if temperature != 0:
        return reference(logits, temperature)
    winner = np.zeros(len(logits))
    winner[logits.argmax()] = 1
    return winner


def one_each(logits, temperature):
    """1 for every one of the tied, where they were to share 1."""
    return (logits == logits.max()).astype(float) if temperature == 0 else reference(logits, temperature)


def divides_and_normalises(logits, temperature):
    """Probabilities divided by the temperature and by their sum again: the temperature cancels."""
    divided = softmax(logits) / np.float64(temperature)
    return divided / divided.sum()


def refuses_zero(logits, temperature):
    return reference(logits, temperature if temperature > 0 else -1)


def gives_the_number(logits, temperature):
    return reference(logits, temperature) if temperature != 0 else int(logits.argmax())


def lets_negative_through(logits, temperature):
    return softmax(logits / temperature) if temperature < 0 else reference(logits, temperature)


def random_logits(rng):
    # No two equal logits, and every gap at least 0.05: nothing hangs on a last digit.
    return (rng.permutation(rng.integers(4, 9)) * 0.7 + rng.uniform(0, 0.3) - 2).round(3)


def random_usual(rng):
    return [Case(random_logits(rng), float(t)) for t in rng.uniform([0.3, 0.6, 1.3, 3], [0.6, 0.9, 3, 12]).round(2)]


def random_cold(rng):
    return [Case(random_logits(rng), float(t)) for t in rng.uniform(0.0005, 0.002, size=2).round(5)]


def random_zero(rng):
    tied = random_logits(rng)
    tied[rng.permutation(len(tied))[: rng.integers(2, 4)]] = 5.0
    return [Case(random_logits(rng), 0.0), Case(tied, 0.0)]


def random_negative(rng):
    return [Case(random_logits(rng), -round(rng.uniform(0.1, 3), 2))]


TASK = Task(
    name="probabilities_at",
    title="온도를 적용한 확률",
    reference=reference,
    aspects=(
        Aspect(
            "usual",
            "0보다 큰 온도의 확률",
            2,
            (Case(np.log([1.0, 4.0, 16.0]), 2.0), Case(np.log([1.0, 4.0]), 0.5)),
            random_usual,
        ),
        Aspect("cold", "아주 낮은 온도", 1, (Case(TOY, 0.001, label="로짓을 나누면 4000까지 커집니다"),), random_cold),
        Aspect(
            "zero",
            "온도 0은 탐욕적 디코딩",
            1,
            (Case(np.array([1.0, 3.0, 2.0]), 0.0), Case(np.array([3.0, 1.0, 3.0]), 0.0, label="공동 1등")),
            random_zero,
        ),
        Aspect("negative", "음수 온도에는 ValueError", 1, (Case(np.array([1.0, 2.0]), -2.0),), random_negative),
    ),
    mistakes=(
        Mistake(
            "zero_divided",
            divides_by_zero,
            "온도 0으로 나누어 nan이 나왔습니다. 0일 때는 나누지 말고 따로 처리해 주십시오. 로짓이 가장 큰 토큰에 "
            "확률 1을 줍니다.",
        ),
        Mistake(
            "multiplied",
            lambda logits, t: softmax(logits * t),
            "로짓에 온도를 곱했습니다. 그러면 온도를 올릴수록 1등으로 쏠려 방향이 거꾸로입니다. 로짓을 온도로 "
            "나누어 주십시오.",
        ),
        Mistake(
            "cancelled",
            divides_and_normalises,
            "온도를 바꾸어도 확률이 그대로입니다. 확률을 온도로 나눈 뒤 다시 합으로 나누면 온도가 약분되어 "
            "사라집니다. 소프트맥스를 하기 전에 로짓을 나누어 주십시오.",
        ),
        Mistake(
            "after",
            lambda logits, t: softmax(logits) / np.float64(t),
            "확률을 온도로 나누어 합이 1이 아닙니다. 순서를 바꾸어, 먼저 로짓을 온도로 나누고 그다음에 "
            "소프트맥스를 해 주십시오.",
        ),
        Mistake(
            "twice",
            lambda logits, t: softmax(softmax(logits) / np.float64(t)),
            "소프트맥스를 두 번 했습니다. 확률을 다시 로짓처럼 쓰면 차이가 아주 작아져 거의 고르게 퍼집니다. "
            "로짓을 온도로 나눈 뒤 소프트맥스를 한 번만 해 주십시오.",
        ),
        Mistake(
            "no_max",
            above_zero(lambda logits, t: plain_softmax(logits / t)),
            "온도가 아주 낮으면 나눈 로짓이 커서 np.exp()가 넘칩니다. 나눈 다음에 가장 큰 값을 빼 주십시오. 1번 "
            "문제의 softmax를 불러 써도 됩니다.",
        ),
        Mistake(
            "one_winner",
            first_winner_takes_all,
            "공동 1등 가운데 하나에만 확률 1을 주었습니다. argmax()는 먼저 나온 하나만 알려 줍니다. 동점인 토큰은 "
            "온도를 아무리 낮추어도 확률이 같으므로, logits == logits.max()인 자리 모두에 똑같이 나누어 주십시오.",
        ),
        Mistake(
            "not_shared",
            one_each,
            "공동 1등에 1을 하나씩 주어 합이 1보다 큽니다. 1등의 수로 나누어 확률의 합이 1이 되게 해 주십시오.",
        ),
        Mistake(
            "zero_refused",
            refuses_zero,
            "온도 0에서도 오류를 냈습니다. 이 함수에서 온도 0은 탐욕적 디코딩을 뜻하는 약속입니다. 음수일 때만 "
            "ValueError를 내 주십시오.",
        ),
        Mistake(
            "number",
            gives_the_number,
            "온도 0에서 토큰의 번호를 돌려주었습니다. 다른 온도에서처럼 토큰마다 확률이 하나씩 있는 배열을 "
            "돌려주십시오.",
        ),
        Mistake(
            "negative_accepted",
            lets_negative_through,
            "음수 온도를 그대로 계산했습니다. 음수로 나누면 순서가 뒤집혀 꼴찌가 1등이 됩니다. raise "
            "ValueError(...)로 오류를 내 주십시오.",
        ),
    ),
)
