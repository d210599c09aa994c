"""ex06: ask again with growing pauses, but only where waiting helps, and not for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from answer_key.ex06.samples import Message, mixed, model, passing, pick, said, talk
from answer_key.task import Aspect, Case, Mistake, Task, stand_in

Pause = Callable[[float, int], float]


def reference(
    client: Any, model: str, messages: list[Message], sleep: Callable, tries: int = 5, wait: float = 1.0
) -> str:
    """The answer's text; after the last try the last exception, at once where waiting does not help."""
    return _ask(client, model, messages, sleep, tries, wait)


def _passing() -> tuple[type[Exception], ...]:
    import openai

    return openai.RateLimitError, openai.InternalServerError, openai.APIConnectionError


def _asked_to_wait(error: Any) -> float:
    headers = error.response.headers if hasattr(error, "response") else {}
    return float(headers.get("retry-after", 0))


def _ask(
    client: Any,
    model: str,
    messages: list[Message],
    sleep: Callable,
    tries: int = 5,
    wait: float = 1.0,
    *,
    kinds: Callable[[], tuple[type[Exception], ...]] = _passing,
    pause: Pause = lambda wait, attempt: wait * 2**attempt,
    header: Callable[[float, float], float] = max,
    asked: Callable[[Any], float] = _asked_to_wait,
    quota: bool = True,
    last: str = "raise",
    more: int = 0,
) -> Any:
    for attempt in range(tries + more):
        try:
            return client.chat.completions.create(model=model, messages=messages).choices[0].message.content
        except kinds() as error:
            if quota and getattr(error, "code", None) == "insufficient_quota":
                raise
            if attempt == tries + more - 1 and last == "raise":
                raise
            sleep(header(pause(wait, attempt), asked(error)))
            if attempt == tries + more - 1 and last == "sleep":
                raise
    if last == "other":
        raise RuntimeError("답을 받지 못했습니다.")
    return None


def _with(**how: Any) -> Callable[..., Any]:
    def answer(client, model, messages, sleep, tries=5, wait=1.0):
        return _ask(client, model, messages, sleep, tries, wait, **how)

    return answer


def _no_sleep(client, model, messages, sleep, tries=5, wait=1.0):
    return _ask(client, model, messages, lambda seconds: None, tries, wait)


def _default_tries(client, model, messages, sleep, tries=5, wait=1.0):
    return _ask(client, model, messages, sleep, 5, wait)


def _grown_from_told(client, model, messages, sleep, tries=5, wait=1.0):
    """Doubles what the server asked for."""
    waited = [wait / 2]

    def pause(own: float, told: float) -> float:
        waited.append(max(2 * waited[-1], told))
        return waited[-1]

    return _ask(client, model, messages, sleep, tries, wait, header=pause)


def _header_text(error: Any) -> Any:
    return error.response.headers.get("retry-after", 0) if hasattr(error, "response") else 0


def _response_of_lost(error: Any) -> float:
    return float(error.response.headers.get("retry-after", 0))


def _case(script: list[Any], rng: np.random.Generator | None = None, text: str = "", **settings: Any) -> Case:
    answers = [{"choices": [[text or "담당자가 확인한 뒤 답변드리겠습니다.", "stop"]], "usage": [40, 12]}]
    asked = (model(rng), talk(rng)) if rng else ("mini", _TALK)
    client = stand_in("api.client", script=script, answers=answers)
    return Case(client, *asked, stand_in("api.sleep"), **settings)


_TALK = [said("system", "한 문장으로만 답해 줘."), said("user", "배송은 언제 시작되나요?")]


def _said(rng: np.random.Generator) -> str:
    return f"{pick(rng, ('네', '고객님', '안녕하세요'))}, {int(rng.integers(2, 9))}일 안에 확인해 드리겠습니다."


def _wait(rng: np.random.Generator) -> float:
    return float(pick(rng, (0.5, 1.5, 2.0, 3.0)))


