"""ex03: the answer out of what a pipeline returns, cut at its end token or at its last whole sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from answer_key.ex03.samples import ANSWERS, blanks, conversation, pick, said
from answer_key.task import Aspect, Case, Mistake, Task

END = "[|endofturn|]"
_STOPS = ".?!"
Result = list[dict[str, Any]]


def reference(result: Result) -> str:
    """What stands before the end token; without one, all up to the last whole sentence."""
    return _tidy(_taken(result))


def _taken(result: Result) -> str:
    text = result[0]["generated_text"]
    return text if isinstance(text, str) else text[-1]["content"]


def _tidy(text: str) -> str:
    return text.split(END)[0].strip() if END in text else _whole_sentences(text)


def _whole_sentences(text: str, stops: str = _STOPS, decimal: bool = False, first: bool = False) -> str:
    ends = [
        place
        for place, letter in enumerate(text)
        if letter in stops and (decimal or not text[place + 1 : place + 2].strip())
    ]
    return text[: ends[0 if first else -1] + 1].strip() if ends else ""


def _last_sentence(text: str) -> str:
    whole = _whole_sentences(text)
    before = _whole_sentences(whole[:-1])
    return whole[len(before) :].strip()


def _new(text: str) -> Case:
    return Case([{"generated_text": text}])


def _full(text: str, rng: np.random.Generator, turns: int) -> Case:
    return Case([{"generated_text": [*conversation(rng, turns), said("assistant", text)]}])


def _shapes_full(rng: np.random.Generator) -> list[Case]:
    return [_full(pick(rng, ANSWERS) + END, rng, turns) for turns in (0, 1, 3)]


def _shapes_new(rng: np.random.Generator) -> list[Case]:
    return [_new(pick(rng, ANSWERS) + END) for _ in range(3)]


def _finished(rng: np.random.Generator) -> list[Case]:
    texts = [f"{pick(rng, ANSWERS)} {pick(rng, ANSWERS)}" for _ in range(3)]
    # The end token counts, not the punctuation: an answer may end without a full stop.
    return [
        _new(f"{texts[0].rstrip('.!')}{END}"),
        _new(f" {texts[1]}{blanks(rng)}{END}\n"),
        _full(f"{texts[2]}{END}\n[|user|]{pick(rng, ANSWERS)}", rng, 1),
        _new(f"{texts[2]}{END}{END}"),
    ]


def _cut(rng: np.random.Generator) -> list[Case]:
    made = []
    for mark in ("?", "!", "."):
        whole = f"안녕하세요. {pick(rng, ANSWERS)} 확인했습니다. 더 궁금한 점이 있으신가요{mark}"
        part = pick(rng, ANSWERS)
        made.append(f"{whole} {part[: int(rng.integers(2, 6))]}")
    return [_new(made[0]), _full(made[1], rng, 1), _new(made[2]), _new(f"{pick(rng, ANSWERS)} {pick(rng, ANSWERS)}")]


def _hard(rng: np.random.Generator) -> list[Case]:
    weight = f"{int(rng.integers(1, 9))}.{int(rng.integers(1, 9))}"
    return [
        _new(f"{pick(rng, ANSWERS)} 무게는 {weight}킬로그램이며 정확한"),
        _new(f"무게는 {weight}킬로그램이며"),
        _new(pick(rng, ANSWERS)[:4]),
        _new(""),
    ]


def _taking(take: Callable[[Any], Any]) -> Callable[[Result], Any]:
    """Another way to take the text out of a list of messages."""

    def answer(result: Result) -> Any:
        text = result[0]["generated_text"]
        taken = text if isinstance(text, str) else take(text)
        return _tidy(taken) if isinstance(taken, str) else taken

    return answer


def _tidying(tidy: Callable[[str], str]) -> Callable[[Result], str]:
    """Another way to tidy the text."""
    return lambda result: tidy(_taken(result))


_ASKED = [said("system", "한 문장으로만 답해 줘."), said("user", "우산 있나요?")]
_ANSWERED = [*_ASKED, said("assistant", f"네, 있습니다.{END}")]
_LONGER = [*_ANSWERED, said("user", "색상은요?"), said("assistant", f"두 가지입니다.{END}")]

TASK = Task(
    name="read_answer",
    title="결과에서 답변을 꺼내어 다듬기",
    reference=reference,
    judge=("ex03.exact_text", {}),
    aspects=(
        Aspect(
            "full",
            "대화 전체가 든 결과",
            1,
            visible=(Case([{"generated_text": _ANSWERED}]), Case([{"generated_text": _LONGER}])),
            hidden=_shapes_full,
        ),
        Aspect("new", "새 글만 든 결과", 1, visible=(_new(f"네, 있습니다.{END}"),), hidden=_shapes_new),
        Aspect(
            "finished",
            "종료 토큰까지만",
            1,
            visible=(_new(f"네, 있습니다. 감사합니다{END}"), _new(f" 네. {END}\n[|user|]색상은요?")),
            hidden=_finished,
        ),
        Aspect(
            "cut",
            "길이 제한에 끊긴 답",
            1,
            visible=(_new("네, 있습니다. 색상은 두 가지입니다. 더 궁금하신가요? 자세한 내용은 상"),),
            hidden=_cut,
        ),
        Aspect("hard", "소수점, 끝난 문장이 없는 글", 1, visible=(_new("무게는 3.5킬로그램이며"),), hidden=_hard),
    ),
    mistakes=(
        Mistake(
            "whole_message",
            _taking(lambda messages: messages[-1]),
            '메시지(딕셔너리)를 통째로 꺼냈습니다. 마지막 메시지에서 ["content"]를 한 번 더 꺼내 주십시오.',
        ),
        Mistake(
            "list_of_messages",
            _taking(lambda messages: messages),
            "메시지 목록을 그대로 돌려주었습니다. "
            "generated_text가 문자열이 아니면 마지막 메시지의 content를 꺼내 주십시오.",
        ),
        Mistake(
            "third_message",
            _taking(lambda messages: messages[2]["content"]),
            "답변이 늘 세 번째 메시지인 것은 아닙니다. 대화가 길어져도 새 답변은 언제나 맨 끝([-1])에 있습니다.",
        ),
        Mistake(
            "first_message",
            _taking(lambda messages: messages[0]["content"]),
            "답변이 아니라 첫 메시지의 내용을 꺼냈습니다. 결과에는 우리가 넣은 메시지가 먼저 들어 있습니다.",
        ),
        Mistake(
            "nothing_whole",
            _tidying(lambda text: _tidy(text) or text.strip()),
            "끝난 문장이 하나도 없으면 보여 줄 것이 없습니다. 이때는 빈 글을 돌려주십시오.",
        ),
        Mistake(
            "never_cut",
            _tidying(lambda text: text.split(END)[0].strip()),
            "종료 토큰이 없는 글은 끊긴 답입니다. 마지막으로 끝난 문장까지만 남겨 주십시오.",
        ),
        Mistake(
            "token_removed",
            _tidying(lambda text: text.replace(END, "").strip() if END in text else _tidy(text)),
            "종료 토큰만 지우고 그 뒤의 글을 남겼습니다. 종료 토큰 뒤는 답변이 아니므로 모두 버려 주십시오.",
        ),
        Mistake(
            "always_cut",
            _tidying(lambda text: _whole_sentences(text.split(END)[0])),
            "끝까지 말한 답에서도 마지막 문장을 버렸습니다. 종료 토큰이 있으면 마침표가 없어도 끝난 답입니다.",
        ),
        Mistake(
            "first_sentence",
            _tidying(lambda text: _tidy(text) if END in text else _whole_sentences(text, first=True)),
            "첫 문장만 남았습니다. 마지막으로 끝난 문장까지 모두 남겨 주십시오.",
        ),
        Mistake(
            "last_sentence",
            _tidying(lambda text: _tidy(text) if END in text else _last_sentence(text)),
            "마지막으로 끝난 문장 하나만 남았습니다. 그 앞의 문장도 모두 손님에게 보여 줄 답입니다.",
        ),
        Mistake(
            "nothing_when_cut",
            _tidying(lambda text: text.split(END)[0].strip() if END in text else ""),
            "끊긴 답을 모두 버렸습니다. 끝까지 온 문장은 남기고, 끊긴 문장만 버려 주십시오.",
        ),
        Mistake(
            "decimal",
            _tidying(lambda text: _tidy(text) if END in text else _whole_sentences(text, decimal=True)),
            "소수점을 마침표로 보았습니다. 문장 부호 바로 뒤가 빈칸이거나 글의 끝일 때만 문장이 끝난 것입니다.",
        ),
        Mistake(
            "full_stop_only",
            _tidying(lambda text: _tidy(text) if END in text else _whole_sentences(text, stops=".")),
            "마침표로 끝난 문장만 찾았습니다. 물음표와 느낌표로 끝난 문장도 끝난 문장입니다.",
        ),
        Mistake(
            "not_stripped",
            _tidying(lambda text: text.split(END)[0] if END in text else _tidy(text)),
            "답의 앞뒤에 빈칸이 남았습니다. 종료 토큰 앞의 글에도 strip()을 해 주십시오.",
        ),
        Mistake(
            "nothing_done",
            _taken,
            "글에 종료 토큰이 그대로 남아 있습니다. 종료 토큰이 있는 글은 그 앞까지만 남겨 주십시오.",
        ),
    ),
)
