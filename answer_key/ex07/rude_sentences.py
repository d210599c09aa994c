"""ex07: the sentences of a draft that do not end politely."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from answer_key.ex07.samples import PRODUCTS, pick, some
from answer_key.task import Aspect, Case, Mistake, Task

_ENDS = r"(?:니다|니까|시오|(?<!필)요|죠|고객님|드림|올림)"
_SPLIT = r"(?<=[.!?~])\s+|\n+"


def _finder(ends: str = _ENDS + r"\W*$", split: str = _SPLIT) -> Callable[[str], list[str]]:
    def found(text: str) -> list[str]:
        parts = [part.strip() for part in re.split(split, text) if re.search(r"\w", part)]
        return [part for part in parts if not re.search(ends, part)]

    return found


reference = _finder()
reference.__doc__ = "All sentences that end neither politely nor as a signature, in their order."


def _by_dots(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(".") if part.strip()]
    return [part for part in parts if not re.search(_ENDS + r"\W*$", part)]


def _last_only(text: str) -> list[str]:
    found = reference(text)
    last = re.split(_SPLIT, text.strip())[-1].strip()
    return [last] if last in found else []


def _with_symbols(text: str) -> list[str]:
    parts = [part.strip() for part in re.split(_SPLIT, text) if part.strip()]
    return [part for part in parts if not re.search(_ENDS + r"\W*$", part)]


_POLITE = (
    "안녕하세요, 고객님.", "문의해 주셔서 감사합니다!", "담당자가 확인하겠습니다.", "조금만 기다려 주세요~",
    "더 궁금한 점이 있으신가요?", "색을 알려 주시겠습니까?", "게시판을 보아 주십시오.", "확인할 시간이 필요해요.",
    "무게는 3.5킬로그램입니다.", "조금 무거우셨죠?",
)  # fmt: skip
_RUDE = (
    "담당자가 확인했다.", "기다려 줘!", "그건 안 돼.", "색은 두 가지임.", "담당자에게 물어볼게~", "뭐가 궁금해?",
    "자세한 내용은 상", "무게는 2.5킬로그램이다.", "죄송합니다만 색은 몰라.",
)  # fmt: skip
_NEED = ("담당자 확인 필요.", "재고 확인이 필요", "시간이 더 필요!")
_MARKS = (" 😊", "!!", "~", " ^^", ")")


def _middle(rng: np.random.Generator) -> list[Case]:
    made = []
    for _ in range(3):
        parts = [*some(rng, _POLITE, 3), *some(rng, (*_RUDE[:6], _RUDE[-1]), 2)]
        made.append(Case(" ".join(some(rng, parts, 5))))
    return [*made, Case(f"{pick(rng, _RUDE)} {pick(rng, _POLITE)}"), Case(f"{pick(rng, _POLITE)} {pick(rng, _RUDE)}")]


def _endings(rng: np.random.Generator) -> list[Case]:
    made = [Case(f"{pick(rng, _POLITE[:8])}{mark} {pick(rng, _RUDE[:5])}") for mark in _MARKS[:3]]
    made += [Case(f"{pick(rng, _POLITE)} {need}") for need in _NEED]
    return [*made, Case(f"{pick(rng, _POLITE)} 😊 {pick(rng, _RUDE)}"), Case(f"{pick(rng, _RUDE[:5])} 🙏")]


def _lines(rng: np.random.Generator) -> list[Case]:
    shop = f"{pick(rng, PRODUCTS)} 가게 {pick(rng, ('드림', '올림'))}"
    return [
        Case(f"{pick(rng, _POLITE)}\n{pick(rng, _RUDE[:6])}\n{shop}"),
        Case(f"{pick(rng, PRODUCTS)} 확인 중\n\n{pick(rng, _POLITE)}\n{shop}"),
        Case(f"{pick(rng, _NEED[1:2])}\n{pick(rng, _RUDE[:6])}\n{pick(rng, _POLITE)}"),
    ]


TASK = Task(
    name="rude_sentences",
    title="정중하지 않은 문장 찾기",
    reference=reference,
    judge=("equal", {}),
    aspects=(
        Aspect(
            "anywhere",
            "어디에 있든 모두",
            1,
            visible=(
                Case("안녕하세요, 고객님. 그건 안 돼. 담당자가 확인했다. 무게는 3.5킬로그램입니다. 조금만 기다려 줘!"),
                Case("뭐가 궁금해? 조금만 기다려 주세요~"),
                Case("감사합니다만 그건 안 돼. 요즘 바빠! 확인하겠습니다."),
            ),
            hidden=_middle,
        ),
        Aspect(
            "endings",
            "문장 부호와 이모지, '필요'",
            1,
            visible=(Case("감사합니다!! 😊 담당자 확인 필요."), Case("확인하겠습니다 😊\n기다려 줘 🙏")),
            hidden=_endings,
        ),
        Aspect(
            "lines",
            "줄바꿈과 서명",
            1,
            visible=(
                Case("담당자가 확인하겠습니다\n색은 두 가지임\n우산 가게 드림"),
                Case("감사합니다.\n😊\n기다려 줘."),
            ),
            hidden=_lines,
        ),
    ),
    mistakes=(
        Mistake(
            "first_only",
            lambda text: reference(text)[:1],
            "처음 찾은 문장 하나만 돌려주었습니다. 모든 문장을 끝까지 보고 리스트에 모아 주십시오.",
        ),
        Mistake(
            "polite_ones",
            lambda text: [part for part in _finder(ends=r"(?!)")(text) if part not in reference(text)],
            "정중한 문장을 돌려주었습니다. 고칠 것은 정중하지 않은 문장이므로 조건을 뒤집어 주십시오.",
        ),
        Mistake(
            "marks_lost",
            _finder(split=r"[.!?~]\s+|\n+"),
            "나누면서 문장 부호가 사라졌습니다. (?<=[.!?~])처럼 '바로 앞에 있을 것'이라고 적으면 부호가 문장에 "
            "남습니다.",
        ),
        Mistake(
            "anywhere",
            _finder(ends=_ENDS),
            "문장의 가운데에 '니다'나 '요'가 있으면 정중하다고 보았습니다. 문장의 끝인지 $로 확인해 주십시오.",
        ),
        Mistake(
            "lines_only",
            _finder(split=r"\n+"),
            "줄바꿈에서만 나누었습니다. 한 줄에 있는 여러 문장도 문장 부호 바로 뒤의 빈칸에서 나누어 주십시오.",
        ),
        Mistake(
            "bare",
            lambda text: [re.sub(r"^\W+", "", part) for part in reference(text)],
            "문장 앞의 이모지가 사라졌습니다. 이모지 뒤의 빈칸에서는 나누지 않으므로 다음 문장의 앞에 그대로 남습니다.",
        ),
        Mistake(
            "no_lines",
            _finder(split=r"(?<=[.!?~])\s+"),
            "줄바꿈에서 나누지 않았습니다. 문장 부호 없이 줄만 바꾼 글도 서로 다른 문장입니다.",
        ),
        Mistake(
            "last_only",
            _last_only,
            "마지막 문장만 보았습니다. 가운데의 반말도 손님이 읽습니다. 글을 문장으로 나눈 다음 하나씩 보아 주십시오.",
        ),
        Mistake(
            "bare_bool",
            lambda text: not reference(text),
            "참이나 거짓을 돌려주었습니다. 고칠 곳을 알 수 있도록 걸린 문장들을 리스트로 돌려주십시오.",
        ),
        Mistake(
            "by_dots",
            _by_dots,
            "마침표로만 나누었습니다. 3.5가 둘로 잘리고 !나 ?로 끝난 문장은 뒤 문장과 붙습니다. "
            "'문장 부호 바로 뒤의 빈칸'에서 나누어 주십시오.",
        ),
        Mistake(
            "any_da",
            _finder(ends=r"(?:다|니까|시오|(?<!필)요|죠|고객님|드림|올림)\W*$"),
            "'확인했다'처럼 '다'로만 끝나는 말을 정중하다고 보았습니다. '니다'까지 맞아야 합니다.",
        ),
        Mistake(
            "need",
            _finder(ends=r"(?:니다|니까|시오|요|죠|고객님|드림|올림)\W*$"),
            "'확인 필요'를 정중한 말끝으로 보았습니다. '요' 앞에 '필'이 없다는 조건 (?<!필)을 더해 주십시오.",
        ),
        Mistake(
            "marks",
            _finder(ends=_ENDS + r"[.!?~]?$"),
            r"문장 부호가 여럿이거나 이모지로 끝나는 문장을 잘못 잡았습니다. 끝의 기호는 \W*로 건너뛰어 주십시오.",
        ),
        Mistake(
            "no_signature",
            _finder(ends=r"(?:니다|니까|시오|(?<!필)요|죠|고객님)\W*$"),
            "'우산 가게 드림' 같은 서명을 잘못 잡았습니다. '드림'과 '올림'도 정중한 끝으로 쳐 주십시오.",
        ),
        Mistake(
            "symbols",
            _with_symbols,
            r"이모지만 있는 조각을 문장으로 보았습니다. 글자(\w)가 하나도 없는 조각은 버려 주십시오.",
        ),
    ),
)
