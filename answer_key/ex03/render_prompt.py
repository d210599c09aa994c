"""ex03: EXAONE's chat template by hand."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from answer_key.ex03.samples import PERSONAS, Message, conversation, pick, said
from answer_key.task import Aspect, Case, Mistake, Task

END = "[|endofturn|]"
_GREETING = [said("system", "한 문장으로만 답해 줘."), said("user", "우산 무게가 얼마나 되나요?")]
_TALK = [*_GREETING, said("assistant", "상세 페이지에 있습니다. "), said("user", "그럼 색상은요?")]


@cache
def _template() -> Any:
    """The bundled model's own template, compiled as transformers compiles it; a test compares with the tokenizer."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    source = (files("course_utils") / "assets" / "mini" / "chat_template.jinja").read_text(encoding="utf-8")
    return ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True).from_string(source)


def reference(messages: list[Message], add_generation_prompt: bool = False) -> str:
    """What ``apply_chat_template(messages, tokenize=False, ...)`` of the bundled tokenizer gives."""
    return _template().render(messages=messages, add_generation_prompt=add_generation_prompt, eos_token=END)


def _pairs(talks: list[list[Message]]) -> list[Case]:
    return [Case(talk, add_generation_prompt=add) for talk in talks for add in (True, False)]


def _first_question(rng: np.random.Generator) -> list[Case]:
    return [Case(conversation(rng, 0)) for _ in range(2)]


def _prompted(rng: np.random.Generator) -> list[Case]:
    return _pairs([conversation(rng, turns) for turns in (0, 1)])


def _continued(rng: np.random.Generator) -> list[Case]:
    padded = [said(one["role"], f" {one['content']}\n  ") for one in conversation(rng, 1)]
    return _pairs([conversation(rng, turns) for turns in (1, 2, 4)] + [conversation(rng, 2)[:-1], padded])


def _no_system(rng: np.random.Generator) -> list[Case]:
    late = conversation(rng, 1, system=False)
    late.insert(int(rng.integers(1, len(late) + 1)), said("system", pick(rng, PERSONAS)))
    return _pairs([conversation(rng, 0, system=False), conversation(rng, 2, system=False), late])


def _by_hand(
    *,
    user_end: str = "\n",
    after_end: str = "\n",
    empty_system: bool = True,
    prompt: str = "[|assistant|]",
    always: bool = False,
    assistant_end: str | None = None,
):
    def render(messages: list[Message], add_generation_prompt: bool = False) -> str:
        text = f"[|system|]{END}{after_end}" if empty_system and messages[0]["role"] != "system" else ""
        ends = {"user": user_end, "assistant": END + after_end if assistant_end is None else assistant_end}
        for message in messages:
            role = message["role"]
            text += f"[|{role}|]{message['content']}" + ends.get(role, END + after_end)
        return text + (prompt if add_generation_prompt or always else "")

    return render


def _stripped_contents(messages: list[Message], add_generation_prompt: bool = False) -> str:
    return reference([said(one["role"], one["content"].strip()) for one in messages], add_generation_prompt)


def _stripped_text(messages: list[Message], add_generation_prompt: bool = False) -> str:
    return reference(messages, add_generation_prompt).strip()


def _system_anyway(messages: list[Message], add_generation_prompt: bool = False) -> str:
    """An empty system message even where there is one."""
    return reference([said("system", ""), *messages], add_generation_prompt)


TASK = Task(
    name="render_prompt",
    title="채팅 템플릿을 손으로 만들기",
    reference=reference,
    judge=("ex03.exact_text", {}),
    aspects=(
        Aspect("first", "시스템 메시지와 첫 질문", 1, visible=(Case(_GREETING),), hidden=_first_question),
        Aspect(
            "prompted",
            "add_generation_prompt",
            1,
            visible=(Case(_GREETING, add_generation_prompt=True),),
            hidden=_prompted,
        ),
        Aspect(
            "continued",
            "답변이 들어 있는 이어지는 대화",
            1,
            visible=(Case(_TALK, add_generation_prompt=True),),
            hidden=_continued,
        ),
        Aspect("no_system", "시스템 메시지가 맨 앞에 없는 대화", 1, visible=(Case(_TALK[1:]),), hidden=_no_system),
    ),
    mistakes=(
        Mistake(
            "user_end",
            _by_hand(user_end=END + "\n"),
            "user 메시지에도 [|endofturn|]을 붙였습니다. 이 템플릿에서 user 메시지는 줄바꿈으로만 끝납니다.",
        ),
        Mistake(
            "all_alike",
            _by_hand(user_end=END + "\n", empty_system=False),
            "두 가지가 다릅니다. user 메시지는 [|endofturn|] 없이 줄바꿈으로 끝나고, "
            "system으로 시작하지 않는 대화의 맨 앞에는 빈 시스템 메시지가 붙습니다.",
        ),
        Mistake(
            "user_open",
            _by_hand(user_end=""),
            "user 메시지 뒤에 줄바꿈이 없습니다. 어떤 메시지든 마지막은 줄바꿈입니다.",
        ),
        Mistake(
            "stripped_text",
            _stripped_text,
            "글의 맨 끝 줄바꿈이 없어졌습니다. 다 만든 글에 strip()을 하면 템플릿이 붙인 줄바꿈까지 사라집니다.",
        ),
        Mistake(
            "stripped_contents",
            _stripped_contents,
            "메시지의 내용을 다듬었습니다. 템플릿은 내용의 앞뒤 빈칸까지 그대로 옮깁니다.",
        ),
        Mistake(
            "system_anyway",
            _system_anyway,
            "시스템 메시지가 이미 있는데도 빈 시스템 메시지를 또 붙였습니다. 첫 메시지의 역할을 먼저 보십시오.",
        ),
        Mistake(
            "no_newline",
            _by_hand(after_end=""),
            "[|endofturn|] 뒤의 줄바꿈이 빠졌습니다. 모든 메시지는 줄바꿈으로 끝납니다.",
        ),
        Mistake(
            "assistant_open",
            _by_hand(assistant_end="\n"),
            "assistant 메시지가 [|endofturn|] 없이 끝났습니다. 지난 답변도 종료 토큰으로 닫아 주십시오.",
        ),
        Mistake(
            "no_empty_system",
            _by_hand(empty_system=False),
            "첫 메시지가 system이 아닐 때 이 템플릿은 빈 시스템 메시지([|system|][|endofturn|])와 줄바꿈을 맨 "
            "앞에 붙입니다.",
        ),
        Mistake(
            "always",
            _by_hand(always=True),
            "add_generation_prompt가 False일 때에도 [|assistant|]를 붙였습니다. 매개변수를 보고 정해 주십시오.",
        ),
        Mistake(
            "never", _by_hand(prompt=""), "add_generation_prompt가 True이면 글의 맨 끝에 [|assistant|]를 붙여 주십시오."
        ),
        Mistake(
            "prompt_newline",
            _by_hand(prompt="[|assistant|]\n"),
            "맨 끝의 [|assistant|] 뒤에 줄바꿈이 있습니다. 모델은 [|assistant|] 바로 다음부터 이어 쓰도록 배웠습니다.",
        ),
    ),
)
