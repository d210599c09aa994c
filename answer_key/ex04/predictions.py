"""Predict first, then run: what three temperatures do to four tokens, and which reply is the likeliest."""

from __future__ import annotations

from answer_key.task import Aspect, Case, Mistake, Task

TASK = Task(
    name="predictions",
    title="예상한 다음 실행하기",
    kind="value",
    reference=["B", "C", "C", "A"],
    judge=("ex04.choices", {}),
    aspects=(Aspect("choices", "네 물음의 예상", 2, (Case(),)),),
    # None stands for any choice, so that a misconception is recognised whatever the other answers are.
    mistakes=(
        Mistake(
            "low_uniform",
            ["A", None, None, None],
            "㉠을 다시 생각해 주십시오. 1보다 작은 수로 나누면 로짓의 차이는 줄지 않고 커집니다. 0.001로 나누면 천 "
            "배가 됩니다.",
        ),
        Mistake(
            "low_unchanged",
            ["C", None, None, None],
            "㉠을 다시 생각해 주십시오. 온도 1의 확률대로 뽑힌다고 보았습니다. 0.001로 나눈 뒤 1등과 2등의 로짓이 "
            "얼마나 벌어지는지 계산해 보십시오.",
        ),
        Mistake(
            "high_reversed",
            [None, "B", None, None],
            "㉡을 다시 생각해 주십시오. 양수로 나누면 큰 로짓은 나눈 뒤에도 큽니다. 온도는 순서를 바꾸지 못합니다.",
        ),
        Mistake(
            "high_first_wins",
            [None, "A", None, None],
            "㉡을 다시 생각해 주십시오. 로짓을 10으로 나누면 1등과 꼴찌의 차이가 0.7만 남습니다. e의 0.7제곱은 약 "
            "2입니다.",
        ),
        Mistake(
            "tie_first",
            [None, None, "A", None],
            "㉢을 다시 생각해 주십시오. 로짓이 똑같은 두 토큰의 차이는 0이고, 0은 무엇으로 나누어도 0입니다. "
            "번호가 빠르다고 유리하지 않습니다.",
        ),
        Mistake(
            "tie_even",
            [None, None, "B", None],
            "㉢을 다시 생각해 주십시오. 동점이 아닌 토큰들은 1등보다 로짓이 낮고, 온도 0.001에서는 그 차이가 천 "
            "배로 벌어집니다.",
        ),
        Mistake(
            "reply_greedy",
            [None, None, None, "B"],
            "㉣을 다시 생각해 주십시오. 첫 자리의 1등으로 시작하는 답변이 전체에서도 1등이라고 보았습니다. 두 자리의 "
            "확률을 곱한 값을 견주어 보십시오.",
        ),
        Mistake(
            "reply_same",
            [None, None, None, "C"],
            "㉣을 다시 생각해 주십시오. 답변마다 두 자리의 확률을 곱해 보십시오. 두 값은 같지 않습니다.",
        ),
    ),
)  # fmt: skip

REASON = Task(
    name="predictions_reason",
    title="예상의 까닭",
    kind="text",
    manual_points=2,
    mark_scheme=(
        "1점: 온도가 로짓의 차이를 나누고 확률의 비가 e^(차이 ÷ 온도)라는 점을 들어 ㉠과 ㉡을 설명했습니다.\n"
        "1점: 동점(차이 0)은 어떤 온도에서도 그대로라는 점을 들어 ㉢을 설명했거나, 빗나간 예상에서 무엇을 잘못 "
        "생각했는지 밝혔습니다. 예상이 맞았는지는 이 점수에 들어가지 않습니다."
    ),
)
