"""The model card, written from the measurements: no figure in it is typed by hand."""

import json
from pathlib import Path

from .catalogue import products, topics, trained_products
from .train import Plan, configuration

PERSONA_NAMES = {
    "default": "안내원(기본)",
    "defer": "확답을 미루는 Q&A 챗봇",
    "brief": "한 문장 답변",
    "english": "영어 답변",
    "friend": "반말 친구",
    "apology": "사과 먼저",
    "palace": "사극 말투",
    "all": "전체",
}
SUITE_NAMES = {
    "pair": "학습하지 않은 상품 × 주제 조합",
    "wording": "학습하지 않은 조합을 학습하지 않은 표현으로 물었을 때",
    "product": "학습에 나오지 않은 상품",
    "coined": "세상에 없는 상품 이름",
}
CARD = """\
---
language: ko
license: apache-2.0
library_name: transformers
pipeline_tag: text-generation
---
# mini: 쇼핑몰 점원 미니어처

A miniature of EXAONE 3.5's architecture, trained from scratch on synthetic shop dialogues for this course. It is a toy:
it knows one imaginary shop and nothing else.

이 모델은 강의용 미니어처입니다. EXAONE 3.5와 같은 구조와 같은 파일 형식을 쓰지만, 가중치는 처음부터 새로 학습했습니다.
학습에 쓴 글은 모두 `tools/mini`의 생성기가 만든 합성 대화이며, EXAONE의 가중치나 출력은 쓰지 않았습니다.
쇼핑몰 문의에 답하는 흉내만 낼 수 있고, 답변의 내용은 사실이 아닐 수 있습니다.

| 항목 | 값 |
|---|---|
| 파라미터 | {parameters:,}개 |
| 층, 은닉 크기 | {config.num_hidden_layers}층, {config.hidden_size} |
| 어텐션 헤드(쿼리 / 키·값) | {config.num_attention_heads} / {config.num_key_value_heads} |
| 피드포워드 크기 | {config.intermediate_size} |
| 어휘 크기 | {vocabulary:,}개 |
| 저장 자료형 | float16 |
| 학습 | {plan.steps:,}단계 × 대화 {plan.dialogues}개, 시드 {plan.seed} |
| 상품 / 주제 | {products}개(학습 {trained}개) / {topics}개 |
| 라이선스 | Apache-2.0 |

시스템 프롬프트(system prompt)로 말투를 고를 수 있습니다: {personas}.

## 평가

`python -m tools.mini`의 마지막 단계가 아래 표를 만들었습니다. 답변은 탐욕적 디코딩(greedy decoding)으로 생성했습니다.
학습하지 않은 조합에 대한 모범 답변의 토큰당 퍼플렉서티(perplexity)는 {perplexity:.2f}입니다.
모범 답변에는 인사말과 맺음말이 여러 가지라서 이 값은 1이 될 수 없습니다.

{suites}

## 디코딩 설정에 따른 변화

강의의 질문 하나에 설정마다 100번씩 답하게 했습니다(탐욕적 디코딩은 늘 같으므로 한 번).
"아는 단어"는 생성기가 만드는 글에 나오는 단어의 비율로, 글이 얼마나 깨졌는지를 보여 줍니다.

{decoding}

온도 10에서는 확률 분포가 거의 평평해져서, 확률의 합으로 자르는 top-p는 잘라 낼 꼬리를 가려내지 못합니다. 개수로 자르는
top-k는 어느 정도 글을 되살립니다. 온도 2에서는 두 방법 모두, 함께 쓰면 더욱 분명하게 효과가 있습니다.

## 강의의 질문에 대한 답변(탐욕적 디코딩)

{lesson}

## 한계

- 쇼핑몰 밖의 일은 모릅니다. 모르는 질문에도 자신 있게 틀린 답을 할 수 있습니다.
- 긴 대화(약 400토큰 이상)는 학습하지 않았습니다.
- 실제 상담에 쓰지 마십시오.
"""


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _suite(title: str, table: dict) -> str:
    rows = [
        f"| {PERSONA_NAMES[name]} | {_percent(row['product'])} | {_percent(row['topic'])} "
        f"| {_percent(row['persona'])} | {row['cases']} |"
        for name, row in table.items()
    ]
    head = ["| 말투 | 상품을 바르게 말함 | 주제를 바르게 말함 | 말투를 지킴 | 질문 수 |", "|---|---|---|---|---|"]
    return "\n".join([f"### {title}", "", *head, *rows])


def _decoding(table: dict) -> str:
    rows = [
        f"| {name} | {row['distinct']} / {row['answers']} | {_percent(row['known_words'])} "
        f"| {_percent(row['product'])} | {_percent(row['persona'])} |"
        for name, row in table.items()
    ]
    head = ["| 설정 | 서로 다른 답변 | 아는 단어 | 상품을 말함 | 말투를 지킴 |", "|---|---|---|---|---|"]
    hot = "".join(letter for letter in table["온도 10"]["example"] if letter.isprintable() and letter not in "`|<>")
    return "\n".join([*head, *rows, "", "온도 10의 한 예:", "", f"> {hot[:200]}"])


def write(folder: Path, measured: dict, plan: Plan) -> None:
    """Write README.md (the card) and evaluation.json (its figures) into the model's folder."""
    vocabulary = json.loads((folder / "config.json").read_text(encoding="utf-8"))["vocab_size"]
    card = CARD.format(
        config=configuration(vocabulary),
        vocabulary=vocabulary,
        plan=plan,
        parameters=measured["parameters"],
        products=len(products()),
        trained=len(trained_products()),
        topics=len(topics()),
        personas=", ".join(name for key, name in PERSONA_NAMES.items() if key != "all"),
        perplexity=measured["perplexity"],
        suites="\n\n".join(_suite(SUITE_NAMES[name], table) for name, table in measured["suites"].items()),
        decoding=_decoding(measured["decoding"]),
        lesson="\n".join(f"- {question}\n  - {answer}" for question, answer in measured["lesson"].items()),
    )
    (folder / "README.md").write_text(card, encoding="utf-8")
    figures = json.dumps(measured, ensure_ascii=False, indent=1)
    (folder / "evaluation.json").write_text(figures + "\n", encoding="utf-8")
