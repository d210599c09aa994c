"""Which of two rated models is clearly better, by their confidence intervals."""

from __future__ import annotations

import numpy as np

from answer_key.task import Aspect, Case, Mistake, Task

FIRST, SECOND, NEITHER, NO_DATA = "앞", "뒤", "구별할 수 없음", "자료 없음"


def clear_winner(first: dict, second: dict) -> str:
    """The reference: whose interval lies wholly above the other's; each is {"score", "plus", "minus"}."""
    if None in (*first.values(), *second.values()):
        return NO_DATA
    if first["score"] - first["minus"] > second["score"] + second["plus"]:
        return FIRST
    if second["score"] - second["minus"] > first["score"] + first["plus"]:
        return SECOND
    return NEITHER


def by_score(first, second):
    if None in (*first.values(), *second.values()):
        return NO_DATA
    if first["score"] == second["score"]:
        return NEITHER
    return FIRST if first["score"] > second["score"] else SECOND


def sides_swapped(first, second):
    turned = [{"score": one["score"], "plus": one["minus"], "minus": one["plus"]} for one in (first, second)]
    return clear_winner(*turned)


def score_in_the_other_interval(first, second):
    if None in (*first.values(), *second.values()):
        return NO_DATA
    gap = first["score"] - second["score"]
    if gap > 0:
        return FIRST if gap > first["minus"] and gap > second["plus"] else NEITHER
    return SECOND if -gap > second["minus"] and -gap > first["plus"] else NEITHER


def touching_is_apart(first, second):
    if None in (*first.values(), *second.values()):
        return NO_DATA
    if first["score"] - first["minus"] >= second["score"] + second["plus"]:
        return FIRST
    return SECOND if second["score"] - second["minus"] >= first["score"] + first["plus"] else NEITHER


def only_the_first_can_win(first, second):
    answer = clear_winner(first, second)
    return NEITHER if answer == SECOND else answer


def none_subtracted(first, second):
    if first["score"] - first["minus"] > second["score"] + second["plus"]:
        return FIRST
    return SECOND if second["score"] - second["minus"] > first["score"] + first["plus"] else NEITHER


def missing_as_zero(first, second):
    filled = [{name: value or 0 for name, value in one.items()} for one in (first, second)]
    return clear_winner(*filled)


def names_swapped(first, second):
    return clear_winner(second, first)


def rated(score, plus, minus):
    return {"score": score, "plus": plus, "minus": minus}


def apart(rng: np.random.Generator) -> list[Case]:
    """Intervals with a gap between them, either model above."""
    cases = []
    for turn in (False, True, bool(rng.integers(2))):
        plus, minus = rng.integers(2, 12, size=(2, 2))
        low = int(rng.integers(1000, 1400))
        high = low + int(plus[0] + minus[1] + rng.integers(1, 30))
        pair = [rated(low, int(plus[0]), int(minus[0])), rated(high, int(plus[1]), int(minus[1]))]
        cases.append(Case(*(reversed(pair) if turn else pair)))
    return cases


def overlapping(rng: np.random.Generator) -> list[Case]:
    """Intervals that share some points though neither score lies in the other interval; and one pair that does not."""
    cases = []
    for turn in (False, True):
        plus, minus = int(rng.integers(4, 9)), int(rng.integers(4, 9))
        low = int(rng.integers(1000, 1400))
        high = low + max(plus, minus) + int(rng.integers(1, min(plus, minus)))
        pair = [rated(low, plus, 3), rated(high, 5, minus)]
        cases.append(Case(*(reversed(pair) if turn else pair)))
    return [*cases, *apart(rng)[:2]]


def touching(rng: np.random.Generator) -> list[Case]:
    """The lower end of one interval is the upper end of the other; and one point more."""
    cases = []
    for more in (0, 1):
        plus, minus = (int(one) for one in rng.integers(2, 9, size=2))
        low = int(rng.integers(1000, 1400))
        pair = [rated(low, plus, 4), rated(low + plus + minus + more, 4, minus)]
        cases += [Case(*pair), Case(*reversed(pair))]
    return cases


