"""Task 6: temperature, top-k, top-p, softmax, in the library's order."""

import numpy as np

from answer_key.ex05.inputs import decided, k_highest, logits_for, nucleus, softmax
from answer_key.task import Aspect, Case, Mistake, Task
from course_utils.decoding import decode_step

TOY = np.array([2.0, 4.0, 1.0, 3.0, 0.0])
TEMPERATURES = (0.5, 0.8, 1.5, 2.0, 5.0)


def _steps(logits, temperature, top_k, top_p, order):
    for name in order:
        if name == "t":
            logits = logits / temperature
        elif name == "k":
            logits = k_highest(logits, top_k)
        else:
            logits = nucleus(logits, top_p)
    return logits


def _ordered(order):
    def wrong(logits, temperature=1.0, top_k=0, top_p=1.0):
        return softmax(_steps(logits, temperature, top_k, top_p, order))

    return wrong


def _clear(logits, temperature, top_k, top_p):
    """Whether rounding decides nothing, in whatever order the steps are taken."""
    stages = (logits, logits / temperature, k_highest(logits, top_k), k_highest(logits / temperature, top_k))
    return all(decided(stage, top_p) for stage in stages)


def temperature_first(rng: np.random.Generator) -> list[Case]:
    """Top-p keeps another number of tokens when the temperature comes after it."""
    cases = []
    while len(cases) < 4:
        logits = logits_for(rng, size=int(rng.integers(10, 40)))
        t, p = float(rng.choice(TEMPERATURES)), float(rng.choice([0.6, 0.8, 0.9]))
        one, other = (np.isfinite(_steps(logits, t, 0, p, order)).sum() for order in ("tp", "pt"))
        if _clear(logits, t, 0, p) and one != other:
            cases.append(Case(logits, temperature=t, top_p=p))
    return cases


def k_before_p(rng: np.random.Generator) -> list[Case]:
    """Top-p after top-k keeps fewer tokens than top-p alone and top-k alone."""
    cases = []
    while len(cases) < 4:
        logits = logits_for(rng, size=int(rng.integers(15, 40)))
        t, k, p = float(rng.choice([1.0, 1.5, 2.0])), int(rng.integers(3, 9)), float(rng.choice([0.6, 0.8, 0.9]))
        one, other = (np.isfinite(_steps(logits, t, k, p, order)).sum() for order in ("tkp", "tpk"))
        if _clear(logits, t, k, p) and one < other:
            cases.append(Case(logits, temperature=t, top_k=k, top_p=p))
    return cases


def alone(rng: np.random.Generator) -> list[Case]:
    """One setting on, the others off, and all off; all logits may be negative or large."""
    cases = [Case(logits_for(rng)), Case(logits_for(rng) - 30), Case(logits_for(rng), temperature=0.25)]
    for _ in range(2):
        logits = logits_for(rng)
        cases.append(Case(logits, top_k=int(rng.integers(1, len(logits)))))
    while len(cases) < 7:
        logits = logits_for(rng)
        if decided(logits, 0.8):
            cases.append(Case(logits, top_p=0.8))
    return cases


def _not_scaled(logits, temperature=1.0, top_k=0, top_p=1.0):
    kept = np.isfinite(_steps(logits, temperature, top_k, top_p, "tkp"))
    return np.where(kept, softmax(logits / temperature), 0.0)


def _logits_back(logits, temperature=1.0, top_k=0, top_p=1.0):
    return _steps(logits, temperature, top_k, top_p, "tkp")


def _multiplied(logits, temperature=1.0, top_k=0, top_p=1.0):
    return decode_step(logits, 1 / temperature, top_k, top_p)


def _no_temperature(logits, temperature=1.0, top_k=0, top_p=1.0):
    return decode_step(logits, 1.0, top_k, top_p)


def _softmax_twice(logits, temperature=1.0, top_k=0, top_p=1.0):
    return softmax(decode_step(logits, temperature, top_k, top_p))


def _default_k(logits, temperature=1.0, top_k=0, top_p=1.0):
    return decode_step(logits, temperature, top_k or 1, top_p)


def _crossing_cut(logits, temperature=1.0, top_k=0, top_p=1.0):
    narrowed = k_highest(logits / temperature, top_k)
    return softmax(nucleus(narrowed, top_p, shift=-1) if top_p < 1 else narrowed)


def _no_top_p(logits, temperature=1.0, top_k=0, top_p=1.0):
    return decode_step(logits, temperature, top_k, 1.0)


def _no_top_k(logits, temperature=1.0, top_k=0, top_p=1.0):
    return decode_step(logits, temperature, 0, top_p)


def _exp_only(logits, temperature=1.0, top_k=0, top_p=1.0):
    return np.exp(_steps(logits, temperature, top_k, top_p, "tkp"))


def _only_survivors(logits, temperature=1.0, top_k=0, top_p=1.0):
    probabilities = decode_step(logits, temperature, top_k, top_p)
    return probabilities[probabilities > 0]


def _nan(logits, temperature=1.0, top_k=0, top_p=1.0):
    return np.full(len(logits), np.nan)


