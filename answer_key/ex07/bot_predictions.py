"""ex07: what retries and guardrails do, predicted before a simulation is run; and why."""

from __future__ import annotations

from answer_key.task import Aspect, Case, Mistake, Task, part

# A test computes the three answers exactly and runs the notebook's simulation.
TASK = Task(
    name="bot_predictions",
    title="점검과 다시 뽑기의 결과 예상하기",
    kind="value",
    answers=("prediction_1", "prediction_2", "prediction_3"),
    reference=(1, "가", "다"),
    expected=part,
    judge=("ex03.predictions", {}),
    aspects=(
        Aspect("agrees", "1번: 사람과 같은 판단", 1, visible=(Case(0),)),
        Aspect("safe", "2번: 안전한 답변의 수", 1, visible=(Case(1),)),
        Aspect("bad", "3번: 잘못된 답이 나가는 질문", 1, visible=(Case(2),)),
    ),
    mistakes=(
        Mistake(
            "all_right",
            (3, None, None),
            "1번: 점검은 뜻을 모릅니다. '보장하기는 어렵습니다'에도 '보장'이라는 글자가 있고, "
            "'평생 고쳐 드릴게요'에는 목록의 낱말이 없습니다.",
        ),
        Mistake(
            "one_wrong",
            (2, None, None),
            "1번: 틀리는 방법은 두 가지입니다. 괜찮은 글을 잡는 것과 확답을 놓치는 것이 하나씩 있는지 세어 보십시오.",
        ),
        Mistake(
            "none_right",
            (0, None, None),
            "1번: '수리를 보장합니다'는 확답이고, 목록의 '보장'이 그것을 잡습니다. 이것은 옳은 판단입니다.",
        ),
        Mistake(
            "three_draws",
            (None, "나", None),
            "2번: 다시 뽑는 것이 세 번이므로 첫 초안까지 모두 네 번입니다. 네 번이 모두 걸릴 확률은 0.5를 네 번 곱한 "
            "값입니다.",
        ),
        Mistake(
            "divided",
            (None, "다", None),
            "2번: 확률은 나누는 것이 아니라 곱합니다. 네 번이 모두 걸려야 안전한 답변이 되므로 0.5를 네 번 "
            "곱해 주십시오.",
        ),
        Mistake(
            "fewer_bad",
            (None, None, "가"),
            "3번: 다시 뽑기는 안전한 답변이 나갈 자리에 다른 초안을 넣습니다. 그 초안이 점검의 빈틈으로 빠져나온 것일 "
            "수도 있습니다. 실행 결과를 보십시오.",
        ),
        Mistake(
            "same_bad",
            (None, None, "나"),
            "3번: 한 번만 뽑을 때에는 걸린 질문이 모두 안전한 답변이 됩니다. 다시 뽑으면 그 질문들에도 통과할 기회가 "
            "생깁니다. 실행 결과를 보십시오.",
        ),
    ),
)
REASON = Task(
    name="bot_reason",
    title="다시 뽑기가 잘못된 답을 늘리는 까닭",
    kind="text",
    manual_points=2,
    mark_scheme=(
        "1점: 다시 뽑으면 안전한 답변이 나갈 질문에도 기회가 더 생기고, 어려운 질문에서는 통과한 초안의 대부분이 "
        "점검의 빈틈으로 빠져나간 것이라는 점을, 실행한 출력의 수를 들어 설명합니다.\n"
        "1점: 그래서 할 일을 하나 이상 듭니다(사람의 승인, 다시 뽑은 초안에 메모, 다시 뽑는 횟수 제한, 점검의 "
        "빈틈 고치기 등).\n"
        "예상이 틀렸더라도 출력을 보고 고쳤으면 점수를 줍니다."
    ),
)
