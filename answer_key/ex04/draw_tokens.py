"""draw_tokens(probabilities, n, rng): n independent draws with the generator that is given.

Judged by the rules in ``course_utils.checks.judges_ex04``: any right way of drawing passes.
"""

from __future__ import annotations

import numpy as np

from answer_key.task import Aspect, Case, Mistake, Task, stand_in


def reference(probabilities, n, rng):
    return rng.choice(len(probabilities), size=n, p=probabilities)


def wanted(rule):
    """What the judge compares with, as a function of the same arguments."""
    return lambda probabilities, n, rng: {"조건": rule, "개수": n, "확률": np.array(probabilities)}


def expected(probabilities, n, rng):
    """A generator that gives the same number for ever can give only one token."""
    rule = "모두 같은 번호" if len(set(rng.random(4))) == 1 else "확률대로 뽑은 번호"
    return wanted(rule)(probabilities, n, rng)


def greedy(probabilities, n, rng):
    return np.full(n, np.argmax(probabilities))


def even(probabilities, n, rng):
    return rng.integers(0, len(probabilities), size=n)


def without_putting_back(probabilities, n, rng):
    return rng.choice(len(probabilities), size=n, p=probabilities, replace=False)


def counts(probabilities, n, rng):
    return rng.multinomial(n, probabilities)


def in_order(probabilities, n, rng):
    return np.repeat(np.arange(len(probabilities)), rng.multinomial(n, probabilities))


def once(probabilities, n, rng):
    return np.full(n, rng.choice(len(probabilities), p=probabilities))


def one_hot_rows(probabilities, n, rng):
    return rng.multinomial(1, probabilities, size=n)


def the_probabilities(probabilities, n, rng):
    return rng.choice(probabilities, size=n, p=probabilities)


def own_generator(probabilities, n, rng):
    return np.random.default_rng(42).choice(len(probabilities), size=n, p=probabilities)


def random_usual(rng):
    cases = []
    for size in (3, 5, 8):
        probabilities = rng.dirichlet(np.full(size, 5.0)) * (1 - 0.03 * size) + 0.03
        probabilities[rng.integers(size)] = 0
        seed = int(rng.integers(1, 10**6))
        cases.append(Case(probabilities / probabilities.sum(), 3000, stand_in("rng", seed=seed)))
    return cases


def random_seldom(rng):
    return [Case(long_tail(int(rng.integers(90, 120))), 80, stand_in("rng", seed=int(rng.integers(1, 10**6))))]


def random_stuck(rng):
    # Far from the bounds 0.1, 0.7, 0.8 and from 0 and 1, whichever way the number is used. Also such that who tries
    # tokens until one is accepted (rejection sampling) accepts the first: token 0 or 1, with a number below its share.
    return [
        Case(STUCK, 200, stand_in("ex04.stuck_rng", share=float(share)))
        for share in rng.uniform([0.02, 0.27], [0.08, 0.48]).round(4)
    ]


def long_tail(size):
    """0.5 for token 0, the rest in equal parts."""
    return np.array([0.5] + [0.5 / (size - 1)] * (size - 1))


STUCK = np.array([0.1, 0.6, 0.1, 0.2])  # uneven enough that other draws do not look like even ones

TASK = Task(
    name="draw_tokens",
    title="확률대로 토큰 뽑기",
    reference=reference,
    expected=expected,
    judge=("ex04.draws", {}),
    aspects=(
        Aspect(
            "usual",
            "확률대로 뽑히고, 확률이 0인 토큰은 뽑히지 않음",
            2,
            (Case(np.array([0.5, 0.3, 0.0, 0.2]), 2000, stand_in("rng", seed=5)),),
            random_usual,
        ),
        Aspect(
            "again",
            "뽑은 토큰도 다시 뽑힐 수 있음",
            1,
            (Case(long_tail(100), 80, stand_in("rng", seed=5), label="토큰 100개, 0번의 확률이 0.5"),),
            random_seldom,
        ),
        Aspect(
            "rng",
            "받은 rng로만 뽑음",
            1,
            (
                Case(
                    STUCK,
                    200,
                    stand_in("ex04.stuck_rng", share=0.4),
                    label="늘 같은 난수만 내는 고장 난 생성기를 주면 같은 토큰만 나와야 합니다",
                ),
            ),
            random_stuck,
        ),
    ),
    mistakes=(
        Mistake(
            "greedy",
            greedy,
            "늘 확률이 가장 높은 토큰만 골랐습니다(탐욕적 디코딩). 확률대로 뽑아 주십시오.",
            expected=wanted("늘 1등"),
        ),
        Mistake(
            "once",
            once,
            "한 번만 뽑은 토큰을 n번 늘어놓았습니다. n번을 따로따로 뽑아 주십시오.",
            expected=wanted("모두 같은 번호"),
        ),
        Mistake(
            "counts",
            counts,
            "토큰마다 몇 번 나왔는지 센 횟수를 돌려주었습니다. 횟수가 아니라 뽑힌 토큰의 번호를 뽑힌 차례대로 n개 "
            "돌려주십시오.",
            expected=wanted("토큰마다 센 횟수"),
        ),
        Mistake(
            "in_order",
            in_order,
            "횟수는 맞지만 번호가 작은 것부터 늘어서 있어 뽑힌 차례가 사라졌습니다. 이 번호들을 이어 붙이면 같은 "
            "낱말만 이어지는 글이 됩니다. 하나씩 따로 뽑아 주십시오.",
            expected=wanted("늘어선 번호"),
        ),
        Mistake(
            "one_hot",
            one_hot_rows,
            "한 칸만 1인 줄을 n개 돌려주었습니다. 줄마다 1이 있는 자리의 번호가 뽑힌 토큰입니다. argmax(axis=1)로 "
            "번호를 꺼내 주십시오.",
            expected=wanted("한 칸만 1인 줄"),
        ),
        Mistake(
            "distinct",
            without_putting_back,
            "한 번 뽑은 토큰을 다시 뽑지 않았습니다(비복원 추출). 같은 낱말은 글에 여러 번 나올 수 있으므로 "
            "replace=False를 쓰지 마십시오.",
            expected=wanted("겹치지 않는 번호"),
        ),
        Mistake(
            "probabilities",
            the_probabilities,
            "토큰의 번호가 아니라 확률을 뽑았습니다. rng.choice의 첫 매개변수로 probabilities를 주었다면 토큰의 개수 "
            "len(probabilities)로 바꾸어 주십시오.",
            expected=wanted("번호가 아닌 확률"),
        ),
        Mistake(
            "even",
            even,
            "모든 토큰이 똑같은 확률로 뽑혔습니다. 확률을 쓰지 않았는지, rng.choice에 p=probabilities를 빠뜨리지 "
            "않았는지 확인해 주십시오.",
            expected=lambda p, n, rng: wanted("확률대로 뽑은 번호")(np.full(len(p), 1 / len(p)), n, rng),
        ),
        Mistake(
            "own_generator",
            own_generator,
            "받은 rng를 쓰지 않았거나 함수 안에서 생성기를 새로 만들었습니다. 그러면 씨앗을 정해도 같은 결과를 다시 "
            "얻을 수 없거나, 부를 때마다 같은 토큰이 나옵니다. 매개변수 rng로만 뽑아 주십시오.",
            expected=wanted("확률대로 뽑은 번호"),
        ),
    ),
)
