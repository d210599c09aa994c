"""Task 2: the smallest set of the most probable tokens whose probabilities reach p."""

import numpy as np

from answer_key.ex05.inputs import decided, logits_for, nucleus, softmax
from answer_key.task import Aspect, Case, Mistake, Task
from course_utils.decoding import top_p_filter


def ln(*shares: float) -> np.ndarray:
    """Logits whose softmax is ``shares``, which may be probabilities or percentages."""
    return np.log(np.array(shares))


def anywhere(rng: np.random.Generator) -> list[Case]:
    """p well away from every running sum; at least one token is cut and two are kept."""
    cases = []
    while len(cases) < 6:
        logits, p = logits_for(rng), float(rng.choice([0.5, 0.7, 0.9, 0.95]))
        if decided(logits, p) and 2 <= np.isfinite(nucleus(logits, p)).sum() < len(logits):
            cases.append(Case(logits, p))
    return cases


def first_alone(rng: np.random.Generator) -> list[Case]:
    """The most probable token alone reaches p."""
    cases = []
    while len(cases) < 4:
        logits, p = logits_for(rng), float(rng.choice([0.01, 0.05, 0.1, 0.3]))
        if decided(logits, p) and softmax(logits).max() > p:
            cases.append(Case(logits, p))
    return cases


def whole(rng: np.random.Generator) -> list[Case]:
    """p = 1 cuts nothing."""
    return [Case(logits_for(rng), 1.0) for _ in range(3)]


def _crossing_cut(logits, p):
    return nucleus(logits, p, shift=-1) if p < 1 else logits.copy()


def _one_more(logits, p):
    return nucleus(logits, p, shift=1)


def _original_order(logits, p):
    probabilities = softmax(logits)
    return np.where(np.cumsum(probabilities) - probabilities < p, logits, -np.inf)


def _mask_not_undone(logits, p):
    kept = np.zeros(len(logits), dtype=bool)
    kept[: np.isfinite(nucleus(logits, p)).sum()] = True
    return np.where(kept, logits, -np.inf)


def _in_order(logits, p):
    return np.sort(nucleus(logits, p))[::-1]


def _ascending(logits, p):
    probabilities = softmax(logits)
    order = np.argsort(probabilities)
    above = np.cumsum(probabilities[order]) - probabilities[order]
    return np.where(np.isin(np.arange(len(logits)), order[above < p]), logits, -np.inf)


def _each_token(logits, p):
    return np.where(softmax(logits) < 1 - p, -np.inf, logits)


def _zeros(logits, p):
    return np.where(np.isinf(nucleus(logits, p)), 0.0, logits)


def _probabilities(logits, p):
    return softmax(nucleus(logits, p))


def _sum_of_logits(logits, p):
    order = np.argsort(-logits)
    above = np.cumsum(logits[order]) - logits[order]
    return np.where(np.isin(np.arange(len(logits)), order[above < p]), logits, -np.inf)


def _renormalised(logits, p):
    with np.errstate(divide="ignore"):
        return np.log(softmax(nucleus(logits, p)))


def _ids(logits, p):
    return np.argsort(-logits)[: int(np.isfinite(nucleus(logits, p)).sum())]


def _at_least_p(logits, p):
    return np.where(softmax(logits) < p, -np.inf, logits)


def _share_of_tokens(logits, p):
    """p of the tokens instead of p of the probability."""
    line = np.sort(logits)[-max(1, int(p * len(logits)))]
    return np.where(logits < line, -np.inf, logits)


