"""Task 3: how fast each pair turns, against ``LlamaRotaryEmbedding``."""

from __future__ import annotations

import numpy as np

from answer_key.ex02.real_modules import llama
from answer_key.task import Aspect, Case, Mistake, Task


def reference(head_dim, theta, scaling=None):
    """``inv_freq`` of the rotary embedding that transformers builds from such a configuration."""
    from transformers import LlamaConfig

    rope = {"rope_type": "default", **(scaling or {}), "rope_theta": theta}
    config = LlamaConfig(
        hidden_size=head_dim,
        num_attention_heads=1,
        head_dim=head_dim,
        max_position_embeddings=8 * rope.get("original_max_position_embeddings", 2048),
        rope_parameters=rope,
    )
    return llama().LlamaRotaryEmbedding(config).inv_freq.double().numpy()


def _default(head_dim, theta):
    return theta ** (-np.arange(0, head_dim, 2) / head_dim)


def _wanted(scaling):
    return scaling is not None and scaling.get("rope_type") == "llama3"


def _adjusted(speeds, scaling, turns=None, clipped=True, swapped=False, slow=None):
    if not _wanted(scaling):
        return speeds
    if turns is None:
        turns = scaling["original_max_position_embeddings"] * speeds / (2 * np.pi)
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    kept = (turns - low) / (high - low)
    kept = np.clip(kept, 0, 1) if clipped else kept
    kept = 1 - kept if swapped else kept
    slow = speeds / scaling["factor"] if slow is None else slow
    return kept * speeds + (1 - kept) * slow


def every_number(head_dim, theta, scaling=None):
    return _adjusted(theta ** (-np.arange(head_dim) / head_dim), scaling)


