"""Task 4: the rotation itself, against ``apply_rotary_pos_emb``."""

from __future__ import annotations

import numpy as np

from answer_key.ex02.real_modules import array, llama, tensor
from answer_key.task import Aspect, Case, Mistake, Task


def reference(x, positions, speeds):
    """``apply_rotary_pos_emb`` with the cosines and sines of these positions, in 64 bits."""
    angles = tensor(positions)[:, None] * tensor(speeds)
    import torch

    both = torch.cat([angles, angles], dim=-1)
    # The library's function wants (batch, heads, tokens, head_dim) and adds the axis of heads to cos and sin itself.
    heads = tensor(x).reshape(1, -1, *np.shape(x)[-2:])
    turned, _ = llama().apply_rotary_pos_emb(heads, heads, both.cos()[None], both.sin()[None])
    return array(turned.reshape(np.shape(x)))


def _turn(x, angles):
    first, second = np.split(x, 2, axis=-1)
    cos, sin = np.cos(angles), np.sin(angles)
    return np.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)


def neighbours(x, positions, speeds):
    angles = positions[:, None] * speeds
    even, odd, cos, sin = x[..., ::2], x[..., 1::2], np.cos(angles), np.sin(angles)
    return np.stack([even * cos - odd * sin, odd * cos + even * sin], axis=-1).reshape(x.shape)


def backwards(x, positions, speeds):
    return _turn(x, -(positions[:, None] * speeds))


def positions_ignored(x, positions, speeds):
    return _turn(x, np.arange(x.shape[-2])[:, None] * speeds)


def all_forward(x, positions, speeds):
    return _turn(x, positions[0] * speeds[None, :])


def mirrored(x, positions, speeds):
    angles = positions[:, None] * speeds
    first, second = np.split(x, 2, axis=-1)
    cos, sin = np.cos(angles), np.sin(angles)
    return np.concatenate([first * cos + second * sin, second * cos + first * sin], axis=-1)


def overwritten(x, positions, speeds):
    angles = positions[:, None] * speeds
    first, second = np.split(x, 2, axis=-1)
    first = first * np.cos(angles) - second * np.sin(angles)
    second = second * np.cos(angles) + first * np.sin(angles)
    return np.concatenate([first, second], axis=-1)


def no_new_axis(x, positions, speeds):
    return _turn(x, positions * speeds)


def cos_and_sin_swapped(x, positions, speeds):
    angles = positions[:, None] * speeds
    first, second = np.split(x, 2, axis=-1)
    cos, sin = np.sin(angles), np.cos(angles)
    return np.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)


def interleaved(x, positions, speeds):
    first, second = np.split(_turn(x, positions[:, None] * speeds), 2, axis=-1)
    return np.stack([first, second], axis=-1).reshape(x.shape)


def degrees(x, positions, speeds):
    return _turn(x, np.radians(positions[:, None] * speeds))


def mixed_layouts(x, positions, speeds):
    angles = np.repeat(positions[:, None] * speeds, 2, axis=-1)
    first, second = np.split(x, 2, axis=-1)
    return x * np.cos(angles) + np.concatenate([-second, first], axis=-1) * np.sin(angles)


