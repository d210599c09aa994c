"""How large a model may be to fit a memory."""

from __future__ import annotations

import numpy as np

from answer_key.task import Aspect, Case, Mistake, Task


def largest_params(memory_gb: float, bits: int = 16, reserve: float = 0.2) -> float:
    """The reference: billions of parameters whose weights and reserve fill ``memory_gb`` exactly."""
    return memory_gb / (1 + reserve) / (bits / 8)


def reserve_off_the_memory(memory_gb, bits=16, reserve=0.2):
    return memory_gb * (1 - reserve) / (bits / 8)


def bits_for_bytes(memory_gb, bits=16, reserve=0.2):
    return memory_gb / (1 + reserve) / bits


def always_two_bytes(memory_gb, bits=16, reserve=0.2):
    return memory_gb / (1 + reserve) / 2


def without_reserve(memory_gb, bits=16, reserve=0.2):
    return memory_gb / (bits / 8)


def always_a_fifth(memory_gb, bits=16, reserve=0.2):
    return memory_gb / 1.2 / (bits / 8)


def memory_needed(memory_gb, bits=16, reserve=0.2):
    return memory_gb * (bits / 8) * (1 + reserve)


def in_ones(memory_gb, bits=16, reserve=0.2):
    return 1e9 * largest_params(memory_gb, bits, reserve)


def rounded(memory_gb, bits=16, reserve=0.2):
    return round(largest_params(memory_gb, bits, reserve), 2)


def whole_number(memory_gb, bits=16, reserve=0.2):
    return int(largest_params(memory_gb, bits, reserve))


def whole_bytes(memory_gb, bits=16, reserve=0.2):
    return memory_gb / (bits // 8) / (1 + reserve)


def any_memory(rng: np.random.Generator) -> list[Case]:
    """Graphics cards of other sizes, defaults otherwise."""
    return [Case(round(float(memory), 1)) for memory in rng.uniform(4, 90, size=4)]


def any_bits(rng: np.random.Generator) -> list[Case]:
    """Every common number format."""
    return [Case(round(float(rng.uniform(4, 90)), 1), bits=bits) for bits in (32, 16, 8, 4)]


def any_reserve(rng: np.random.Generator) -> list[Case]:
    """Reserves from none to twice the weights."""
    reserves = (0.0, 2.0, round(float(rng.uniform(0.3, 1.5)), 2))
    return [Case(round(float(rng.uniform(4, 90)), 1), bits=int(rng.choice([4, 8, 16])), reserve=r) for r in reserves]


TASK = Task(
    name="largest_params",
    title="메모리에 들어가는 가장 큰 모델",
    reference=largest_params,
    judge=("close", {"rtol": 1e-6}),
    aspects=(
        Aspect(
            "memory", "16비트, 여유 20%", points=1, visible=(Case(15, label="코랩의 T4"), Case(16)), hidden=any_memory
        ),
        Aspect("bits", "다른 비트 수", points=1, visible=(Case(15, bits=4),), hidden=any_bits),
        Aspect("reserve", "다른 여유", points=1, visible=(Case(24, bits=16, reserve=0.5),), hidden=any_reserve),
    ),
    mistakes=(
        Mistake(
            "reserve_off_the_memory",
            reserve_off_the_memory,
            "여유를 메모리에서 뺐습니다. 여유는 가중치의 20%이므로, 가중치의 1.2배가 메모리와 같다고 놓고 "
            "가중치를 구해 주십시오"
            "(15 GB라면 15 × 0.8이 아니라 15 ÷ 1.2).",
        ),
        Mistake(
            "bits_for_bytes",
            bits_for_bytes,
            "비트와 바이트를 섞어 썼습니다. 1바이트는 8비트이므로 16비트 파라미터 하나는 2바이트입니다. bits를 "
            "8로 나눈 다음 써 주십시오.",
        ),
        Mistake(
            "without_reserve",
            without_reserve,
            "답을 만드는 동안 쓸 여유를 잡지 않았습니다. 가중치만으로 메모리를 꽉 채우면 실행하다가 메모리가 "
            "모자랍니다. "
            "매개변수 reserve를 계산에 넣어 주십시오.",
        ),
        Mistake(
            "memory_needed",
            memory_needed,
            "거꾸로 계산했습니다. 이 식은 '파라미터가 이만큼일 때 필요한 메모리'입니다. "
            "메모리가 주어졌으니 곱한 것을 모두 나누기로 바꾸어 주십시오.",
        ),
        Mistake(
            "always_two_bytes",
            always_two_bytes,
            "bits를 바꾸어도 결과가 그대로입니다. 파라미터 하나의 크기를 2바이트로 못 박지 말고 bits에서 계산해 "
            "주십시오.",
        ),
        Mistake(
            "always_a_fifth",
            always_a_fifth,
            "reserve를 바꾸어도 결과가 그대로입니다. 1.2라고 적은 곳을 매개변수 reserve로 나타내 주십시오.",
        ),
        Mistake(
            "in_ones",
            in_ones,
            "파라미터의 수를 하나하나 센 값입니다. 이 문제의 단위는 십억 개이므로, 62억 5천만 개라면 6.25를 "
            "돌려주십시오.",
        ),
        Mistake(
            "rounded",
            rounded,
            "결과를 소수 둘째 자리까지 반올림했습니다. 반올림은 사람에게 보여 줄 때만 하고, 여기서는 계산한 값을 "
            "그대로 돌려주십시오.",
        ),
        Mistake(
            "whole_number",
            whole_number,
            "소수점 아래를 버렸습니다. 단위가 십억 개이므로 0.25도 2억 5천만 개입니다. 실수를 그대로 돌려주십시오.",
        ),
        Mistake(
            "whole_bytes",
            whole_bytes,
            "//로 나누어 바이트 수가 정수가 되었습니다. 4비트는 0.5바이트인데 4 // 8은 0이 됩니다. /를 써 주십시오.",
        ),
    ),
)
