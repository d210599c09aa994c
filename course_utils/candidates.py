"""The most probable next tokens before and after a decode step: the numbers that pictures and tables show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from course_utils.chart_text import drawable
from course_utils.decoding import apply_temperature, decode_step, softmax, top_k_filter
from course_utils.errors import CourseValueError
from course_utils.next_token import token_text

_LINE_BREAK = re.compile("\r\n|[\n\v\f\r\x85\u2028\u2029]")


@dataclass(frozen=True)
class Settings:
    """How the next token is chosen: as in ``decode_step``, or ``greedy``, which makes the rest be of no effect."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    greedy: bool = False

    def probabilities(self, logits: Any) -> np.ndarray:
        """Probabilities of the next token, shape ``(V,)``; greedy takes the first of equally high logits.

        Raises:
            CourseValueError: as ``decode_step``.
        """
        if not self.greedy:
            return decode_step(logits, self.temperature, self.top_k, self.top_p)
        probabilities = np.zeros_like(softmax(logits))
        probabilities[np.argmax(logits)] = 1
        return probabilities

    def words(self) -> str:
        """The settings in one line of Korean."""
        if self.greedy:
            return "탐욕적 디코딩(확률이 가장 높은 토큰만)"
        k, p = f"{self.top_k}" if self.top_k else "끔", f"{self.top_p:g}" if self.top_p < 1 else "끔"
        return f"온도 {self.temperature:g} · top-k {k} · top-p {p}"


@dataclass(frozen=True)
class Candidate:
    """One token: its text, its probabilities in [0, 1], and what became of it.

    ``cut`` is empty for a token that can be drawn; else it names what cut it: ``"top-k"``, ``"top-p"``, ``"greedy"``,
    or ``"-inf"`` for a logit that was ``-inf`` from the start. ``cumulative`` is the probability of this and all
    candidates ranked higher as top-p sees it (after temperature and top-k); None for what top-k or ``-inf`` took out.
    """

    id: int
    text: str
    before: float
    after: float
    cut: str
    cumulative: float | None


@dataclass(frozen=True)
class Step:
    """A decode step seen from its most probable tokens: ``candidates`` of the ``size`` in the vocabulary.

    ``kept``: how many tokens can be drawn. ``cut_mass``: probability, after the temperature, of what was cut.
    ``hidden_mass``: probability, in the end, of kept tokens that are not among ``candidates``. ``after``: the
    probabilities of all tokens, shape ``(V,)``.
    """

    candidates: tuple[Candidate, ...]
    size: int
    kept: int
    cut_mass: float
    hidden_mass: float
    after: np.ndarray
    settings: Settings


class Candidates:
    """The logits of one place in a text, made ready for many decode steps with different settings.

    What no setting changes (the ranking, the first probabilities, the tokens' texts) is worked out once.
    """

    def __init__(self, logits: Any, labels: Any) -> None:
        """``logits``: shape ``(V,)``. ``labels``: a tokenizer, or V words.

        Raises:
            CourseValueError: logits of another shape, not as many words as logits, and as ``decoding.softmax``.
        """
        self.before = softmax(logits)
        if self.before.ndim != 1:
            raise CourseValueError(
                "토큰마다 값이 하나씩 있는 1차원 배열을 넣어 주십시오. 여러 줄이면 logits[0]처럼 한 줄만 고르십시오.\n"
                f"받은 배열의 모양(shape)은 {self.before.shape}입니다."
            )
        self.logits = np.asarray(logits, dtype=self.before.dtype)
        self._tokenizer = labels if hasattr(labels, "convert_ids_to_tokens") else None
        self._words = None if self._tokenizer is not None else _words(labels, self.size)
        self._ranked = np.empty(0, dtype=np.int64)
        self._texts: dict[int, str] = {}

    @property
    def size(self) -> int:
        """V, how many tokens have a logit."""
        return len(self.before)

    def ranking(self, rows: int) -> np.ndarray:
        """Ids of the ``rows`` highest logits, highest first; of equal ones the higher id first, as in top-p.

        No temperature changes it. Fewer than ``rows`` where the vocabulary is smaller.

        Raises:
            CourseValueError: ``rows`` is no whole number of 1 or more.
        """
        if isinstance(rows, bool) or not isinstance(rows, Integral) or rows < 1:
            raise CourseValueError(f"rows에는 1 이상의 정수를 넣어 주십시오. 받은 값: {rows!r}")
        rows = min(int(rows), self.size)
        if len(self._ranked) < rows:
            place = self.size - rows
            top = np.flatnonzero(self.logits >= np.partition(self.logits, place)[place])
            self._ranked = top[np.lexsort((top, self.logits[top]))[::-1]]
        return self._ranked[:rows]

    def text(self, token_id: int) -> str:
        """The token as visible text that any document can hold."""
        if token_id not in self._texts:
            text = token_text(self._tokenizer, token_id) if self._words is None else self._words[token_id]
            self._texts[token_id] = drawable(text) or "(빈 문자열)"
        return self._texts[token_id]

    def step(self, settings: Settings, rows: int = 12) -> Step:
        """What ``settings`` make of the logits, for the ``rows`` most probable tokens.

        Raises:
            CourseValueError: as ``decode_step`` and ``ranking``.
        """
        ids = self.ranking(rows)
        after = settings.probabilities(self.logits)
        greedy, top_p = settings.greedy, settings.top_p
        temperature, top_k = (1.0, 0) if greedy else (settings.temperature, settings.top_k)
        values = self.logits if temperature == 1 else apply_temperature(self.logits, temperature)
        tempered = self.before if temperature == 1 else softmax(values)
        survivors = (top_k_filter(values, top_k) if 0 < top_k < self.size else self.logits) > -np.inf
        # Without top-p the survivors are what is kept, also one too improbable for the number format.
        kept = after > 0 if greedy or top_p < 1 else survivors
        seen = np.cumsum(tempered[ids], dtype=np.float64) / tempered[survivors].sum(dtype=np.float64)
        candidates = tuple(
            Candidate(
                id=int(token),
                text=self.text(int(token)),
                before=float(self.before[token]),
                after=float(after[token]),
                cut="" if kept[token] else self._reason(token, bool(survivors[token]), greedy),
                cumulative=min(1.0, float(total)) if survivors[token] else None,
            )
            for token, total in zip(ids, seen, strict=True)
        )
        count = int(np.count_nonzero(kept))
        all_shown = count == sum(not candidate.cut for candidate in candidates)
        return Step(
            candidates=candidates,
            size=self.size,
            kept=count,
            cut_mass=float(tempered[~kept].sum(dtype=np.float64)),
            hidden_mass=0.0 if all_shown else max(0.0, 1 - float(after[ids].sum(dtype=np.float64))),
            after=after,
            settings=settings,
        )

    def _reason(self, token: int, survived_top_k: bool, greedy: bool) -> str:
        if self.logits[token] == -np.inf:
            return "-inf"
        if greedy:
            return "greedy"
        return "top-p" if survived_top_k else "top-k"


def _words(labels: Sequence[Any], size: int) -> list[str]:
    if isinstance(labels, str) or not hasattr(labels, "__len__"):
        raise CourseValueError("labels에는 토크나이저(tokenizer)나 낱말의 리스트를 넣어 주십시오.")
    if len(labels) != size:
        raise CourseValueError(f"낱말은 {len(labels)}개인데 로짓은 {size}개입니다. 개수를 똑같이 맞추어 주십시오.")
    return [_LINE_BREAK.sub("↵", str(word)) for word in labels]
