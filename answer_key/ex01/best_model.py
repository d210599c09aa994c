"""The best model of a table under memory, licence and kind."""

from __future__ import annotations

import numpy as np
import pandas as pd

from answer_key.ex01.tables import made_up, plain, real_rows, real_sample
from answer_key.task import Aspect, Case, Mistake, Task

FREE = ["apache-2.0", "mit"]
EXAONE = "LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct"
SHOP = real_rows(
    "01-ai/Yi-1.5-6B-Chat",
    EXAONE,
    "ibm-granite/granite-3.1-2b-instruct",
    "Qwen/Qwen2.5-7B-Instruct",
    "SultanR/SmolTulu-1.7b-Reinforced",
    "T145/ZEUS-8B-V15",
    "xMaulana/FinMatcha-3B-Instruct",
    "microsoft/Phi-4-mini-instruct",
    "HuggingFaceTB/SmolLM2-1.7B-Instruct",
    "01-ai/Yi-6B-Chat",
)
YI = "01-ai/Yi-1.5-6B-Chat"
# Real models with equal IFEval: the larger one, the one with the higher average, the one that stands first is wrong.
LARGER_WRONG = real_rows("Syed-Hasan-8503/Phi-3-mini-4K-instruct-cpo-simpo", "GritLM/GritLM-8x7B-KTO", YI)
AVERAGE_WRONG = real_rows(
    "meditsolutions/MedIT-Mesh-3B-Instruct", "meditsolutions/MSH-v1-Bielik-v2.3-Instruct-MedIT-merge", YI
)
FIRST_WRONG = real_rows(
    YI, "OpenBuddy/openbuddy-yi1.5-34b-v21.3-32k", "FuJhen/ft-openhermes-25-mistral-7b-irca-dpo-pairs"
)
BLANKS = plain(
    pd.DataFrame(
        {
            "model": ["가상/빈칸", "가상/사라짐", "가상/정답", "가상/낮음"],
            "type_icon": ["💬"] * 4,
            "params_b": [np.nan, 2.5, 3.5, 1.5],
            "ifeval": [81.0, 77.0, 70.0, 60.0],
            "average": [30.0, 29.0, 28.0, 27.0],
            "license": ["mit", "mit", "mit", None],
            "available_on_hub": [True, False, True, True],
        }
    )
)
NO_SCORE = BLANKS.assign(ifeval=[81.0, 77.0, np.nan, np.nan])


def chosen(table, memory_gb, bits=16, licenses=FREE, *, without=(), order=("ifeval", "params_b"), up=(False, True)):
    """The reference with conditions left out: ``without`` names them; ``order`` and ``up`` sort."""
    reserve = 1.0 if "reserve" in without else 1.2
    byte = 2 if "bits" in without else bits / 8
    wanted = FREE if "licenses" in without else licenses
    conditions = {
        "memory": table["params_b"].to_numpy() * byte * reserve <= memory_gb,
        "license": np.array([one in wanted for one in table["license"]], dtype=bool),
        "kind": table["type_icon"].to_numpy() == "💬",
        "hub": table["available_on_hub"].to_numpy(dtype=bool),
        "score": ~np.isnan(table["ifeval"].to_numpy()),
    }
    keep = np.logical_and.reduce([rows for name, rows in conditions.items() if name not in without])
    left = np.flatnonzero(keep)
    if len(left) == 0 and "empty" not in without:
        return "없음"
    keys = [table[name].to_numpy()[left] * (1 if rising else -1) for name, rising in zip(order, up, strict=True)]
    return str(table["model"].to_numpy()[left[np.lexsort(keys[::-1])[0]]])


def best_model(table, memory_gb, bits=16, licenses=("apache-2.0", "mit")):
    """The reference: name of the chat model with the highest IFEval that fits, or "없음"."""
    return chosen(table, memory_gb, bits, list(licenses))


def leaving_out(*names, **rest):
    """A wrong answer that forgets conditions."""

    def wrong(table, memory_gb, bits=16, licenses=("apache-2.0", "mit")):
        return chosen(table, memory_gb, bits, list(licenses), without=names, **rest)

    return wrong


def row_numbered_zero(table, memory_gb, bits=16, licenses=("apache-2.0", "mit")):
    """``rows["model"][0]`` after filtering: the row with the label 0, where it is left (else pandas raises)."""
    left = chosen(table[:1], memory_gb, bits, list(licenses))
    return {"KeyError": 0} if left == "없음" else left


def joined_with_and(table, memory_gb, bits=16, licenses=("apache-2.0", "mit")):
    raise ValueError("The truth value of a Series is ambiguous.")


