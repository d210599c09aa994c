"""How often two leaderboards put two models in the same order."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np

from answer_key.ex01.boards import (
    MORE_TESTS,
    MORE_VOTES,
    TESTS,
    THREE_TESTS,
    THREE_VOTES,
    TIED_TESTS,
    TIED_VOTES,
    VOTES,
)
from answer_key.task import Aspect, Case, Mistake, Task


def _common(first, second):
    return [name for name in first if first[name] is not None and second.get(name) is not None]


def _signs(first, second, pairs):
    """-1, 0 or 1 for each pair: other order, a tie on a board, same order."""
    return [int(np.sign((first[a] - first[b]) * (second[a] - second[b]))) for a, b in pairs]


def same_order_share(first: dict, second: dict) -> float:
    """The reference: of the pairs of models that both boards order, the share that they order alike.

    Raises:
        ValueError: there is no such pair.
    """
    signs = _signs(first, second, combinations(_common(first, second), 2))
    alike, apart = signs.count(1), signs.count(-1)
    if alike + apart == 0:
        raise ValueError("견줄 수 있는 짝이 없습니다.")
    return alike / (alike + apart)


def ties_count_against(first, second):
    signs = _signs(first, second, combinations(_common(first, second), 2))
    if not any(signs):
        raise ValueError
    return signs.count(1) / len(signs)


def ties_count_for(first, second):
    signs = _signs(first, second, combinations(_common(first, second), 2))
    if not any(signs):
        raise ValueError
    return (signs.count(1) + signs.count(0)) / len(signs)


def missing_as_zero(first, second):
    names = list(dict.fromkeys([*first, *second]))
    return same_order_share(*({name: board.get(name) or 0 for name in names} for board in (first, second)))


def absent_name(first, second):
    names = [name for name in first if first[name] is not None]
    signs = _signs(first, second, combinations(names, 2))
    if not any(signs):
        raise ValueError
    return signs.count(1) / (signs.count(1) + signs.count(-1))


def none_subtracted(first, second):
    names = [name for name in first if name in second]
    signs = _signs(first, second, combinations(names, 2))
    if not any(signs):
        raise ValueError
    return signs.count(1) / (signs.count(1) + signs.count(-1))


def neighbours_only(first, second):
    names = sorted(_common(first, second), key=first.get, reverse=True)
    signs = _signs(first, second, pairwise(names))
    if not any(signs):
        raise ValueError
    return signs.count(1) / (signs.count(1) + signs.count(-1))


def difference_of_shares(first, second):
    return 2 * same_order_share(first, second) - 1


def zero_without_pairs(first, second):
    try:
        return same_order_share(first, second)
    except ValueError:
        return 0.0


def divides_by_zero(first, second):
    signs = _signs(first, second, combinations(_common(first, second), 2))
    return signs.count(1) / (signs.count(1) + signs.count(-1))


def same_places(first, second):
    names = _common(first, second)
    if len(names) < 2:
        raise ValueError
    orders = [sorted(names, key=board.get, reverse=True) for board in (first, second)]
    return sum(a == b for a, b in zip(*orders, strict=True)) / len(names)


def pairs_counted(first, second):
    signs = _signs(first, second, combinations(_common(first, second), 2))
    if not any(signs):
        raise ValueError
    return signs.count(1)


def other_order_counted(first, second):
    return 1 - same_order_share(first, second)


def ties_of_the_first_only(first, second):
    pairs = [(a, b) for a, b in combinations(_common(first, second), 2) if first[a] != first[b]]
    if not pairs:
        raise ValueError
    return sum((first[a] > first[b]) == (second[a] > second[b]) for a, b in pairs) / len(pairs)


def _board(rng, names, step=1.0):
    order = [int(one) for one in rng.permutation(len(names))]
    return {name: 1000 + step * place for name, place in zip(names, order, strict=True)}


def _names(rng, count):
    return [f"모델-{number + 1}" for number in rng.permutation(count)]


def all_common(rng: np.random.Generator) -> list[Case]:
    """Boards of the same models without ties; one pair of boards in exactly opposite orders."""
    cases = []
    for count in (4, 7, 12):
        names = _names(rng, count)
        cases.append(Case(_board(rng, names), _board(rng, names, 0.5)))
    board = _board(rng, _names(rng, 6))
    return [*cases, Case(board, {name: -score for name, score in board.items()})]


def partly_common(rng: np.random.Generator) -> list[Case]:
    """Models that stand on one board only, and scores that are None."""
    cases = []
    for _ in range(3):
        names = _names(rng, 9)
        first, second = _board(rng, names[:8]), _board(rng, names[1:])
        first[names[2]] = None
        second[names[int(rng.integers(3, 5))]] = None
        cases.append(Case(first, second))
    return cases


def with_ties(rng: np.random.Generator) -> list[Case]:
    """Several models with equal scores on either board."""
    cases = []
    for _ in range(3):
        names = _names(rng, 8)
        first, second = _board(rng, names), _board(rng, names)
        first[names[0]] = first[names[1]]
        second[names[2]] = second[names[3]]
        cases.append(Case(first, second))
    return cases


def without_pairs(rng: np.random.Generator) -> list[Case]:
    """No or one common model, and nothing but ties."""
    names = _names(rng, 4)
    tied = dict.fromkeys(names, 1000.0)
    return [Case({}, {}), Case(_board(rng, names[:2]), _board(rng, names[1:])), Case(tied, _board(rng, names))]


TASK = Task(
    name="same_order_share",
    title="두 순위표의 일치",
    reference=same_order_share,
    judge=("close", {"rtol": 1e-6}),
    aspects=(
        Aspect(
            "common",
            "두 표에 모두 있고 점수가 다를 때",
            points=2,
            visible=(Case(THREE_VOTES, THREE_TESTS, label="손으로 셀 수 있는 세 모델"), Case(VOTES, TESTS)),
            hidden=all_common,
        ),
        Aspect(
            "partly",
            "한쪽에만 있거나 점수가 빈 모델",
            points=1,
            visible=(Case(MORE_VOTES, MORE_TESTS),),
            hidden=partly_common,
        ),
        Aspect(
            "ties",
            "점수가 같은 모델",
            points=1,
            visible=(
                Case(TIED_VOTES, TIED_TESTS, label="첫째 표에 동점이 있음"),
                Case(TIED_TESTS, TIED_VOTES, label="둘째 표에 동점이 있음"),
            ),
            hidden=with_ties,
        ),
        Aspect(
            "no_pairs",
            "견줄 짝이 없을 때",
            points=1,
            visible=(Case({"Phi-4": 1221}, {"Phi-4": 30.36}),),
            hidden=without_pairs,
        ),
    ),
    mistakes=(
        Mistake(
            "neighbours_only",
            neighbours_only,
            "순위가 바로 이웃한 모델끼리만 견주었습니다. 1위와 3위처럼 떨어져 있는 짝까지 모든 짝을 견주어 주십시오. "
            "모델이 5개면 짝은 10개입니다.",
        ),
        Mistake(
            "difference_of_shares",
            difference_of_shares,
            "같은 순서인 짝의 비율에서 다른 순서인 짝의 비율을 뺐습니다. 이것은 켄달의 타우(Kendall's tau)라는 "
            "다른 값입니다. "
            "이 문제에서는 빼지 말고 같은 순서인 짝의 비율만 돌려주십시오.",
        ),
        Mistake(
            "absent_name",
            absent_name,
            "한쪽 표에만 있는 모델의 점수를 다른 표에서 읽으려다 KeyError가 났습니다. 짝을 만들기 전에 두 표에 "
            "모두 있는 이름만 추려 주십시오. "
            "없는 이름이면 None을 주는 second.get(이름)을 쓰면 편합니다.",
        ),
        Mistake(
            "none_subtracted",
            none_subtracted,
            "점수가 None인 모델이 짝에 들어가 TypeError가 났습니다. 이름이 두 표에 있더라도 점수가 비어 있으면 "
            "견줄 수 없습니다. "
            "두 점수가 모두 None이 아닌 모델만 추려 주십시오.",
        ),
        Mistake(
            "missing_as_zero",
            missing_as_zero,
            "한쪽 표에 없거나 점수가 None인 모델을 0점으로 셌습니다. 점수를 모르는 것은 꼴찌라는 뜻이 아닙니다. "
            "두 표에 모두 점수가 있는 모델만 먼저 추려 주십시오.",
        ),
        Mistake(
            "ties_of_the_first_only",
            ties_of_the_first_only,
            "첫째 표의 동점만 건너뛰고 둘째 표의 동점은 셌습니다. 어느 표에서든 두 모델의 점수가 같으면 그 짝은 세지 "
            "않습니다.",
        ),
        Mistake(
            "ties_count_against",
            ties_count_against,
            "점수가 같은 짝을 '순서가 다르다'고 셌습니다. >나 >=로만 견주면 동점도 어느 한쪽으로 세어집니다. "
            "점수가 같으면 그 표는 두 모델의 순서를 말하지 않은 것이므로, 그런 짝은 분자에서도 분모에서도 빼 "
            "주십시오.",
        ),
        Mistake(
            "ties_count_for",
            ties_count_for,
            "점수가 같은 짝을 '순서가 같다'고 셌습니다. 동점은 순서가 같다는 증거가 아닙니다. "
            "어느 한쪽 표에서라도 점수가 같은 짝은 건너뛰어, 분자와 분모에 모두 넣지 말아 주십시오.",
        ),
        Mistake(
            "zero_without_pairs",
            zero_without_pairs,
            "견줄 짝이 하나도 없는데 0을 돌려주었습니다. 0은 '모든 짝의 순서가 반대'라는 뜻입니다. 알 수 없을 "
            "때는 ValueError를 일으켜 주십시오.",
        ),
        Mistake(
            "divides_by_zero",
            divides_by_zero,
            "견줄 짝이 하나도 없어 0으로 나누었습니다. 나누기 전에 짝의 수를 확인하고, 0이면 raise "
            "ValueError(...)를 실행해 주십시오.",
        ),
        Mistake(
            "same_places",
            same_places,
            "두 표에서 같은 자리(같은 순위)에 있는 모델을 셌습니다. 이 문제에서는 모델 하나하나의 자리가 아니라 두 "
            "모델의 순서를 봅니다. 모델을 둘씩 짝지어 견주어 주십시오.",
        ),
        Mistake(
            "pairs_counted",
            pairs_counted,
            "순서가 같은 짝의 수를 그대로 돌려주었습니다. 센 짝의 수로 나누어 0에서 1까지의 비율로 돌려주십시오.",
        ),
        Mistake(
            "other_order_counted",
            other_order_counted,
            "순서가 다른 짝의 비율입니다. 두 점수 차이의 부호가 같을 때 순서가 같은 것입니다.",
        ),
    ),
)
