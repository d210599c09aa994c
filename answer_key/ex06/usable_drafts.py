"""ex06: several drafts from one request, of which only the usable ones are handed on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from answer_key.ex06.samples import ANSWERS, Message, mixed, model, pick, said, talk
from answer_key.task import Aspect, Case, Mistake, Task, stand_in

LIMIT = {"max_completion_tokens": 200}


def reference(client: Any, model: str, messages: list[Message], count: int) -> list[str]:
    """The finished, non-empty answers of one request with ``n=count``, each text once, in order."""
    return _usable(_choices(client, model, messages, {"n": count, **LIMIT}))


def _choices(client: Any, model: str, messages: list[Message], settings: dict[str, Any]) -> list[Any]:
    return client.chat.completions.create(model=model, messages=messages, **settings).choices


def _usable(
    choices: list[Any],
    reasons: Callable[[str], bool] = lambda reason: reason == "stop",
    text: Callable[[Any], str] = lambda content: (content or "").strip(),
    once: bool = True,
) -> list[str]:
    kept: list[str] = []
    for choice in choices:
        written = text(choice.message.content)
        if written and reasons(choice.finish_reason) and not (once and written in kept):
            kept.append(written)
    return kept


def _one_by_one(client: Any, model: str, messages: list[Message], count: int) -> list[str]:
    return _usable([_choices(client, model, messages, LIMIT)[0] for _ in range(count)])


def _swallowed(client: Any, model: str, messages: list[Message], count: int) -> list[str]:
    from openai import OpenAIError

    try:
        return reference(client, model, messages, count)
    except OpenAIError:
        return []


def _asking(settings: Callable[[int], dict[str, Any]]) -> Callable[..., list[str]]:
    """Another request."""
    return lambda client, model, messages, count: _usable(_choices(client, model, messages, settings(count)))


def _reading(**how: Any) -> Callable[..., list[str]]:
    """Another way to read the answer."""

    def answer(client: Any, model: str, messages: list[Message], count: int) -> list[str]:
        return _usable(_choices(client, model, messages, {"n": count, **LIMIT}), **how)

    return answer


def _first(client: Any, model: str, messages: list[Message], count: int) -> list[str]:
    return _usable(_choices(client, model, messages, {"n": count, **LIMIT})[:1])


def _breaks_off(client: Any, model: str, messages: list[Message], count: int) -> list[str]:
    """Ends at the first answer that is of no use."""
    kept: list[str] = []
    for choice in _choices(client, model, messages, {"n": count, **LIMIT}):
        if _usable([choice]) in ([], kept[:1]):
            break
        kept += _usable([choice])
    return kept


def _case(model: str, messages: list[Message], choices: list[list[Any]]) -> Case:
    answers = [{"choices": choices, "usage": [40, 20 * len(choices)]}]
    return Case(stand_in("api.client", script=["ok"], answers=answers), model, messages, len(choices))


def _random(rng: np.random.Generator, *odd: list[Any]) -> Case:
    """Finished answers and the odd ones, mixed."""
    texts = mixed(rng, [f"{text} {name}" for text, name in zip(ANSWERS, ("감사합니다.", "^^", "😊", "!"), strict=True)])
    good = [[text, "stop"] for text in texts[: int(rng.integers(1, 4))]]
    return _case(model(rng), talk(rng), mixed(rng, [*good, *odd]))


def _plain(rng: np.random.Generator) -> list[Case]:
    return [_random(rng)]


def _cut(rng: np.random.Generator) -> list[Case]:
    return [_random(rng, [pick(rng, ANSWERS)[:9], "length"], [pick(rng, ANSWERS)[:6], "content_filter"])]


def _empty(rng: np.random.Generator) -> list[Case]:
    return [_random(rng, [None, "stop"], ["", "stop"], [" \n", "stop"])]


def _same(rng: np.random.Generator) -> list[Case]:
    text = pick(rng, ANSWERS)
    return [_random(rng, [text, "stop"], [f" {text}\n", "stop"], [text, "stop"])]


def _refused(rng: np.random.Generator) -> list[Case]:
    fault = pick(rng, ("wrong_key", "no_model", "busy"))
    return [Case(stand_in("api.client", script=[fault]), model(rng), talk(rng), 2)]


_TALK = [said("system", "한 문장으로만 답해 줘."), said("user", "우산 무게가 얼마나 되나요?")]
_YES, _WAIT, _THANKS = "담당자가 확인하겠습니다.", "조금만 기다려 주세요.", "문의 감사합니다."


def _shown(*odd: list[Any]) -> Case:
    """Usable answers before and after the odd ones."""
    return _case("mini", _TALK, [[_YES, "stop"], [_WAIT, "stop"], *odd, [_THANKS, "stop"]])


TASK = Task(
    name="usable_drafts",
    title="한 요청으로 쓸 수 있는 초안 받기",
    reference=reference,
    judge=("ex06.talk", {}),
    aspects=(
        Aspect(
            "plain",
            "요청 한 번, 초안 여러 개",
            1,
            visible=(_case("mini", _TALK, [[_YES, "stop"], [_WAIT, "stop"]]),),
            hidden=_plain,
        ),
        Aspect(
            "cut",
            "끝까지 쓰지 못한 답을 뺌",
            1,
            visible=(_shown(["담당자가 확인하고 있으니 조금", "length"], ["우산은", "content_filter"]),),
            hidden=_cut,
        ),
        Aspect("empty", "빈 답을 뺌", 1, visible=(_shown([None, "stop"]),), hidden=_empty),
        Aspect(
            "same",
            "앞뒤 빈칸, 똑같은 답",
            1,
            visible=(_shown([f" {_YES}\n", "stop"]),),
            hidden=_same,
        ),
        Aspect(
            "refused",
            "오류를 숨기지 않음",
            1,
            visible=(Case(stand_in("api.client", script=["wrong_key"]), "mini", _TALK, 2),),
            hidden=_refused,
        ),
    ),
    mistakes=(
        Mistake(
            "no_n",
            _asking(lambda count: LIMIT),
            "n을 보내지 않아 답이 하나만 왔습니다. 한 요청으로 여러 답을 받으려면 n=count를 넘겨 주십시오.",
        ),
        Mistake(
            "one_by_one",
            _one_by_one,
            "요청을 여러 번 보냈습니다. 그러면 입력 토큰의 요금도 여러 번 냅니다. n=count로 한 번만 요청해 주십시오.",
        ),
        Mistake(
            "no_limit",
            _asking(lambda count: {"n": count}),
            "길이 제한을 보내지 않았습니다. 답의 길이만큼 요금을 내므로 "
            "max_completion_tokens=200을 함께 보내 주십시오.",
        ),
        Mistake(
            "old_limit",
            _asking(lambda count: {"n": count, "max_tokens": 200}),
            "max_tokens는 옛 이름입니다. max_completion_tokens=200으로 보내 주십시오.",
        ),
        Mistake(
            "first_only",
            _first,
            "choices[0]만 읽었습니다. n이 2 이상이면 답이 여러 개이므로 choices를 모두 살펴보십시오.",
        ),
        Mistake(
            "breaks_off",
            _breaks_off,
            "쓸 수 없는 답을 만나자 나머지 답까지 버렸습니다. 그 답만 건너뛰도록 break 대신 continue를 쓰십시오.",
        ),
        Mistake(
            "length_only",
            _reading(reasons=lambda reason: reason != "length"),
            "length만 걸러 냈습니다. content_filter처럼 다른 까닭으로 멈춘 답도 있으므로, stop인 답만 남겨 주십시오.",
        ),
        Mistake(
            "reason_ignored",
            _reading(reasons=lambda reason: True),
            "finish_reason을 보지 않았습니다. stop이 아니면 끝까지 쓰지 못한 답이므로 손님에게 보낼 수 없습니다.",
        ),
        Mistake(
            "written_none",
            _reading(text=lambda content: str(content).strip()),
            "content가 None인 답이 'None'이라는 글이 되었습니다. 글로 바꾸기 전에 None인지 먼저 보십시오.",
        ),
        Mistake(
            "none_breaks",
            _reading(text=lambda content: content.strip()),
            "content가 None인 답에서 멈추었습니다. None에는 strip()이 없습니다. "
            '(choice.message.content or "")처럼 빈 글로 바꾼 다음 다듬으십시오.',
        ),
        Mistake(
            "not_stripped",
            _reading(text=lambda content: content if (content or "").strip() else ""),
            "앞뒤의 빈칸이나 줄바꿈이 남았습니다. 다듬은 글끼리 견주어야 같은 답도 알아볼 수 있습니다.",
        ),
        Mistake(
            "twice",
            _reading(once=False),
            "똑같은 초안이 두 번 들어 있습니다. 앞뒤 빈칸을 먼저 없앤 다음, 이미 담은 글인지 확인하십시오.",
        ),
        Mistake(
            "swallowed",
            _swallowed,
            "오류를 잡아 빈 리스트로 바꾸었습니다. 키가 틀린 것과 쓸 답이 없는 것은 다른 일이므로, 이 함수에서는 "
            "오류를 잡지 말고 그대로 내보내십시오.",
        ),
    ),
)
