"""draws_until_close(ids, token, probability, within): after how many draws the share stays near the probability."""

from __future__ import annotations

import numpy as np

from answer_key.task import Aspect, Case, Mistake, Task

# A share this near to the border of what is allowed could fall on either side by rounding; no case has one.
_BORDER = 1e-9


def distances(ids, token, probability):
    """How far the share of ``token`` is from ``probability`` after 1, 2, ... draws."""
    hits = np.cumsum(np.asarray(ids) == token)
    return np.abs(hits / np.arange(1, len(ids) + 1) - probability)


def reference(ids, token, probability, within):
    settled = 0
    for count, distance in enumerate(distances(ids, token, probability), 1):
        if distance > within:
            settled = 0
        elif settled == 0:
            settled = count
    return settled


def first_touch(ids, token, probability, within):
    near = distances(ids, token, probability) <= within
    return int(near.argmax()) + 1 if near.any() else 0


def index_not_count(ids, token, probability, within):
    return max(0, reference(ids, token, probability, within) - 1)


def trips_over_no_stray(ids, token, probability, within):
    far = np.flatnonzero(distances(ids, token, probability) > within)
    return reference(ids, token, probability, within) if len(far) else int(far[-1])


def refuses_no_stray(ids, token, probability, within):
    settled = reference(ids, token, probability, within)
    return settled if settled > 1 else 0


def above_only(ids, token, probability, within):
    """Forgets that a share may be too low as well."""
    hits = np.cumsum(np.asarray(ids) == token)
    far = np.flatnonzero(hits / np.arange(1, len(ids) + 1) - probability > within)
    if len(far) == 0:
        return 1
    return 0 if far[-1] == len(ids) - 1 else int(far[-1]) + 2


def how_many_near(ids, token, probability, within):
    return int((distances(ids, token, probability) <= within).sum())


def relative(ids, token, probability, within):
    return reference(ids, token, probability, within * probability)


def divides_by_all(ids, token, probability, within):
    shares = np.cumsum(np.asarray(ids) == token) / len(ids)
    near = np.abs(shares - probability) <= within
    return int(near.argmax()) + 1 if near.any() else 0


def past_the_end(ids, token, probability, within):
    far = np.flatnonzero(distances(ids, token, probability) > within)
    return int(far[-1]) + 2 if len(far) else 1


def clear(case):
    ids, token, probability, within = case.args
    return np.abs(distances(ids, token, probability) - within).min() > _BORDER


def random_record(rng, strays):
    """A record that settles; with ``strays``, one that was near before, went astray and came back."""
    while True:
        share = round(rng.uniform(0.2, 0.8), 3)
        ids = (rng.random(int(rng.integers(60, 400))) < share).astype(int) * int(rng.integers(1, 6))
        token = int(ids.max())
        case = Case(ids, token, share, round(rng.uniform(0.03, 0.12), 4))
        settled, touched = reference(*case.args), first_touch(*case.args)
        if token and clear(case) and settled > 1 and (settled > touched) == strays:
            return case


def random_settled(rng):
    return [random_record(rng, strays=False) for _ in range(2)] + [random_record(rng, strays=True)]


def random_strays(rng):
    return [random_record(rng, strays=True) for _ in range(3)]


def random_never(rng):
    ids = rng.integers(0, 4, size=int(rng.integers(30, 60)))
    return [Case(ids, 0, 0.9, 0.1), Case(ids, 2, 0.8, 0.05)]


BY_HAND = np.array([0, 1, 1, 0, 1, 0, 0, 1])

