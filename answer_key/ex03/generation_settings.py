"""ex03: generation settings for three jobs, judged by their properties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from answer_key.ex03.samples import question
from answer_key.task import Aspect, Case, Mistake, Task

Settings = dict[str, Any]
JOBS = {
    "늘 같은 답": "늘 같은 답을 내는 설정",
    "여러 초안": "여러 초안을 내는 설정",
    "긴 안내문": "긴 안내문을 쓰는 설정",
}
_SETTINGS: dict[str, Settings] = {
    "늘 같은 답": {"do_sample": False, "max_new_tokens": 200},
    "여러 초안": {"do_sample": True, "temperature": 1.0, "top_k": 0, "max_new_tokens": 200},
    "긴 안내문": {"do_sample": False, "max_new_tokens": 500, "repetition_penalty": 1.1},
}


def reference(job: str) -> Settings:
    """Settings for the job; ``ValueError`` for one that nobody described."""
    if job not in _SETTINGS:
        raise ValueError("모르는 일입니다.")
    return dict(_SETTINGS[job])


def rule(job: str) -> str:
    """The name of the rules that the job's settings have to keep."""
    if job not in JOBS:
        raise ValueError("모르는 일입니다.")
    return JOBS[job]


def _unknown(rng: np.random.Generator) -> list[Case]:
    return [Case(question(rng)), Case(""), Case("늘 같은 답 "), Case(str(rng.integers(100, 999)))]


def _changed(jobs: str | None, drop: str = "", **changes: Any) -> Callable[[str], Settings]:
    """The reference with one change in one job's settings, or in every job's."""

    def answer(job: str) -> Settings:
        made = reference(job)
        if jobs in (None, job):
            made |= changes
            made.pop(drop, None)
        return made

    return answer


def _looks(name: str, *jobs: str) -> Callable[[str], str]:
    """How the judge recognises the mistake: in these jobs only, and in no other."""
    return lambda job: name if job in jobs else rule(job)


_ALL = tuple(JOBS)

TASK = Task(
    name="generation_settings",
    title="세 가지 일에 맞는 생성 설정",
    reference=reference,
    expected=rule,
    judge=("ex03.settings", {}),
    aspects=(
        Aspect("same", "늘 같은 답", 1, visible=(Case("늘 같은 답"),)),
        Aspect("drafts", "여러 초안", 1, visible=(Case("여러 초안"),)),
        Aspect("notice", "긴 안내문", 1, visible=(Case("긴 안내문"),)),
        Aspect("unknown", "모르는 일을 거절함", 1, visible=(Case("시 쓰기"),), hidden=_unknown),
    ),
    mistakes=(
        Mistake(
            "all_jobs",
            lambda job: dict(_SETTINGS),
            "세 가지 설정을 모두 돌려주었습니다. job에 맞는 설정 하나만 꺼내어 돌려주십시오.",
            _looks("all_jobs", *_ALL),
        ),
        Mistake(
            "unknown_name",
            _changed(None, drop="max_new_tokens", max_tokens=200),
            "쓸 수 없는 이름의 설정이 있습니다. 철자를 확인해 주십시오. 예를 들어 새 토큰의 최대 개수는 "
            "max_new_tokens입니다.",
            _looks("unknown_name", *_ALL),
        ),
        Mistake(
            "zero_temperature",
            _changed("늘 같은 답", do_sample=True, temperature=0.0),
            "온도 0은 오류가 납니다. 늘 가장 확률이 높은 토큰을 고르게 하려면 온도 대신 do_sample=False를 씁니다.",
            _looks("zero_temperature", *_ALL),
        ),
        Mistake(
            "cold",
            _changed("늘 같은 답", do_sample=True, temperature=0.1),
            "온도를 아무리 낮추어도 샘플링은 뽑기입니다. 늘 같은 글이 필요하면 뽑지 말고 골라야 합니다.",
            _looks("cold", "늘 같은 답", "긴 안내문"),
        ),
        Mistake(
            "same_drafts",
            _changed("여러 초안", do_sample=False),
            "탐욕적 디코딩으로는 몇 번을 불러도 같은 초안이 나옵니다. 부를 때마다 달라지려면 뽑아야 합니다.",
            _looks("same_drafts", "여러 초안"),
        ),
        Mistake(
            "unsaid",
            _changed(None, drop="do_sample"),
            "do_sample이 없습니다. 적지 않으면 파이프라인은 샘플링을, generate()는 탐욕적 디코딩을 하므로 반드시 "
            "적어 주십시오.",
            _looks("unsaid", *_ALL),
        ),
        Mistake(
            "useless",
            _changed("늘 같은 답", temperature=0.7),
            "do_sample=False이면 temperature, top_k, top_p가 쓰이지 않고 경고만 나옵니다. "
            "필요 없는 설정은 빼 주십시오.",
            _looks("useless", "늘 같은 답", "긴 안내문"),
        ),
        Mistake(
            "too_hot",
            _changed("여러 초안", temperature=10.0),
            "온도가 너무 높습니다. 03 단원의 온도 10은 숨은 필터를 가려내려는 실험이었고, 손님에게 보낼 글은 "
            "무너집니다.",
            _looks("too_hot", "여러 초안"),
        ),
        Mistake(
            "hidden_top_k",
            _changed("여러 초안", drop="top_k"),
            "적지 않은 top_k=50이 남아 있거나 top_k에 다른 값을 적었습니다. 후보의 제한을 끄는 값은 03 단원 5.1에 "
            "나옵니다.",
            _looks("hidden_top_k", "여러 초안"),
        ),
        Mistake(
            "too_short",
            _changed("긴 안내문", drop="max_new_tokens"),
            "새 토큰이 모자랍니다. 적지 않으면 파이프라인은 256개에서 멈추므로, 400개짜리 안내문은 문장 중간에서 "
            "끊깁니다.",
            _looks("too_short", "긴 안내문"),
        ),
        Mistake(
            "no_penalty",
            _changed("긴 안내문", drop="repetition_penalty"),
            "같은 말을 되풀이하지 않게 하는 설정이 없습니다. repetition_penalty를 1보다 조금 크게 적어 주십시오.",
            _looks("no_penalty", "긴 안내문"),
        ),
    ),
)