def _first(rng: np.random.Generator) -> list[Case]:
    return [_case(["ok"], rng, _said(rng), tries=int(rng.integers(1, 4)))]


def _again(rng: np.random.Generator) -> list[Case]:
    kinds = mixed(rng, [["busy", 0], "overloaded", "server_error", "drop", "slow"])
    return [_case([*kinds[:3], "ok"], rng, _said(rng))]


def _growing(rng: np.random.Generator) -> list[Case]:
    return [_case([*passing(rng, 3), "ok"], rng, _said(rng), wait=_wait(rng))]


def _told(rng: np.random.Generator) -> list[Case]:
    late, soon = int(rng.integers(10, 40)), 1
    script = [["busy", soon], ["busy", late], pick(rng, ("drop", "overloaded")), "ok"]
    return [_case(script, rng, _said(rng), wait=2.0)]


def _never(rng: np.random.Generator) -> list[Case]:
    faults = mixed(rng, ["wrong_key", "no_model", "too_long", "forbidden"])
    return [_case(["overloaded", faults[0]], rng)]


def _quota(rng: np.random.Generator) -> list[Case]:
    return [_case([*passing(rng, 1), "quota"], rng)]


def _gives_up(rng: np.random.Generator) -> list[Case]:
    tries = int(rng.integers(2, 4))
    return [_case(passing(rng, tries + 1), rng, tries=tries), _case(["drop"], rng, tries=1)]


