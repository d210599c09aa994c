"""ex03: one turn of a conversation with a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from answer_key.ex03.samples import Message, blanks, conversation, question, said
from answer_key.task import Aspect, Case, Mistake, Task, stand_in

Pipe = Callable[..., list[dict[str, Any]]]


def reference(pipe: Pipe, history: list[Message], question: str) -> list[Message]:
    """The conversation with the question and the pipeline's greedy answer added, in a new list."""
    return _reply(pipe, history, question)


def _reply(
    pipe: Pipe,
    history: list[Message],
    question: str,
    *,
    settings: dict[str, Any] | None = None,
    strip: bool = True,
    check: bool = True,
    sent: Callable[[list[Message]], list[Message]] = list,
    asked: int = 1,
) -> list[Message]:
    if check and not question.strip():
        raise ValueError("질문이 비어 있습니다.")
    talk = [*history, {"role": "user", "content": question.strip() if strip else question}]
    settings = {"do_sample": False, "max_new_tokens": 200} if settings is None else settings
    for _ in range(asked):
        result = pipe(sent(talk), return_full_text=False, **settings)
    return [*talk, {"role": "assistant", "content": result[0]["generated_text"]}]


def _no_system(talk: list[Message]) -> list[Message]:
    return [message for message in talk if message["role"] != "system"]


def _whole_list(pipe: Pipe, history: list[Message], question: str) -> list[Message]:
    """Puts the whole conversation into the answer's content."""
    made = reference(pipe, history, question)
    return [*made[:-1], {"role": "assistant", "content": made}]


def _added_twice(pipe: Pipe, history: list[Message], question: str) -> list[Message]:
    """Appends the answer to the full conversation, which already has it."""
    made = reference(pipe, history, question)
    return [*made, made[-1]]


def _no_question(pipe: Pipe, history: list[Message], question: str) -> list[Message]:
    return [*history, reference(pipe, history, question)[-1]]


def _question_first(pipe: Pipe, history: list[Message], question: str) -> list[Message]:
    def behind(talk: list[Message]) -> list[Message]:
        return [talk[-1], *talk[:-1]]

    *talk, answer = _reply(pipe, history, question, sent=behind)
    return [*behind(talk), answer]


def _cases(rng: np.random.Generator, turns: tuple[int, ...]) -> list[Case]:
    return [Case(stand_in("ex03.pipe"), conversation(rng, count)[:-1], question(rng)) for count in turns]


def _first(rng: np.random.Generator) -> list[Case]:
    return [Case(stand_in("ex03.pipe"), [], question(rng)) for _ in range(2)]


def _later(rng: np.random.Generator) -> list[Case]:
    return _cases(rng, (0, 1, 2, 4))


def _padded(rng: np.random.Generator) -> list[Case]:
    return [
        Case(stand_in("ex03.pipe"), conversation(rng, turns)[:-1], f"{blanks(rng)}{question(rng)}\n")
        for turns in (0, 1)
    ]


def _blank(rng: np.random.Generator) -> list[Case]:
    return [Case(stand_in("ex03.pipe"), conversation(rng, 1)[:-1], text) for text in ("", blanks(rng), "\n\t")]


_TALK = [said("system", "한 문장으로만 답해 줘."), said("user", "우산 있나요?"), said("assistant", "네, 있습니다.")]

