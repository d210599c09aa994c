"""ex03: the long runs of spaces that line-continuation backslashes and triple quotes leave in a prompt."""

from __future__ import annotations

import re

import numpy as np

from answer_key.ex03.samples import ANSWERS, PERSONAS, blanks, pick
from answer_key.task import Aspect, Case, Mistake, Task

_BACKSLASHED = "확정적인 답변을 하지 말고                   시간이 필요하다고 답해 줘."
_QUOTED = "\n    너는 문구점의 점원이야.\n    - 확답은 하지 마.\n    - 한 문장으로   답해 줘.\n    "


def reference(text: str) -> str:
    """Every line with single spaces and none at its ends; blank lines are gone, line breaks stay."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return "\n".join(line for line in lines if line)


def _backslashed(rng: np.random.Generator) -> str:
    words = pick(rng, PERSONAS).split() + pick(rng, ANSWERS).split()
    return "".join(word + (blanks(rng, 2, 24) if rng.random() < 0.4 else " ") for word in words[:-1]) + words[-1]


def _runs(rng: np.random.Generator) -> list[Case]:
    return [Case(_backslashed(rng)) for _ in range(4)]


def _lines(rng: np.random.Generator) -> list[Case]:
    made = []
    for count in (2, 3, 5):
        indent = blanks(rng, 2, 9)
        lines = [f"{indent}{_backslashed(rng)}" + blanks(rng, 0, 3) for _ in range(count)]
        lines.insert(1, indent)
        made.append(Case("\n" + "\n".join(lines) + "\n"))
    return made


def _others(rng: np.random.Generator) -> list[Case]:
    tabbed = _backslashed(rng).replace("  ", "\t", 1)
    return [Case(tabbed), Case(f"\t{pick(rng, PERSONAS)}\t"), Case(pick(rng, PERSONAS)), Case("")]


def _no_spaces(text: str) -> str:
    return "\n".join(line.replace(" ", "").replace("\t", "") for line in text.splitlines() if line.strip())


def _halved(text: str) -> str:
    return "\n".join(line.strip().replace("  ", " ") for line in text.splitlines() if line.strip())


def _kept_blank_lines(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def _only_spaces(text: str) -> str:
    lines = [re.sub(" +", " ", line).strip(" ") for line in text.splitlines()]
    return "\n".join(line for line in lines if line)


def _glued(text: str) -> str:
    return "".join(" ".join(line.split()) for line in text.splitlines())


def _whole_text(text: str) -> str:
    return re.sub(" +", " ", text).strip()


def _ends_left(text: str) -> str:
    return "\n".join(re.sub(r"[ \t]+", " ", line) for line in text.splitlines())


TASK = Task(
    name="clean_prompt",
    title="빈칸이 낀 프롬프트 고치기",
    reference=reference,
    judge=("ex03.exact_text", {}),
    aspects=(
        Aspect("runs", "이어진 빈칸을 하나로", 1, visible=(Case(_BACKSLASHED),), hidden=_runs),
        Aspect("lines", "줄바꿈은 남기고 빈 줄은 없앰", 1, visible=(Case(_QUOTED),), hidden=_lines),
        Aspect("others", "탭, 고칠 것이 없는 글, 빈 글", 1, visible=(), hidden=_others),
    ),
    mistakes=(
        Mistake(
            "no_spaces",
            _no_spaces,
            "띄어쓰기까지 모두 사라졌습니다. 빈칸을 지우지 말고, 이어진 빈칸을 하나로 줄여 주십시오.",
        ),
        Mistake(
            "one_line",
            lambda text: " ".join(text.split()),
            "줄바꿈까지 빈칸으로 바뀌어 목록이 한 줄이 되었습니다. splitlines()로 줄을 나눈 다음 줄마다 고쳐 주십시오.",
        ),
        Mistake(
            "glued",
            _glued,
            "줄바꿈이 사라져 줄과 줄이 그대로 붙었습니다. 고친 줄을 줄바꿈으로 이어 주십시오.",
        ),
        Mistake(
            "halved",
            _halved,
            "빈칸 두 개를 하나로 바꾸는 일을 한 번만 하면 긴 빈칸은 절반만 줄어듭니다. "
            "split()으로 낱말을 나누어 다시 이어 보십시오.",
        ),
        Mistake(
            "ends_only",
            str.strip,
            "글의 앞뒤만 고치고 가운데의 빈칸은 그대로 두었습니다. 문제는 문장 가운데에 있습니다.",
        ),
        Mistake(
            "blank_lines",
            _kept_blank_lines,
            "빈 줄이 남아 있습니다. 고친 줄이 빈 글이면 결과에 넣지 마십시오.",
        ),
        Mistake(
            "indent",
            _ends_left,
            "줄의 앞뒤에 빈칸이 하나씩 남아 있습니다. 줄마다 strip()도 해 주십시오.",
        ),
        Mistake(
            "tabs",
            _only_spaces,
            "탭(tab)이 남아 있습니다. 괄호를 비운 split()은 빈칸과 탭에서 모두 나눕니다.",
        ),
        Mistake(
            "whole_text",
            _whole_text,
            "글 전체에서 빈칸만 줄였습니다. 줄의 앞에 빈칸이 하나씩 남으므로, 줄을 나눈 다음 하나씩 고쳐 주십시오.",
        ),
        Mistake(
            "one_line_padded",
            lambda text: re.sub(r"\s+", " ", text),
            "줄바꿈도 빈칸으로 바뀌었습니다. 정규 표현식의 \\s는 빈칸, 탭, 줄바꿈에 모두 맞습니다. 줄을 나눈 다음 "
            "줄마다 고쳐 주십시오.",
        ),
    ),
)
