"""Task 10: one decoding step with a KV cache, against transformers' own cache, rotation and attention."""

from __future__ import annotations

import numpy as np

from answer_key.ex02.apply_rope import reference as rotated
from answer_key.ex02.grouped_attention import repeated, softmax
from answer_key.ex02.real_modules import array, tensor
from answer_key.task import Aspect, Case, Mistake, Task


def reference(q, k, v, keys, values, speeds):
    """``DynamicCache`` filled with ``keys`` and ``values``, then one more token; returns output, keys, values."""
    from torch.nn.functional import scaled_dot_product_attention
    from transformers import DynamicCache

    cache = DynamicCache()
    if keys.shape[1]:
        cache.update(tensor(keys)[None], tensor(values)[None], 0)
    place = np.array([cache.get_seq_length()])
    turned_q, turned_k = (tensor(rotated(x, place, speeds))[None] for x in (q, k))
    all_keys, all_values = cache.update(turned_k, tensor(v)[None], 0)
    output = scaled_dot_product_attention(turned_q, all_keys, all_values, enable_gqa=True)
    return tuple(array(part[0]) for part in (output, all_keys, all_values))


def _turn(x, place, speeds):
    first, second = np.split(x, 2, axis=-1)
    cos, sin = np.cos(place * speeds), np.sin(place * speeds)
    return np.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)


def _mixed(q, keys, values, share=repeated, scale=None):
    scores = q @ np.swapaxes(share(keys, len(q)), -2, -1) / (scale or np.sqrt(q.shape[-1]))
    return softmax(scores) @ share(values, len(q))


def _added(old, new):
    return np.concatenate([old, new], axis=1)


def _step(q, k, v, keys, values, speeds, shift=0, share=repeated, scale=None):
    place = keys.shape[1] + shift
    keys, values = _added(keys, _turn(k, place, speeds)), _added(values, v)
    return _mixed(_turn(q, place, speeds), keys, values, share, scale), keys, values


def one_place_late(q, k, v, keys, values, speeds):
    return _step(q, k, v, keys, values, speeds, shift=1)


def one_place_early(q, k, v, keys, values, speeds):
    return _step(q, k, v, keys, values, speeds, shift=-1 if keys.shape[1] else 0)


def place_zero(q, k, v, keys, values, speeds):
    return _step(q, k, v, keys, values, speeds, shift=-keys.shape[1])


def query_not_turned(q, k, v, keys, values, speeds):
    return _step(_turn(q, -keys.shape[1], speeds), k, v, keys, values, speeds)


def keys_turned_again(q, k, v, keys, values, speeds):
    place, every = keys.shape[1], np.arange(keys.shape[1] + 1)[:, None]
    keys, values = _turn(_added(keys, k), every, speeds), _added(values, v)
    return _mixed(_turn(q, place, speeds), keys, values), keys, values


def raw_key_stored(q, k, v, keys, values, speeds):
    output, _, new_values = _step(q, k, v, keys, values, speeds)
    return output, _added(keys, k), new_values


def value_turned(q, k, v, keys, values, speeds):
    return _step(q, k, _turn(v, keys.shape[1], speeds), keys, values, speeds)


def blind_to_itself(q, k, v, keys, values, speeds):
    place = keys.shape[1]
    _, new_keys, new_values = _step(q, k, v, keys, values, speeds)
    if place == 0:
        return np.zeros_like(q), new_keys, new_values
    return _mixed(_turn(q, place, speeds), keys, values), new_keys, new_values


def square_mask(q, k, v, keys, values, speeds):
    _, new_keys, new_values = _step(q, k, v, keys, values, speeds)
    return _mixed(q, new_keys[:, :1], new_values[:, :1]), new_keys, new_values


def cache_not_grown(q, k, v, keys, values, speeds):
    return _step(q, k, v, keys, values, speeds)[0], keys, values


def put_in_front(q, k, v, keys, values, speeds):
    place = keys.shape[1]
    output, new_keys, new_values = _step(q, k, v, keys, values, speeds)
    return output, np.roll(new_keys, -place, axis=1), np.roll(new_values, -place, axis=1)


def repeated_stored(q, k, v, keys, values, speeds):
    output, new_keys, new_values = _step(q, k, v, keys, values, speeds)
    return output, repeated(new_keys, len(q)), repeated(new_values, len(q))


