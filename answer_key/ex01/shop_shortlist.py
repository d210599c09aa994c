"""Three models to try on the shop's own questions: any that meet the conditions, with reasons."""

from __future__ import annotations

from answer_key.task import Aspect, Case, Mistake, Task

PHI = "microsoft/Phi-4-mini-instruct"
GRANITE = "ibm-granite/granite-3.1-2b-instruct"
SMOL = "HuggingFaceTB/SmolLM2-1.7B-Instruct"
EXAONE = "LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct"

TASK = Task(
    name="shop_shortlist",
    title="시험할 후보 세 개",
    kind="value",
    answers=("shortlist",),
    reference=[PHI, GRANITE, SMOL],
    judge=("ex01.shortlist", {"memory_gb": 12, "ifeval": 50}),
    aspects=(Aspect("shortlist", "여섯 조건에 맞는 세 모델", points=3, visible=(Case(),)),),
    mistakes=(
        Mistake(
            "unknown_name",
            [PHI, GRANITE, "SmolLM2-1.7B-Instruct"],
            "표에 없는 이름이 있습니다. 조직 이름과 빗금까지, 표의 model 열에 적힌 그대로 옮겨 주십시오. "
            "대문자와 소문자도 구별합니다.",
        ),
        Mistake(
            "license",
            [EXAONE, PHI, GRANITE],
            "실제 쇼핑몰에서 쓸 수 없는 라이선스의 모델이 있습니다. 점수가 높아도 apache-2.0이나 mit가 아니면 "
            "뺍니다(01 단원 9.4절).",
        ),
        Mistake(
            "memory",
            [PHI, GRANITE, "Qwen/Qwen2.5-7B-Instruct"],
            "12 GB에 들어가지 않는 모델이 있습니다. 16비트에서는 파라미터 하나가 2바이트이고 여유가 20%이므로, "
            "파라미터는 50억 개까지입니다.",
        ),
        Mistake(
            "kind",
            [PHI, SMOL, "ibm-granite/granite-3.1-2b-base"],
            "대화용(💬)이 아니거나, 병합 모델이거나, 허브에서 받을 수 없는 모델이 있습니다. type_icon, merged, "
            "available_on_hub 열을 확인해 주십시오.",
        ),
        Mistake(
            "uploader",
            [PHI, GRANITE, "SultanR/SmolTulu-1.7b-Reinforced"],
            "공식 제공자가 올리지 않은 모델이 있습니다. 라이선스와 크기 칸은 올린 사람이 적은 것이라 틀릴 수 "
            "있습니다(01 단원 9.4절과 10절). "
            "official_provider가 True인 것에서 골라 주십시오.",
        ),
        Mistake(
            "ifeval",
            [PHI, GRANITE, "Qwen/Qwen2.5-1.5B-Instruct"],
            "IFEval이 50점보다 낮은 모델이 있습니다. 이름이 익숙하다고 점수가 높은 것은 아닙니다. ifeval 열을 "
            "확인해 주십시오.",
        ),
        Mistake(
            "same_maker",
            [PHI, "microsoft/Phi-3.5-mini-instruct", GRANITE],
            "같은 곳에서 만든 모델이 둘 이상 있습니다. 서로 닮은 모델만 시험하면 알게 되는 것이 적습니다. "
            "빗금 앞의 조직 이름이 모두 다르도록 골라 주십시오.",
        ),
    ),
)

REASON = Task(
    name="shop_shortlist_reason",
    title="후보를 고른 까닭과 시험 계획",
    kind="text",
    manual_points=2,
    mark_scheme=(
        "1점: 세 후보의 까닭을 표의 값으로 말합니다(IFEval, 메모리, 라이선스 가운데 둘 이상을 수와 함께 씁니다). "
        "1점: 표로는 한국어 실력을 알 수 없음을 말하고, 우리 질문으로 이름을 가린 채 견주는 것처럼 확인할 "
        "방법을 하나 이상 씁니다."
    ),
)
