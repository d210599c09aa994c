"""What a ``GgufPipeline`` is asked: texts and chats checked, turned into token ids, and put back into its results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from course_utils.asked_checks import check_asked
from course_utils.errors import CourseError, CourseValueError


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
    check_asked(asked)
    if isinstance(asked, str):
        return [_text(asked)], False
    if isinstance(asked[0], dict):
        return [_chat(asked, continue_final_message)], False
    if isinstance(asked[0], str):
        return [_text(each) for each in asked], True
    return [_chat(each, continue_final_message) for each in asked], True


def _text(text: str) -> Prompt:
    if not text:
        raise CourseValueError("글이 비어 있어 이어 쓸 것이 없습니다. 한 글자 이상 넣어 주십시오.")
    return Prompt(text)


def _chat(messages: Sequence[dict[str, str]], continue_final_message: bool | None) -> Prompt:
    goes_on = messages[-1]["role"] == "assistant" if continue_final_message is None else continue_final_message
    return Prompt(list(messages), goes_on)
