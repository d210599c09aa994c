"""Task 8: the shop's banned words are cut first, then top-p; a new use of -inf."""

import numpy as np

from answer_key.ex05.inputs import decided, logits_for, nucleus, softmax
from answer_key.task import Aspect, Case, Mistake, Task


def _without(logits: np.ndarray, banned: list[int], value: float = -np.inf) -> np.ndarray:
    result = logits.astype(float)
    result[np.array(banned, dtype=int)] = value
    return result


def reference(logits, banned, top_p):
    """Probabilities, shape ``(V,)``; ValueError where no token is allowed."""
    allowed = _without(logits, banned)
    if not np.isfinite(allowed).any():
        raise ValueError("금지하지 않은 토큰이 하나도 없습니다.")
    return softmax(nucleus(allowed, top_p))


def random_cases(rng: np.random.Generator) -> list[Case]:
    """One of the three best tokens is banned among others; banning after top-p gives something else."""
    cases = []
    while len(cases) < 6:
        logits, p = logits_for(rng), float(rng.choice([0.5, 0.8, 0.9]))
        order = np.argsort(-logits)
        banned = {int(order[rng.integers(0, 3)]), *rng.integers(0, len(logits), size=2).tolist()}
        case = (logits, sorted(banned), p)
        changed = not np.allclose(reference(*case), np.nan_to_num(_p_first(*case)))
        if changed and decided(logits, p) and decided(_without(*case[:2]), p):
            cases.append(Case(*case))
    return cases


def nothing_banned(rng: np.random.Generator) -> list[Case]:
    """An empty list, and an id that stands twice."""
    cases = []
    while len(cases) < 3:
        logits = logits_for(rng)
        banned = [] if len(cases) < 2 else [int(logits.argmin())] * 2
        if decided(logits, 0.9) and decided(_without(logits, banned), 0.9):
            cases.append(Case(logits, banned, 0.9))
    return cases


def all_banned(rng: np.random.Generator) -> list[Case]:
    """Nothing may be said."""
    return [Case(logits, list(range(len(logits))), 0.9) for logits in (logits_for(rng), logits_for(rng))]


def _p_first(logits, banned, top_p):
    return softmax(_without(nucleus(logits, top_p), banned))


def _p_first_unscaled(logits, banned, top_p):
    return _without(softmax(nucleus(logits, top_p)), banned, 0.0)


def _unscaled(logits, banned, top_p):
    if len(set(banned)) == len(logits):
        raise ValueError
    kept = np.isfinite(nucleus(_without(logits, banned), top_p))
    return np.where(kept, softmax(logits), 0.0)


def _zero_logits(logits, banned, top_p):
    return softmax(nucleus(_without(logits, banned, 0.0), top_p))


def _lowest(logits, banned, top_p):
    return softmax(nucleus(_without(logits, banned, logits.min()), top_p))


def _ban_ignored(logits, banned, top_p):
    return softmax(nucleus(logits, top_p))


def _no_top_p(logits, banned, top_p):
    if len(set(banned)) == len(logits):
        raise ValueError
    return softmax(_without(logits, banned))


def _only_banned(logits, banned, top_p):
    return softmax(nucleus(_without(logits, sorted(set(range(len(logits))) - set(banned))), top_p))


def _shorter(logits, banned, top_p):
    if len(set(banned)) == len(logits):
        raise ValueError
    return softmax(nucleus(np.delete(logits, np.array(banned, dtype=int)), top_p))


def _crossing_cut(logits, banned, top_p):
    if len(set(banned)) == len(logits):
        raise ValueError
    return softmax(nucleus(_without(logits, banned), top_p, shift=-1))


def _big_negative(logits, banned, top_p):
    return softmax(nucleus(_without(logits, banned, -1e9), top_p))


def _filter_on_probabilities(logits, banned, top_p):
    chances = _without(softmax(logits), banned, 0.0)
    if not chances.any():
        raise ValueError
    return softmax(nucleus(chances / chances.sum(), top_p))


def _logits_back(logits, banned, top_p):
    if len(set(banned)) == len(logits):
        raise ValueError
    return nucleus(_without(logits, banned), top_p)


def _nothing_left(logits, banned, top_p):
    return np.full(len(logits), np.nan)


def _silent(logits, banned, top_p):
    return np.zeros(len(logits)) if len(set(banned)) == len(logits) else reference(logits, banned, top_p)


def _nan(logits, banned, top_p):
    return np.full(len(logits), np.nan) if len(set(banned)) == len(logits) else reference(logits, banned, top_p)


