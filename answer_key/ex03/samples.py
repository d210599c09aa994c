"""Random conversations of a shop, from which the hidden cases of ex03 are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

Message = dict[str, str]

PERSONAS = (
    "너는 쇼핑몰의 Q&A 챗봇이야. 담당자가 확인한다고 답해 줘.",
    "한 문장으로만 답해 줘.",
    "친구처럼 반말로 답해 줘.",
    "먼저 사과부터 하고 답해 줘.",
    "너는 문구점의 점원이야. 확답은 하지 마.",
)
ITEMS = ("우산", "텀블러", "다이어리", "백팩", "만년필", "이불", "운동화", "원두커피")
ASKS = (
    "무게가 얼마나 되나요?",
    "배송은 언제 시작되나요?",
    "색상은 몇 가지인가요?",
    "교환할 수 있나요?",
    "재입고되나요?",
)
ANSWERS = (
    "담당자가 확인한 뒤 답변드리겠습니다.",
    "상품 상세 페이지에 나와 있습니다.",
    "확인할 시간이 필요합니다. 조금만 기다려 주세요!",
    "문의 감사합니다. 곧 알려 드리겠습니다.",
)


def pick(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    """One of ``choices``."""
    return choices[int(rng.integers(len(choices)))]


def question(rng: np.random.Generator) -> str:
    """A customer's question."""
    return f"{pick(rng, ITEMS)} {pick(rng, ASKS)}"


def said(role: str, content: str) -> Message:
    """One message."""
    return {"role": role, "content": content}


def conversation(rng: np.random.Generator, turns: int, system: bool = True) -> list[Message]:
    """A system message if wanted, ``turns`` whole turns, and a question that waits for its answer."""
    talk = [said("system", pick(rng, PERSONAS))] if system else []
    for _ in range(turns):
        talk += [said("user", question(rng)), said("assistant", pick(rng, ANSWERS))]
    return [*talk, said("user", question(rng))]


def blanks(rng: np.random.Generator, low: int = 2, high: int = 20) -> str:
    """A run of spaces."""
    return " " * int(rng.integers(low, high))


def mixed(rng: np.random.Generator, values: list[Any]) -> list[Any]:
    """``values`` in another order."""
    return [values[int(place)] for place in rng.permutation(len(values))]
