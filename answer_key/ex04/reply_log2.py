"""reply_log2(step_logits, ids): log2 of the probability of a whole reply. Reference: scipy.special.log_softmax."""

from __future__ import annotations

import numpy as np

from answer_key.ex04.softmax import reference as softmax
from answer_key.task import Aspect, Case, Mistake, Task


def reference(step_logits, ids):
    from scipy.special import log_softmax

    logs = log_softmax(np.asarray(step_logits, dtype=float), axis=-1)
    return float(logs[np.arange(len(ids)), ids].sum() / np.log(2))


def chosen(step_logits, ids):
    """The probability of each token of the reply."""
    return softmax(step_logits)[np.arange(len(ids)), ids]


def multiplies_first(step_logits, ids):
    return np.log2(np.prod(chosen(step_logits, ids)))


def log_of_softmax(step_logits, ids):
    return np.log2(chosen(step_logits, ids)).sum()


def natural(step_logits, ids):
    return reference(step_logits, ids) * np.log(2)


def raw_logits(step_logits, ids):
    return step_logits[np.arange(len(ids)), ids].sum()


def most_probable(step_logits, ids):
    return reference(step_logits, step_logits.argmax(axis=-1))


def mean(step_logits, ids):
    return reference(step_logits, ids) / len(ids)


def probability(step_logits, ids):
    return 2.0 ** reference(step_logits, ids)


def overflows(step_logits, ids):
    """log(sum(exp)) without taking the largest logit out."""
    logs = step_logits - np.log(np.exp(step_logits).sum(axis=-1, keepdims=True))
    return logs[np.arange(len(ids)), ids].sum() / np.log(2)


def one_maximum(step_logits, ids):
    """The largest logit of the whole table taken out: places with far smaller logits underflow."""
    shifted = step_logits - step_logits.max()
    logs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logs[np.arange(len(ids)), ids].sum() / np.log(2)


def all_columns(step_logits, ids):
    """step_logits[:, ids]: every token of the reply at every place."""
    return sum(reference(step_logits, np.full(len(step_logits), token)) for token in ids)


def random_reply(rng, length, size, spread=2.0, shift=0.0):
    # Whole eighths: the same numbers in float32 however large, so that a learner's data type does not matter.
    logits = (rng.normal(shift, spread, size=(length, size)) * 8).round() / 8
    return Case(logits, rng.integers(0, size, size=length))


def random_short(rng):
    return [random_reply(rng, int(length), 5) for length in rng.integers(2, 7, size=3)]


def random_far(rng):
    far = rng.normal(0, 1, size=(3, 4)).round(3)
    far[1, 2] = -float(rng.integers(1500, 4000))
    uneven = random_reply(rng, 3, 4, shift=np.array([[0.0], [1200.0], [-900.0]]))
    return [Case(far, np.array([0, 2, 1])), random_reply(rng, 3, 4, shift=1200.0), uneven]


def random_long(rng):
    return [random_reply(rng, int(rng.integers(700, 900)), 6)]


