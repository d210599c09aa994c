"""A walk through one answer, token by token: draw, look, undo, draw again; the explorer without its widgets."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils.asked_checks import check_letters
from course_utils.candidates import Candidates, Settings, Step
from course_utils.decoding import draw
from course_utils.errors import CourseError, CourseValueError
from course_utils.next_token import next_token_logits, prompt_ids, token_text

MAX_TOKENS = 256
# The bundled model's answers to the explorer's questions begin with a likely word; seed 0 happens to draw odd ones.
SEED = 1
# How many places of the walk stay worked out, for undo and for drawing the same way again; 102,400 logits and what is
# kept with them take about 1 MB.
_REMEMBERED = 32


class DecodingWalk:
    """The tokens that follow a question, chosen one by one.

    The rule of chance: the draws at the n-th place of the answer come from a generator seeded by ``(seed, n)`` alone.
    So undoing a draw and repeating it with the same settings gives the same token, whatever happened in between;
    another seed gives another walk. ``draw_many`` reads on in the same row of draws: its first is that of ``draw_one``.
    """

    def __init__(
        self, pipe: Any, question: str | Sequence[dict[str, str]], *, system: str | None = None, seed: int = SEED
    ) -> None:
        """``pipe``: as ``load_pipeline()`` gives it. ``question``: a text, or messages that end with the user's.

        ``system``: the system prompt; ``""`` is none at all, None leaves it to the chat template.

        Raises:
            CourseValueError: no pipeline, no text, a text that holds the model's control tokens, a bad seed.
            CourseError: a question longer than the model can read.
        """
        self._pipe = _checked_pipe(pipe)
        self.seed = seed
        messages = _messages(pipe.tokenizer, question, system)
        self._prompt = prompt_ids(pipe, messages)
        self._limit = getattr(pipe.model.config, "max_position_embeddings", None) or 10**9
        if len(self._prompt) >= self._limit:
            raise CourseError(
                f"질문이 너무 깁니다. 토큰이 {len(self._prompt):,}개인데 이 모델은 {self._limit:,}개까지만 읽습니다.\n"
                "질문을 더 짧게 적어 주십시오."
            )
        self.drawn: list[int] = []
        self._places: OrderedDict[tuple[int, ...], Candidates] = OrderedDict()

    @property
    def seed(self) -> int:
        """A whole number of 0 or more; a new one counts from the next draw on."""
        return self._seed

    @seed.setter
    def seed(self, seed: int) -> None:
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
            raise CourseValueError(f"씨앗(seed)에는 0 이상의 정수를 넣어 주십시오. 받은 값: {seed!r}")
        self._seed = int(seed)

    @property
    def ids(self) -> list[int]:
        """The token ids that the model sees: question and answer so far."""
        return self._prompt + self.drawn

    @property
    def candidates(self) -> Candidates:
        """The next token's candidates; the model runs only when this place was not seen lately.

        After the end token nothing follows: then those among which the end was drawn.
        """
        place = tuple(self.drawn[:-1] if self.finished else self.drawn)
        if place not in self._places:
            logits = next_token_logits(self._pipe, [*self._prompt, *place])
            self._places[place] = Candidates(logits, self._pipe.tokenizer)
        self._places.move_to_end(place)
        while len(self._places) > _REMEMBERED:
            self._places.popitem(last=False)
        return self._places[place]

    @property
    def logits(self) -> np.ndarray:
        """The model's logits for the next token, float32, shape ``(V,)``."""
        return self.candidates.logits

    @property
    def text(self) -> str:
        """The answer so far, without control tokens."""
        return self._pipe.tokenizer.decode(self.drawn, skip_special_tokens=True)

    @property
    def tokens(self) -> list[str]:
        """The tokens drawn so far as visible text, as ``token_text`` shows them."""
        return [token_text(self._pipe.tokenizer, token) for token in self.drawn]

    @property
    def finished(self) -> bool:
        """Whether the model's end token was drawn."""
        return bool(self.drawn) and self.drawn[-1] in self._end_ids()

    @property
    def full(self) -> bool:
        """Whether no further token fits, by MAX_TOKENS or by the model's own limit."""
        return len(self.drawn) >= MAX_TOKENS or len(self.ids) >= self._limit

    def step(self, settings: Settings, rows: int = 12) -> Step:
        """What ``settings`` make of the next token's logits; two calls compare two settings at the same place.

        Raises:
            CourseValueError: as ``Candidates.step``.
        """
        return self.candidates.step(settings, rows)

    def draw_many(self, settings: Settings, n: int = 100) -> Counter[int]:
        """Token id -> how often it came in ``n`` draws at this place; the answer stays as it is.

        Raises:
            CourseError: the answer is at its end, or no further token fits.
            CourseValueError: as ``decode_step`` and ``draw``.
        """
        return Counter(self._draw(settings, n).tolist())

    def draw_one(self, settings: Settings) -> int:
        """Draw one token, put it at the end of the answer, and return its id.

        Raises:
            CourseError: the answer is at its end, or no further token fits.
            CourseValueError: as ``decode_step``.
        """
        token = int(self._draw(settings, 1)[0])
        self.drawn.append(token)
        return token

    def undo(self) -> None:
        """Take the last token back.

        Raises:
            CourseError: nothing was drawn yet.
        """
        if not self.drawn:
            raise CourseError("되돌릴 토큰이 없습니다. 먼저 토큰을 뽑아 주십시오.")
        self.drawn.pop()

    def restart(self) -> None:
        """Take all tokens back."""
        self.drawn.clear()

    def _draw(self, settings: Settings, n: int) -> np.ndarray:
        if self.finished or self.full:
            happened = "답이 끝났습니다." if self.finished else f"토큰을 {len(self.drawn)}개 뽑아 더 이을 수 없습니다."
            raise CourseError(f"{happened} '되돌리기'나 '처음부터' 단추로 되돌아가 다시 뽑을 수 있습니다.")
        chance = np.random.default_rng((self.seed, len(self.drawn)))
        return draw(settings.probabilities(self.logits), n, chance)

    def _end_ids(self) -> set[int]:
        """The ids that end an answer: those that ``generate()`` stops at, and the tokenizer's."""
        named = getattr(getattr(self._pipe.model, "generation_config", None), "eos_token_id", None)
        ends = list(named) if isinstance(named, list | tuple) else [named]
        return {end for end in (*ends, self._pipe.tokenizer.eos_token_id) if end is not None}


