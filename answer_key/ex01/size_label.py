"""Which size class of the website a model belongs to."""

from __future__ import annotations

import math

import numpy as np

from answer_key.task import Aspect, Case, Mistake, Task


def size_label(params_b: float | None) -> str:
    """The reference: the key of the size class of ``params_b`` billions of parameters, or "unknown"."""
    if params_b is None or math.isnan(params_b):
        return "unknown"
    if params_b <= 3:
        return "edge"
    if params_b <= 7:
        return "consumer"
    return "mid-range" if params_b <= 65 else "GPU-rich"


def limit_in_the_larger_class(params_b):
    if params_b is None or math.isnan(params_b):
        return "unknown"
    if params_b < 3:
        return "edge"
    if params_b < 7:
        return "consumer"
    return "mid-range" if params_b < 65 else "GPU-rich"


def nothing_for_unknown(params_b):
    if params_b is not None and params_b <= 3:
        return "edge"
    if params_b is not None and params_b <= 7:
        return "consumer"
    return "mid-range" if params_b is not None and params_b <= 65 else "GPU-rich"


def only_nan(params_b):
    return size_label(float("nan") if math.isnan(params_b) else params_b)


def unknown_as_zero(params_b):
    return size_label(0.0 if params_b is None or math.isnan(params_b) else params_b)


def whole_numbers_of_parameters(params_b):
    return size_label(None if params_b is None else params_b / 1e9)


def later_conditions_win(params_b):
    known = size_label(params_b)
    return "mid-range" if known in ("edge", "consumer") else known


def inside(rng: np.random.Generator) -> list[Case]:
    """Sizes well inside each class."""
    ranges = ((0.1, 2.9), (3.1, 6.9), (7.1, 64), (66, 140))
    return [Case(round(float(rng.uniform(low, high)), 3)) for low, high in ranges for _ in range(2)]


def at_limits(rng: np.random.Generator) -> list[Case]:
    """At a limit and a thousandth beside it."""
    return [Case(round(limit + step / 1000, 3)) for limit in (3.0, 7.0, 65.0) for step in (-1, 0, 1)]


TASK = Task(
    name="size_label",
    title="크기 구분",
    reference=size_label,
    judge=("equal", {}),
    aspects=(
        Aspect(
            "inside",
            "구분의 한가운데에 있는 크기",
            points=1,
            visible=(Case(2.405), Case(7.616), Case(77.965)),
            hidden=inside,
        ),
        Aspect("limits", "경계에 꼭 걸린 크기는 작은 쪽", points=1, visible=(Case(3.0),), hidden=at_limits),
        Aspect(
            "unknown",
            "크기를 모르는 모델",
            points=1,
            visible=(Case(float("nan"), label="표의 빈칸(NaN)"), Case(None, label="값이 없음(None)")),
            hidden=lambda rng: [Case(None), Case(float("nan"))],
        ),
    ),
    mistakes=(
        Mistake(
            "whole_numbers",
            whole_numbers_of_parameters,
            "params_b의 단위는 십억 개입니다. 2.405가 이미 24억 개라는 뜻이므로 3,000,000,000 같은 수가 아니라 "
            "3, 7, 65와 견주어 주십시오.",
        ),
        Mistake(
            "limit_in_larger",
            limit_in_the_larger_class,
            "경계에 꼭 걸린 모델을 큰 쪽에 넣었습니다. '3 이하'에는 3도 들어갑니다. <와 <= 가운데 어느 것을 "
            "썼는지 보십시오. "
            "01 단원 5절의 약속입니다.",
        ),
        Mistake(
            "nothing_for_unknown",
            nothing_for_unknown,
            "크기를 모르는 모델이 가장 큰 구분에 들어갔습니다. NaN은 어떤 수와 견주어도 거짓이라서 if를 모두 "
            "지나쳐 else까지 갑니다. "
            "크기를 견주기 전에 빈칸인지부터 확인해 주십시오.",
        ),
        Mistake(
            "only_nan",
            only_nan,
            "NaN은 가려냈지만 None을 받으면 TypeError가 납니다. math.isnan()은 수만 받습니다. "
            "pd.isna()를 쓰면 둘 다 한 번에 가려낼 수 있습니다.",
        ),
        Mistake(
            "unknown_as_zero",
            unknown_as_zero,
            "빈칸을 0으로 바꾸어 셌습니다. 크기를 모르는 것과 아주 작은 것은 다릅니다. 빈칸이면 'unknown'을 "
            "돌려주십시오.",
        ),
        Mistake(
            "later_conditions_win",
            later_conditions_win,
            "작은 모델도 mid-range가 되었습니다. 2.405는 65 이하이기도 하므로, if를 따로따로 늘어놓으면 뒤의 조건이 "
            "앞의 답을 덮어쓰고, 큰 구분부터 물으면 거기서 걸립니다. 작은 구분부터 묻고 맞으면 바로 return 해 "
            "주십시오.",
        ),
    ),
)
