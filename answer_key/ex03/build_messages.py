"""ex03: a message list from a persona, examples and a question."""

from __future__ import annotations

import numpy as np

from answer_key.ex03.samples import ANSWERS, PERSONAS, Message, blanks, pick, question
from answer_key.task import Aspect, Case, Mistake, Task


def reference(persona: str, examples: list[list[str]], question: str) -> list[Message]:
    """The list; no system message for a blank persona, ``ValueError`` for a blank question."""
    if not question.strip():
        raise ValueError("질문이 비어 있습니다.")
    messages = [{"role": "system", "content": persona.strip()}] if persona.strip() else []
    for asked, answered in examples:
        messages.append({"role": "user", "content": asked})
        messages.append({"role": "assistant", "content": answered})
    return [*messages, {"role": "user", "content": question.strip()}]


def _case(rng: np.random.Generator, examples: int, persona: str | None = None, padded: bool = False) -> Case:
    pairs = [[question(rng), pick(rng, ANSWERS)] for _ in range(examples)]
    asked = question(rng)
    if padded:
        asked = f"{blanks(rng)}{asked}\n"
    return Case(pick(rng, PERSONAS) if persona is None else persona, pairs, asked)


def _plain(rng: np.random.Generator) -> list[Case]:
    return [_case(rng, 0) for _ in range(3)]


def _few_shot(rng: np.random.Generator) -> list[Case]:
    return [_case(rng, count) for count in (1, 2, 4)]


def _edges(rng: np.random.Generator) -> list[Case]:
    return [_case(rng, 1, persona=blanks(rng)), _case(rng, 0, persona=""), _case(rng, 2, padded=True)]


def _refused(rng: np.random.Generator) -> list[Case]:
    return [Case(pick(rng, PERSONAS), [], text) for text in ("", "\n", blanks(rng))]


def _variant(assistant: str = "assistant", where: str = "before", always: bool = False, strip: bool = True, check=True):
    def answer(persona: str, examples: list[list[str]], question: str) -> list[Message]:
        if check and not question.strip():
            raise ValueError("질문이 비어 있습니다.")
        head = [{"role": "system", "content": persona}] if always or persona.strip() else []
        shown = []
        for asked, answered in examples:
            shown += [{"role": "user", "content": asked}, {"role": assistant, "content": answered}]
        last = [{"role": "user", "content": question.strip() if strip else question}]
        return [*head, *last, *shown] if where == "after" else [*head, *shown, *last]

    return answer


def _in_one_message(persona: str, examples: list[list[str]], question: str) -> list[Message]:
    messages = reference(persona, [], question)
    shown = "\n".join(f"{asked}\n{answered}" for asked, answered in examples)
    messages[-1]["content"] = f"{shown}\n{messages[-1]['content']}" if shown else messages[-1]["content"]
    return messages


def _swapped(persona: str, examples: list[list[str]], question: str) -> list[Message]:
    other = {"user": "assistant", "assistant": "user"}
    *talk, last = reference(persona, examples, question)
    return [*({**message, "role": other.get(message["role"], message["role"])} for message in talk), last]


def _questions_only(persona: str, examples: list[list[str]], question: str) -> list[Message]:
    return [message for message in reference(persona, examples, question) if message["role"] != "assistant"]


TASK = Task(
    name="build_messages",
    title="페르소나와 예시로 메시지 목록 만들기",
    reference=reference,
    judge=("ex03.messages", {}),
    aspects=(
        Aspect(
            "plain",
            "시스템 메시지와 질문",
            1,
            visible=(Case("한 문장으로만 답해 줘.", [], "우산 무게가 얼마나 되나요?"),),
            hidden=_plain,
        ),
        Aspect(
            "few_shot",
            "예시 대화가 차례로 들어감",
            1,
            visible=(Case("친구처럼 반말로 답해 줘.", [["우산 있어?", "응, 있어!"]], "텀블러도 있어?"),),
            hidden=_few_shot,
        ),
        Aspect(
            "edges",
            "빈 페르소나, 질문 앞뒤의 빈칸",
            1,
            visible=(
                Case("  ", [], "백팩 색상은 몇 가지인가요?"),
                Case("한 문장으로만 답해 줘.", [], " 백팩 색상은 몇 가지인가요? \n"),
            ),
            hidden=_edges,
        ),
        Aspect("refused", "빈 질문을 거절함", 1, visible=(Case("한 문장으로만 답해 줘.", [], "   "),), hidden=_refused),
    ),
    mistakes=(
        Mistake(
            "role_name",
            _variant(assistant="bot"),
            "모델의 답변에는 'assistant'라는 역할만 쓸 수 있습니다. role의 철자를 확인해 주십시오.",
        ),
        Mistake(
            "swapped",
            _swapped,
            "예시의 역할이 서로 바뀌었습니다. 질문은 손님(user)이, 답변은 모델(assistant)이 한 말입니다.",
        ),
        Mistake(
            "no_system",
            lambda persona, examples, question: reference("", examples, question),
            "persona가 있는데도 시스템 메시지가 없습니다. 빈 글이 아니면 맨 앞에 system 메시지로 넣어 주십시오.",
        ),
        Mistake(
            "examples_after",
            _variant(where="after"),
            "예시가 질문 뒤에 있습니다. 모델은 목록의 맨 끝에 이어 말하므로, 지금 답해야 할 질문이 마지막이어야 "
            "합니다.",
        ),
        Mistake(
            "one_message",
            _in_one_message,
            "예시를 질문과 한 메시지에 담았습니다. "
            "예시의 질문은 user, 예시의 답변은 assistant 메시지로 하나씩 나누어 주십시오.",
        ),
        Mistake(
            "questions_only",
            _questions_only,
            "예시의 질문만 있고 답변이 없습니다. 예시 한 쌍마다 메시지가 두 개(user, assistant) 생겨야 합니다.",
        ),
        Mistake(
            "empty_system",
            _variant(always=True),
            "persona가 비어 있는데도 시스템 메시지를 넣었습니다. "
            "persona.strip()이 빈 글이면 시스템 메시지를 만들지 마십시오.",
        ),
        Mistake(
            "not_stripped",
            _variant(strip=False),
            "질문의 앞뒤에 빈칸이나 줄바꿈이 남았습니다. 마지막 메시지에 question.strip()을 넣어 주십시오.",
        ),
        Mistake(
            "no_check",
            _variant(check=False),
            "빈 질문을 그대로 받아들였습니다. 물은 것이 없어도 모델은 무언가를 답하므로, 맨 앞에서 ValueError를 "
            "일으켜 주십시오.",
        ),
    ),
)
