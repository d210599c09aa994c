"""What a ``GgufPipeline`` is asked: texts and chats checked, turned into token ids, and put back into its results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from course_utils.errors import CourseError, CourseValueError

ROLES = ("system", "user", "assistant")
_EXAMPLE = '[{"role": "user", "content": "질문"}]'


@dataclass(frozen=True)
class Prompt:
    """One question: a text to go on with, or a chat. ``goes_on``: the answer continues the last message."""

    asked: str | list[dict[str, str]]
    goes_on: bool = False

    def ids(self, tokenizer: Any) -> list[int]:
        """Token ids as the model reads them.

        Raises:
            CourseError: the model has no chat template, or its template refuses the chat.
        """
        if isinstance(self.asked, str):
            return tokenizer(self.asked, verbose=False)["input_ids"]
        if tokenizer.chat_template is None:
            raise CourseError(
                "이 모델에는 채팅 템플릿(chat template)이 없어 메시지 목록을 받을 수 없습니다. 이어 쓸 글을 문자열로 "
                "넣거나, 이름에 Instruct가 붙은 모델을 쓰십시오."
            )
        text = self._as_text(tokenizer)
        return tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]

    def _as_text(self, tokenizer: Any) -> str:
        from jinja2 import TemplateError

        ending = {"continue_final_message": True} if self.goes_on else {"add_generation_prompt": True}
        try:
            return tokenizer.apply_chat_template(self.asked, tokenize=False, **ending)
        except TemplateError as error:
            raise CourseError(
                f"이 모델의 채팅 템플릿이 메시지를 받지 않습니다({error}). 역할의 순서를 확인해 주십시오."
            ) from error

    def with_answer(self, text: str) -> str | list[dict[str, str]]:
        """What ``return_full_text=True`` gives: the question with the answer after it."""
        if isinstance(self.asked, str):
            return self.asked + text
        if self.goes_on:
            last = self.asked[-1]
            return [*self.asked[:-1], {"role": last["role"], "content": last["content"] + text}]
        return [*self.asked, {"role": "assistant", "content": text}]


def prompts_of(asked: Any, continue_final_message: bool | None = None) -> tuple[list[Prompt], bool]:
    """The questions in what a pipeline was called with, and whether it was a list of them.

    As in the library: a text, a chat (list of messages), or a list of either. A chat whose last message is the
    assistant's is continued unless ``continue_final_message`` says otherwise.

    Raises:
        CourseValueError: nothing asked, or something else.
    """
    if isinstance(asked, str):
        return [_text(asked)], False
    if isinstance(asked, dict):
        raise CourseValueError(f"메시지 하나도 리스트로 감싸 주십시오. 예: {_EXAMPLE}")
    if not isinstance(asked, list | tuple):
        raise CourseValueError(
            f"질문은 글이나 메시지 목록으로 넣어 주십시오. 예: {_EXAMPLE}\n받은 것: {type(asked).__name__}"
        )
    if not asked:
        raise CourseValueError(f"메시지가 하나도 없습니다. 질문을 넣어 주십시오. 예: {_EXAMPLE}")
    if all(isinstance(each, dict) for each in asked):
        return [_chat(asked, continue_final_message)], False
    if all(isinstance(each, str) for each in asked):
        return [_text(each) for each in asked], True
    if all(isinstance(each, list | tuple) for each in asked):
        return [_chat(each, continue_final_message) for each in asked], True
    raise CourseValueError(
        "리스트에는 글만, 메시지(딕셔너리)만, 또는 메시지 목록만 담아 주십시오. 받은 리스트에는 "
        f"{', '.join(sorted({type(each).__name__ for each in asked}))}가 섞여 있습니다."
    )


def _text(text: str) -> Prompt:
    if not text:
        raise CourseValueError("글이 비어 있어 이어 쓸 것이 없습니다. 한 글자 이상 넣어 주십시오.")
    return Prompt(text)


def _chat(messages: Sequence[Any], continue_final_message: bool | None) -> Prompt:
    if not messages:
        raise CourseValueError(f"메시지가 하나도 없습니다. 질문을 넣어 주십시오. 예: {_EXAMPLE}")
    for message in messages:
        _check_message(message)
    goes_on = messages[-1]["role"] == "assistant" if continue_final_message is None else continue_final_message
    return Prompt(list(messages), goes_on)


def _check_message(message: Any) -> None:
    if not isinstance(message, dict) or not {"role", "content"} <= message.keys():
        raise CourseValueError(
            f"메시지마다 role과 content가 있어야 합니다. 철자를 확인해 주십시오. 예: {_EXAMPLE[1:-1]}\n"
            f"받은 값: {message!r:.80}"
        )
    if message["role"] not in ROLES:
        raise CourseValueError(f"쓸 수 없는 역할(role)입니다: {message['role']!r}. 쓸 수 있는 역할: {', '.join(ROLES)}")
    if not isinstance(message["content"], str):
        raise CourseValueError(
            f"메시지의 content는 따옴표로 묶은 글이어야 합니다. 받은 것: {type(message['content']).__name__}"
        )
