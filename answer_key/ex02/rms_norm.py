"""Task 1: RMS normalisation, against ``LlamaRMSNorm``."""

from __future__ import annotations

import numpy as np

from answer_key.ex02.real_modules import array, llama, tensor
from answer_key.task import Aspect, Case, Mistake, Task


def reference(x, weight, eps=1e-5):
    """``LlamaRMSNorm`` with ``weight``; it computes in 32 bits whatever comes in."""
    import torch

    module = llama().LlamaRMSNorm(len(weight), eps=eps).double()
    with torch.no_grad():
        module.weight.copy_(tensor(weight))
        return array(module(tensor(x)))


def _divided(x, weight, divisor):
    with np.errstate(all="ignore"):
        return x / divisor * weight


def _mean_square(x):
    return np.mean(np.asarray(x, np.float64) ** 2, axis=-1, keepdims=True)


def layer_norm(x, weight, eps=1e-5):
    centred = x - np.mean(x, axis=-1, keepdims=True)
    return _divided(centred, weight, np.sqrt(_mean_square(centred) + eps))


def no_root(x, weight, eps=1e-5):
    return _divided(x, weight, _mean_square(x) + eps)


def eps_outside(x, weight, eps=1e-5):
    return _divided(x, weight, np.sqrt(_mean_square(x)) + eps)


def no_eps(x, weight, eps=1e-5):
    return _divided(x, weight, np.sqrt(_mean_square(x)))


def one_scale_for_all(x, weight, eps=1e-5):
    return _divided(x, weight, np.sqrt(np.mean(np.asarray(x, np.float64) ** 2) + eps))


def over_tokens(x, weight, eps=1e-5):
    squares = np.mean(np.asarray(x, np.float64) ** 2, axis=0, keepdims=True)
    return _divided(x, weight, np.sqrt(squares + eps))


def summed(x, weight, eps=1e-5):
    return _divided(x, weight, np.sqrt(np.sum(np.asarray(x, np.float64) ** 2, axis=-1, keepdims=True) + eps))


def no_weight(x, weight, eps=1e-5):
    return _divided(x, 1.0, np.sqrt(_mean_square(x) + eps))


def half_precision(x, weight, eps=1e-5):
    with np.errstate(all="ignore"):
        return x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + eps) * weight


def standard_deviation(x, weight, eps=1e-5):
    centred = x - np.mean(x, axis=-1, keepdims=True)
    return _divided(x, weight, np.sqrt(_mean_square(centred) + eps))


def weight_first(x, weight, eps=1e-5):
    return _divided(x * weight, 1.0, np.sqrt(_mean_square(x * weight) + eps))


def no_keepdims(x, weight, eps=1e-5):
    return _divided(x, weight, np.sqrt(_mean_square(x)[..., 0] + eps))


def _tokens(rng: np.random.Generator) -> list[Case]:
    shapes = [(3, 5), (2, 3, 4), (4, 2)]
    return [Case(rng.normal(1, 2, shape), rng.uniform(0.5, 2, shape[-1]), eps=1e-5) for shape in shapes]


def _vectors(rng: np.random.Generator) -> list[Case]:
    return [Case(rng.normal(0.5, 3, size), rng.uniform(0.5, 2, size)) for size in (3, 8)]


def _small(rng: np.random.Generator) -> list[Case]:
    tiny = Case(rng.normal(0, 0.002, (2, 4)), rng.uniform(0.5, 2, 4), eps=1e-5)
    return [tiny, Case(np.zeros((2, 3)), np.ones(3), eps=1e-6), Case(rng.normal(0, 3, 5), np.ones(5), eps=4.0)]


def _half(rng: np.random.Generator) -> list[Case]:
    return [Case(rng.uniform(300, 900, (2, 4)).astype(np.float16), rng.uniform(0.5, 2, 4))]