TASK = Task(
    name="decode_step",
    title="온도, top-k, top-p를 차례로",
    reference=decode_step,
    judge=("close", {"rtol": 1e-5}),
    aspects=(
        Aspect(
            "alone",
            "하나씩 켰을 때와 모두 껐을 때",
            points=2,
            visible=(
                Case(TOY, label="모두 끔"),
                Case(TOY, temperature=2.0, label="온도만"),
                Case(TOY, top_k=2, label="top-k만"),
                Case(TOY, top_p=0.9, label="top-p만"),
            ),
            hidden=alone,
        ),
        Aspect(
            "temperature_first",
            "온도가 top-p보다 먼저",
            points=1,
            visible=(Case(TOY, temperature=5.0, top_p=0.8, label="온도 5와 top-p 0.8"),),
            hidden=temperature_first,
        ),
        Aspect(
            "k_before_p",
            "top-k가 top-p보다 먼저",
            points=2,
            visible=(
                Case(np.log([0.1, 0.4, 0.2, 0.3]), top_k=3, top_p=0.42, label="문제의 예: 확률 0.1, 0.4, 0.2, 0.3"),
            ),
            hidden=k_before_p,
        ),
    ),
    mistakes=(
        Mistake(
            "logits_back",
            _logits_back,
            "로짓을 돌려주었습니다. 마지막에 소프트맥스를 적용해 확률로 바꾸어 주십시오.",
        ),
        Mistake(
            "softmax_twice",
            _softmax_twice,
            "소프트맥스를 두 번 거쳤습니다. 잘린 토큰의 확률 0도 다시 exp(0) = 1이 되어 되살아납니다. "
            "소프트맥스는 마지막에 한 번만 적용합니다.",
        ),
        Mistake(
            "multiplied",
            _multiplied,
            "온도를 곱한 결과와 같습니다. 로짓을 온도로 나누어 주십시오.",
        ),
        Mistake(
            "no_temperature",
            _no_temperature,
            "온도를 바꾸어도 결과가 같습니다. 로짓을 온도로 나눈 값을 다음 단계에 넘겼는지 확인해 주십시오.",
        ),
        Mistake(
            "default_k",
            _default_k,
            "top_k=0인데도 후보가 하나뿐입니다. 0은 top-k를 끈다는 뜻이므로, top_k가 0보다 클 때만 "
            "top_k_filter()를 부르십시오.",
        ),
        Mistake(
            "not_scaled",
            _not_scaled,
            "확률의 합이 1이 아닙니다. 자르기 전의 확률을 그대로 썼습니다. 잘린 로짓(-inf)이 들어 있는 배열에 "
            "소프트맥스를 적용하면 남은 토큰끼리 다시 합이 1이 됩니다(재정규화).",
        ),
        Mistake(
            "nan",
            _nan,
            "확률이 모두 nan입니다. 남은 토큰이 하나도 없는 로짓에 소프트맥스를 적용하면 이렇게 됩니다. top_k가 0일 "
            "때 모두 자르지 않았는지, 2번의 top_p_filter()가 1등까지 자르지 않는지 확인해 주십시오.",
        ),
        Mistake(
            "only_survivors",
            _only_survivors,
            "남은 토큰의 확률만 모아서 돌려주었습니다. 자리는 토큰의 번호이므로 길이는 그대로 두고, 잘린 자리에 0이 "
            "있어야 합니다.",
        ),
        Mistake(
            "crossing_cut",
            _crossing_cut,
            "순서는 맞지만 top-p가 문턱을 넘게 하는 토큰까지 잘랐습니다. 2번의 top_p_filter()를 먼저 고치고 다시 "
            "점검해 주십시오.",
        ),
        Mistake(
            "temperature_after_p",
            _ordered("kpt"),
            "온도를 top-p 뒤에 적용한 결과와 같습니다. 라이브러리의 순서는 온도, top-k, top-p입니다. top-p는 온도를 "
            "거친 확률을 봅니다.",
        ),
        Mistake(
            "exp_only",
            _exp_only,
            "exp()까지만 적용해 합이 1이 아닙니다. 준비 셀의 softmax()를 쓰십시오.",
        ),
        Mistake(
            "no_top_p",
            _no_top_p,
            "top-p가 결과에 나타나지 않습니다. top_p_filter()가 돌려준 값을 변수에 담았는지, top-k를 쓸 때에도 그 줄을 "
            "지나는지 확인해 주십시오.",
        ),
        Mistake(
            "p_before_k",
            _ordered("tpk"),
            "top-p를 top-k보다 먼저 적용한 결과와 같습니다. top-k가 먼저 자르면 남은 후보의 확률이 다시 1로 "
            "맞추어지고, top-p는 그 확률을 보므로 더 적게 남깁니다.",
        ),
        Mistake(
            "no_top_k",
            _no_top_k,
            "top-k가 결과에 나타나지 않습니다. top_k_filter()가 돌려준 값을 다음 단계에 넘겼는지 확인해 주십시오.",
        ),
    ),
)