TASK = Task(
    name="decode_allowed",
    title="금지한 낱말을 뺀 디코딩",
    reference=reference,
    judge=("close", {"rtol": 1e-5}),
    aspects=(
        Aspect(
            "order",
            "금지한 낱말을 먼저 빼고 top-p",
            points=2,
            visible=(
                # Nearly every known mistake gives something of its own here.
                Case(
                    np.log([2.0, 15.0, 1.0, 1.5, 0.5]),
                    [1],
                    0.8,
                    label="문제의 예: 확률 0.1, 0.75, 0.05, 0.075, 0.025",
                ),
                Case(np.log([0.8, 0.15, 0.05]), [0], 0.7, label="혼자 p를 넘는 1등이 금지된 낱말일 때"),
                Case(np.array([-1.0, -3.0, -2.0, -4.0]), [0, 3], 0.9, label="음수인 로짓"),
            ),
            hidden=random_cases,
        ),
        Aspect(
            "nothing_banned",
            "금지한 낱말이 없을 때",
            points=1,
            visible=(Case(np.log([0.2, 0.7, 0.1]), [], 0.8, label="빈 리스트"),),
            hidden=nothing_banned,
        ),
        Aspect(
            "all_banned",
            "남은 후보가 없을 때 ValueError",
            points=1,
            visible=(Case(np.array([1.0, 2.0]), [0, 1], 0.9, label="모두 금지"),),
            hidden=all_banned,
        ),
    ),
    mistakes=(
        Mistake(
            "shorter",
            _shorter,
            "금지한 토큰의 자리를 없앴습니다. 자리는 토큰의 번호이므로 배열의 길이는 그대로 두고, 그 자리의 로짓을 "
            "-np.inf로 바꾸어 주십시오.",
        ),
        Mistake(
            "big_negative",
            _big_negative,
            "금지한 토큰에 -np.inf가 아닌 수를 넣었습니다. 모두 금지되면 그 수끼리 확률을 나누어 가집니다. -np.inf를 "
            "넣고 남은 후보가 있는지 확인해 주십시오.",
        ),
        Mistake(
            "filter_on_probabilities",
            _filter_on_probabilities,
            "확률을 top_p_filter()에 넣었습니다. 필터는 로짓을 받습니다. 확률 0을 로짓으로 보면 exp(0) = 1이므로 "
            "금지한 토큰이 되살아납니다.",
        ),
        Mistake(
            "logits_back",
            _logits_back,
            "로짓을 돌려주었습니다. 마지막에 소프트맥스를 적용해 확률로 바꾸어 주십시오.",
        ),
        Mistake(
            "zero_logits",
            _zero_logits,
            "금지한 토큰의 로짓을 0으로 바꾸었습니다. 로짓 0은 확률 0이 아니므로 그 낱말이 나올 수 있습니다. "
            "-np.inf로 바꾸어 주십시오.",
        ),
        Mistake(
            "ban_ignored",
            _ban_ignored,
            "금지한 토큰이 그대로 남아 있습니다. banned에 있는 번호의 로짓을 -np.inf로 바꾸어 주십시오.",
        ),
        Mistake(
            "silent",
            _silent,
            "뽑을 수 있는 토큰이 없는데 확률이 모두 0인 배열을 돌려주었습니다. 부른 쪽이 알 수 있도록 ValueError를 "
            "내십시오: raise ValueError(...)",
        ),
        Mistake(
            "nan",
            _nan,
            "뽑을 수 있는 토큰이 없을 때 확률이 nan이 되었습니다. 소프트맥스를 적용하기 전에 남은 로짓이 있는지 "
            "확인하고, 없으면 ValueError를 내십시오.",
        ),
        Mistake(
            "nothing_left",
            _nothing_left,
            "확률이 모두 nan입니다. 남은 토큰이 하나도 없는 로짓에 소프트맥스를 적용했습니다. top-p를 먼저 적용해 "
            "금지한 토큰만 남았거나, 2번의 top_p_filter()가 1등까지 잘랐을 때 이렇게 됩니다.",
        ),
        Mistake(
            "crossing_cut",
            _crossing_cut,
            "금지한 토큰은 바르게 뺐지만 top-p가 문턱을 넘게 하는 토큰까지 잘랐습니다. 2번의 top_p_filter()를 먼저 "
            "고치고 다시 점검해 주십시오.",
        ),
        Mistake(
            "p_first",
            _p_first,
            "top-p로 자른 다음에 금지한 토큰을 뺐습니다. 그러면 뽑을 수 있었던 후보까지 잘리고, 남는 것이 하나도 "
            "없을 때도 있습니다. 먼저 빼고, 남은 것끼리 다시 1로 맞춘 확률에 top-p를 적용하십시오.",
        ),
        Mistake(
            "p_first_unscaled",
            _p_first_unscaled,
            "확률에서 금지한 토큰을 0으로 바꾸기만 해서 합이 1이 아닙니다. top-p보다 먼저, 확률이 아니라 로짓에서 "
            "빼십시오.",
        ),
        Mistake(
            "unscaled",
            _unscaled,
            "남은 확률의 합이 1이 아닙니다. 금지한 토큰을 뺀 로짓에 소프트맥스를 적용해 다시 맞추어 주십시오.",
        ),
        Mistake(
            "no_top_p",
            _no_top_p,
            "top-p가 적용되지 않았습니다. 금지한 토큰을 뺀 로짓에 top_p_filter()를 적용해 주십시오.",
        ),
        Mistake(
            "only_banned",
            _only_banned,
            "거꾸로 되었습니다. 금지한 토큰만 남기고 나머지를 잘랐습니다.",
        ),
        Mistake(
            "lowest",
            _lowest,
            "금지한 토큰의 로짓을 가장 낮은 값으로 바꾸었습니다. 가장 낮아도 확률이 0은 아니므로 언젠가는 뽑힙니다. "
            "-np.inf로 바꾸어 주십시오.",
        ),
    ),
)
