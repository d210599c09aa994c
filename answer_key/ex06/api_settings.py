"""ex06: a pipeline's settings in the names, ranges and defaults of the OpenAI API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from answer_key.ex06.samples import pick
from answer_key.task import Aspect, Case, Mistake, Task

Settings = dict[str, Any]
_NAMES = {"top_p": "top_p", "stop_strings": "stop", "num_return_sequences": "n", "seed": "seed"}
_KNOWN = {"max_new_tokens", "do_sample", "temperature", *_NAMES}


def reference(settings: Settings) -> Settings:
    """The settings for ``create``; ``ValueError`` for what the API does not have or does not take."""
    return _moved(settings)


def _moved(
    settings: Settings,
    length: str = "max_completion_tokens",
    unsaid: Settings | None = None,
    ranges: bool = True,
    unknown: str = "refuse",
) -> Settings:
    if unknown == "refuse" and settings.keys() - _KNOWN:
        raise ValueError("API에 없는 설정입니다.")
    unsaid = {"max_new_tokens": 256, "temperature": 0.7} if unsaid is None else unsaid
    full = {**unsaid, **settings}
    made = {length: full["max_new_tokens"]} if "max_new_tokens" in full else {}
    greedy = not full.get("do_sample", True)
    if greedy:
        made["temperature"] = 0
    elif "temperature" in full:
        made["temperature"] = full["temperature"]
    if ranges and not 0 <= made.get("temperature", 1) <= 2:
        raise ValueError("온도는 0 이상 2 이하입니다.")
    if ranges and isinstance(full.get("stop_strings"), list) and len(full["stop_strings"]) > 4:
        raise ValueError("멈출 말은 네 개까지입니다.")
    for name, new in _NAMES.items():
        if name in full and not (name == "top_p" and greedy):
            made[new] = full[name]
    if unknown == "keep":
        made |= {name: settings[name] for name in settings.keys() - _KNOWN}
    return made


def _greedy_left(settings: Settings) -> Settings:
    """Drops ``do_sample`` and forgets what it said."""
    return reference({name: value for name, value in settings.items() if name != "do_sample"})


def _copied(settings: Settings) -> Settings:
    """Passes ``do_sample`` on."""
    made = reference(settings)
    return made | ({"do_sample": settings["do_sample"]} if "do_sample" in settings else {})


def _zero_and_top_p(settings: Settings) -> Settings:
    made = reference(settings)
    return made | ({"top_p": settings["top_p"]} if "top_p" in settings else {})


def _old_names(settings: Settings) -> Settings:
    """Keeps the names of ``transformers`` for the number of answers and the stop words."""
    made, back = reference(settings), {new: old for old, new in _NAMES.items()}
    return {back.get(name, name): value for name, value in made.items()}


def _greedy_by_default(settings: Settings) -> Settings:
    """Takes a missing ``do_sample`` for False."""
    return reference({"do_sample": False, **settings})


def _none_sent(settings: Settings) -> Settings:
    return dict.fromkeys(_NAMES.values()) | reference(settings)


def _falsy_dropped(settings: Settings) -> Settings:
    return {name: value for name, value in reference(settings).items() if value or name == "temperature"}


def _numbers(rng: np.random.Generator) -> Settings:
    return {"max_new_tokens": int(rng.integers(20, 500)), "temperature": round(float(rng.uniform(0.1, 2.0)), 2)}


def _renamed(rng: np.random.Generator) -> list[Case]:
    more = [
        {"num_return_sequences": int(rng.integers(2, 6)), "top_p": round(float(rng.uniform(0.5, 0.99)), 2)},
        {"stop_strings": ["\n", "손님:"][: int(rng.integers(1, 3))], "seed": int(rng.integers(1000))},
        {"do_sample": True},
    ]
    return [Case({**_numbers(rng), **part}) for part in more]


def _unsaid(rng: np.random.Generator) -> list[Case]:
    return [
        Case({}),
        Case({"seed": 0}),
        Case({"do_sample": True, "max_new_tokens": int(rng.integers(20, 500))}),
        Case({"temperature": round(float(rng.uniform(0.8, 2.0)), 2)}),
    ]


def _greedy(rng: np.random.Generator) -> list[Case]:
    length = int(rng.integers(20, 500))
    return [
        Case({"do_sample": False, "max_new_tokens": length}),
        Case({"do_sample": False, "temperature": 0.9, "top_p": round(float(rng.uniform(0.5, 0.9)), 2)}),
        Case({"do_sample": False, "stop_strings": ["."]}),
    ]


def _refused(rng: np.random.Generator) -> list[Case]:
    name, value = pick(rng, (("top_k", 50), ("repetition_penalty", 1.2), ("num_beams", 4), ("min_p", 0.1)))
    return [
        Case({"temperature": 1.0, name: value}),
        Case({"temperature": round(float(rng.uniform(2.1, 10.0)), 1)}),
        Case({"stop_strings": list("가나다라마"[: int(rng.integers(5, 6))])}),
        Case({"temperature": -0.5}),
    ]


def _with(**changes: Any) -> Callable[[Settings], Settings]:
    return lambda settings: _moved(settings, **changes)


TASK = Task(
    name="api_settings",
    title="파이프라인의 설정을 API의 설정으로 옮기기",
    reference=reference,
    judge=("equal", {}),
    aspects=(
        Aspect(
            "renamed",
            "이름 바꾸기",
            1,
            visible=(
                Case({"max_new_tokens": 60, "temperature": 1.2, "top_p": 0.9}),
                Case({"max_new_tokens": 60, "temperature": 1.2, "num_return_sequences": 3, "stop_strings": ["."]}),
            ),
            hidden=_renamed,
        ),
        Aspect("unsaid", "적지 않은 설정의 기본값", 1, visible=(Case({"seed": 7}),), hidden=_unsaid),
        Aspect(
            "greedy",
            "탐욕적 디코딩",
            1,
            visible=(Case({"do_sample": False, "max_new_tokens": 60, "top_p": 0.9}),),
            hidden=_greedy,
        ),
        Aspect(
            "refused",
            "옮길 수 없는 설정을 거절함",
            1,
            visible=(Case({"max_new_tokens": 60, "top_k": 50}), Case({"temperature": 10.0})),
            hidden=_refused,
        ),
    ),
    mistakes=(
        Mistake(
            "old_length",
            _with(length="max_tokens"),
            "max_tokens는 더는 쓰지 말라고 하는 옛 이름입니다. 추론 모델은 받지도 않습니다. "
            "max_completion_tokens를 쓰십시오.",
        ),
        Mistake(
            "pipeline_length",
            _with(length="max_new_tokens"),
            "max_new_tokens는 transformers의 이름입니다. API에서는 max_completion_tokens입니다.",
        ),
        Mistake(
            "old_names",
            _old_names,
            "답의 수와 멈출 말의 이름이 transformers의 것입니다. 06 단원 5.5의 표에서 API의 이름을 찾아보십시오.",
        ),
        Mistake(
            "no_defaults",
            _with(unsaid={}),
            "적지 않은 설정을 그대로 비워 두었습니다. 그러면 API의 기본값(온도 1, 길이 제한 없음)이 걸리므로, "
            "파이프라인의 기본값을 적어 주어야 같은 설정이 됩니다.",
        ),
        Mistake(
            "api_defaults",
            _with(unsaid={"max_new_tokens": 256, "temperature": 1}),
            "온도 1은 API와 generate()의 기본값입니다. 파이프라인에서 온도를 적지 않으면 0.7이 걸립니다(03 단원 5.1).",
        ),
        Mistake(
            "none_sent",
            _none_sent,
            "적지 않은 설정에 None을 적었습니다. 표에서 '적지 않음'이라고 한 설정은 딕셔너리에 이름도 없어야 합니다.",
        ),
        Mistake(
            "greedy_by_default",
            _greedy_by_default,
            "do_sample을 적지 않았는데 탐욕적 디코딩으로 옮겼습니다. 파이프라인의 기본값은 뽑기(True)이므로 "
            'settings.get("do_sample", True)로 꺼내십시오.',
        ),
        Mistake(
            "falsy_dropped",
            _falsy_dropped,
            "값이 0인 설정을 빠뜨렸습니다. 조건문에서 0은 거짓이므로, 적혀 있는지는 "
            'if "seed" in settings:처럼 이름으로 확인하십시오.',
        ),
        Mistake(
            "do_sample_sent",
            _copied,
            "do_sample은 API에 없는 이름이라 create()가 TypeError로 거절합니다. 온도로 바꾼 뒤에는 넣지 마십시오.",
        ),
        Mistake(
            "greedy_forgotten",
            _greedy_left,
            "do_sample=False의 뜻이 사라졌습니다. API는 늘 뽑으므로, 고르게 하려면 temperature를 0으로 적어야 합니다.",
        ),
        Mistake(
            "useless_top_p",
            _zero_and_top_p,
            "온도 0에서는 1등만 고르므로 top_p가 하는 일이 없습니다. 탐욕적 디코딩이라면 top_p를 빼 주십시오.",
        ),
        Mistake(
            "silently_dropped",
            _with(unknown="drop"),
            "API에 없는 설정을 조용히 빼 버렸습니다. 그러면 설정이 걸렸다고 잘못 믿게 되므로 ValueError를 일으켜 "
            "주십시오.",
        ),
        Mistake(
            "sent_anyway",
            _with(unknown="keep"),
            "API에 없는 설정까지 그대로 옮겼습니다. 요청이 나가기도 전에 거절당하므로 먼저 "
            "ValueError를 일으켜 주십시오.",
        ),
        Mistake(
            "no_ranges",
            _with(ranges=False),
            "API가 400 오류로 거절할 값을 그대로 돌려주었습니다. 온도는 0 이상 2 이하, 멈출 말은 네 개까지입니다.",
        ),
    ),
)
