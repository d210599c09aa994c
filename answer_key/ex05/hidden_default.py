"""Task 4: predict how many candidates are left at temperature 10, the silent top_k=50 included; and the reason."""

from answer_key.task import Aspect, Case, Mistake, Task, part

TASK = Task(
    name="hidden_default",
    title="온도 10의 후보는 몇 개일까요?",
    kind="value",
    answers=("guess_a", "guess_b", "guess_c", "guess_d"),
    reference=(50, 3072, "나", "다"),
    expected=part,
    judge=("ex05.guesses", {}),
    aspects=(
        Aspect("counts", "A와 B: 후보의 수", points=1, visible=(Case(0, 1),)),
        Aspect("letters", "C와 D: top-p를 켰을 때", points=1, visible=(Case(2, 3),)),
    ),
    mistakes=(
        Mistake(
            "a_unfiltered",
            (3072, None, None, None),
            "guess_a를 다시 생각해 보십시오. 적지 않은 설정에도 값이 있습니다. generate()로 뽑을 때 top_k를 적지 "
            "않으면 그 값이 얼마인지 05 단원 3.2에서 찾아보십시오.",
        ),
        Mistake(
            "b_still_fifty",
            (None, 50, None, None),
            "guess_b를 다시 생각해 보십시오. top_k=0은 기본값을 쓴다는 뜻이 아니라 top-k를 끈다는 뜻입니다.",
        ),
        Mistake(
            "b_nothing_left",
            (None, 0, None, None),
            "guess_b를 다시 생각해 보십시오. top_k=0은 0개만 남긴다는 뜻이 아니라 top-k를 끈다는 뜻입니다.",
        ),
        Mistake(
            "c_default_forgotten",
            (None, None, "다", None),
            "guess_c를 다시 생각해 보십시오. top_p만 적었지만 top_k는 적지 않았습니다. 말없이 켜지는 top_k가 먼저 "
            "자릅니다.",
        ),
        Mistake(
            "c_too_narrow",
            (None, None, "가", None),
            "guess_c를 다시 생각해 보십시오. 온도 10에서는 남은 후보의 확률이 서로 비슷합니다. 비슷한 확률 50개에서 "
            "합 0.9를 채우려면 몇 개쯤 담아야 할까요?",
        ),
        Mistake(
            "d_narrow",
            (None, None, None, "가"),
            "guess_d를 다시 생각해 보십시오. top-p는 온도를 거친 분포를 봅니다. 온도 10의 평평한 분포에서 확률의 "
            "90%를 담으려면 어휘의 얼마쯤이 필요할까요?",
        ),
        Mistake(
            "d_default_on",
            (None, None, None, "나"),
            "guess_d를 다시 생각해 보십시오. 이번에는 top_k=0을 적어 top-k를 껐습니다. 온도 10의 평평한 분포에서 "
            "top-p 0.9만으로 몇 개가 남을까요?",
        ),
    ),
)

REASON = Task(
    name="hidden_default_reason",
    title="4번의 까닭(글)",
    kind="text",
    manual_points=2,
    mark_scheme=(
        "1점: C에서는 적지 않은 top_k=50이 먼저 적용된다고 설명합니다. 1점: 온도 10이 분포를 평평하게 하므로 확률의 "
        "90%를 담는 데 남은 후보의 대부분(C는 50개의 대부분, D는 어휘의 대부분)이 필요하다고 설명합니다."
    ),
)
