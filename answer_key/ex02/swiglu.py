"""Task 2: the gated feed-forward network, against ``LlamaMLP``."""

from __future__ import annotations

import numpy as np

from answer_key.ex02.real_modules import array, llama, tensor
from answer_key.task import Aspect, Case, Mistake, Task


def reference(x, w_gate, w_up, w_down):
    """``LlamaMLP`` with these weights, each stored as ``nn.Linear`` does: (outputs, inputs)."""
    import torch
    from transformers import LlamaConfig

    middle, hidden = np.shape(w_gate)
    config = LlamaConfig(hidden_size=hidden, intermediate_size=middle, num_attention_heads=1, hidden_act="silu")
    module = llama().LlamaMLP(config).double()
    weights = {"gate_proj": w_gate, "up_proj": w_up, "down_proj": w_down}
    module.load_state_dict({f"{name}.weight": tensor(weight) for name, weight in weights.items()})
    with torch.no_grad():
        return array(module(tensor(x)))


def _sigmoid(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def _silu(x):
    return x * _sigmoid(x)


def not_transposed(x, w_gate, w_up, w_down):
    if w_gate.shape[0] != w_gate.shape[1]:
        return None  # an error of the shapes, which many other mistakes give as well
    return (_silu(x @ w_gate) * (x @ w_up)) @ w_down


def columns_as_vectors(x, w_gate, w_up, w_down):
    return w_down @ (_silu(w_gate @ x) * (w_up @ x))


def no_up(x, w_gate, w_up, w_down):
    return _silu(x @ w_gate.T) @ w_down.T


def silu_on_up(x, w_gate, w_up, w_down):
    return ((x @ w_gate.T) * _silu(x @ w_up.T)) @ w_down.T


def silu_on_product(x, w_gate, w_up, w_down):
    return _silu((x @ w_gate.T) * (x @ w_up.T)) @ w_down.T


def silu_on_both(x, w_gate, w_up, w_down):
    return (_silu(x @ w_gate.T) * _silu(x @ w_up.T)) @ w_down.T


def sigmoid_only(x, w_gate, w_up, w_down):
    return (_sigmoid(x @ w_gate.T) * (x @ w_up.T)) @ w_down.T


def relu(x, w_gate, w_up, w_down):
    return (np.maximum(x @ w_gate.T, 0) * (x @ w_up.T)) @ w_down.T


def added(x, w_gate, w_up, w_down):
    return (_silu(x @ w_gate.T) + x @ w_up.T) @ w_down.T


def no_down(x, w_gate, w_up, w_down):
    return _silu(x @ w_gate.T) * (x @ w_up.T)


def residual_inside(x, w_gate, w_up, w_down):
    return x + (_silu(x @ w_gate.T) * (x @ w_up.T)) @ w_down.T


def overflowing(x, w_gate, w_up, w_down):
    with np.errstate(all="ignore"):
        gate = x @ w_gate.T
        return (gate * np.exp(gate) / (1 + np.exp(gate)) * (x @ w_up.T)) @ w_down.T


def _weights(rng: np.random.Generator, hidden: int, middle: int) -> tuple[np.ndarray, ...]:
    return tuple(rng.normal(0, 1, shape) for shape in ((middle, hidden), (middle, hidden), (hidden, middle)))


def _square(rng: np.random.Generator) -> list[Case]:
    return [Case(rng.normal(0, 1, 3), *_weights(rng, 3, 3)), Case(rng.normal(0, 1, 2), *_weights(rng, 2, 2))]


def _tokens(rng: np.random.Generator) -> list[Case]:
    return [
        Case(rng.normal(0, 1, (4, 3)), *_weights(rng, 3, 7)),
        Case(rng.normal(0, 1, (2, 3, 4)), *_weights(rng, 4, 6)),
    ]


def _large(rng: np.random.Generator) -> list[Case]:
    _, up, down = _weights(rng, 2, 2)
    return [Case(rng.uniform(0.5, 1, 2), np.array([[2000.0, 0.0], [0.0, -2000.0]]), up, down)]


_SMALL = (np.array([[2.0, 0.0], [0.0, -1.0]]), np.array([[1.0, 1.0], [1.0, 0.0]]), np.array([[1.0, 0.0], [1.0, 1.0]]))
_WIDE = (
    np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]),
    np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0]]),
    np.array([[1.0, 0.0, 0.0], [0.0, 1.0, -1.0]]),
)