TASK = Task(
    name="draws_until_close",
    title="몇 번 뽑아야 믿을 만할까요?",
    reference=reference,
    judge=("equal", {}),
    aspects=(
        Aspect(
            "settled",
            "처음 가까워진 뒤로 벗어나지 않은 기록",
            2,
            (
                # Every known mistake gives another number here, and none of them 0.
                Case(
                    np.array([5, 5, 3, 3, 5, 3, 5]),
                    3,
                    0.5,
                    0.2,
                    label="비율이 0, 0, 1/3, 2/4, 2/5, 3/6, 3/7인 기록",
                ),
                Case(
                    np.array([1, 0, 0, 0, 0, 0, 0, 1]),
                    1,
                    0.25,
                    0.12,
                    label="비율이 1, 1/2, 1/3, 1/4, 1/5, ..., 2/8인 기록",
                ),
            ),
            random_settled,
        ),
        Aspect(
            "strays",
            "가까워졌다가 다시 벗어난 기록",
            1,
            (
                Case(
                    np.array([0, 1, 0, 1, 0, 1, 1, 0]),
                    1,
                    0.5,
                    0.12,
                    label="비율이 0, 1/2, 1/3, 2/4, 2/5, 3/6, 4/7, 4/8인 기록",
                ),
                Case(BY_HAND, 1, 0.5, 0.15, label="비율이 0, 1/2, 2/3, 2/4, 3/5, 3/6, 3/7, 4/8인 기록"),
            ),
            random_strays,
        ),
        Aspect(
            "never",
            "처음부터 끝까지 가깝거나, 끝내 가까워지지 않은 기록",
            1,
            (
                Case(np.array([1, 1, 1]), 1, 0.9, 0.2, label="처음부터 끝까지 가까운 기록"),
                Case(np.array([1, 0, 1, 1]), 1, 0.4, 0.05, label="마지막에도 가깝지 않은 기록"),
            ),
            random_never,
        ),
    ),
    mistakes=(
        Mistake(
            "no_stray_error",
            trips_over_no_stray,
            "한 번도 벗어나지 않은 기록에서 오류가 났습니다. 벗어난 자리가 없으면 배열이 비어 있어 마지막 값([-1])을 "
            "읽을 수 없습니다. 비어 있을 때는 1을 돌려주십시오.",
        ),
        Mistake(
            "no_stray_zero",
            refuses_no_stray,
            "처음부터 끝까지 가까운 기록에서 0을 돌려주었습니다. 한 번도 벗어나지 않았다면 1번부터 가까운 것이므로 "
            "1을 돌려주십시오.",
        ),
        Mistake(
            "above_only",
            above_only,
            "비율이 확률보다 낮아서 벗어난 경우를 놓쳤습니다. 차이를 견줄 때 np.abs()로 절댓값을 구해 주십시오.",
        ),
        Mistake(
            "first_touch",
            first_touch,
            "처음으로 가까워진 횟수를 돌려주었습니다. 동전을 두 번 던져 앞면이 한 번 나오면 비율이 우연히 0.5가 "
            "되듯이, 한 번 가까워진 것만으로는 믿을 수 없습니다. 그 뒤로 끝까지 벗어나지 않는지도 확인해 주십시오.",
        ),
        Mistake(
            "index",
            index_not_count,
            "하나 모자랍니다. 배열의 번호는 0부터 시작하므로, 번호가 k인 자리는 k + 1번 뽑았을 때의 비율입니다. "
            "마지막으로 벗어나 있던 횟수를 돌려주었다면, 자리를 잡은 것은 그다음 횟수부터입니다.",
        ),
        Mistake(
            "past_the_end",
            past_the_end,
            "마지막까지 가깝지 않은 기록에서 뽑은 횟수보다 큰 수를 돌려주었습니다. 끝내 자리를 잡지 못했다면 0을 "
            "돌려주십시오.",
        ),
        Mistake(
            "how_many",
            how_many_near,
            "가까운 자리가 모두 몇 개인지 세었습니다. 찾는 것은 개수가 아니라, 끝까지 가까운 구간이 시작되는 "
            "횟수입니다.",
        ),
        Mistake(
            "relative",
            relative,
            "비율과 확률의 차이를 확률로 나누어 견주었습니다. 여기에서는 차이 그대로(절댓값)를 within과 견주어 "
            "주십시오.",
        ),
        Mistake(
            "all_draws",
            divides_by_all,
            "나온 횟수를 전체 길이로 나누었습니다. k번 뽑았을 때의 비율은 그때까지 나온 횟수를 k로 나눈 것입니다. "
            "np.arange(1, n + 1)로 나누어 주십시오.",
        ),
    ),
)
