"""What a pipeline is asked, looked at before anything is computed: a list of messages, roles, texts that are text.

The library itself would stumble over these with a trace of English; a role that a model has never seen it would even
take without a word.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from course_utils.errors import CourseValueError

ROLES = ("system", "user", "assistant")
_EXAMPLE = '[{"role": "user", "content": "질문"}]'


def check_asked(asked: Any, roles: Collection[str] = ROLES, *, texts_only: bool = True) -> None:
    """Refuse what is no text, no chat (list of messages) and no list of either.

    Args:
        asked: what a pipeline was called with.
        roles: the roles that the model's template knows.
        texts_only: a message's content is a text; else it may be a list of parts, as multimodal models take it.

    Raises:
        CourseValueError: with an example of how it is written.
    """
    if isinstance(asked, str):
        return check_letters(asked)
    if isinstance(asked, dict):
        raise CourseValueError(f"메시지 하나도 리스트로 감싸 주십시오. 예: {_EXAMPLE}")
    if not isinstance(asked, list | tuple):
        raise CourseValueError(
            f"질문은 글이나 메시지 목록으로 넣어 주십시오. 예: {_EXAMPLE}\n받은 것: {type(asked).__name__}"
        )
    if not asked:
        raise CourseValueError(f"메시지가 하나도 없습니다. 질문을 넣어 주십시오. 예: {_EXAMPLE}")
    if all(isinstance(each, dict) for each in asked):
        _check_chat(asked, roles, texts_only)
    elif all(isinstance(each, str) for each in asked):
        for each in asked:
            check_letters(each)
    elif all(isinstance(each, list | tuple) for each in asked):
        for each in asked:
            _check_chat(each, roles, texts_only)
    else:
        raise CourseValueError(
            "리스트에는 글만, 메시지(딕셔너리)만, 또는 메시지 목록만 담아 주십시오. 받은 리스트에 섞여 있는 것: "
            f"{', '.join(sorted({type(each).__name__ for each in asked}))}"
        )


def _check_chat(messages: Sequence[Any], roles: Collection[str], texts_only: bool) -> None:
    if not messages:
        raise CourseValueError(f"메시지가 하나도 없습니다. 질문을 넣어 주십시오. 예: {_EXAMPLE}")
    for message in messages:
        _check_message(message, roles, texts_only)


def _check_message(message: Any, roles: Collection[str], texts_only: bool) -> None:
    if not isinstance(message, dict) or not {"role", "content"} <= message.keys():
        raise CourseValueError(
            f"메시지마다 role과 content가 있어야 합니다. 철자를 확인해 주십시오. 예: {_EXAMPLE[1:-1]}\n"
            f"받은 값: {message!r:.80}"
        )
    if message["role"] not in roles:
        raise CourseValueError(
            f"쓸 수 없는 역할(role)입니다: {message['role']!r}. 다음 가운데 하나로 고쳐 주십시오: {', '.join(roles)}"
        )
    content = message["content"]
    if isinstance(content, str):
        check_letters(content)
    elif texts_only or not isinstance(content, list):
        raise CourseValueError(
            "메시지의 content에는 따옴표로 묶은 글을 넣어 주십시오. "
            f"받은 것: {type(content).__name__}. 빈 값이면 그 값을 만든 셀을 확인해 주십시오."
        )


def check_letters(text: str) -> None:
    """Refuse half a letter (a lone surrogate): it cannot be written as bytes, so no tokenizer takes it.

    Raises:
        CourseValueError: with the way out.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise CourseValueError(half_letter(error)) from error


def half_letter(error: UnicodeEncodeError) -> str:
    """What ``error`` means: which half of a letter, and the way out."""
    return (
        f"글에 둘로 쪼개진 글자의 반쪽({error.object[error.start]!a})이 있어 보낼 수 없습니다. "
        "이모지를 가운데에서 자르거나 글을 잘못 읽으면 생깁니다.\n"
        '그 글자를 지우거나 text = text.encode("utf-8", "replace").decode("utf-8")로 바꾼 뒤 다시 넣어 주십시오.'
    )
