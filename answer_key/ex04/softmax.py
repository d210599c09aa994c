"""softmax(logits): stable, along the last axis. Reference: scipy.special.softmax."""

from __future__ import annotations

import numpy as np

from answer_key.task import Aspect, Case, Mistake, Task


def reference(logits):
    from scipy.special import softmax

    return softmax(np.asarray(logits, dtype=float), axis=-1)


def plain_softmax(logits):
    """Right on paper; exp() overflows from logits of 710 on."""
    weights = np.exp(logits)
    return weights / weights.sum(axis=-1, keepdims=True)


def subtracts_the_smallest(logits):
    weights = np.exp(logits - logits.min(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def divides_by_the_largest(logits):
    weights = np.exp(logits / logits.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def sums_the_whole_table(logits):
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


def forgets_keepdims(logits):
    weights = np.exp(logits - logits.max())
    return weights / weights.sum(axis=-1)


def sums_down(logits):
    weights = np.exp(logits - logits.max())
    return weights / weights.sum(axis=0)


def forgets_exp(logits):
    return logits / logits.sum(axis=-1, keepdims=True)


def stops_at_exp(logits):
    return np.exp(logits - logits.max(axis=-1, keepdims=True))


def random_rows(rng):
    return [Case(rng.normal(0, 3, size=rng.integers(2, 9)).round(3)) for _ in range(4)]


def random_large(rng):
    # Whole eighths: the same numbers in float32, so that a learner's choice of data type does not matter.
    return [Case((rng.normal(0, 3, size=5) * 8).round() / 8 + shift) for shift in (900.0, 30000.0, -2000.0)]


def random_tables(rng):
    square = rng.integers(3, 5)
    shapes = [(2, 6), (square, square), (5, 3)]
    return [Case(rng.normal(0, 2, size=shape).round(3)) for shape in shapes]


def random_cut(rng):
    cases = []
    for size in (4, 7):
        logits = rng.normal(0, 2, size=size).round(3)
        logits[rng.permutation(size)[: size // 2]] = -np.inf
        cases.append(Case(logits))
    return cases


TASK = Task(
    name="softmax",
    title="표에도 쓰는 소프트맥스",
    reference=reference,
    aspects=(
        Aspect("row", "로짓 한 줄을 확률로", 1, (Case(np.log([1.0, 2.0, 5.0])), Case(np.array([3, 3]))), random_rows),
        Aspect("large", "로짓이 아주 커도, 아주 작아도", 1, (Case(np.array([1000.0, 1001.0])),), random_large),
        Aspect(
            "table",
            "표에서는 줄마다 따로",
            1,
            (Case(np.log([[1.0, 1.0, 2.0], [5.0, 3.0, 2.0]])), Case(np.array([[1.0, 2.0], [900.0, 900.0]]))),
            random_tables,
        ),
        Aspect("cut", "-inf인 토큰의 확률은 0", 1, (Case(np.array([0.0, -np.inf, 0.0])),), random_cut),
    ),
    mistakes=(
        Mistake(
            "no_exp",
            forgets_exp,
            "로짓을 합으로 나누기만 했습니다. 그러면 음수 로짓이 음수 확률이 됩니다. 먼저 np.exp()로 e를 로짓만큼 "
            "거듭제곱해 주십시오.",
        ),
        Mistake(
            "not_divided",
            stops_at_exp,
            "거듭제곱까지는 맞지만 합이 1이 아닙니다. 마지막에 줄의 합으로 나누어 주십시오.",
        ),
        Mistake(
            "no_max",
            plain_softmax,
            "로짓이 크면 np.exp()가 무한대가 되어 결과가 nan이 됩니다. 거듭제곱하기 전에 줄마다 가장 큰 로짓을 빼 "
            "주십시오. 차이가 그대로이므로 확률은 달라지지 않습니다.",
        ),
        Mistake(
            "minimum",
            subtracts_the_smallest,
            "가장 작은 로짓을 뺐습니다. 그러면 큰 로짓이 여전히 커서 넘칠 수 있고, -inf가 있으면 nan이 됩니다. "
            "가장 큰 로짓을 빼서 남는 값이 모두 0 이하가 되게 해 주십시오.",
        ),
        Mistake(
            "divided_by_max",
            divides_by_the_largest,
            "가장 큰 로짓으로 나누었습니다. 나누면 로짓의 차이가 달라져 확률도 달라집니다(온도를 바꾼 셈입니다). "
            "나누지 말고 빼 주십시오.",
        ),
        Mistake(
            "all_axes",
            sums_the_whole_table,
            "표 전체를 더해 1이 됩니다. 한 줄이 확률 분포 하나이므로, 줄마다 합이 1이 되도록 axis=-1로 더해 주십시오.",
        ),
        Mistake(
            "no_keepdims",
            forgets_keepdims,
            "줄마다 더하기는 했지만, 합의 모양이 (줄 수,)여서 나눌 때 엉뚱한 열과 짝지어집니다. keepdims=True를 "
            "주어 합의 모양을 (줄 수, 1)로 남겨 주십시오.",
        ),
        Mistake(
            "wrong_axis",
            sums_down,
            "열마다(axis=0) 합이 1입니다. 토큰은 마지막 축에 늘어서 있으므로 axis=-1로 더해 주십시오.",
        ),
    ),
)