TASK = Task(
    name="swiglu",
    title="게이트가 있는 피드포워드",
    reference=reference,
    judge=("close", {"rtol": 1e-5, "atol": 1e-7}),
    aspects=(
        Aspect("vector", "벡터 하나", points=2, visible=(Case(np.array([1.0, 2.0]), *_SMALL),), hidden=_square),
        Aspect(
            "tokens",
            "토큰 여러 개",
            points=1,
            visible=(Case(np.array([[1.0, 2.0], [3.0, -1.0]]), *_WIDE),),
            hidden=_tokens,
        ),
        Aspect("large", "게이트의 값이 아주 클 때", points=1, visible=(), hidden=_large),
    ),
    mistakes=(
        Mistake(
            "silu_on_up",
            silu_on_up,
            "실루를 w_up 쪽에 적용했습니다. 실루는 게이트(w_gate) 쪽에만 적용합니다. 두 가중치는 모양이 같아 오류가 "
            "나지 않으므로 값으로만 드러나는 실수입니다.",
        ),
        Mistake(
            "sigmoid_only",
            sigmoid_only,
            "게이트에 시그모이드만 적용했습니다. 실루는 시그모이드 값에 입력을 다시 곱한 것입니다: x * sigmoid(x)",
        ),
        Mistake(
            "silu_on_product",
            silu_on_product,
            "두 출력을 먼저 곱하고 그 결과에 실루를 적용했습니다. 게이트의 출력에 실루를 적용한 다음 곱해 주십시오.",
        ),
        Mistake("silu_on_both", silu_on_both, "실루를 두 쪽에 모두 적용했습니다. 게이트(w_gate) 쪽에만 적용합니다."),
        Mistake(
            "relu",
            relu,
            "음수를 모두 0으로 만드는 렐루(ReLU)를 썼습니다. 실루(x * sigmoid(x))는 음수에서도 0이 아닌 값을 냅니다.",
        ),
        Mistake(
            "added",
            added,
            "두 쪽의 출력을 더했습니다. 게이트는 얼마나 통과시킬지를 정하므로 같은 자리의 수끼리 곱합니다.",
        ),
        Mistake(
            "not_transposed",
            not_transposed,
            "가중치의 두 축을 바꾸지 않고(x @ w) 곱했습니다. nn.Linear는 가중치를 (출력, 입력) 모양으로 저장하므로 x @ "
            "w.T로 곱합니다. 가중치가 정사각형이면 오류 없이 다른 값이 나와 알아채기 어렵습니다.",
        ),
        Mistake(
            "no_down",
            no_down,
            "마지막 밀집층을 지나지 않았습니다. 늘어난 벡터를 w_down으로 원래 크기로 되돌려 주십시오.",
        ),
        Mistake(
            "residual_inside",
            residual_inside,
            "입력 x를 더했습니다. 잔차 연결은 피드포워드 네트워크의 바깥, 블록에서 합니다. 여기서는 더하지 않습니다.",
        ),
        Mistake(
            "overflowing",
            overflowing,
            "게이트의 값이 1,000쯤 되면 np.exp(x)가 넘쳐 inf/inf, 곧 nan이 됩니다. 시그모이드를 1 / (1 + np.exp(-x))로 "
            "적으면 넘치더라도 0이나 1이 되어 괜찮습니다.",
        ),
        Mistake(
            "no_up",
            no_up,
            "w_up 쪽의 출력을 곱하지 않았습니다. 밀집층은 셋입니다. 게이트에 실루를 적용한 값과 x @ w_up.T를 같은 "
            "자리끼리 곱해 주십시오.",
        ),
        Mistake(
            "columns_as_vectors",
            columns_as_vectors,
            "w @ x의 순서로 곱했습니다. 벡터 하나일 때는 맞지만, 토큰이 여러 개이면 x의 세로줄을 토큰 하나로 잘못 "
            "봅니다. x @ w.T의 순서로 곱해 주십시오.",
        ),
    ),
)
