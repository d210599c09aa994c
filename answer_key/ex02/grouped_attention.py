"""Task 5: grouped-query attention with a causal mask, against torch's ``scaled_dot_product_attention``."""

from __future__ import annotations

import numpy as np

from answer_key.ex02.real_modules import array, tensor
from answer_key.task import Aspect, Case, Mistake, Task


def reference(q, k, v):
    """torch's attention, which shares KV heads itself (``enable_gqa``) and hides the future (``is_causal``)."""
    from torch.nn.functional import scaled_dot_product_attention

    mixed = scaled_dot_product_attention(*(tensor(x)[None] for x in (q, k, v)), is_causal=True, enable_gqa=True)
    return array(mixed[0])


def softmax(scores, axis=-1):
    weights = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)


def repeated(kv, heads):
    return np.repeat(kv, heads // len(kv), axis=0)


def _scores(q, k, scale=None):
    return q @ np.swapaxes(k, -2, -1) / (np.sqrt(q.shape[-1]) if scale is None else scale)


def _hidden_future(scores, first=1):
    return np.where(np.triu(np.ones(scores.shape[-2:], bool), first), -np.inf, scores)


def _attention(q, k, v, share=repeated, scale=None, mask=_hidden_future, axis=-1):
    k, v = share(k, len(q)), share(v, len(q))
    with np.errstate(all="ignore"):
        return softmax(mask(_scores(q, k, scale)), axis) @ v


def tiled(q, k, v):
    return _attention(q, k, v, share=lambda kv, heads: np.tile(kv, (heads // len(kv), 1, 1)))


def not_scaled(q, k, v):
    return _attention(q, k, v, scale=1.0)


def scaled_without_root(q, k, v):
    return _attention(q, k, v, scale=q.shape[-1])


def no_mask(q, k, v):
    return _attention(q, k, v, mask=lambda scores: scores)


def sees_one_ahead(q, k, v):
    return _attention(q, k, v, mask=lambda scores: _hidden_future(scores, 2))


def blind_to_itself(q, k, v):
    return _attention(q, k, v, mask=lambda scores: _hidden_future(scores, 0))


def hides_the_past(q, k, v):
    return _attention(q, k, v, mask=lambda s: np.where(np.tril(np.ones(s.shape[-2:], bool), -1), -np.inf, s))


def zero_for_hidden(q, k, v):
    return _attention(q, k, v, mask=lambda scores: np.tril(scores))


def masked_after_softmax(q, k, v):
    k, v = repeated(k, len(q)), repeated(v, len(q))
    return np.tril(softmax(_scores(q, k))) @ v


def softmax_over_queries(q, k, v):
    return _attention(q, k, v, axis=-2)


def first_head_for_all(q, k, v):
    return _attention(q, k, v, share=lambda kv, heads: np.repeat(kv[:1], heads, axis=0))


def weights_returned(q, k, v):
    with np.errstate(all="ignore"):
        return softmax(_hidden_future(_scores(q, repeated(k, len(q)))))


def only_values_shared_in_order(q, k, v):
    k = np.tile(k, (len(q) // len(k), 1, 1))
    return softmax(_hidden_future(_scores(q, k))) @ repeated(v, len(q))


def overflowing(q, k, v):
    with np.errstate(all="ignore"):
        weights = np.exp(_hidden_future(_scores(q, repeated(k, len(q)))))
        return weights / weights.sum(-1, keepdims=True) @ repeated(v, len(q))


def _case(rng: np.random.Generator, heads: int, kv_heads: int, tokens: int = 4, size: int = 3) -> Case:
    shapes = ((heads, tokens, size), (kv_heads, tokens, size), (kv_heads, tokens, size))
    return Case(*(rng.normal(0, 1, shape) for shape in shapes))


def _full(rng: np.random.Generator) -> list[Case]:
    return [_case(rng, 1, 1), _case(rng, 3, 3, tokens=5, size=4)]


def _grouped(rng: np.random.Generator) -> list[Case]:
    return [_case(rng, 4, 2), _case(rng, 6, 2, tokens=3, size=2), _case(rng, 8, 4), _case(rng, 3, 1)]


def _large(rng: np.random.Generator) -> list[Case]:
    q, k, v = _case(rng, 4, 2).args
    return [Case(100 * q, 100 * k, v)]


_KEYS = np.log([[1.0], [3.0], [4.0]])  # with queries of 1 the weights are as 1 : 3 : 4
_OTHER_KEYS = np.log([[2.0], [1.0], [1.0]])
_VALUES = np.array([[1.0], [5.0], [3.0]])
_WIDE_VALUES = np.hstack([_VALUES, np.zeros((3, 3))])[None]
_WIDE_QUERY = np.array([[[2.0, 0.0, 0.0, 0.0]] * 3])  # 2 / sqrt(4) = 1
_WIDE_KEYS = np.hstack([_KEYS, np.zeros((3, 3))])[None]
_AVERAGED = np.array([[[1.0, 0.0], [3.0, 0.0], [8.0, 6.0]]])

TASK = Task(
    name="grouped_attention",
    title="그룹 쿼리 어텐션(GQA)",
    reference=reference,
    judge=("close", {"rtol": 1e-5, "atol": 1e-7}),
    aspects=(
        Aspect(
            "causal",
            "헤드의 수가 같을 때(MHA)",
            points=2,
            visible=(
                Case(_WIDE_QUERY, _WIDE_KEYS, _WIDE_VALUES, label="헤드의 크기 4"),
                Case(np.ones((1, 3, 2)), np.zeros((1, 3, 2)), _AVERAGED, label="키가 모두 0"),
            ),
            hidden=_full,
        ),
        Aspect(
            "grouped",
            "KV 헤드를 함께 쓸 때(GQA, MQA)",
            points=2,
            visible=(
                Case(
                    np.ones((4, 3, 1)),
                    np.stack([_KEYS, _OTHER_KEYS]),
                    np.stack([_VALUES, 10 * _VALUES]),
                    label="쿼리 헤드 4개, KV 헤드 2개",
                ),
                Case(np.ones((2, 3, 1)), _KEYS[None], _VALUES[None], label="쿼리 헤드 2개, KV 헤드 1개"),
            ),
            hidden=_grouped,
        ),
        Aspect("large", "점수가 아주 클 때", points=1, visible=(), hidden=_large),
    ),
    mistakes=(
        Mistake(
            "tiled",
            tiled,
            "KV 헤드를 통째로 이어 붙였습니다(np.tile: 0, 1, 0, 1). 이웃한 쿼리 헤드가 같은 KV 헤드를 쓰도록 하나씩 "
            "되풀이해 주십시오(np.repeat: 0, 0, 1, 1).",
        ),
        Mistake(
            "first_head_for_all",
            first_head_for_all,
            "모든 쿼리 헤드가 0번 KV 헤드를 썼습니다. 쿼리 헤드를 KV 헤드의 수만큼 묶어, 그룹마다 제 KV 헤드를 써야 "
            "합니다.",
        ),
        Mistake(
            "no_mask",
            no_mask,
            "미래를 가리지 않았습니다. 첫째 토큰의 결과에 뒤의 토큰이 섞였습니다. 쿼리보다 뒤에 있는 키의 점수를 "
            "-inf로 바꾼 다음 소프트맥스를 적용해 주십시오.",
        ),
        Mistake(
            "sees_one_ahead",
            sees_one_ahead,
            "가리는 자리가 한 칸 밀려 바로 다음 토큰이 보입니다. np.triu(..., 1)처럼 대각선의 바로 위부터 가려 "
            "주십시오.",
        ),
        Mistake(
            "blind_to_itself",
            blind_to_itself,
            "자기 자신까지 가렸습니다. 첫째 토큰은 볼 것이 없어 nan이 됩니다. 대각선은 남기고 그 위만 가려 "
            "주십시오(np.triu의 k=1).",
        ),
        Mistake(
            "hides_the_past",
            hides_the_past,
            "과거를 가리고 미래를 보았습니다. 가려야 할 곳은 왼쪽 아래가 아니라 오른쪽 위(쿼리보다 뒤에 있는 "
            "키)입니다.",
        ),
        Mistake(
            "zero_for_hidden",
            zero_for_hidden,
            "가릴 자리의 점수를 0으로 만들었습니다. 소프트맥스에서 점수 0은 e의 0제곱, 곧 1의 몫을 받습니다. "
            "-np.inf로 바꾸어 주십시오.",
        ),
        Mistake(
            "masked_after_softmax",
            masked_after_softmax,
            "소프트맥스를 적용한 뒤에 가렸습니다. 그러면 줄의 합이 1이 되지 않습니다. 점수를 먼저 가리고 "
            "소프트맥스를 적용해 주십시오.",
        ),
        Mistake(
            "not_scaled",
            not_scaled,
            "점수를 헤드 크기의 제곱근으로 나누지 않았습니다. 헤드의 수나 토큰의 수가 아니라 마지막 축의 크기입니다. "
            "내적을 np.sqrt(q.shape[-1])로 나누어 주십시오.",
        ),
        Mistake(
            "scaled_without_root",
            scaled_without_root,
            "점수를 헤드의 크기로 나누었습니다. 크기 그대로가 아니라 그 제곱근(np.sqrt)으로 나누어야 합니다.",
        ),
        Mistake(
            "softmax_over_queries",
            softmax_over_queries,
            "소프트맥스의 축이 다릅니다. 쿼리 하나가 키들에 주는 가중치의 합이 1이 되도록 마지막 축(axis=-1)에 "
            "적용해 주십시오.",
        ),
        Mistake(
            "overflowing",
            overflowing,
            "점수가 커서 np.exp()가 넘쳤습니다(inf/inf = nan). 줄마다 가장 큰 점수를 먼저 빼면 결과는 같고 넘치지 "
            "않습니다.",
        ),
        Mistake(
            "weights_returned",
            weights_returned,
            "어텐션 가중치를 돌려주었습니다. 가중치로 값(v)을 섞는 마지막 단계가 남았습니다. 결과의 모양은 q와 같아야 "
            "합니다.",
        ),
        Mistake(
            "keys_and_values_apart",
            only_values_shared_in_order,
            "키와 값을 서로 다른 방법으로 되풀이했습니다. 쿼리 헤드 하나는 같은 KV 헤드의 키와 값을 함께 써야 합니다. "
            "둘 다 np.repeat로 되풀이해 주십시오.",
        ),
    ),
)