def tiled(q, k, v, keys, values, speeds):
    return _step(q, k, v, keys, values, speeds, share=lambda kv, heads: np.tile(kv, (heads // len(kv), 1, 1)))


def not_scaled(q, k, v, keys, values, speeds):
    return _step(q, k, v, keys, values, speeds, scale=1.0)


def _case(rng: np.random.Generator, heads: int, kv_heads: int, cached: int, size: int = 4) -> Case:
    shapes = ((heads, 1, size), (kv_heads, 1, size), (kv_heads, 1, size), *2 * ((kv_heads, cached, size),))
    return Case(*(rng.normal(0, 1, shape) for shape in shapes), rng.uniform(0.1, 1, size // 2))


def _full(rng: np.random.Generator) -> list[Case]:
    return [_case(rng, 1, 1, 3), _case(rng, 2, 2, 6, size=6)]


def _grouped(rng: np.random.Generator) -> list[Case]:
    return [_case(rng, 4, 2, 3), _case(rng, 6, 2, 5, size=2), _case(rng, 3, 1, 2)]


def _empty(rng: np.random.Generator) -> list[Case]:
    return [_case(rng, 2, 2, 0), _case(rng, 4, 2, 0)]


_EIGHTH = np.array([np.pi / 4])  # two places: a right angle
_BY_HAND = Case(
    np.array([[[np.sqrt(2) * np.log(2), 0.0]]]),
    np.array([[[1.0, 0.0]]]),
    np.array([[[0.0, 6.0]]]),
    np.array([[[1.0, 0.0], [1.0, 0.0]]]),
    np.array([[[4.0, 0.0], [8.0, 0.0]]]),
    _EIGHTH,
    label="손으로 계산한 예",
)
_SHARED = Case(
    np.zeros((4, 1, 2)),
    np.zeros((2, 1, 2)),
    np.array([[[3.0, 3.0]], [[30.0, 30.0]]]),
    np.array([[[0.0, 1.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]]),
    np.array([[[1.0, 1.0], [2.0, 2.0]], [[10.0, 10.0], [20.0, 20.0]]]),
    _EIGHTH,
    label="쿼리 헤드 4개, KV 헤드 2개",
)

TASK = Task(
    name="cached_step",
    title="KV 캐시로 한 걸음",
    reference=reference,
    judge=("ex02.step", {"rtol": 1e-5, "atol": 1e-7}),
    aspects=(
        Aspect("full", "헤드의 수가 같을 때", points=2, visible=(_BY_HAND,), hidden=_full),
        Aspect("grouped", "KV 헤드를 함께 쓸 때", points=2, visible=(_SHARED,), hidden=_grouped),
        Aspect("empty", "빈 캐시에서 시작할 때", points=1, hidden=_empty),
    ),
    mistakes=(
        Mistake(
            "one_place_late",
            one_place_late,
            "새 토큰의 위치가 하나 큽니다. 위치는 0부터 세므로, 캐시에 토큰이 n개 있으면 새 토큰의 위치는 n입니다.",
        ),
        Mistake(
            "place_zero",
            place_zero,
            "새 토큰을 돌리지 않았거나 0번 위치로 보았습니다(0번 위치에서는 돌지 않으므로 결과가 같습니다). 캐시에 "
            "이미 있는 토큰의 수 keys.shape[1]이 새 토큰의 위치입니다. q와 k를 그만큼 돌려 주십시오.",
        ),
        Mistake(
            "query_not_turned",
            query_not_turned,
            "키만 돌리고 쿼리는 돌리지 않았습니다. 둘을 같은 위치만큼 돌려야 점수가 거리로만 정해집니다.",
        ),
        Mistake(
            "raw_key_stored",
            raw_key_stored,
            "돌리기 전의 키를 캐시에 넣었습니다. 캐시에는 회전까지 마친 키가 들어 있어야 다음 걸음에서 그대로 쓸 수 "
            "있습니다.",
        ),
        Mistake(
            "keys_turned_again",
            keys_turned_again,
            "캐시에 있던 키를 다시 돌렸습니다. 캐시의 키는 이미 회전을 마친 것이므로 새 키만 돌려 주십시오.",
        ),
        Mistake("value_turned", value_turned, "값(v)도 돌렸습니다. 돌리는 것은 쿼리와 키뿐입니다."),
        Mistake(
            "cache_not_grown",
            cache_not_grown,
            "새 키와 값이 더해지지 않은 캐시를 돌려주었습니다. 다음 걸음에서 쓰도록 토큰이 하나 늘어난 캐시를 "
            "돌려주십시오.",
        ),
        Mistake(
            "blind_to_itself",
            blind_to_itself,
            "새 토큰이 자기 자신을 보지 못했습니다. 새 키와 값을 캐시에 붙인 다음 어텐션을 계산해 주십시오.",
        ),
        Mistake(
            "square_mask",
            square_mask,
            "첫째 토큰만 보았습니다. 쿼리가 하나뿐일 때 grouped_attention()의 인과 마스크를 그대로 쓰면 첫째 키 "
            "말고는 모두 가려집니다. 새 토큰보다 뒤에 있는 키는 없으므로 여기서는 가릴 것이 없습니다.",
        ),
        Mistake(
            "put_in_front",
            put_in_front,
            "새 키와 값을 캐시의 앞에 붙였습니다. 토큰의 순서대로 뒤에 붙여 주십시오: np.concatenate([캐시, 새것], "
            "axis=1)",
        ),
        Mistake(
            "repeated_stored",
            repeated_stored,
            "되풀이한 키와 값을 캐시에 넣었습니다. 그러면 캐시가 쿼리 헤드의 수만큼 커집니다. 되풀이하기 전의 것을 "
            "저장해 주십시오.",
        ),
        Mistake(
            "tiled",
            tiled,
            "KV 헤드를 통째로 이어 붙였습니다(np.tile). 이웃한 쿼리 헤드가 같은 KV 헤드를 쓰도록 np.repeat를 써 "
            "주십시오.",
        ),
        Mistake(
            "not_scaled",
            not_scaled,
            "점수를 헤드 크기의 제곱근으로 나누지 않았습니다. 5번처럼 np.sqrt(q.shape[-1])로 나누어 주십시오.",
        ),
        Mistake(
            "one_place_early",
            one_place_early,
            "새 토큰의 위치가 하나 작습니다. 마지막 토큰의 위치가 n-1이므로 새 토큰은 n입니다. 토큰의 수는 "
            "keys.shape[1]이고, keys.shape[0]이나 len(keys)는 KV 헤드의 수입니다.",
        ),
    ),
)