TASK = Task(
    name="rms_norm",
    title="RMS 정규화(RMSNorm)",
    reference=reference,
    # Answers that come back in 16 bits are rounded to a two-thousandth.
    judge=("close", {"rtol": 2e-3, "atol": 1e-6}),
    aspects=(
        Aspect(
            "vector",
            "벡터 하나",
            points=1,
            visible=(Case(np.array([1.0, 7.0]), np.array([1.0, 10.0]), eps=0.0),),
            hidden=_vectors,
        ),
        Aspect(
            "tokens",
            "토큰마다 따로",
            points=1,
            visible=(Case(np.array([[1.0, 7.0], [10.0, 70.0], [-7.0, 1.0]]), np.array([1.0, 1.0]), eps=0.0),),
            hidden=_tokens,
        ),
        Aspect(
            "eps",
            "eps의 자리",
            points=1,
            visible=(Case(np.array([3.0, -3.0]), np.array([1.0, 1.0]), eps=7.0),),
            hidden=_small,
        ),
        Aspect("half", "16비트로 들어온 큰 값", points=1, visible=(), hidden=_half),
    ),
    mistakes=(
        Mistake(
            "layer_norm",
            layer_norm,
            "평균을 먼저 뺐습니다. 그것은 층 정규화(LayerNorm)입니다. RMS 정규화는 값을 옮기지 않고 크기만 맞춥니다.",
        ),
        Mistake(
            "one_scale_for_all",
            one_scale_for_all,
            "모든 토큰을 한꺼번에 평균했습니다. 토큰(마지막 축의 벡터)마다 따로 구하도록 np.mean()에 axis=-1, "
            "keepdims=True를 넣어 주십시오.",
        ),
        Mistake(
            "over_tokens",
            over_tokens,
            "평균을 구하는 축이 다릅니다. 토큰을 가로질러(axis=0) 구했습니다. 벡터 안에서(axis=-1) 구해 주십시오.",
        ),
        Mistake(
            "no_eps",
            no_eps,
            "eps를 쓰지 않았습니다. 제곱의 평균에 eps를 더한 다음 제곱근을 구합니다. eps가 없으면 모두 0인 벡터에서 "
            "0으로 나누게 됩니다.",
        ),
        Mistake(
            "eps_outside",
            eps_outside,
            "eps를 제곱근을 구한 뒤에 더했습니다. 식에서 eps는 제곱근 안에 있습니다. 제곱의 평균에 먼저 더해 주십시오.",
        ),
        Mistake(
            "no_root",
            no_root,
            "제곱의 평균으로 바로 나누었습니다. 제곱근(np.sqrt)을 구한 다음 나누어야 크기가 1에 가까워집니다.",
        ),
        Mistake(
            "summed",
            summed,
            "제곱의 합으로 나누었습니다. RMS의 M은 평균(mean)입니다. np.sum 대신 np.mean을 써 주십시오.",
        ),
        Mistake(
            "no_weight",
            no_weight,
            "마지막에 weight를 곱하지 않았습니다. 차원마다 학습된 가중치를 곱해야 끝납니다.",
        ),
        Mistake(
            "half_precision",
            half_precision,
            "16비트 수를 그대로 제곱했습니다. 16비트로는 65,504까지만 적을 수 있어 300의 제곱도 inf가 됩니다. "
            "제곱하기 전에 x.astype(np.float32)로 바꾸어 주십시오.",
        ),
        Mistake(
            "standard_deviation",
            standard_deviation,
            "표준편차로 나누었습니다. 표준편차에는 평균을 빼는 단계가 들어 있습니다. np.std()나 np.var() 대신, 제곱의 "
            "평균을 직접 구해 주십시오.",
        ),
        Mistake(
            "weight_first",
            weight_first,
            "weight를 곱한 다음 정규화했습니다. 그러면 나누는 수까지 weight에 따라 달라집니다. 정규화를 마친 뒤 "
            "마지막에 곱해 주십시오.",
        ),
        Mistake(
            "no_keepdims",
            no_keepdims,
            "토큰이 여러 개일 때 모양이 맞지 않아 오류가 났습니다. np.mean()이 축을 없애면 (토큰 수,)가 되어 x를 나눌 "
            "수 없습니다. keepdims=True로 (토큰 수, 1)을 남겨 주십시오.",
        ),
    ),
)