def other_limits(rng: np.random.Generator) -> list[Case]:
    """Real rows under other memories, formats and licences; memories at which no model fits exactly."""
    cases = []
    for _ in range(3):
        licenses = ["apache-2.0", "mit", *rng.choice(["llama3.1", "gemma", "other"], size=int(rng.integers(0, 2)))]
        memory = float(rng.choice([6, 8, 12, 15, 24])) + 0.00037
        table = real_sample(rng, 40)
        cases.append(Case(table, memory, bits=int(rng.choice([4, 8, 16])), licenses=[str(one) for one in licenses]))
    return cases


def with_blanks(rng: np.random.Generator) -> list[Case]:
    """Made-up tables with blanks, in which the best fitting model left the Hub."""
    cases = []
    for _ in range(2):
        table, gone_row = made_up(rng, 20), int(rng.integers(20))
        gone = {"ifeval": 90.5, "params_b": 2.5, "type_icon": "💬", "license": "mit", "available_on_hub": False}
        for column, value in gone.items():
            table.loc[gone_row, column] = value
        cases.append(Case(table, float(rng.choice([12, 15, 24])) + 0.00037))
    return cases


def ties(rng: np.random.Generator) -> list[Case]:
    """Made-up tables whose best IFEval several models of different sizes share."""
    cases = []
    for _ in range(2):
        table = made_up(rng, 12)
        same = rng.permutation(12)[:4]
        for column, value in {"ifeval": 88.5, "type_icon": "💬", "license": "mit", "available_on_hub": True}.items():
            table.loc[same, column] = value
        table.loc[same, "params_b"] = (rng.permutation(4) + 1.25).round(3)
        cases.append(Case(table, 24.00037))
    return cases


def nothing_left(rng: np.random.Generator) -> list[Case]:
    """No row meets the conditions: too little memory, or no such licence."""
    return [Case(real_sample(rng, 20), 0.01), Case(made_up(rng, 8), 24.00037, licenses=["cc-by-4.0"])]