TASK = Task(
    name="ask_patiently",
    title="기다렸다가 다시 묻는 함수",
    reference=reference,
    judge=("ex06.talk", {}),
    aspects=(
        Aspect("first", "한 번에 답을 받음", 1, visible=(_case(["ok"]),), hidden=_first),
        Aspect(
            "again",
            "기다리면 풀릴 오류를 다시 시도함",
            1,
            visible=(_case([["busy", 0], "drop", "slow", "ok"]),),
            hidden=_again,
        ),
        Aspect(
            "growing",
            "두 배씩 길어지는 기다림",
            1,
            visible=(_case(["overloaded", "server_error", "overloaded", "ok"], wait=2.0),),
            hidden=_growing,
        ),
        Aspect(
            "told",
            "서버가 알려 준 시간",
            1,
            visible=(_case([["busy", 20], ["busy", 3], "ok"], wait=4.0),),
            hidden=_told,
        ),
        Aspect(
            "never",
            "다시 물어도 소용없는 오류",
            1,
            visible=(_case(["wrong_key"]),),
            hidden=_never,
        ),
        Aspect("quota", "한도를 다 쓴 계정", 1, visible=(_case(["quota"]),), hidden=_quota),
        Aspect(
            "gives_up",
            "끝내 답이 없으면 마지막 오류를 알림",
            2,
            visible=(_case(["overloaded", "drop", "overloaded", "ok"], tries=2),),
            hidden=_gives_up,
        ),
    ),
    mistakes=(
        Mistake(
            "lost_not_caught",
            _with(kinds=lambda: _passing()[:2]),
            "끊긴 연결이나 시간 초과에서 다시 묻지 않았습니다. openai.APIConnectionError도 받으십시오. "
            "APITimeoutError는 그 안에 들어 있습니다.",
        ),
        Mistake(
            "asked_once",
            _with(kinds=lambda: ()),
            "오류가 나자 다시 묻지 않았습니다. for 문 안에서 try와 except를 쓰고, 성공하면 바로 return하십시오.",
        ),
        Mistake(
            "quota_again",
            _with(quota=False),
            "한도를 다 쓴 계정(insufficient_quota)으로 다시 물었습니다. 같은 RateLimitError라도 error.code를 보아야 "
            "합니다.",
        ),
        Mistake(
            "every_error",
            _with(kinds=lambda: (Exception,), quota=False),
            "모든 오류에서 다시 물었습니다. 401, 404, 400은 다시 물어도 똑같이 실패하고 시간만 듭니다. "
            "except에 기다리면 풀릴 오류만 적으십시오.",
        ),
        Mistake(
            "no_sleep",
            _no_sleep,
            "기다리지 않고 바로 다시 물었습니다. 바쁜 서버가 더 바빠집니다. time.sleep()이 아니라 받은 sleep()을 "
            "불러 기다리십시오.",
        ),
        Mistake(
            "constant",
            _with(pause=lambda wait, attempt: wait),
            "늘 같은 시간을 기다렸습니다. 지수 백오프에서는 다시 물을 때마다 두 배로 늘립니다: wait * 2**attempt",
        ),
        Mistake(
            "linear",
            _with(pause=lambda wait, attempt: wait * (attempt + 1)),
            "기다리는 시간이 더하기로 늘었습니다(1, 2, 3). 지수 백오프는 곱하기로 늘립니다(1, 2, 4).",
        ),
        Mistake(
            "starts_at_two",
            _with(pause=lambda wait, attempt: wait * 2 ** (attempt + 1)),
            "처음부터 두 배를 기다렸습니다. 첫 기다림은 wait이고 그다음부터 두 배가 됩니다. attempt를 0부터 세십시오.",
        ),
        Mistake(
            "header_ignored",
            _with(header=lambda own, told: own),
            "서버가 Retry-After로 알려 준 시간을 지키지 않았습니다. 그보다 일찍 물으면 또 거절당합니다. "
            'error.response.headers.get("retry-after")를 읽어 우리 시간과 견주십시오.',
        ),
        Mistake(
            "header_only",
            _with(header=lambda own, told: told or own),
            "서버가 짧은 시간을 알려 주자 우리 시간보다 덜 기다렸습니다. 둘 가운데 긴 쪽을 기다리십시오: max(...)",
        ),
        Mistake(
            "grown_from_told",
            _grown_from_told,
            "서버가 알려 준 시간까지 두 배로 늘렸습니다. 두 배씩 늘리는 것은 내가 정한 시간뿐이므로, 두 시간을 다른 "
            "변수에 두고 기다리기 직전에 견주십시오.",
        ),
        Mistake(
            "text_header",
            _with(asked=_header_text),
            "헤더의 값은 글이라 수와 견줄 수 없어 TypeError가 났습니다. float()로 수를 만든 다음 견주십시오.",
        ),
        Mistake(
            "response_of_lost",
            _with(asked=_response_of_lost),
            "연결이 끊긴 오류에서 response를 읽다가 AttributeError가 났습니다. APIConnectionError에는 응답이 "
            "없으므로 openai.APIStatusError인지 먼저 확인하십시오.",
        ),
        Mistake(
            "one_too_many",
            _with(more=1),
            "한 번 더 물었습니다. tries는 다시 묻는 횟수가 아니라 처음까지 합한 횟수입니다. range(tries)로 세십시오.",
        ),
        Mistake(
            "tries_ignored",
            _default_tries,
            "매개변수 tries를 쓰지 않고 늘 다섯 번까지 물었습니다. 몇 번까지 물을지는 부르는 쪽이 정합니다.",
        ),
        Mistake(
            "swallowed",
            _with(last="none"),
            "끝내 답을 받지 못했는데 조용히 None을 돌려주었습니다. 무엇이 잘못되었는지 알 수 있도록 마지막 오류를 "
            "그대로 다시 일으키십시오. except 안에서 raise라고만 적으면 됩니다.",
        ),
        Mistake(
            "other_error",
            _with(last="other"),
            "마지막 오류 대신 다른 오류를 일으켰습니다. 부르는 쪽이 까닭을 알 수 있도록 받은 오류를 그대로 "
            "내보내십시오. except 안에서 raise라고만 적으면 됩니다.",
        ),
        Mistake(
            "last_pause",
            _with(last="sleep"),
            "마지막 시도 뒤에도 기다렸습니다. 다시 묻지 않을 것이라면 기다릴 까닭이 없습니다. sleep()보다 먼저 마지막 "
            "시도인지 보십시오.",
        ),
    ),
)