TASK = Task(
    name="reply_log2",
    title="답변 전체의 확률",
    reference=reference,
    aspects=(
        Aspect(
            "short",
            "짧은 답변",
            2,
            (
                Case(np.log([[1.0, 1.0, 2.0], [1.0, 6.0, 1.0]]), np.array([0, 1]), label="확률 1/4과 6/8"),
                Case(np.log([[1.0, 1.0], [1.0, 3.0], [1.0, 1.0]]), np.array([1, 1, 0]), label="확률 1/2, 3/4, 1/2"),
            ),
            random_short,
        ),
        Aspect(
            "far",
            "로짓의 차이나 크기가 아주 큰 답변",
            1,
            (
                Case(np.array([[0.0, 0.0], [0.0, -2000.0]]), np.array([0, 1])),
                Case(np.array([[1000.0, 1000.0]]), np.array([1])),
                Case(
                    np.array([[0.0, 0.0], [1000.0, 1000.0]]),
                    np.array([0, 1]),
                    label="자리마다 로짓의 크기가 크게 다른 답변",
                ),
            ),
            random_far,
        ),
        Aspect(
            "long",
            "아주 긴 답변",
            1,
            (Case(np.zeros((600, 4)), np.zeros(600, dtype=int), label="자리마다 확률 1/4, 토큰 600개"),),
            random_long,
        ),
    ),
    mistakes=(
        Mistake(
            "raw",
            raw_logits,
            "고른 토큰의 로짓을 그대로 더했습니다. 로짓은 확률이 아닙니다. 자리마다 소프트맥스의 분모에 로그를 씌워 "
            "뺀 뒤 더해 주십시오.",
        ),
        Mistake(
            "greedy",
            most_probable,
            "자리마다 로짓이 가장 큰 토큰의 확률을 썼습니다. 답변에 실제로 쓰인 토큰(ids)의 확률을 써 주십시오.",
        ),
        Mistake(
            "probability",
            probability,
            "확률 자체를 돌려주었습니다. 긴 답변의 확률은 컴퓨터가 나타낼 수 없을 만큼 작아지므로, log2를 한 값을 "
            "돌려주십시오.",
        ),
        Mistake(
            "natural",
            natural,
            "밑이 e인 로그를 돌려주었습니다. np.log(2)로 나누면 밑이 2인 로그(비트)가 됩니다.",
        ),
        Mistake(
            "times_log2",
            lambda step_logits, ids: reference(step_logits, ids) * np.log(2) ** 2,
            "밑이 e인 로그에 np.log(2)를 곱했습니다. 밑을 2로 바꾸려면 np.log(2)로 나누어야 합니다.",
        ),
        Mistake(
            "sign",
            lambda step_logits, ids: -reference(step_logits, ids),
            "부호가 거꾸로입니다. 놀라움(-log2)이 아니라 확률의 log2를 돌려주십시오. 확률은 1 이하이므로 답은 0 "
            "이하입니다.",
        ),
        Mistake(
            "mean",
            mean,
            "토큰의 수로 나눈 평균입니다. 답변 전체의 확률은 자리마다의 확률을 곱한 것이므로, 로그는 나누지 말고 "
            "더하기만 해 주십시오.",
        ),
        Mistake(
            "columns",
            all_columns,
            "step_logits[:, ids]는 모든 자리에서 모든 답변 토큰을 꺼냅니다. 0번 자리에서는 ids[0]만, 1번 "
            "자리에서는 ids[1]만 꺼내야 합니다. step_logits[np.arange(len(ids)), ids]처럼 자리 번호를 함께 "
            "주십시오.",
        ),
        Mistake(
            "underflow",
            log_of_softmax,
            "소프트맥스의 결과가 0으로 바뀐(언더플로) 뒤에 로그를 씌워 -inf가 되었습니다. 확률을 거치지 말고 "
            "로그 확률 (로짓 - 최댓값) - log(합)을 바로 계산해 주십시오.",
        ),
        Mistake(
            "overflow",
            overflows,
            "로짓이 커서 np.exp()가 넘쳤습니다. 자리마다 가장 큰 로짓을 먼저 빼 주십시오. 차이가 그대로이므로 "
            "확률은 달라지지 않습니다.",
        ),
        Mistake(
            "one_maximum",
            one_maximum,
            "표 전체에서 가장 큰 로짓을 뺐습니다. 그러면 로짓이 훨씬 작은 자리에서는 거듭제곱이 모두 0이 됩니다. "
            "axis=-1과 keepdims=True로 자리마다 그 자리의 가장 큰 로짓을 빼 주십시오.",
        ),
        Mistake(
            "product",
            multiplies_first,
            "확률을 먼저 모두 곱해 0으로 바뀌었습니다(언더플로). 곱한 뒤 로그를 씌우지 말고, 자리마다 로그를 씌운 "
            "뒤 더해 주십시오.",
        ),
    ),
)
