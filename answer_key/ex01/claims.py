"""Claims about the leaderboards: right, wrong, or not to be known from the tables; and why."""

from __future__ import annotations

from answer_key.task import Aspect, Case, Mistake, Task

RIGHT = {"가": "참", "나": "거짓", "다": "참", "라": "알 수 없음", "마": "거짓"}

TASK = Task(
    name="leaderboard_claims",
    title="주장 가려내기",
    kind="value",
    answers=("claims",),
    reference=RIGHT,
    judge=("ex01.claims", {}),
    aspects=(Aspect("claims", "다섯 주장의 판정", points=3, visible=(Case(),)),),
    mistakes=(
        Mistake(
            "removal_can_hurt",
            {"가": "거짓"},
            "(가)를 다시 보십시오. 순위는 1에 '나보다 점수가 높은 모델의 수'를 더한 값입니다. 모델을 지우면 그 "
            "수가 늘어날 수 있을까요?",
        ),
        Mistake(
            "removal_unknown",
            {"가": "알 수 없음"},
            "(가)는 표를 몰라도 판정할 수 있습니다. 나보다 점수가 높은 모델의 수는 행을 지울 때 그대로이거나 "
            "줄어들 뿐입니다.",
        ),
        Mistake(
            "score_moves_with_rank",
            {"나": "참"},
            "(나)에서 순위와 점수를 섞어 생각했습니다. 다른 모델을 지워도 EXAONE이 푼 문제와 맞힌 수는 "
            "그대로입니다. 01 단원 6절을 보십시오.",
        ),
        Mistake(
            "score_unknown",
            {"나": "알 수 없음"},
            "(나)는 계산하지 않고도 판정할 수 있습니다. 평균은 그 모델의 여섯 점수로만 정해집니다(01 단원 3.2절).",
        ),
        Mistake(
            "share_moves_with_rank",
            {"다": "거짓"},
            "(다)를 다시 보십시오. '위에서 몇 %'는 순위를 전체 수로 나눈 값입니다. 순위가 줄어드는 비율보다 "
            "전체 수가 줄어드는 비율이 더 크면 "
            "이 값은 커집니다. 대화용 모델은 다른 종류보다 대체로 점수가 높을까요, 낮을까요?",
        ),
        Mistake(
            "share_unknown",
            {"다": "알 수 없음"},
            "(다)에 필요한 열(종류, 평균)은 모두 표에 있으므로 계산할 수 있습니다. type_icon이 💬인 행만 남기고 "
            "세어 보십시오.",
        ),
        Mistake(
            "english_shows_korean",
            {"라": "참"},
            "(라)에서 잰 것과 주장한 것이 다릅니다. IFEval은 영어로 묻고 영어로 답하는 시험입니다. 한국어 "
            "실력에 관한 열이 표에 있습니까? "
            "01 단원 9.3절을 보십시오.",
        ),
        Mistake(
            "no_evidence_is_false",
            {"라": "거짓"},
            "(라)에 증거가 없다는 것은 맞지만, 증거가 없다고 거짓이 되지는 않습니다. 실제로 가장 잘할 수도 있고 "
            "아닐 수도 있습니다.",
        ),
        Mistake(
            "same_rank_same_score",
            {"마": "참"},
            "(마)에서 '구별할 수 없다'를 '같다'로 읽었습니다. 순위(UB)는 구간이 겹치기만 해도 같아질 수 "
            "있습니다. 표에서 4위인 네 모델의 점수를 "
            "직접 보십시오(01 단원 8.4절).",
        ),
        Mistake(
            "scores_unknown",
            {"마": "알 수 없음"},
            "(마)는 표에서 바로 확인할 수 있습니다. rank_ub가 4인 행의 arena_score를 보십시오.",
        ),
    ),
)

REASON = Task(
    name="leaderboard_claims_reason",
    title="순위와 '위에서 몇 %'",
    kind="text",
    manual_points=2,
    mark_scheme=(
        "1점: '위에서 몇 %'가 순위 ÷ 전체 수임을 말하고, 전체 수(4,576 → 718)가 순위(1,379 → 233)보다 더 큰 "
        "비율로 줄었다고 씁니다. "
        "1점: 까닭을 말합니다. 지운 종류의 모델에는 EXAONE보다 낮은 것이 더 많았고, 남은 대화용 모델이 대체로 "
        "점수가 높다는 뜻이면 됩니다. "
        "'모델이 나빠졌다'고 쓰면 둘째 1점을 주지 않습니다."
    ),
)