def _checked_pipe(pipe: Any) -> Any:
    if getattr(pipe, "tokenizer", None) is None or getattr(pipe, "model", None) is None:
        received = f"{pipe!r:.60}" if isinstance(pipe, str | list | tuple | dict) else type(pipe).__name__
        raise CourseValueError(
            "첫 매개변수 pipe에는 load_pipeline()이 돌려준 파이프라인을 통째로 넣어 주십시오. "
            f'예: pipe = load_pipeline("mini")\n받은 값: {received}'
        )
    return pipe


def _messages(tokenizer: Any, question: str | Sequence[dict[str, str]], system: str | None) -> list[dict[str, str]]:
    messages = [{"role": "user", "content": question}] if isinstance(question, str) else question
    if not isinstance(messages, list | tuple) or not all(isinstance(message, dict) for message in messages):
        raise CourseValueError(f"질문은 따옴표로 묶은 글로 적어 주십시오. 받은 값: {question!r:.60}")
    if system is not None:
        if not isinstance(system, str):
            raise CourseValueError(f"system은 따옴표로 묶은 글로 적어 주십시오. 받은 값: {system!r:.60}")
        messages = [{"role": "system", "content": system}, *messages]
    said = [str(message.get("content", "")) for message in messages]
    if not said or not said[-1].strip():
        raise CourseValueError("질문이 비어 있습니다. 질문을 적어 주십시오.")
    for text in said:
        check_letters(text)
    special = {str(token) for token in tokenizer.added_tokens_decoder.values() if token.special}
    if found := sorted(
        token for token in special | set(tokenizer.all_special_tokens) if any(token in text for text in said)
    ):
        raise CourseValueError(
            f"질문에 모델의 특수 토큰이 들어 있습니다: {' '.join(found)}\n"
            "모델은 이 글자를 대화의 구분 표시로 읽습니다. 이 글자를 빼고 다시 적어 주십시오."
        )
    return list(messages)
