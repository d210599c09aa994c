"""The same conversation with a pipeline and with an API; the chat widget without its widgets.

session = ChatSession(pipe, client, temperature=0)
turn = session.ask("배송은 언제 시작되나요?")                            # a notebook shows both answers side by side
turn.pipeline.text, turn.api.text
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from course_utils.asked_checks import check_letters
from course_utils.chat_sides import ApiSide, Messages, PipelineSide
from course_utils.chat_turn import Answer, ChatSettings, Turn
from course_utils.errors import CourseError, CourseValueError
from course_utils.template_marks import marks_of, messages_without_marks

OnChange = Callable[[str, Mapping[str, Answer]], None]
OnWait = Callable[[float], None]


class ChatSession:
    """A conversation with both sides; each remembers its own answers only."""

    def __init__(
        self,
        pipe: Any,
        client: Any,
        *,
        model: str | None = None,
        system: str | None = None,
        retries: int = 3,
        **settings: Any,
    ) -> None:
        """Args:
            pipe: as ``load_pipeline()`` gives it.
            client: an ``openai.OpenAI`` object, as ``openai_client()`` gives it.
            model: the API's model; None takes the one that ``model_name(client)`` names.
            system: the system prompt of both; None or ``""`` sends none.
            retries: how often a busy or lost API is asked again, as in ``api_calls.ask``.
            settings: ``temperature``, ``top_p``, ``seed``, ``max_tokens``, as in ``ChatSettings``.

        Raises:
            CourseValueError: a value that cannot be used.
        """
        if getattr(pipe, "tokenizer", None) is None or not callable(pipe):
            raise CourseValueError("첫 매개변수 pipe에는 load_pipeline()이 돌려준 파이프라인을 넣어 주십시오.")
        if not hasattr(client, "chat"):
            raise CourseValueError("둘째 매개변수 client에는 openai_client()가 돌려준 클라이언트를 넣어 주십시오.")
        if system is not None and not isinstance(system, str):
            raise CourseValueError(f"system에는 시스템 프롬프트를 따옴표로 묶어 적어 주십시오. 받은 값: {system!r:.60}")
        if unknown := settings.keys() - ChatSettings.__dataclass_fields__.keys():
            names = ", ".join(ChatSettings.__dataclass_fields__)
            raise CourseValueError(f"모르는 설정입니다: {', '.join(sorted(unknown))}. 쓸 수 있는 설정: {names}")
        self.settings = ChatSettings(**settings)
        self.system = system or ""
        self._marks = marks_of(pipe.tokenizer)
        self.sides = {"pipeline": PipelineSide(pipe), "api": ApiSide(client, model, retries)}
        self.restart()

    def restart(self) -> None:
        """Forget the conversation; system prompt and settings stay."""
        self.turns: list[Turn] = []
        self._histories: dict[str, Messages] = {name: [] for name in self.sides}

    def messages(self, side: str, question: str) -> Messages:
        """What ``side`` ("pipeline" or "api") is sent for ``question``: system prompt, its conversation, question.

        Marks of the chat template in their texts are defused: somebody else may have written the question.
        """
        head = [{"role": "system", "content": self.system}] if self.system.strip() else []
        talk = [*head, *self._histories[side], {"role": "user", "content": question}]
        return messages_without_marks(talk, self._marks)

    def ask(
        self,
        question: str,
        on_change: OnChange = lambda question, answers: None,
        on_wait: OnWait = lambda seconds: None,
        **changes: Any,
    ) -> Turn:
        """Ask both sides at the same time; a side that fails says so in its ``error`` and forgets the question.

        Args:
            question: what the customer asks.
            on_change: called with the question and the answers so far, by side: at the start with none, then as they
                grow and come; also from the thread in which the API is asked.
            on_wait: called from that thread with the seconds until the API is asked again.
            changes: settings that hold for this question and those after it.

        Raises:
            CourseValueError: an empty question, half a letter in it, or settings that cannot be used.
        """
        if not isinstance(question, str) or not question.strip():
            raise CourseValueError("질문이 비어 있습니다. 질문을 적어 주십시오.")
        question = question.strip()
        check_letters(question)
        self.settings = settings = replace(self.settings, **changes)
        answers: dict[str, Answer] = {}

        def come(side: str, said: Answer) -> None:
            answers[side] = said
            on_change(question, dict(answers))

        def part(text: str) -> None:
            come("pipeline", Answer(self.sides["pipeline"].model, text, unfinished=True))

        def answer(side: str, tell: Callable[[Any], None]) -> None:
            come(side, _answered(self.sides[side], self.messages(side, question), settings, tell))

        on_change(question, {})
        # A daemon: when the learner interrupts the kernel, nobody waits for it any more.
        api = threading.Thread(target=answer, args=("api", on_wait), daemon=True)
        api.start()
        answer("pipeline", part)
        while api.is_alive():
            api.join(0.2)  # without a limit, Windows would not let Ctrl-C through
        return self._kept(Turn(question, settings, answers["pipeline"], answers["api"]))

    def _kept(self, turn: Turn) -> Turn:
        for side, history in self._histories.items():
            said = getattr(turn, side)
            if not said.error:
                history.append({"role": "user", "content": turn.question})
                history.append({"role": "assistant", "content": said.text})
        self.turns.append(turn)
        return turn


def _answered(
    side: PipelineSide | ApiSide, messages: Messages, settings: ChatSettings, tell: Callable[[Any], None]
) -> Answer:
    """The side's answer with its seconds, or what went wrong, in Korean."""
    begun = time.perf_counter()
    try:
        said = side.answer(messages, settings, tell)
    except CourseError as error:
        said = Answer(side.model, error=str(error))
    except Exception as error:
        said = Answer(side.model, error=side.explained(error))
    return replace(said, seconds=time.perf_counter() - begun)
