"""Stand-ins of ex03: a token counter and a pipeline. What they give back shows how they were called."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

Message = dict[str, str]
_NAMES = {"max_new_tokens", "do_sample", "temperature", "top_k", "top_p", "return_full_text", "skip_special_tokens"}


def counter(letters: int = 2, marks: int = 3) -> Callable[[list[Message]], int]:
    """A token counter: ``letters`` letters make a token, and each message costs ``marks`` more for its role's mark.

    As with a chat template, the mark of the answer that is to come counts too.
    """

    def count_tokens(messages: list[Message]) -> int:
        """How many tokens the whole list of messages has."""
        _require_messages(messages)
        return marks + sum(marks + -(-len(message["content"]) // letters) for message in messages)

    return count_tokens


def pipe() -> Pipe:
    """A pipeline that has not been called yet."""
    return Pipe()


class Pipe:
    """Called like a text-generation pipeline; its answer tells what it was given. Samples unless told otherwise."""

    task = "text-generation"

    def __init__(self) -> None:
        self._calls = 0

    def __call__(self, messages: list[Message], **settings: Any) -> list[dict[str, Any]]:
        """The answer, in the shape that ``return_full_text`` asks for.

        Raises:
            TypeError: no list of messages.
            ValueError: a setting that the stand-in does not know.
        """
        _require_messages(messages)
        if unknown := sorted(settings.keys() - _NAMES):
            raise ValueError(f"모르는 설정입니다: {', '.join(unknown)}")
        self._calls += 1
        answer = self._answer(messages, settings)
        if settings.get("return_full_text", True):
            return [{"generated_text": [*messages, {"role": "assistant", "content": answer}]}]
        return [{"generated_text": answer}]

    def _answer(self, messages: list[Message], settings: dict[str, Any]) -> str:
        way = "샘플링" if settings.get("do_sample", True) else "탐욕적 디코딩"
        read = "".join(f"{message['role']}\0{message['content']}\0" for message in messages)
        return (
            f"{self._calls}번째 호출: 메시지 {len(messages)}개(확인 번호 {zlib.crc32(read.encode()):08x}), "
            f"{way}, 새 토큰 최대 {settings.get('max_new_tokens', 256)}개"
        )


def _require_messages(messages: Any) -> None:
    if isinstance(messages, list) and not messages:
        raise TypeError("메시지가 하나도 없는 리스트를 받았습니다.")
    keys = {"role", "content"}
    if not isinstance(messages, list) or any(type(m) is not dict or not keys <= m.keys() for m in messages):
        raise TypeError("role과 content가 있는 딕셔너리의 리스트를 넘겨야 합니다.")