def missing(rng: np.random.Generator) -> list[Case]:
    """One value is None, anywhere."""
    cases = []
    for name in ("score", "plus", "minus"):
        score = int(rng.integers(1000, 1400))
        pair = [rated(score, 4, 4) | {name: None}, rated(score + int(rng.integers(1, 60)), 5, 5)]
        cases.append(Case(*(reversed(pair) if rng.integers(2) else pair)))
    return cases


GEMINI, GROK, FLASH = rated(1474, 5, 4), rated(1423, 4, 3), rated(1417, 4, 3)

TASK = Task(
    name="clear_winner",
    title="신뢰구간으로 견주기",
    reference=clear_winner,
    judge=("equal", {}),
    aspects=(
        Aspect(
            "apart",
            "구간이 떨어져 있을 때",
            points=1,
            visible=(
                Case(GEMINI, rated(1446, 4, 5), label="1위와 2위, 2025년 7월"),
                Case(FLASH, GEMINI, label="뒤의 모델이 나은 경우"),
                Case(rated(1382, 5, 4), rated(1373, 3, 5), label="DeepSeek-V3-0324와 DeepSeek-R1"),
            ),
            hidden=apart,
        ),
        Aspect(
            "overlapping",
            "구간이 겹칠 때",
            points=1,
            visible=(
                Case(rated(1428, 5, 3), rated(1424, 5, 5), label="o3-2025-04-16과 DeepSeek-R1-0528"),
                Case(GROK, FLASH, label="Grok-3-Preview-02-24와 Gemini-2.5-Flash"),
            ),
            hidden=overlapping,
        ),
        Aspect("touching", "구간의 끝이 꼭 맞닿을 때", points=1, hidden=touching),
        Aspect(
            "missing",
            "값이 비어 있을 때",
            points=1,
            visible=(Case(GEMINI, rated(1446, None, 5), label="구간이 없는 모델"),),
            hidden=missing,
        ),
    ),
    mistakes=(
        Mistake(
            "touching",
            touching_is_apart,
            "구간의 끝이 꼭 맞닿은 두 모델을 갈랐습니다. 아레나는 아래 끝이 위 끝보다 '높을 때만' 확실히 낫다고 "
            "셉니다. "
            ">=가 아니라 >를 써 주십시오(01 단원 8.4절).",
        ),
        Mistake(
            "score_in_interval",
            score_in_the_other_interval,
            "한쪽의 점수가 다른 쪽의 구간 안에 있는지만 보았습니다. 두 점수가 서로의 구간 밖에 있어도 "
            "구간끼리는 겹칠 수 있습니다. "
            "점수가 아니라 구간의 끝끼리 견주어 주십시오.",
        ),
        Mistake(
            "by_score",
            by_score,
            "구간이 겹치는데도 점수가 높은 쪽을 골랐습니다. 점수끼리, 또는 위 끝은 위 끝끼리 견주면 이렇게 됩니다. "
            "한쪽 구간의 아래 끝이 다른 쪽 구간의 위 끝보다 높은지 보아 주십시오.",
        ),
        Mistake(
            "only_first",
            only_the_first_can_win,
            "뒤의 모델이 나은 경우를 빠뜨렸습니다. 같은 비교를 두 모델의 자리를 바꾸어 한 번 더 해 주십시오.",
        ),
        Mistake(
            "none_subtracted",
            none_subtracted,
            "None이 든 식을 계산하다가 TypeError가 났습니다. 더하거나 빼기 전에 두 딕셔너리의 값 가운데 None이 "
            "있는지 확인하고, "
            "있으면 '자료 없음'을 돌려주십시오.",
        ),
        Mistake(
            "missing_as_zero",
            missing_as_zero,
            "빈칸(None)을 0으로 보고 계산했습니다. 구간을 모르는 것은 오차가 없다는 뜻이 아닙니다. "
            "계산하기 전에 None이 있는지부터 확인해 '자료 없음'을 돌려주십시오.",
        ),
        Mistake(
            "sides_swapped",
            sides_swapped,
            "plus와 minus를 바꾸어 썼습니다. 구간은 (score - minus)에서 (score + plus)까지입니다. 위와 아래의 "
            "폭이 다를 수 있습니다.",
        ),
        Mistake(
            "names_swapped",
            names_swapped,
            "'앞'과 '뒤'가 바뀌었습니다. 첫째 매개변수(first)의 모델이 나으면 '앞', 둘째(second)가 나으면 '뒤'입니다.",
        ),
    ),
)