def half_exponent(head_dim, theta, scaling=None):
    return _adjusted(theta ** (-np.arange(head_dim // 2) / head_dim), scaling)


def positive_exponent(head_dim, theta, scaling=None):
    return _adjusted(theta ** (np.arange(0, head_dim, 2) / head_dim), scaling)


def double_exponent(head_dim, theta, scaling=None):
    return _adjusted(theta ** (-np.arange(0, head_dim, 2) / (head_dim // 2)), scaling)


def not_scaled(head_dim, theta, scaling=None):
    return _default(head_dim, theta)


def all_slowed(head_dim, theta, scaling=None):
    speeds = _default(head_dim, theta)
    return speeds / scaling["factor"] if _wanted(scaling) else speeds


def multiplied(head_dim, theta, scaling=None):
    speeds = _default(head_dim, theta)
    return _adjusted(speeds, scaling, slow=speeds * scaling["factor"]) if _wanted(scaling) else speeds


def not_clipped(head_dim, theta, scaling=None):
    return _adjusted(_default(head_dim, theta), scaling, clipped=False)


def swapped(head_dim, theta, scaling=None):
    return _adjusted(_default(head_dim, theta), scaling, swapped=True)


def radians_as_turns(head_dim, theta, scaling=None):
    speeds = _default(head_dim, theta)
    turns = scaling["original_max_position_embeddings"] * speeds if _wanted(scaling) else None
    return _adjusted(speeds, scaling, turns=turns)


def no_blend(head_dim, theta, scaling=None):
    speeds = _default(head_dim, theta)
    if not _wanted(scaling):
        return speeds
    turns = scaling["original_max_position_embeddings"] * speeds / (2 * np.pi)
    return np.where(turns < scaling["low_freq_factor"], speeds / scaling["factor"], speeds)


def always_scaled(head_dim, theta, scaling=None):
    return _adjusted(_default(head_dim, theta), scaling and {**scaling, "rope_type": "llama3"})


def _llama3(length: int, factor: float = 8.0, low: float = 1.0, high: float = 4.0) -> dict:
    return {
        "rope_type": "llama3",
        "factor": factor,
        "low_freq_factor": low,
        "high_freq_factor": high,
        "original_max_position_embeddings": length,
    }


def _plain(rng: np.random.Generator) -> list[Case]:
    sizes = 2 * rng.integers(2, 20, size=2)
    return [Case(int(size), float(rng.choice([10_000.0, 500_000.0, 1e6]))) for size in sizes]


def _scaled(rng: np.random.Generator) -> list[Case]:
    cases = [Case(80, 1e6, _llama3(8192)), Case(32, 1e4, _llama3(2048))]
    length, factor = int(2 ** rng.integers(9, 13)), float(rng.choice([4.0, 8.0, 16.0]))
    return [
        *cases,
        Case(
            int(2 * rng.integers(8, 30)),
            500_000.0,
            _llama3(length, factor, low=1.0, high=float(rng.choice([4.0, 6.0]))),
        ),
    ]


def _switched_off(rng: np.random.Generator) -> list[Case]:
    return [Case(16, 10_000.0, {**_llama3(1024), "rope_type": "default"})]


TASK = Task(
    name="rope_speeds",
    title="RoPE의 빠르기",
    reference=reference,
    # The library computes in 32 bits; theta to a power keeps five digits there.
    judge=("close", {"rtol": 1e-4, "atol": 1e-12}),
    aspects=(
        Aspect(
            "default",
            "조정이 없을 때",
            points=2,
            visible=(Case(4, 10_000.0), Case(6, 1_000_000.0)),
            hidden=_plain,
        ),
        Aspect(
            "llama3",
            "llama3 조정",
            points=2,
            visible=(Case(8, 10_000.0, _llama3(2000)), Case(4, 10_000.0, _llama3(1000, factor=4.0))),
            hidden=_scaled,
        ),
        Aspect("switch", "llama3이 아닌 설정은 조정하지 않음", points=1, visible=(), hidden=_switched_off),
    ),
    mistakes=(
        Mistake(
            "every_number",
            every_number,
            "수마다 빠르기를 하나씩 만들었습니다. 수 둘이 한 쌍이므로 빠르기는 head_dim의 절반만큼 필요합니다. "
            "np.arange(0, head_dim, 2)처럼 2씩 건너뛰어 주십시오.",
        ),
        Mistake(
            "half_exponent",
            half_exponent,
            "지수에 2가 빠졌습니다. i번 쌍의 지수는 -i/head_dim이 아니라 -2i/head_dim입니다.",
        ),
        Mistake(
            "double_exponent",
            double_exponent,
            "지수가 두 배입니다. np.arange(0, head_dim, 2)가 이미 2i이므로, 여기에 2를 또 곱하거나 head_dim의 절반으로 "
            "나누지 않습니다.",
        ),
        Mistake(
            "positive_exponent",
            positive_exponent,
            "지수의 부호가 반대입니다. 0번 쌍이 가장 빠르고 뒤로 갈수록 느려져야 하므로 지수는 음수입니다.",
        ),
        Mistake(
            "not_scaled",
            not_scaled,
            "scaling을 쓰지 않았습니다. rope_type이 llama3이면 8,192토큰처럼 처음 정한 길이 안에서 도는 바퀴 수에 "
            "따라 빠르기를 조정합니다.",
        ),
        Mistake(
            "all_slowed",
            all_slowed,
            "모든 쌍을 factor로 나누었습니다. 빠른 쌍은 그대로 두고, 한 바퀴도 돌지 못하는 느린 쌍만 나눕니다.",
        ),
        Mistake(
            "multiplied",
            multiplied,
            "느린 쌍에 factor를 곱했습니다. 더 느리게 하려면 factor로 나누어야 합니다.",
        ),
        Mistake(
            "not_clipped",
            not_clipped,
            "섞는 비율이 0보다 작거나 1보다 커졌습니다. np.clip(비율, 0, 1)로 0과 1 사이로 맞추어 주십시오.",
        ),
        Mistake(
            "swapped",
            swapped,
            "섞는 비율이 반대입니다. 바퀴 수가 많은(빠른) 쌍은 그대로 두고, 적은(느린) 쌍을 factor로 나눕니다.",
        ),
        Mistake(
            "radians_as_turns",
            radians_as_turns,
            "바퀴 수를 구할 때 2π로 나누지 않았습니다. 빠르기는 라디안이므로 (길이 × 빠르기) / 2π가 바퀴 수입니다.",
        ),
        Mistake(
            "no_blend",
            no_blend,
            "low_freq_factor와 high_freq_factor 사이에 있는 쌍을 섞지 않았습니다. 그 사이에서는 두 값을 비율대로 "
            "섞습니다.",
        ),
        Mistake(
            "always_scaled",
            always_scaled,
            "rope_type을 확인하지 않았습니다. scaling이 있어도 rope_type이 llama3일 때만 조정합니다.",
        ),
    ),
)
