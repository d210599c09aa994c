"""Exercise set 01: choosing a model from leaderboards."""

from answer_key.ex01 import (
    best_model,
    claims,
    clear_winner,
    elo_gap,
    largest_params,
    same_order_share,
    shop_shortlist,
    size_label,
)
from answer_key.task import ExerciseSet

SET = ExerciseSet(
    "ex01",
    "ex01_leaderboard",
    "연습 문제 01. 리더보드로 모델 고르기",
    tasks=(
        size_label.TASK,
        largest_params.TASK,
        best_model.TASK,
        clear_winner.TASK,
        elo_gap.TASK,
        same_order_share.TASK,
        claims.TASK,
        claims.REASON,
        shop_shortlist.TASK,
        shop_shortlist.REASON,
    ),
)