TASK = Task(
    name="reply",
    title="대화를 이어 가는 함수",
    reference=reference,
    judge=("ex03.messages", {}),
    aspects=(
        Aspect("first", "첫 질문", 1, visible=(Case(stand_in("ex03.pipe"), [], "우산 있나요?"),), hidden=_first),
        Aspect("later", "이어지는 질문", 2, visible=(Case(stand_in("ex03.pipe"), _TALK, "색상은요?"),), hidden=_later),
        Aspect("padded", "질문 앞뒤의 빈칸", 1, visible=(), hidden=_padded),
        Aspect("blank", "빈 질문을 거절함", 1, visible=(Case(stand_in("ex03.pipe"), _TALK, "  "),), hidden=_blank),
    ),
    mistakes=(
        Mistake(
            "forgets",
            lambda pipe, history, question: _reply(pipe, history, question, sent=lambda talk: talk[-1:]),
            "모델에 마지막 질문만 보냈습니다. "
            "모델은 지난 대화를 기억하지 않으므로 지금까지의 메시지를 모두 보내야 합니다.",
        ),
        Mistake(
            "drops_system",
            lambda pipe, history, question: _reply(pipe, history, question, sent=_no_system),
            "시스템 메시지를 빼고 보냈습니다. 시스템 메시지도 질문할 때마다 다시 보내야 말투가 이어집니다.",
        ),
        Mistake(
            "defaults",
            lambda pipe, history, question: _reply(pipe, history, question, settings={}),
            "파이프라인의 기본값으로 불렀습니다. do_sample=False와 max_new_tokens=200을 넘겨 주십시오.",
        ),
        Mistake(
            "samples",
            lambda pipe, history, question: _reply(pipe, history, question, settings={"max_new_tokens": 200}),
            "샘플링으로 답했습니다. 파이프라인의 do_sample은 적지 않으면 True입니다. do_sample=False를 넘겨 주십시오.",
        ),
        Mistake(
            "default_length",
            lambda pipe, history, question: _reply(pipe, history, question, settings={"do_sample": False}),
            "길이 제한을 넘기지 않았습니다. max_new_tokens=200을 함께 넘겨 주십시오.",
        ),
        Mistake(
            "no_answer",
            lambda pipe, history, question: reference(pipe, history, question)[:-1],
            "돌려준 대화에 모델의 답변이 없습니다. 답변을 assistant 메시지로 덧붙여야 다음 차례에 모델이 읽습니다.",
        ),
        Mistake(
            "no_question",
            _no_question,
            "돌려준 대화에 이번 질문이 없습니다. 다음 차례에 모델이 읽을 수 있게 질문도 남겨 주십시오.",
        ),
        Mistake(
            "question_first",
            _question_first,
            "새 질문을 지난 대화보다 앞에 두었습니다. 모델은 맨 끝의 메시지에 이어 답하므로 순서가 중요합니다.",
        ),
        Mistake(
            "answer_only",
            lambda pipe, history, question: reference(pipe, history, question)[-1]["content"],
            "답변의 글만 돌려주었습니다. 다음 질문에 쓸 수 있도록 질문과 답변을 덧붙인 대화 전체를 돌려주십시오.",
        ),
        Mistake(
            "whole_list",
            _whole_list,
            "답변의 content에 메시지 목록이 들어 있습니다. 결과가 메시지 목록이면 그 마지막 메시지가 답변입니다.",
        ),
        Mistake(
            "added_twice",
            _added_twice,
            "답변이 두 번 들어 있습니다. 파이프라인이 돌려준 대화 전체에는 답변이 이미 들어 있습니다.",
        ),
        Mistake(
            "asked_twice",
            lambda pipe, history, question: _reply(pipe, history, question, asked=2),
            "pipe를 두 번 불렀습니다. 부를 때마다 시간이 들고 샘플링에서는 답도 달라지므로, 한 번 부른 결과를 "
            "변수에 담아 쓰십시오.",
        ),
        Mistake(
            "no_check",
            lambda pipe, history, question: _reply(pipe, history, question, check=False),
            "빈 질문을 모델에 보냈습니다. pipe를 부르기 전에 ValueError를 일으켜 주십시오.",
        ),
        Mistake(
            "not_stripped",
            lambda pipe, history, question: _reply(pipe, history, question, strip=False),
            "질문의 앞뒤에 빈칸이나 줄바꿈이 남아 있습니다. question.strip()을 보내 주십시오.",
        ),
    ),
)
