"""Task 3: how many tokens top-p keeps at several temperatures."""

import numpy as np

from answer_key.ex05.inputs import decided, logits_for, nucleus, softmax
from answer_key.task import Aspect, Case, Mistake, Task
from course_utils.decoding import apply_temperature, top_p_filter

TEMPERATURES = (0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)


def reference(logits, p, temperatures):
    """A list of whole numbers, one a temperature."""
    return [int(np.isfinite(top_p_filter(apply_temperature(logits, t), p)).sum()) for t in temperatures]


def random_cases(rng: np.random.Generator) -> list[Case]:
    """Two to five temperatures in no order, of which at least two keep different numbers."""
    cases = []
    while len(cases) < 6:
        logits, p = logits_for(rng, size=int(rng.integers(20, 60))), float(rng.choice([0.5, 0.8, 0.9]))
        chosen = rng.choice(TEMPERATURES, size=int(rng.integers(2, 6)), replace=False).tolist()
        if all(decided(logits / t, p) for t in chosen) and len(set(reference(logits, p, chosen))) > 1:
            cases.append(Case(logits, p, chosen))
    return cases


def _counts(step):
    return lambda logits, p, temperatures: [int(np.isfinite(step(logits, p, t)).sum()) for t in temperatures]


def _of_cut(logits, p, temperatures):
    return [len(logits) - kept for kept in reference(logits, p, temperatures)]


def _mean_probability(logits, p, temperatures):
    return [float(softmax(nucleus(logits / t, p)).max()) for t in temperatures]


def _sorted(logits, p, temperatures):
    return reference(logits, p, sorted(temperatures))


def _all_of_them(logits, p, temperatures):
    return [len(logits)] * len(temperatures)


def _first_only(logits, p, temperatures):
    return reference(logits, p, temperatures)[:1]


def _positive_only(logits, p, temperatures):
    return [int((nucleus(logits / t, p) > 0).sum()) for t in temperatures]


def _above_p(logits, p, temperatures):
    return [int((softmax(logits / t) >= p).sum()) for t in temperatures]


TOY = np.array([4.0, 3.0, 2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])

TASK = Task(
    name="kept_counts",
    title="온도마다 남는 토큰의 수",
    reference=reference,
    judge=("close", {"atol": 0.0}),
    aspects=(
        Aspect(
            "counts",
            "온도마다 센 개수",
            points=3,
            visible=(
                Case(TOY, 0.9, [0.5, 1.0, 10.0], label="문제의 예"),
                Case(np.array([0.0, 2.0, 1.0, -1.0]), 0.9, [3.0, 0.5, 1.0], label="온도의 순서가 섞였을 때"),
            ),
            hidden=random_cases,
        ),
    ),
    mistakes=(
        Mistake(
            "filter_first",
            _counts(lambda logits, p, t: nucleus(logits, p) / t),
            "온도를 바꾸어도 개수가 늘 같습니다. 온도를 적용하지 않았거나, top-p로 자른 다음에 적용했습니다. "
            "top-p는 온도를 거친 확률을 보아야 합니다.",
        ),
        Mistake(
            "sorted",
            _sorted,
            "개수는 맞지만 순서가 다릅니다. 온도를 받은 순서대로 하나씩 세어 주십시오.",
        ),
        Mistake(
            "all_of_them",
            _all_of_them,
            "잘린 토큰까지 모두 세었습니다. 배열의 길이는 잘라도 줄지 않으므로 유한한 로짓만 세어 주십시오.",
        ),
        Mistake(
            "first_only",
            _first_only,
            "온도 하나의 개수만 들어 있습니다. return이나 빈 리스트를 만드는 줄이 for 문 안에 있지 않은지 확인해 "
            "주십시오.",
        ),
        Mistake(
            "positive_only",
            _positive_only,
            "0보다 큰 로짓만 세었습니다. 로짓은 음수여도 남은 것일 수 있습니다. -inf인지 아닌지를 보십시오.",
        ),
        Mistake(
            "above_p",
            _above_p,
            "확률이 p 이상인 토큰을 세었습니다. p와 견주는 것은 누적 확률입니다. 2번의 top_p_filter()를 써 보십시오.",
        ),
        Mistake(
            "multiplied",
            _counts(lambda logits, p, t: nucleus(logits * t, p)),
            "온도가 높을수록 적게 남습니다. 온도를 곱하지 않았는지 확인하고, 로짓을 온도로 나누어 주십시오.",
        ),
        Mistake(
            "of_cut",
            _of_cut,
            "남은 토큰이 아니라 잘린 토큰을 세었습니다. 남은 로짓은 유한한 수이므로 np.isfinite()로 셀 수 있습니다.",
        ),
        Mistake(
            "crossing_cut",
            _counts(lambda logits, p, t: nucleus(logits / t, p, shift=-1)),
            "모두 하나씩 모자랍니다. 문턱을 넘게 하는 토큰도 남으므로 함께 세어야 합니다. 2번의 top_p_filter()를 먼저 "
            "점검해 주십시오.",
        ),
        Mistake(
            "filter_first_and_crossing_cut",
            _counts(lambda logits, p, t: nucleus(logits, p, shift=-1) / t),
            "두 가지를 고쳐야 합니다. 온도를 바꾸어도 개수가 늘 같으므로, 온도를 top-p보다 먼저 적용하십시오. "
            "그리고 2번의 top_p_filter()가 문턱을 넘게 하는 토큰까지 자르고 있습니다.",
        ),
        Mistake(
            "temperature_on_probabilities",
            _counts(lambda logits, p, t: nucleus(softmax(logits) / t, p)),
            "확률을 온도로 나누었습니다. 온도로 나누는 것은 소프트맥스를 거치기 전의 로짓입니다.",
        ),
        Mistake(
            "probabilities",
            _mean_probability,
            "개수가 아니라 확률을 돌려주었습니다. 온도마다 정수 하나씩을 리스트에 담아 주십시오.",
        ),
    ),
)
