"""The two sides of the chat: a text-generation pipeline and an OpenAI-compatible API, asked with the same settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from course_utils.chat_turn import Answer, ChatSettings
from course_utils.errors import CourseError, first_line
from course_utils.next_token import prompt_ids

Messages = list[dict[str, str]]
_SHOW_EVERY = 0.3  # seconds between two looks at a growing answer


class PipelineSide:
    """Answers through a pipeline of transformers or a ``GgufPipeline``."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe
        # A GgufPipeline has both; its model stays inside the engine.
        name, limit = getattr(pipe, "name", None), getattr(pipe, "context", None)
        self._limit = limit or getattr(pipe.model.config, "max_position_embeddings", None) or 10**9
        self.model = PurePath(str(name or pipe.model.name_or_path)).name

    def answer(self, messages: Messages, settings: ChatSettings, on_part: Callable[[str], None]) -> Answer:
        """The answer to ``messages``; ``on_part`` is called now and then with what there is of it."""
        from transformers import set_seed

        if len(prompt_ids(self._pipe, messages)) + settings.max_tokens > self._limit:
            raise CourseError("대화가 길어져 모델이 읽을 수 있는 길이를 넘었습니다. 새 대화를 시작해 주십시오.")
        if not settings.greedy:
            set_seed(settings.seed)
        written = _Written(self._pipe.tokenizer, on_part)
        [result] = self._pipe(messages, return_full_text=False, streamer=written, **settings.for_pipeline())
        cut = len(written.ids) >= settings.max_tokens and written.ids[-1] not in self._pipe.tokenizer.all_special_ids
        return Answer(self.model, result["generated_text"], len(written.ids), cut=cut)

    def explained(self, error: Exception) -> str:
        """What went wrong, in Korean."""
        return f"예상하지 못한 오류가 났습니다. {type(error).__name__}: {first_line(error)}"


class _Written:
    """A streamer, as ``generate`` takes it: counts the new tokens, and shows them on the way."""

    def __init__(self, tokenizer: Any, on_part: Callable[[str], None]) -> None:
        self._tokenizer, self._on_part = tokenizer, on_part
        self._asked = False
        self._shown = time.monotonic()
        self.ids: list[int] = []

    def put(self, ids: Any) -> None:
        """At first the whole prompt, then each new token."""
        if not self._asked:
            self._asked = True
            return
        self.ids += ids.flatten().tolist()
        if time.monotonic() - self._shown > _SHOW_EVERY:
            self._on_part(self._tokenizer.decode(self.ids, skip_special_tokens=True))
            self._shown = time.monotonic()

    def end(self) -> None:
        """Nothing is left over."""


class ApiSide:
    """Answers through an OpenAI-compatible API."""

    def __init__(self, client: Any, model: str | None, retries: int) -> None:
        self._client, self._retries = client, retries
        self.model = model or ""  # looked up when it is first needed: a failure then has its place

    def answer(self, messages: Messages, settings: ChatSettings, on_wait: Callable[[float], None]) -> Answer:
        """The answer to ``messages``; a busy server is asked again, after ``on_wait`` was called with the seconds."""
        from course_utils.api_calls import ask
        from course_utils.api_client import model_name

        def wait(seconds: float) -> None:
            on_wait(seconds)
            time.sleep(seconds)

        self.model = self.model or model_name(self._client)
        said = ask(self._client, messages, model=self.model, retries=self._retries, sleep=wait, **settings.for_api())
        choice = said.choices[0]
        text = choice.message.content or getattr(choice.message, "refusal", None) or ""
        tokens = said.usage.completion_tokens if said.usage else None
        return Answer(self.model, text, tokens, cut=choice.finish_reason == "length")

    def explained(self, error: Exception) -> str:
        """What went wrong, in Korean."""
        from course_utils.api_errors import explain

        return explain(error, self._client)
