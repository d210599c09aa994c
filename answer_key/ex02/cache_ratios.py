"""Task 8: predict what a change of the configuration does to the cache; and, by hand, why."""

from __future__ import annotations

from answer_key.task import Aspect, Case, Mistake, Task

RIGHT = [0.5, 1, 1, 2]

TASK = Task(
    name="cache_ratios",
    title="캐시의 크기 예측하기",
    kind="value",
    reference=RIGHT,
    judge=("ex02.ratios", {}),
    aspects=(Aspect("ratios", "네 가지 변화의 예측", points=2, visible=(Case(),)),),
    mistakes=(
        Mistake(
            "queries_counted",
            [0.5, 0.5, 1, 2],
            "쿼리 헤드를 줄이면 캐시도 줄어든다고 예측했습니다(B). 캐시에 저장하는 것이 무엇인지 떠올려 주십시오. "
            "쿼리는 저장하지 않습니다.",
        ),
        Mistake(
            "hidden_counted",
            [0.5, 1, 2, 2],
            "은닉 벡터가 커지면 캐시도 커진다고 예측했습니다(C). 키와 값 하나의 크기는 KV 헤드의 수와 head_dim으로 "
            "정해지고, 둘은 그대로입니다.",
        ),
        Mistake(
            "both_counted",
            [0.5, 0.5, 2, 2],
            "쿼리 헤드(B)와 은닉 벡터(C)가 캐시의 크기를 바꾼다고 예측했습니다. 캐시의 식에 두 값이 들어 있는지 "
            "확인해 주십시오.",
        ),
        Mistake(
            "keys_and_values_apart",
            [0.25, 1, 1, 2],
            "KV 헤드가 반으로 줄면 캐시가 4분의 1이 된다고 예측했습니다(A). 키가 반, 값이 반이 되면 둘을 더한 것도 "
            "반입니다.",
        ),
        Mistake(
            "width_forgotten",
            [0.5, 1, 1, 4],
            "수 하나의 크기가 반으로 줄어든 것을 빠뜨렸습니다(D). 토큰이 4배, 바이트가 2분의 1입니다.",
        ),
        Mistake(
            "width_reversed",
            [0.5, 1, 1, 8],
            "수 하나가 두 배로 커진다고 보았습니다(D). 16비트에서 8비트로 바꾸면 바이트는 반이 됩니다.",
        ),
        Mistake(
            "upside_down",
            [2, 1, 1, 0.5],
            "비율을 거꾸로 적었습니다. (바꾼 뒤의 크기) ÷ (바꾸기 전의 크기)를 적습니다. 줄어들면 1보다 작습니다.",
        ),
    ),
)

REASON = Task(
    name="cache_ratios_reason",
    title="예측의 까닭",
    kind="text",
    manual_points=2,
    mark_scheme=(
        "1점: 캐시에는 키와 값만 저장하므로 크기가 KV 헤드의 수에 비례하고 쿼리 헤드의 수와는 관계없다고 "
        "설명했습니다. 1점: 파라미터가 반으로 줄지 않는 까닭으로, 줄어드는 것은 키와 값을 만드는 밀집층뿐이고 "
        "피드포워드와 임베딩 등 나머지는 그대로라는 점을 들었습니다."
    ),
)
