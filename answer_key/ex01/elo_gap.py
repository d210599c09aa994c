"""From wins and losses back to a difference of ratings."""

from __future__ import annotations

import math

import numpy as np

from answer_key.task import Aspect, Case, Mistake, Task


def elo_gap(wins: float, losses: float, draws: float = 0) -> float:
    """The reference: points on the Elo scale that give this share of wins, a draw being half a win for both.

    Raises:
        ValueError: there was no game.
    """
    won, lost = wins + draws / 2, losses + draws / 2
    if won + lost == 0:
        raise ValueError("대결이 하나도 없습니다.")
    if lost == 0:
        return math.inf
    return -math.inf if won == 0 else 400 * math.log10(won / lost)


def natural_logarithm(wins, losses, draws=0):
    return elo_gap(wins, losses, draws) * math.log(10)


def from_the_share(wins, losses, draws=0):
    return 400 * math.log10((wins + draws / 2) / (wins + losses + draws))


def the_other_way_round(wins, losses, draws=0):
    return -elo_gap(wins, losses, draws)


def without_draws(wins, losses, draws=0):
    return elo_gap(wins, losses)


def draws_won_by_both(wins, losses, draws=0):
    return elo_gap(wins + draws, losses + draws)


def draws_won(wins, losses, draws=0):
    return elo_gap(wins + draws, losses)


def no_shutout(wins, losses, draws=0):
    return 400 * math.log10((wins + draws / 2) / (losses + draws / 2))


def whole_draws(wins, losses, draws=0):
    return elo_gap(wins + draws // 2, losses + draws // 2)


def shutout_before_draws(wins, losses, draws=0):
    if 0 in (wins, losses) and wins + losses:
        return math.inf if wins else -math.inf
    return elo_gap(wins, losses, draws)


def infinite_without_a_game(wins, losses, draws=0):
    return math.inf if wins + losses + draws == 0 else elo_gap(wins, losses, draws)


def scale_forgotten(wins, losses, draws=0):
    return elo_gap(wins, losses, draws) / 400


def chance_returned(wins, losses, draws=0):
    if wins + losses + draws == 0:
        raise ValueError
    return (wins + draws / 2) / (wins + losses + draws)


def decided(rng: np.random.Generator) -> list[Case]:
    """Games without a draw, more won or more lost."""
    pairs = [(int(a), int(b)) for a, b in rng.integers(1, 300, size=(4, 2))]
    return [Case(*pair) for pair in [*pairs, (7, 7)]]


def with_draws(rng: np.random.Generator) -> list[Case]:
    """Games with draws; an odd number of them too; nothing but draws."""
    rows = [tuple(int(one) for one in row) for row in rng.integers(1, 100, size=(3, 3))]
    return [Case(wins, losses, draws=draws) for wins, losses, draws in [*rows, (9, 2, 5), (0, 0, 3)]]


def shutouts(rng: np.random.Generator) -> list[Case]:
    """All won or all lost, and draws that save a side from it."""
    n = int(rng.integers(2, 40))
    return [Case(n, 0), Case(0, n), Case(n, 0, draws=1), Case(0, n, draws=3)]


TASK = Task(
    name="elo_gap",
    title="승패에서 점수의 차이 구하기",
    reference=elo_gap,
    judge=("close", {"rtol": 1e-6, "atol": 1e-6}),
    aspects=(
        Aspect("decided", "비긴 대결이 없을 때", points=1, visible=(Case(10, 1), Case(20, 60)), hidden=decided),
        Aspect(
            "draws",
            "비긴 대결이 있을 때",
            points=1,
            visible=(Case(6, 2, draws=4), Case(3, 1, draws=3)),
            hidden=with_draws,
        ),
        Aspect(
            "shutout",
            "모두 이기거나 모두 졌을 때",
            points=1,
            visible=(Case(5, 0), Case(5, 0, draws=2)),
            hidden=shutouts,
        ),
        Aspect("no_game", "대결이 없을 때", points=1, visible=(Case(0, 0),), hidden=lambda rng: [Case(0, 0, draws=0)]),
    ),
    mistakes=(
        Mistake(
            "natural_logarithm",
            natural_logarithm,
            "밑이 e인 자연로그를 썼습니다. 엘로 눈금의 식에는 10의 거듭제곱이 있으므로 밑이 10인 "
            "로그(math.log10)가 필요합니다.",
        ),
        Mistake(
            "whole_draws",
            whole_draws,
            "비긴 대결이 홀수일 때 절반의 소수점 아래를 버렸습니다. 세 번 비겼으면 1.5승씩입니다. //가 아니라 /로 "
            "나누어 주십시오.",
        ),
        Mistake(
            "shutout_before_draws",
            shutout_before_draws,
            "비긴 대결을 나누기 전에 losses나 wins가 0인지 보았습니다. 한 번이라도 비겼다면 양쪽 모두 절반씩 이긴 "
            "것이므로 무한대가 아닙니다. 나누고 난 w와 l로 물어 주십시오.",
        ),
        Mistake(
            "infinite_without_a_game",
            infinite_without_a_game,
            "대결이 하나도 없는데 math.inf를 돌려주었습니다. 둘 다 0일 때에도 l이 0이라는 조건은 참입니다. 둘 다 "
            "0인지를 가장 먼저 확인해 주십시오.",
        ),
        Mistake(
            "scale_forgotten",
            scale_forgotten,
            "로그만 구하고 400을 곱하지 않았습니다. 로그를 취한 값은 (차이 ÷ 400)입니다.",
        ),
        Mistake(
            "chance_returned",
            chance_returned,
            "이긴 대결의 비율을 돌려주었습니다. 이 문제가 묻는 것은 그 비율이 나오게 하는 점수의 차이입니다.",
        ),
        Mistake(
            "no_shutout",
            no_shutout,
            "한쪽이 모두 이기면 0으로 나누거나 0의 로그를 구하게 됩니다. 계산하기 전에 경우를 나누어, 모두 이겼으면 "
            "math.inf, 모두 졌으면 -math.inf를 "
            "돌려주고, 대결이 하나도 없으면 ValueError를 일으켜 주십시오.",
        ),
        Mistake(
            "from_the_share",
            from_the_share,
            "이길 확률(이긴 수 ÷ 전체)에 로그를 취했습니다. 식을 뒤집으면 로그 안에는 '이긴 수 ÷ 진 수'가 "
            "들어갑니다. "
            "반반일 때 결과가 0인지로 확인할 수 있습니다.",
        ),
        Mistake(
            "other_way_round",
            the_other_way_round,
            "부호가 반대입니다. 더 많이 이긴 쪽의 점수가 높으므로, 이긴 수가 많으면 결과가 양수여야 합니다. "
            "나누는 순서를 확인해 주십시오.",
        ),
        Mistake(
            "draws_won_by_both",
            draws_won_by_both,
            "비긴 대결을 두 모델 모두의 1승으로 셌습니다. 대결 하나는 모두 합해 1승이어야 하므로 양쪽에 "
            "절반씩만 더해 주십시오.",
        ),
        Mistake(
            "draws_won",
            draws_won,
            "비긴 대결을 앞의 모델이 모두 이긴 것으로 셌습니다. 비기면 두 모델이 절반씩 나누어 가집니다.",
        ),
        Mistake(
            "without_draws",
            without_draws,
            "비긴 대결을 버렸습니다. 비긴 것도 두 모델의 실력이 비슷하다는 증거입니다. draws의 절반을 이긴 수와 "
            "진 수에 각각 더해 주십시오.",
        ),
    ),
)
