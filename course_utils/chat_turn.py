"""One turn of a conversation with two models: what was asked, with which settings, and what each side answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from course_utils.errors import CourseValueError
from course_utils.tables import html_table

HIGHEST_TEMPERATURE = 2.0  # what the API takes
SIDES = {"pipeline": "파이프라인", "api": "API"}
LARGEST_SEED = 2**31 - 1  # what every server and the field of the seed can hold
# Notebooks set tables flush right and break Korean words anywhere; answers are sentences. The class stands there three
# times to outweigh the notebooks' own rules.
_CELLS = "div.course-chat.course-chat.course-chat"
_STYLE = (
    f"<style>{_CELLS} table{{width:100%}}{_CELLS} :is(th,td)"
    "{vertical-align:top;overflow-wrap:anywhere}"
    f"{_CELLS} tbody th{{width:26%;font-weight:normal}}</style>"
)


@dataclass(frozen=True)
class ChatSettings:
    """How both sides choose their tokens; top-k is off on both, because the API has none.

    ``temperature``: 0 to 2; 0 is greedy. ``top_p``: above 0, up to 1, which is off. ``max_tokens``: of an answer.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    seed: int = 1
    max_tokens: int = 200

    def __post_init__(self) -> None:
        if not _number(self.temperature) or not 0 <= self.temperature <= HIGHEST_TEMPERATURE:
            raise CourseValueError(
                f"온도(temperature)에는 0부터 2까지의 수를 넣어 주십시오. 받은 값: {self.temperature!r}"
            )
        if not _number(self.top_p) or not 0 < self.top_p <= 1:
            raise CourseValueError(f"top_p에는 0보다 크고 1 이하인 수를 넣어 주십시오. 받은 값: {self.top_p!r}")
        if not _whole(self.seed) or not 0 <= self.seed <= LARGEST_SEED:
            raise CourseValueError(
                f"씨앗(seed)에는 0 이상 {LARGEST_SEED:,} 이하의 정수를 넣어 주십시오. 받은 값: {self.seed!r}"
            )
        if not _whole(self.max_tokens) or self.max_tokens < 1:
            raise CourseValueError(f"max_tokens에는 1 이상의 정수를 넣어 주십시오. 받은 값: {self.max_tokens!r}")

    @property
    def greedy(self) -> bool:
        """Whether each token is the most probable one."""
        return self.temperature == 0

    def for_pipeline(self) -> dict[str, Any]:
        """The arguments of a text-generation pipeline, which knows no temperature of 0."""
        if self.greedy:
            return {"max_new_tokens": self.max_tokens, "do_sample": False}
        chance = {"do_sample": True, "temperature": float(self.temperature), "top_p": float(self.top_p), "top_k": 0}
        return {"max_new_tokens": self.max_tokens, **chance}

    def for_api(self) -> dict[str, Any]:
        """The arguments of ``chat.completions.create``."""
        return {
            "max_completion_tokens": self.max_tokens,
            "temperature": float(self.temperature),
            "top_p": float(self.top_p),
            "seed": self.seed,
        }

    def words(self) -> str:
        """The settings in Korean; without what has no effect."""
        if self.greedy:
            return "온도 0(탐욕적 디코딩)"
        return f"온도 {self.temperature:g}, top-p {self.top_p:g}, 씨앗 {self.seed}"


@dataclass(frozen=True)
class Answer:
    """What one side said. ``tokens``: with the end token; None where unknown. ``error``: in Korean, when it failed.
    ``unfinished``: more is to come."""

    model: str
    text: str = ""
    tokens: int | None = None
    seconds: float = 0.0
    cut: bool = False
    error: str = ""
    unfinished: bool = False

    def facts(self, seconds: bool = False) -> str:
        """Tokens and, if wanted, seconds, in Korean; empty for an answer that failed."""
        if self.error:
            return ""
        parts = [f"토큰 {self.tokens:,}개"] if self.tokens is not None else []
        parts += [f"{self.seconds:.1f}초"] if seconds else []
        parts += ["최대 길이에서 잘림"] if self.cut else []
        return ", ".join(parts)

    def line(self) -> str:
        """The answer and its facts as one text."""
        if self.error:
            return f"오류: {self.error}"
        facts = self.facts()
        return f"{self.text or '(빈 답)'}{f' ({facts})' if facts else ''}"


@dataclass(frozen=True)
class Turn:
    """A question and both answers; a notebook shows it as a table, without the seconds."""

    question: str
    settings: ChatSettings
    pipeline: Answer
    api: Answer

    @property
    def same(self) -> bool:
        """Whether both sides said the same, to the letter."""
        whole = not any(said.error or said.unfinished for said in (self.pipeline, self.api))
        return whole and self.pipeline.text == self.api.text

    def __repr__(self) -> str:
        return turns_text([self])

    def _repr_html_(self) -> str:
        return turns_html([self])


def turns_html(turns: Sequence[Turn], caption: str = "같은 질문, 두 모델의 답") -> str:
    """The conversation as a table that needs no Python: GitHub, print, a saved notebook. The same on every machine."""
    models = [named(*({getattr(turn, side).model: None for turn in turns})) for side in SIDES]
    headers = ("질문과 설정", *(f"{name}의 답{model}" for name, model in zip(SIDES.values(), models, strict=True)))
    rows = [(f"{turn.question} [{turn.settings.words()}]", turn.pipeline.line(), turn.api.line()) for turn in turns]
    return f'{_STYLE}<div class="course-chat">{html_table(caption, headers, rows)}</div>'


def turns_text(turns: Sequence[Turn]) -> str:
    """The same for terminals."""
    lines = []
    for turn in turns:
        lines += [f"질문: {turn.question}", f"설정: {turn.settings.words()}"]
        for side, name in SIDES.items():
            answer = getattr(turn, side)
            lines.append(f"{name}{named(answer.model)}: {answer.line()}")
    return "\n".join(lines)


def named(*models: str) -> str:
    """``(mini)``, to stand behind a name; empty where no model is known."""
    known = ", ".join(filter(None, models))
    return f"({known})" if known else ""


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
