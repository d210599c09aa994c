"""ex06: a list of questions, several models in order of preference, and a budget of tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from answer_key.ex06.samples import ANSWERS, MODELS, mixed, pick, question, said
from answer_key.task import Aspect, Case, Mistake, Task, stand_in

Answers = dict[str, Any]


def reference(client: Any, models: list[str], questions: list[str], budget: int) -> Answers:
    """``answers`` (None: not answered) and ``tokens`` used; see ``_ask`` for what makes it try the next model."""
    return _all(client, models, questions, budget)


def _next_model_helps() -> tuple[type[Exception], ...]:
    import openai

    return openai.RateLimitError, openai.InternalServerError, openai.APIConnectionError, openai.NotFoundError


def _all(
    client: Any,
    models: list[str],
    questions: list[str],
    budget: int,
    *,
    kinds: Callable[[], tuple[type[Exception], ...]] = _next_model_helps,
    spent: Callable[[Any], int] = lambda usage: usage.total_tokens,
    enough: Callable[[int, int], bool] = lambda tokens, budget: tokens >= budget,
    stays: bool = False,
    drops: bool = False,
    last_raises: bool = False,
    stops: bool = False,
    keeps: bool = False,
    everyone: bool = False,
    whole_talk: bool = False,
    quota_raises: bool = False,
) -> Answers:
    answers: list[str | None] = []
    tokens, left, before = 0, list(models), None
    for number, asked in enumerate(questions):
        messages = [said("user", text) for text in (questions[: number + 1] if whole_talk else [asked])]
        if enough(tokens, budget):
            if not stops:
                answers.append(before if keeps else None)
            continue
        done = None
        for name in list(left) if stays else models:
            try:
                done = client.chat.completions.create(model=name, messages=messages)
                tokens += spent(done.usage)
                if not everyone:
                    break
            except kinds() as error:
                if quota_raises and error.code == "insufficient_quota":
                    raise
                if stays and len(left) > 1:
                    left.remove(name)
                if last_raises and name == models[-1]:
                    raise
        if done is not None:
            before = done.choices[0].message.content
            answers.append(before)
        elif not drops:
            answers.append(before if keeps else None)
    return {"answers": answers, "tokens": tokens}


def _with(**how: Any) -> Callable[..., Answers]:
    return lambda client, models, questions, budget: _all(client, models, questions, budget, **how)


def _any_error() -> tuple[type[Exception], ...]:
    return (Exception,)


def _only_waiting() -> tuple[type[Exception], ...]:
    return _next_model_helps()[:3]


def _never(*_: Any) -> tuple[type[Exception], ...]:
    return ()


def _first_model_only(client: Any, models: list[str], questions: list[str], budget: int) -> Answers:
    return _all(client, models[:1], questions, budget)


def _case(models: list[str], questions: list[str], script: list[str], used: list[list[int]], budget: int) -> Case:
    """``used``: tokens read and written for each good answer."""
    answers = [
        {"choices": [[f"{number}번 답변입니다. {ANSWERS[number % len(ANSWERS)]}", "stop"]], "usage": usage}
        for number, usage in enumerate(used, 1)
    ]
    return Case(stand_in("api.client", script=script, answers=answers), models, questions, budget)


def _used(rng: np.random.Generator, count: int) -> list[list[int]]:
    return [[int(rng.integers(20, 90)), int(rng.integers(10, 60))] for _ in range(count)]


def _models(rng: np.random.Generator, count: int) -> list[str]:
    return mixed(rng, list(MODELS))[:count]


def _questions(rng: np.random.Generator, count: int) -> list[str]:
    return [question(rng) for _ in range(count)]


def _plain(rng: np.random.Generator) -> list[Case]:
    count = int(rng.integers(2, 5))
    return [_case(_models(rng, 2), _questions(rng, count), ["ok"] * count, _used(rng, count), 10_000)]


def _next_model(rng: np.random.Generator) -> list[Case]:
    faults = mixed(rng, ["busy", "overloaded", "server_error", "drop", "slow", "quota"])
    return [
        _case(_models(rng, 3), _questions(rng, 2), [*faults[:2], "ok", "ok"], _used(rng, 2), 10_000),
        _case(_models(rng, 2), _questions(rng, 3), [faults[2], "ok", "ok", "no_model", "ok"], _used(rng, 3), 10_000),
    ]


def _all_down(rng: np.random.Generator) -> list[Case]:
    faults = [pick(rng, ("busy", "overloaded", "drop")), pick(rng, ("no_model", "server_error", "slow"))]
    return [_case(_models(rng, 2), _questions(rng, 3), ["ok", *faults, "ok"], _used(rng, 2), 10_000)]


def _budget(rng: np.random.Generator) -> list[Case]:
    used = _used(rng, 4)
    enough = sum(map(sum, used[:2])) - int(rng.integers(9))
    return [_case(_models(rng, 2), _questions(rng, 4), ["busy", *["ok"] * 4], used, enough)]


def _raised(rng: np.random.Generator) -> list[Case]:
    fault = pick(rng, ("wrong_key", "too_long", "forbidden"))
    return [_case(_models(rng, 2), _questions(rng, 2), ["ok", fault], _used(rng, 1), 10_000)]


_ASKED = ["우산 무게가 얼마나 되나요?", "배송은 언제 시작되나요?", "교환할 수 있나요?"]
_TWO = ["small-chat", "mini"]

TASK = Task(
    name="ask_models",
    title="모델을 바꾸어 가며 예산 안에서 답하기",
    reference=reference,
    judge=("ex06.talk", {}),
    aspects=(
        Aspect(
            "plain",
            "질문마다 답 하나",
            1,
            visible=(_case(_TWO, _ASKED[:2], ["ok", "ok"], [[40, 20], [45, 25]], 1000),),
            hidden=_plain,
        ),
        Aspect(
            "next_model",
            "다음 모델에 물음",
            2,
            visible=(
                _case(_TWO, _ASKED[:2], ["overloaded", "ok", "ok"], [[40, 20], [45, 25]], 1000),
                _case(_TWO, _ASKED[:2], ["no_model", "ok", "quota", "ok"], [[40, 20], [45, 25]], 1000),
            ),
            hidden=_next_model,
        ),
        Aspect(
            "all_down",
            "모든 모델이 답하지 못함",
            1,
            visible=(_case(_TWO, _ASKED, ["ok", "drop", "busy", "ok"], [[40, 20], [45, 25]], 1000),),
            hidden=_all_down,
        ),
        Aspect(
            "budget",
            "예산을 다 쓰면 멈춤",
            1,
            visible=(
                _case(_TWO, [*_ASKED, "재입고되나요?"], ["ok"] * 4, [[40, 20], [45, 25], [50, 30], [30, 9]], 130),
            ),
            hidden=_budget,
        ),
        Aspect(
            "raised",
            "내가 고쳐야 하는 오류",
            1,
            visible=(_case(_TWO, _ASKED[:2], ["wrong_key"], [], 1000),),
            hidden=_raised,
        ),
    ),
    mistakes=(
        Mistake(
            "retired_raises",
            _with(kinds=_only_waiting),
            "없는 모델(404)에서 멈추었습니다. 은퇴한 모델은 기다려도 소용없지만 다음 모델은 답할 수 있습니다. "
            "openai.NotFoundError도 받으십시오.",
        ),
        Mistake(
            "asks_everyone",
            _with(everyone=True),
            "답을 받았는데도 다음 모델에 또 물었습니다. 요금이 그만큼 더 듭니다. 답을 받으면 break로 멈추십시오.",
        ),
        Mistake(
            "quota_raises",
            _with(quota_raises=True),
            "insufficient_quota를 밖으로 내보냈습니다. 8번과 달리 이 문제에서는 기다리지 않고 다른 모델에 물으므로, "
            "이때에도 다음 모델로 넘어갑니다.",
        ),
        Mistake(
            "whole_talk",
            _with(whole_talk=True),
            "앞의 질문까지 함께 보냈습니다. 질문마다 messages를 새로 만들어 그 질문 하나만 담으십시오.",
        ),
        Mistake(
            "answer_kept",
            _with(keeps=True),
            "답하지 못한 질문에 앞 질문의 답이 들어갔습니다. 답을 담을 변수를 질문마다 None으로 되돌리십시오.",
        ),
        Mistake(
            "no_fallback",
            _with(kinds=_never),
            "첫 모델이 답하지 못하자 멈추었습니다. 오류를 받으면 다음 모델에 같은 질문을 보내 주십시오.",
        ),
        Mistake(
            "first_model_only",
            _first_model_only,
            "첫 모델에만 물었습니다. models의 순서대로 물으면서 답을 받으면 break로 멈추십시오.",
        ),
        Mistake(
            "every_error",
            _with(kinds=_any_error),
            "모든 오류에서 다음 모델로 넘어갔습니다. 틀린 키(401)나 잘못된 요청(400)은 모델을 바꾸어도 그대로이므로 "
            "그대로 내보내십시오.",
        ),
        Mistake(
            "stays",
            _with(stays=True),
            "한 번 실패한 모델을 다음 질문에서 건너뛰었습니다. 잠깐 바빴을 뿐일 수 있으므로 질문마다 첫 모델부터 "
            "물으십시오.",
        ),
        Mistake(
            "last_raises",
            _with(last_raises=True),
            "모든 모델이 한 질문에 답하지 못하자 오류를 내보내 다른 답까지 버렸습니다. "
            "그 질문의 답을 None으로 남기고 이어 가십시오.",
        ),
        Mistake(
            "dropped",
            _with(drops=True),
            "답을 받지 못한 질문이 빠져 답의 수가 질문의 수보다 적습니다. 그러면 답이 엉뚱한 질문에 달립니다. "
            "그 자리에 None을 넣으십시오.",
        ),
        Mistake(
            "one_more",
            _with(enough=lambda tokens, budget: tokens > budget),
            "예산을 꼭 맞게 다 썼는데 한 번 더 물었습니다. 쓴 토큰이 예산 '이상'이면 멈춥니다.",
        ),
        Mistake(
            "no_budget",
            _with(enough=lambda tokens, budget: False),
            "예산을 다 쓴 뒤에도 물었습니다. 질문마다 보내기 전에 tokens >= budget인지 보십시오.",
        ),
        Mistake(
            "cut_short",
            _with(stops=True),
            "예산을 다 쓴 뒤의 질문에 자리가 없습니다. 답의 수가 질문의 수와 같도록 나머지에 None을 넣으십시오.",
        ),
        Mistake(
            "output_only",
            _with(spent=lambda usage: usage.completion_tokens),
            "출력 토큰만 셌습니다. 입력 토큰도 요금을 내므로 usage.total_tokens를 더하십시오.",
        ),
        Mistake(
            "counted_twice",
            _with(spent=lambda usage: usage.total_tokens + usage.prompt_tokens + usage.completion_tokens),
            "사용량을 두 번 셌습니다. total_tokens는 이미 입력과 출력의 합입니다.",
        ),
    ),
)