TASK = Task(
    name="top_p_filter",
    title="top-p 필터",
    reference=top_p_filter,
    judge=("close", {"rtol": 1e-6}),
    aspects=(
        Aspect(
            "basic",
            "합이 p에 이를 때까지",
            points=3,
            visible=(
                # Every known mistake gives something of its own here. That takes seven tokens, and logits that are
                # not all negative: of logarithms of probabilities `sum_of_logits` would keep what `ascending` keeps.
                Case(
                    ln(30, 4, 50, 5, 1, 8, 2),
                    0.9,
                    label="문제의 예: 확률 0.3, 0.04, 0.5, 0.05, 0.01, 0.08, 0.02",
                ),
                Case(ln(0.2, 0.5, 0.05, 0.25), 0.9, label="셋을 담아야 할 때: 확률 0.2, 0.5, 0.05, 0.25"),
            ),
            hidden=anywhere,
        ),
        Aspect(
            "first",
            "1등 혼자 p를 넘을 때",
            points=1,
            visible=(Case(ln(0.25, 0.5, 0.1, 0.15), 0.12, label="작은 p: 확률 0.25, 0.5, 0.1, 0.15"),),
            hidden=first_alone,
        ),
        Aspect(
            "whole",
            "p가 1일 때",
            points=1,
            visible=(Case(ln(0.7, 0.1, 0.2), 1.0, label="p = 1"),),
            hidden=whole,
            edge=True,
        ),
    ),
    mistakes=(
        Mistake(
            "probabilities",
            _probabilities,
            "로짓이 아니라 확률을 돌려주었습니다. 확률은 무엇을 남길지 정하는 데만 쓰고, 돌려주는 것은 로짓입니다.",
        ),
        Mistake(
            "zeros",
            _zeros,
            "자를 로짓을 0으로 바꾸었습니다. exp(0)은 1이므로 로짓 0인 토큰은 여전히 뽑힙니다. "
            "-np.inf로 바꾸어 주십시오.",
        ),
        Mistake(
            "crossing_cut",
            _crossing_cut,
            "문턱을 넘게 하는 토큰까지 잘랐습니다. 누적 확률이 p보다 작은 토큰만 남기면 담은 합이 p에 못 미칩니다. "
            "자기 자신을 뺀, 앞선 토큰들의 누적 확률을 p와 견주어 주십시오.",
        ),
        Mistake(
            "in_order",
            _in_order,
            "로짓이 크기 순서로 늘어서 있습니다. 정렬한 순서를 되돌려, 남은 로짓을 원래 자리(토큰의 번호)에 "
            "두어야 합니다.",
        ),
        Mistake(
            "mask_not_undone",
            _mask_not_undone,
            "남긴 개수는 맞지만 자리가 다릅니다. 정렬한 순서로 만든 참과 거짓을 정렬하지 않은 로짓에 그대로 "
            "적용하지 않았는지 확인해 주십시오. argsort()가 준 order로 원래 자리를 찾습니다.",
        ),
        Mistake(
            "original_order",
            _original_order,
            "정렬하지 않고 앞에서부터 누적했습니다. 확률이 높은 토큰부터 담아야 하므로 먼저 그 순서를 구하십시오.",
        ),
        Mistake(
            "ascending",
            _ascending,
            "확률이 낮은 토큰부터 담았습니다. np.argsort()는 작은 것부터 늘어놓으므로 순서를 뒤집어야 합니다.",
        ),
        Mistake(
            "each_token",
            _each_token,
            "토큰 하나하나의 확률을 기준과 견주었습니다. top-p가 p와 견주는 것은 높은 것부터 차례로 더한 "
            "누적 확률입니다.",
        ),
        Mistake(
            "at_least_p",
            _at_least_p,
            "확률이 p보다 작은 토큰을 모두 잘랐습니다. p는 토큰 하나의 확률이 아니라 담은 토큰의 확률을 더한 값과 "
            "견줍니다.",
        ),
        Mistake(
            "ids",
            _ids,
            "남길 토큰의 번호를 돌려주었습니다. 그 번호의 자리에만 로짓이 남은, 길이가 같은 배열을 돌려주십시오.",
        ),
        Mistake(
            "renormalised",
            _renormalised,
            "남은 로짓의 값이 바뀌었습니다. 다시 1로 맞추는 일은 나중에 소프트맥스가 하므로 원래 로짓을 그대로 "
            "두십시오.",
        ),
        Mistake(
            "share_of_tokens",
            _share_of_tokens,
            "토큰 수의 비율로 잘랐습니다. p는 개수의 비율이 아니라 확률의 합입니다.",
        ),
        Mistake(
            "one_more",
            _one_more,
            "하나가 더 남았습니다. 합이 p에 이른 토큰에서 멈추어야 합니다. 앞선 토큰들의 누적 확률이 이미 p 이상이면 "
            "그 토큰은 자릅니다.",
        ),
        Mistake(
            "sum_of_logits",
            _sum_of_logits,
            "잘려야 할 토큰이 그대로 남았습니다. p와 견주는 것은 확률의 합입니다. 소프트맥스를 빠뜨리고 로짓을 "
            "더하지 않았는지 확인해 주십시오.",
        ),
    ),
)
