"""Task 1: the k highest logits stay, all others become -inf."""

import numpy as np

from answer_key.ex05.inputs import logits_for, softmax
from answer_key.task import Aspect, Case, Mistake, Task
from course_utils.decoding import top_k_filter


def plain(rng: np.random.Generator) -> list[Case]:
    """Logits without ties, k from 1 to V - 1."""
    cases = []
    for _ in range(6):
        logits = logits_for(rng)
        cases.append(Case(logits, int(rng.integers(1, len(logits)))))
    return cases


def tied(rng: np.random.Generator) -> list[Case]:
    """The k-th highest logit occurs once more further down."""
    cases = []
    for _ in range(4):
        logits = logits_for(rng)
        order = np.argsort(-logits)
        k = int(rng.integers(1, len(logits) - 1))
        logits[order[k]] = logits[order[k - 1]]
        cases.append(Case(logits, k))
    return cases


def large_k(rng: np.random.Generator) -> list[Case]:
    """k equal to V and above."""
    return [Case(logits, len(logits) + more) for more in (0, 1, 50) for logits in [logits_for(rng)]]


def _exactly_k(logits, k):
    kept = np.argsort(-logits, kind="stable")[:k]
    result = np.full(len(logits), -np.inf)
    result[kept] = logits[kept]
    return result


def _kth_is_cut(logits, k):
    return np.where(logits <= np.sort(logits)[-k], -np.inf, logits) if k <= len(logits) else logits.copy()


def _one_too_many(logits, k):
    return top_k_filter(logits, k + 1)


def _lowest(logits, k):
    return np.where(logits > np.sort(logits)[min(k, len(logits)) - 1], -np.inf, logits)


def _zeros(logits, k):
    return np.where(np.isinf(top_k_filter(logits, k)), 0.0, logits)


def _probabilities(logits, k):
    return softmax(top_k_filter(logits, k))


def _in_order(logits, k):
    return np.sort(top_k_filter(logits, k))[::-1]


def _only_survivors(logits, k):
    filtered = top_k_filter(logits, k)
    return filtered[np.isfinite(filtered)]


def _only_best(logits, k):
    return np.sort(logits)[-k:]


def _ids(logits, k):
    return np.argsort(-logits)[:k]


def _big_negative(logits, k):
    return np.nan_to_num(top_k_filter(logits, k), neginf=-1e9)


def _nan(logits, k):
    return np.where(np.isinf(top_k_filter(logits, k)), np.nan, logits)


def _k_as_value(logits, k):
    return np.where(logits < k, -np.inf, logits)


def _true_or_false(logits, k):
    return np.isfinite(top_k_filter(logits, k))


TASK = Task(
    name="top_k_filter",
    title="top-k 필터",
    reference=top_k_filter,
    judge=("close", {"rtol": 1e-6}),
    aspects=(
        Aspect(
            "basic",
            "높은 것부터 k개",
            points=2,
            visible=(
                Case(np.array([6.0, 9.0, 5.0, 7.0]), 2, label="문제의 예"),
                Case(np.array([-1.5, 0.0, -0.5, -3.0]), 3, label="음수와 0이 섞인 로짓"),
            ),
            hidden=plain,
        ),
        Aspect(
            "ties", "동점", points=1, visible=(Case(np.array([1.0, 3.0, 2.0, 2.0, 0.5]), 2, label="동점"),), hidden=tied
        ),
        Aspect(
            "large_k",
            "k가 어휘보다 클 때",
            points=1,
            visible=(Case(np.array([1.0, 3.0, 2.0]), 50, label="어휘는 3개, k는 50"),),
            hidden=large_k,
            edge=True,
        ),
    ),
    mistakes=(
        Mistake(
            "probabilities",
            _probabilities,
            "로짓이 아니라 확률을 돌려주었습니다. 필터는 로짓을 받아 로짓을 돌려줍니다. "
            "소프트맥스는 필터를 모두 거친 뒤에 한 번만 적용합니다.",
        ),
        Mistake(
            "zeros",
            _zeros,
            "자를 로짓을 0으로 바꾸었습니다. 로짓 0은 확률 0이 아닙니다. exp(0)은 1이므로 여전히 뽑힐 수 있고, "
            "음수인 로짓보다는 오히려 더 잘 뽑힙니다. -np.inf로 바꾸어 주십시오.",
        ),
        Mistake(
            "in_order",
            _in_order,
            "로짓이 크기 순서로 늘어서 있습니다. 자리는 곧 토큰의 번호이므로, 남은 로짓은 원래 자리에 "
            "있어야 합니다. 정렬한 배열은 k번째 값을 알아내는 데만 쓰십시오.",
        ),
        Mistake(
            "only_survivors",
            _only_survivors,
            "남은 로짓만 모아서 돌려주었습니다. 배열이 짧아지면 몇 번 토큰인지 알 수 없습니다. 길이는 그대로 두고 "
            "자를 자리에 -np.inf를 넣으십시오.",
        ),
        Mistake(
            "only_best",
            _only_best,
            "높은 로짓 k개만 정렬해 돌려주었습니다. 자리는 곧 토큰의 번호이므로, 길이와 자리를 그대로 두어야 합니다.",
        ),
        Mistake(
            "ids",
            _ids,
            "남길 토큰의 번호를 돌려주었습니다. 돌려줄 것은 받은 것과 길이가 같은 로짓의 배열입니다.",
        ),
        Mistake(
            "true_or_false",
            _true_or_false,
            "남길지 말지를 나타내는 참과 거짓만 돌려주었습니다. 그것으로 로짓과 -np.inf 가운데 하나를 고르십시오.",
        ),
        Mistake(
            "big_negative",
            _big_negative,
            "자를 로짓에 아주 작은 수를 넣었습니다. 확률이 정확히 0이 되게 하는 값은 -np.inf입니다.",
        ),
        Mistake(
            "nan",
            _nan,
            "자를 로짓에 nan을 넣었습니다. nan이 하나라도 있으면 소프트맥스의 결과가 모두 nan이 됩니다. -np.inf를 "
            "넣으십시오.",
        ),
        Mistake(
            "k_as_value",
            _k_as_value,
            "로짓을 k와 견준 결과와 같습니다. k는 기준값이 아니라 남길 개수입니다. k번째로 높은 값을 먼저 찾으십시오.",
        ),
        Mistake(
            "lowest",
            _lowest,
            "낮은 쪽이 남았습니다. np.sort()는 작은 것부터 늘어놓으므로, k번째로 높은 값은 뒤에서부터 세어야 합니다.",
        ),
        Mistake(
            "kth_is_cut",
            _kth_is_cut,
            "k번째로 높은 로짓까지 잘렸습니다. k번째 값과 같은 로짓은 남아야 하므로, 그보다 작은(<) 것만 자릅니다.",
        ),
        Mistake(
            "one_too_many",
            _one_too_many,
            "하나가 더 남았습니다. 기준이 (k+1)번째로 높은 값입니다. 뒤에서 k번째의 자리 번호는 -k입니다.",
        ),
        Mistake(
            "exactly_k",
            _exactly_k,
            "동점일 때도 정확히 k개만 남겼습니다. 라이브러리는 k번째로 높은 값과 같은 로짓을 모두 남깁니다. "
            "몇 개인지 세지 말고 k번째 값과 크기를 견주어 주십시오.",
        ),
    ),
)