TASK = Task(
    name="best_model",
    title="조건에 맞는 가장 좋은 모델",
    reference=best_model,
    judge=("equal", {}),
    aspects=(
        Aspect("shop", "우리 쇼핑몰의 조건", points=1, visible=(Case(SHOP, 15, label="T4, 16비트"),)),
        Aspect(
            "limits",
            "다른 메모리, 비트, 라이선스",
            points=1,
            visible=(
                Case(SHOP, 8, label="8 GB, 16비트"),
                Case(SHOP, 12, bits=4, label="12 GB, 4비트"),
                Case(SHOP, 8, licenses=["apache-2.0", "mit", "other"], label="other도 허용"),
            ),
            hidden=other_limits,
        ),
        Aspect(
            "blanks",
            "빈칸과, 허브에서 사라진 모델",
            points=1,
            visible=(Case(BLANKS, 15, label="점검하려고 지어낸 표"),),
            hidden=with_blanks,
        ),
        Aspect(
            "ties",
            "점수가 같으면 작은 모델",
            points=1,
            visible=tuple(
                Case(table, 48, bits=4, label="IFEval이 같은 실제 모델 두 개가 든 표")
                for table in (LARGER_WRONG, AVERAGE_WRONG, FIRST_WRONG)
            ),
            hidden=ties,
        ),
        Aspect(
            "nothing",
            "맞는 모델이 없을 때",
            points=1,
            visible=(Case(SHOP, 0.5, label="0.5 GB"), Case(NO_SCORE, 15, label="IFEval이 빈 모델만 맞는 표")),
            hidden=nothing_left,
        ),
    ),
    mistakes=(
        Mistake(
            "any_license",
            leaving_out("license"),
            "라이선스가 licenses에 없는 모델을 골랐습니다. 점수가 높아도 쓸 수 없는 모델입니다. "
            "table['license'].isin(...)으로 먼저 걸러 주십시오. 01 단원 9.4절에서도 이 조건이 결정을 바꾸었습니다.",
        ),
        Mistake(
            "too_large",
            leaving_out("memory"),
            "메모리에 들어가지 않는 모델을 골랐습니다. params_b × (bits ÷ 8) × 1.2가 memory_gb 이하인 행만 남겨 "
            "주십시오.",
        ),
        Mistake(
            "any_kind",
            leaving_out("kind"),
            "대화용(💬)이 아닌 모델을 골랐습니다. type_icon이 💬인 행만 남겨 주십시오. 질문에 답하게 하려면 "
            "대화에 맞게 조정한 모델이 필요합니다.",
        ),
        Mistake(
            "no_reserve",
            leaving_out("reserve"),
            "가중치의 20%인 여유를 빼고 계산했습니다. 가중치만 메모리에 들어가면 답을 만들다가 멈출 수 "
            "있습니다. 1.2를 곱해 주십시오.",
        ),
        Mistake(
            "always_16_bits",
            leaving_out("bits"),
            "bits를 바꾸어도 필요한 메모리가 그대로입니다. 파라미터 하나는 bits ÷ 8 바이트입니다. 4비트라면 "
            "0.5바이트입니다.",
        ),
        Mistake(
            "first_of_equals",
            leaving_out(order=("ifeval",), up=(False,)),
            "IFEval이 같은 모델 가운데 표에서 먼저 나온 것을 골랐습니다. 행의 순서는 뜻이 없습니다. "
            "둘째 정렬 기준으로 params_b를 주어 작은 모델을 골라 주십시오.",
        ),
        Mistake(
            "average_of_equals",
            leaving_out(order=("ifeval", "average"), up=(False, False)),
            "IFEval이 같은 모델을 평균으로 갈랐습니다. 이 문제의 약속은 '같으면 작은 모델'입니다. 둘째 정렬 "
            "기준을 params_b로 바꾸어 주십시오.",
        ),
        Mistake(
            "larger_of_equals",
            leaving_out(up=(False, False)),
            "IFEval이 같은 모델 가운데 큰 쪽을 골랐습니다. 점수가 같다면 메모리를 덜 쓰는 쪽이 낫습니다. "
            "sort_values에 열을 둘 주고, 둘째 열(params_b)은 오름차순으로 정렬해 주십시오.",
        ),
        Mistake(
            "lowest",
            leaving_out(up=(True, True)),
            "IFEval이 가장 낮은 모델을 골랐습니다. sort_values는 따로 말하지 않으면 작은 것부터 놓습니다. ifeval은 "
            "내림차순(ascending=False)으로 정렬해 주십시오.",
        ),
        Mistake(
            "by_average",
            leaving_out(order=("average", "params_b")),
            "평균(average)으로 골랐습니다. 우리에게 필요한 것은 지시를 따르는 능력이므로 ifeval로 정렬해 주십시오.",
        ),
        Mistake(
            "fixed_licenses",
            leaving_out("licenses"),
            "licenses에 다른 값을 넣어도 언제나 apache-2.0과 mit만 남깁니다. 라이선스 이름을 직접 적지 말고 "
            "매개변수 licenses를 써 주십시오.",
        ),
        Mistake(
            "gone_from_hub",
            leaving_out("hub"),
            "허브에서 사라져 내려받을 수 없는 모델을 골랐습니다. available_on_hub가 True인 행만 남겨 주십시오.",
        ),
        Mistake(
            "empty_table",
            leaving_out("empty"),
            "조건에 맞는 행이 하나도 없으면 첫 행을 꺼낼 수 없습니다. 거르고 난 뒤 행의 수가 0이면 '없음'을 "
            "돌려주십시오.",
        ),
        Mistake(
            "smallest",
            leaving_out(order=("params_b",), up=(True,)),
            "조건에 맞는 모델 가운데 가장 작은 것을 골랐습니다. 먼저 볼 것은 IFEval이고, params_b는 IFEval이 같을 때만 "
            "봅니다. 정렬할 열의 순서를 확인해 주십시오.",
        ),
        Mistake(
            "blank_score",
            leaving_out("score"),
            "IFEval이 비어 있는 모델을 골랐습니다. 크기는 견줄 때 NaN이 저절로 빠지지만 IFEval은 견준 적이 없으므로 "
            "따로 걸러야 합니다. 조건 5를 다시 보십시오.",
        ),
        Mistake(
            "row_numbered_zero",
            row_numbered_zero,
            "거른 표의 첫 행이 아니라, 원래 표에서 번호가 0이던 행을 꺼냈습니다. 행의 번호는 거르고 정렬해도 그대로 "
            "따라다닙니다. 첫 행은 .iloc[0]으로 꺼내 주십시오.",
        ),
        Mistake(
            "joined_with_and",
            joined_with_and,
            "판다스의 조건을 and, or, not으로 잇거나 열을 리스트와 ==로 견주면 ValueError가 납니다. 조건은 저마다 "
            "괄호로 묶어 &로 잇고, 목록에 있는지는 isin으로 물어 주십시오.",
        ),
    ),
)
