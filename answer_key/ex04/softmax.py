"""softmax(logits): stable, along the last axis. Reference: scipy.special.softmax."""

from __future__ import annotations

import numpy as np

from answer_key.task import Aspect, Case, Mistake, Task


def reference(logits):
    from scipy.special import softmax

    return softmax(np.asarray(logits, dtype=float), axis=-1)


def no_max(logits):
    weights = np.exp(np.asarray(logits, dtype=float))
    return weights / weights.sum(axis=-1, keepdims=True)


def all_axes(logits):
    values = np.asarray(logits, dtype=float)
    weights = np.exp(values - values.max())
    return weights / weights.sum()


def no_exp(logits):
    values = np.asarray(logits, dtype=float)
    return values / values.sum(axis=-1, keepdims=True)


def random_rows(rng):
    return [Case(rng.normal(0, 3, size=rng.integers(2, 9)).round(3)) for _ in range(4)]


def random_large(rng):
    return [Case(rng.normal(0, 3, size=5).round(3) + rng.choice([900.0, 2000.0, -2000.0])) for _ in range(3)]


def random_tables(rng):
    return [Case(rng.normal(0, 2, size=(rng.integers(2, 5), rng.integers(3, 7))).round(3)) for _ in range(3)]


TASK = Task(
    name="softmax",
    title="소프트맥스",
    reference=reference,
    aspects=(
        Aspect("row", "로짓 한 줄을 확률로", 1, (Case(np.array([1.0, 2.0, 3.0])),), random_rows),
        Aspect("large", "아주 큰 로짓에서도 넘치지 않음", 1, (Case(np.array([1000.0, 1001.0])),), random_large),
        Aspect("table", "표는 줄마다 따로", 1, (Case(np.array([[1.0, 2.0], [3.0, 3.0]])),), random_tables),
    ),
    mistakes=(
        Mistake("no_max", no_max, "로짓이 크면 exp()가 넘칩니다. 줄마다 가장 큰 로짓을 먼저 뺐는지 확인해 주십시오."),
        Mistake("all_axes", all_axes, "표 전체의 합이 1입니다. 줄마다 합이 1이 되도록 axis=-1로 더해 주십시오."),
        Mistake("no_exp", no_exp, "로짓을 합으로 나누기만 했습니다. 먼저 exp()를 취해 주십시오."),
    ),
)
