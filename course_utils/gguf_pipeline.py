"""``GgufPipeline``: a GGUF file behind the call of transformers' text-generation pipeline, computed by llama.cpp.

What ``load_pipeline("exaone")`` gives where no GPU has room: the lessons' calls, defaults and result shapes, with
temperature, top-k and top-p in the lessons' order. Logits stay inside the engine; ``model`` says so.
"""

from __future__ import annotations

import secrets
import threading
import warnings
import weakref
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any

from course_utils.answer_prompts import Prompt, prompts_of
from course_utils.answer_settings import SEED_LIMIT, TORCH_CALL, CallSettings
from course_utils.answer_stream import AnswerStream
from course_utils.engine import Engine
from course_utils.engine_client import EngineClient, EngineLost, EngineRefusal
from course_utils.engine_settings import EngineSettings
from course_utils.errors import CourseError, first_line
from course_utils.stopping import stoppable

if TYPE_CHECKING:
    import torch


class GgufPipeline:
    """Called like ``transformers.TextGenerationPipeline``; the engine's process ends with this object."""

    task = "text-generation"

    def __init__(self, gguf: str, name: str, tokenizer: Any, *, context: int, threads: int, **defaults: Any) -> None:
        """Start the engine.

        Args:
            gguf: path of the file.
            name: what the model is called in messages.
            tokenizer: the file's, as ``gguf_tokenizer.tokenizer_of`` reads it.
            context: how many tokens question and answer have together.
            threads: CPU threads.
            **defaults: arguments of a call that every call of this object starts from.

        Raises:
            CourseError: the engine cannot be started, or a default is none of a call's arguments.
        """
        self.tokenizer = tokenizer
        self.name, self.context, self.threads = name, context, threads
        self._settings = CallSettings().updated(defaults)
        settings = EngineSettings(
            gguf=gguf,
            model=name,
            keys=(secrets.token_urlsafe(24),),
            context=context,
            slots=1,
            threads=threads,
            reuse_prompts=False,
        )
        self._holder = _EngineHolder(settings)
        self._end = weakref.finalize(self, self._holder.stop)  # also when Python ends
        self._turn = threading.RLock()  # one answer at a time, whichever thread asks
        self._holder.client()

    # --- what the library's pipeline has ---

    def __call__(self, text_inputs: Any, **arguments: Any) -> list[Any]:
        """One or several answers, in the shape that transformers' pipeline gives them.

        Args:
            text_inputs: a text, a chat (list of messages with ``role`` and ``content``), or a list of either.
            **arguments: ``max_new_tokens`` (256), ``do_sample`` (True), ``temperature`` (0.7), ``top_k`` (50, 0 is
                off), ``top_p`` (1.0), ``repetition_penalty`` (1.0), ``num_return_sequences`` (1), ``stop_strings``,
                ``return_full_text`` (True), ``skip_special_tokens`` (True), ``continue_final_message``,
                ``batch_size`` (changes nothing); ``streamer``: an object with ``put`` and ``end`` such as
                ``TextStreamer``, or a function that is called with each new piece of text; ``seed``: a number for
                the same draws again. Without ``seed`` the draws follow torch's generator: ``set_seed`` decides.

        Returns:
            A list of ``{"generated_text": ...}``, one for each sequence; a list of such lists for a list of inputs.

        Raises:
            CourseValueError: an input or argument that cannot be meant, an unknown argument.
            CourseError: the question is too long, the pipeline is closed, the engine does not run.
            AnswerStopped: the stop button was pressed; the model stays usable.
        """
        settings = self._settings.updated(arguments)
        prompts, several = prompts_of(text_inputs, settings.continue_final_message)
        if self.closed:
            raise CourseError("이 파이프라인은 닫혔습니다. load_pipeline()으로 다시 불러와 주십시오.")
        asked = [(prompt, self._checked_ids(prompt)) for prompt in prompts]
        seeds = _seeds(settings, len(prompts) * settings.num_return_sequences)
        results = []
        with stoppable(settings.streamer), self._turn:
            for prompt, ids in asked:
                drawn = [self._answer(ids, settings, next(seeds)) for _ in range(settings.num_return_sequences)]
                results.append([self._record(prompt, tokens, settings) for tokens in drawn])
        return results if several else results[0]

    @property
    def device(self) -> torch.device:
        """Where it computes, as the library's pipeline tells it: the CPU."""
        import torch

        return torch.device("cpu")

    @property
    def model(self) -> Any:
        """Not here: this engine keeps the logits to itself.

        Raises:
            CourseError: always, with the way to a model that gives them.
        """
        raise CourseError(
            f"이 파이프라인은 모델({self.name})을 llama.cpp로 실행하므로 pipe.model과 로짓(logit) 전체를 꺼낼 수 "
            "없습니다. pipe(...)로 글을 만드는 일만 할 수 있습니다.\n"
            "다음 토큰의 로짓과 확률을 다루는 단원(04, 05)과 디코딩 탐색기에는 transformers로 불러온 모델을 써 "
            f'주십시오: 가벼운 load_pipeline("mini")나, 메모리가 넉넉하면 {TORCH_CALL}.'
        )

    # --- its end ---

    def close(self) -> None:
        """Stop the engine's process; later calls are refused. Does nothing when it is closed."""
        self._end()

    @property
    def closed(self) -> bool:
        """Whether ``close`` was called."""
        return not self._end.alive

    @property
    def pid(self) -> int | None:
        """The engine's process id, None when none runs."""
        return self._holder.pid

    def __enter__(self) -> GgufPipeline:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        state = ", closed" if self.closed else ""
        return f"<GgufPipeline {self.name} (llama.cpp, CPU threads {self.threads}, context {self.context}{state})>"

    # --- one answer ---

    def _checked_ids(self, prompt: Prompt) -> list[int]:
        ids = prompt.ids(self.tokenizer)
        if len(ids) >= self.context:
            raise CourseError(
                f"질문이 너무 깁니다. 질문이 {len(ids):,}토큰인데, 답까지 합쳐 {self.context:,}토큰까지만 쓸 수 "
                "있습니다.\n"
                "질문이나 지난 대화를 줄여 주십시오. 메모리가 넉넉하면 load_pipeline()에 context를 더 크게 "
                "넘길 수 있습니다(모델이 학습한 길이까지 됩니다)."
            )
        return ids

    def _answer(self, ids: list[int], settings: CallSettings, seed: int) -> list[int]:
        """The new tokens of one answer, the end token included."""
        room = self.context - len(ids)
        request = settings.request(ids, room, seed)
        stream = AnswerStream(settings.streamer, self.tokenizer, settings.stop_strings)
        ask = EngineClient.complete if settings.streamer is None else stream.run
        try:
            try:
                tokens = ask(self._holder.client(), request)
            except EngineLost:  # it may have been ending already when it was asked
                if stream.shown:
                    raise
                tokens = ask(self._holder.client(renew=True), request)
        except EngineRefusal as error:
            raise CourseError(f"llama.cpp가 요청을 받지 않았습니다: {error}\n설정값을 확인해 주십시오.") from error
        except EngineLost as error:
            raise CourseError(
                f"답을 만들던 llama.cpp가 도중에 멈췄습니다({first_line(error)}). 셀을 다시 실행하면 새로 켭니다.\n"
                f"같은 일이 되풀이되면 메모리가 모자라지 않은지 확인해 주십시오. 기록: {self._holder.log}"
            ) from error
        if len(tokens) >= room < settings.max_new_tokens:
            warnings.warn(
                f"질문과 답의 길이가 합쳐서 {self.context:,}토큰에 이르러 답이 중간에 끊겼습니다. "
                "질문이나 지난 대화를 줄여 주십시오.",
                stacklevel=3,
            )
        return tokens

    def _record(self, prompt: Prompt, tokens: list[int], settings: CallSettings) -> dict[str, Any]:
        text = self.tokenizer.decode(
            tokens, skip_special_tokens=settings.skip_special_tokens, clean_up_tokenization_spaces=False
        )
        return {"generated_text": prompt.with_answer(text) if settings.return_full_text else text}


class _EngineHolder:
    """The engine's process and its replacement; knows nothing of the pipeline, which can therefore be collected."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._engine: Engine | None = None

    def client(self, renew: bool = False) -> EngineClient:
        """A client of the running engine; one that ended (or is to be renewed) is replaced, and one line says so."""
        if self._engine is not None and (renew or not self._engine.running):
            print("llama.cpp가 멈춰 있어 새로 켭니다.", flush=True)
            self.stop()
        if self._engine is None:
            self._engine = Engine(self._settings)
        return EngineClient(self._engine.engine_url, self._engine.engine_key)

    @property
    def pid(self) -> int | None:
        return self._engine.pid if self._engine is not None and self._engine.running else None

    @property
    def log(self) -> Any:
        return self._engine.log if self._engine is not None else None

    def stop(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.stop()


def _seeds(settings: CallSettings, count: int) -> Iterator[int]:
    """One seed for each answer: ``seed``, ``seed + 1`` ..., or draws of torch's generator, which set_seed() sets."""
    if settings.seed is not None:
        return iter([(settings.seed + number) % SEED_LIMIT for number in range(count)])
    if not settings.do_sample:
        return iter([0] * count)
    import torch

    return iter(torch.randint(SEED_LIMIT, (count,)).tolist())
