"""The same conversation with a pipeline and with an API; the chat widget without its widgets.

session = ChatSession(pipe, client, temperature=0)
turn = session.ask("배송은 언제 시작되나요?")                            # a notebook shows both answers side by side
turn.pipeline.text, turn.api.text
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from course_utils.chat_turn import Answer, ChatSettings, Turn
from course_utils.errors import CourseError, CourseValueError, first_line
from course_utils.next_token import prompt_ids

Messages = list[dict[str, str]]
_TOO_LONG = "대화가 길어져 모델이 읽을 수 있는 길이를 넘었습니다. '새 대화'로 처음부터 시작해 주십시오."


class PipelineSide:
    """Answers through a text-generation pipeline."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe
        path = getattr(getattr(pipe, "model", None), "name_or_path", "") or ""
        self.model = PurePath(str(path)).name or "pipeline"

    def answer(self, messages: Messages, settings: ChatSettings) -> Answer:
        """The pipeline's answer to ``messages``; only this call's seed counts."""
        from transformers import set_seed

        asked = prompt_ids(self._pipe, messages)
        limit = getattr(self._pipe.model.config, "max_position_embeddings", None) or 10**9
        if len(asked) + settings.max_tokens > limit:
            raise CourseError(_TOO_LONG)
        if not settings.greedy:
            set_seed(settings.seed)
        [result] = self._pipe(messages, return_tensors=True, **settings.for_pipeline())
        new = list(result["generated_token_ids"])[len(asked) :]
        text = self._pipe.tokenizer.decode(new, skip_special_tokens=True)
        special = set(self._pipe.tokenizer.all_special_ids)
        cut = len(new) >= settings.max_tokens and new[-1] not in special
        return Answer(self.model, text, len(new), cut=cut)


class ApiSide:
    """Answers through an OpenAI-compatible API."""

    def __init__(self, client: Any, model: str | None) -> None:
        self._client = client
        self._named = model

    @property
    def model(self) -> str:
        """The model's name as far as known; looked up when it is first needed, so that a failure has its place."""
        return self._named or "API"

    def answer(self, messages: Messages, settings: ChatSettings) -> Answer:
        """The API's answer to ``messages``."""
        if self._named is None:
            from course_utils.api_client import model_name

            self._named = model_name(self._client)
        completion = self._client.chat.completions.create(model=self._named, messages=messages, **settings.for_api())
        choice = completion.choices[0]
        tokens = completion.usage.completion_tokens if completion.usage else None
        text = choice.message.content or getattr(choice.message, "refusal", None) or ""
        return Answer(self._named, text, tokens, cut=choice.finish_reason == "length")


class ChatSession:
    """A conversation with both sides; each remembers its own answers only."""

    def __init__(
        self, pipe: Any, client: Any, *, model: str | None = None, system: str | None = None, **settings: Any
    ) -> None:
        """Args:
            pipe: as ``load_pipeline()`` gives it.
            client: an ``openai.OpenAI`` object, as ``openai_client()`` gives it.
            model: the API's model; None takes the one ``model_name(client)`` names.
            system: the system prompt of both; None or ``""`` sends none.
            settings: ``temperature``, ``top_p``, ``seed``, ``max_tokens``, as in ``ChatSettings``.

        Raises:
            CourseValueError: a value that cannot be used.
        """
        if getattr(pipe, "tokenizer", None) is None or not callable(pipe):
            raise CourseValueError("첫 매개변수 pipe에는 load_pipeline()이 돌려준 파이프라인을 넣어 주십시오.")
        if not hasattr(client, "chat"):
            raise CourseValueError("둘째 매개변수 client에는 openai_client()가 돌려준 클라이언트를 넣어 주십시오.")
        self.settings = ChatSettings(**settings)
        self.system = system or ""
        self.sides = {"pipeline": PipelineSide(pipe), "api": ApiSide(client, model)}
        self.restart()

    def restart(self) -> None:
        """Forget the conversation; system prompt and settings stay."""
        self.turns: list[Turn] = []
        self._histories: dict[str, Messages] = {name: [] for name in self.sides}

    def messages(self, side: str, question: str) -> Messages:
        """What ``side`` ("pipeline" or "api") is sent for ``question``: system prompt, its conversation, question."""
        head = [{"role": "system", "content": self.system}] if self.system.strip() else []
        return [*head, *self._histories[side], {"role": "user", "content": question}]

    def ask(
        self, question: str, on_answer: Callable[[str, Answer], None] = lambda side, answer: None, **changes: Any
    ) -> Turn:
        """Ask both sides at the same time; a side that fails says so in its ``error`` and forgets the question.

        Args:
            question: what the customer asks.
            on_answer: called with "pipeline" or "api" and the answer as soon as it is there; for "api" from a thread
                of its own.
            changes: settings that hold for this question and those after it.

        Raises:
            CourseValueError: an empty question, or settings that cannot be used.
        """
        if not isinstance(question, str) or not question.strip():
            raise CourseValueError("질문이 비어 있습니다. 질문을 적어 주십시오.")
        question = question.strip()
        self.settings = settings = replace(self.settings, **changes)
        answers: dict[str, Answer] = {}

        def answer(side: str) -> None:
            answers[side] = _answered(self.sides[side], self.messages(side, question), settings)
            on_answer(side, answers[side])

        # A daemon: when the learner interrupts the kernel, nobody waits for it any more.
        api = threading.Thread(target=answer, args=("api",), daemon=True)
        api.start()
        answer("pipeline")
        api.join()
        for side, said in answers.items():
            if not said.error:
                pair = {"role": "user", "content": question}, {"role": "assistant", "content": said.text}
                self._histories[side].extend(pair)
        turn = Turn(question, settings, answers["pipeline"], answers["api"])
        self.turns.append(turn)
        return turn


def _answered(side: PipelineSide | ApiSide, messages: Messages, settings: ChatSettings) -> Answer:
    """The side's answer with its seconds, or what went wrong, in Korean."""
    begun = time.perf_counter()
    try:
        said = side.answer(messages, settings)
    except CourseError as error:
        said = Answer(side.model, error=str(error))
    except Exception as error:
        said = Answer(side.model, error=_explained(error))
    return replace(said, seconds=time.perf_counter() - begun)


def _explained(error: Exception) -> str:
    return f"예상하지 못한 오류가 났습니다. {type(error).__name__}: {first_line(error)}"