def _one(rng: np.random.Generator) -> list[Case]:
    return [
        Case(rng.normal(0, 1, (1, 1, size)), rng.integers(0, 20, 1), rng.uniform(0.1, 1, size // 2)) for size in (2, 6)
    ]


def _many(rng: np.random.Generator) -> list[Case]:
    scattered = np.sort(rng.choice(200, size=4, replace=False))
    return [
        Case(rng.normal(0, 1, (3, 4, 6)), scattered, rng.uniform(0.1, 1, 3)),
        Case(rng.normal(0, 1, (2, 3, 8)), np.arange(3) + int(rng.integers(100, 1000)), rng.uniform(0.01, 1, 4)),
    ]


_QUARTER = np.array([np.pi / 2, 0.0])
_HEADS = np.array([[[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]], [[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]]])

TASK = Task(
    name="apply_rope",
    title="위치만큼 돌리기",
    reference=reference,
    judge=("close", {"rtol": 1e-5, "atol": 1e-7}),
    aspects=(
        Aspect(
            "one",
            "토큰 하나",
            points=2,
            visible=(
                Case(np.array([[[1.0, 2.0, 3.0, 4.0]]]), np.array([1]), _QUARTER),
                Case(np.array([[[3.0, 4.0]]]), np.array([2]), np.array([0.5])),
            ),
            hidden=_one,
        ),
        Aspect(
            "many",
            "헤드와 토큰 여러 개, 0에서 시작하지 않는 위치",
            points=2,
            visible=(Case(_HEADS, np.array([5, 8]), np.array([np.pi / 2, 0.1])),),
            hidden=_many,
        ),
    ),
    mistakes=(
        Mistake(
            "neighbours",
            neighbours,
            "이웃한 두 수(0번과 1번, 2번과 3번)를 짝지었습니다. EXAONE은 절반만큼 떨어진 수끼리 짝짓습니다. "
            "np.split(x, 2, axis=-1)로 앞쪽 절반과 뒤쪽 절반으로 나누어 주십시오.",
        ),
        Mistake(
            "mixed_layouts",
            mixed_layouts,
            "수는 절반씩 나누어 짝지었는데 각도는 이웃끼리 되풀이했습니다. 앞쪽 절반과 뒤쪽 절반에 같은 각도 배열을 "
            "써 주십시오.",
        ),
        Mistake(
            "backwards",
            backwards,
            "반대 방향으로 돌렸습니다. 사인이 든 두 항의 부호가 서로 바뀌었는지, 문제의 식과 견주어 주십시오.",
        ),
        Mistake(
            "positions_ignored",
            positions_ignored,
            "positions를 쓰지 않고 0부터 번호를 매겼습니다. 캐시를 쓰면 새 토큰의 위치는 0이 아니므로 받은 위치를 "
            "써야 합니다.",
        ),
        Mistake(
            "all_forward",
            all_forward,
            "모든 토큰을 첫째 토큰의 위치만큼 돌렸습니다. 토큰마다 제 위치를 쓰도록 positions[:, None] * speeds로 "
            "(토큰 수, 쌍의 수) 모양의 각도를 만들어 주십시오.",
        ),
        Mistake(
            "overwritten",
            overwritten,
            "앞쪽 절반을 돌린 값으로 덮어쓴 다음 그 값으로 뒤쪽을 계산했습니다. 둘 다 돌리기 전의 값으로 계산해야 "
            "합니다.",
        ),
        Mistake(
            "mirrored",
            mirrored,
            "두 식의 부호가 모두 더하기입니다. 앞쪽 절반의 식에서는 second·sin을 빼야 회전이 되고 길이가 그대로입니다.",
        ),
        Mistake(
            "degrees",
            degrees,
            "각도를 도(degree)로 보고 라디안으로 바꾸었습니다. speeds는 이미 라디안입니다. 바꾸지 않고 그대로 써 "
            "주십시오.",
        ),
        Mistake(
            "no_new_axis",
            no_new_axis,
            "positions * speeds를 같은 자리끼리 곱했습니다. 토큰의 수와 쌍의 수가 우연히 같아 오류가 나지 않았을 "
            "뿐입니다. 토큰마다, 쌍마다 각도가 하나씩 필요하므로 모양은 (토큰 수, head_dim / 2)입니다.",
        ),
        Mistake(
            "cos_and_sin_swapped",
            cos_and_sin_swapped,
            "코사인과 사인을 바꾸어 썼습니다. 각도가 0이면 코사인이 1, 사인이 0이어서 벡터가 그대로여야 합니다.",
        ),
        Mistake(
            "interleaved",
            interleaved,
            "돌린 두 절반을 번갈아 끼워 넣었습니다. 절반만큼 떨어진 제자리로 돌아가도록 앞쪽 절반 다음에 뒤쪽 절반을 "
            "이어 주십시오.",
        ),
    ),
)
