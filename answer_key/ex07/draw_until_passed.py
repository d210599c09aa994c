"""ex07: draw again while a draft fails, at most so many times, and end with the safe answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from answer_key.ex07.samples import PRODUCTS, pick
from answer_key.task import Aspect, Case, Mistake, Task, stand_in

SAFE = "안녕하세요, 고객님. 남겨 주신 내용은 담당자가 직접 확인하겠습니다."
_WORD = "담당자"
_BAD = ("{}은 반드시 좋습니다.", "{}?", "", "{} 발송 완료.", "나는 {} 봇이다.", "네.")


def reference(draft: Callable[[int], str], passes: Callable[[str], bool], tries: int, safe: str) -> dict[str, Any]:
    """The first draft that passes, or the safe answer after 1 + ``tries`` drafts; a failed request is a "
    "failed draft."""
    return _draw(draft, passes, tries, safe)


def _draw(
    draft: Callable[[int], str],
    passes: Callable[[str], bool],
    tries: int,
    safe: str,
    *,
    seeds: Callable[[int], Any] = lambda tries: range(tries + 1),
    counted: Callable[[int], int] = lambda place: place + 1,
    catch: bool = True,
    give_up: bool = False,
    last: bool = False,
    skip_count: bool = False,
) -> dict[str, Any]:
    text, used = safe, 0
    for place, seed in enumerate(seeds(tries)):
        try:
            text = draft(seed)
        except ConnectionError:
            if not catch:
                raise
            used += not skip_count
            if give_up:
                break
            continue
        used += 1
        if passes(text):
            return {"text": text, "drafts": used if skip_count else counted(place), "safe": False}
    drafts = used if skip_count or give_up else counted(max(len(list(seeds(tries))) - 1, 0))
    return {"text": text if last else safe, "drafts": drafts, "safe": True}


def _all_at_once(draft, passes, tries, safe):
    texts = []
    for seed in range(tries + 1):
        try:
            texts.append(draft(seed))
        except ConnectionError:
            texts.append("")
    good = [place for place, text in enumerate(texts) if passes(text)]
    if good:
        return {"text": texts[good[0]], "drafts": good[0] + 1, "safe": False}
    return {"text": safe, "drafts": tries + 1, "safe": True}


def _unchecked_last(draft, passes, tries, safe):
    """Trusts the last draft without looking at it."""
    found = _draw(draft, passes, tries - 1, safe) if tries else {"safe": True}
    if not found["safe"]:
        return found
    try:
        return {"text": draft(tries), "drafts": tries + 1, "safe": False}
    except ConnectionError:
        return {"text": safe, "drafts": tries + 1, "safe": True}


def _draws(**other: Any) -> Callable[..., dict[str, Any]]:
    return lambda draft, passes, tries, safe: _draw(draft, passes, tries, safe, **other)


def _case(texts: list[str | None], tries: int | None = None, safe: str = SAFE) -> Case:
    draft = stand_in("ex07.scripted", texts=texts, word=_WORD)
    return Case(draft, stand_in("ex07.passes", word=_WORD), len(texts) - 1 if tries is None else tries, safe)


def _good(rng: np.random.Generator) -> str:
    return f"{pick(rng, PRODUCTS)}에 관해 담당자가 확인하겠습니다."


def _bad(rng: np.random.Generator) -> str:
    return pick(rng, _BAD).format(pick(rng, PRODUCTS))


def _script(rng: np.random.Generator, good_at: int, length: int) -> list[str | None]:
    # No two drafts alike, so that a draft drawn with the wrong seed shows.
    texts: list[str | None] = [f"{_bad(rng)} ({place})" for place in range(length)]
    for place in range(good_at, length):
        texts[place] = f"{_good(rng)} ({place})"
    return texts


def _at_once(rng: np.random.Generator) -> list[Case]:
    return [_case(_script(rng, 0, length)) for length in (1, 2, 4)]


def _later(rng: np.random.Generator) -> list[Case]:
    return [_case(_script(rng, place, length)) for place, length in ((1, 2), (2, 4), (3, 4), (4, 6), (1, 4))]


def _never(rng: np.random.Generator) -> list[Case]:
    safe = f"{pick(rng, PRODUCTS)} 문의 감사합니다. 담당자가 답변드리겠습니다."
    return [_case(_script(rng, length, length), safe=safe) for length in (1, 2, 4, 5)]


def _troubled(rng: np.random.Generator) -> list[Case]:
    first, later, all_ = _script(rng, 2, 4), _script(rng, 3, 4), [None] * int(rng.integers(2, 5))
    first[0], later[1] = None, None
    last = _script(rng, 4, 4)
    last[3] = None
    return [_case(first), _case(later), _case(all_), _case(last)]


TASK = Task(
    name="draw_until_passed",
    title="다시 뽑기와 안전한 답변",
    reference=reference,
    judge=("equal", {}),
    aspects=(
        Aspect(
            "at_once",
            "첫 초안이 통과할 때",
            1,
            visible=(_case(["담당자가 확인합니다. (0)", "담당자가 봅니다. (1)", "담당자가 답합니다. (2)"]),),
            hidden=_at_once,
        ),
        Aspect(
            "later",
            "다시 뽑아 통과할 때",
            1,
            visible=(
                _case(["우산은 반드시 좋습니다. (0)", "네. (1)", "담당자가 확인합니다. (2)", "담당자가 봅니다. (3)"]),
                _case(["네. (0)", "응. (1)", "우산? (2)", "담당자가 봅니다. (3)"]),
            ),
            hidden=_later,
        ),
        Aspect(
            "never",
            "끝내 통과하지 못할 때",
            1,
            visible=(_case(["네. (0)", "응. (1)", "우산? (2)", "우산이다. (3)"]), _case(["네. (0)"])),
            hidden=_never,
        ),
        Aspect(
            "troubled",
            "서버가 답하지 않을 때",
            1,
            visible=(_case([None, "네. (1)", "담당자가 확인합니다. (2)"]), _case(["네. (0)", None])),
            hidden=_troubled,
        ),
    ),
    mistakes=(
        Mistake(
            "one_less",
            _draws(seeds=lambda tries: range(max(tries, 1))),
            "한 번 덜 뽑았습니다. tries는 '다시' 뽑는 횟수이므로 첫 초안까지 모두 tries + 1번입니다.",
        ),
        Mistake(
            "one_more",
            _draws(seeds=lambda tries: range(tries + 2)),
            "정해진 횟수보다 더 뽑았습니다. 어떤 질문은 영영 통과하지 못하므로 '통과할 때까지' 뽑으면 끝나지 않습니다. "
            "첫 초안을 포함해 모두 tries + 1번까지만 뽑아 주십시오.",
        ),
        Mistake(
            "all_at_once",
            _all_at_once,
            "초안을 미리 모두 뽑았습니다. 통과한 뒤에 뽑은 초안은 쓰지도 않을 비용입니다. "
            "하나를 뽑을 때마다 점검하고, 통과하면 바로 return으로 끝내 주십시오.",
        ),
        Mistake(
            "unchecked_last",
            _unchecked_last,
            "마지막 초안을 점검하지 않고 내보냈습니다. 마지막으로 뽑은 것도 passes()를 통과해야 합니다.",
        ),
        Mistake(
            "not_checked",
            lambda draft, passes, tries, safe: _draw(draft, lambda text: True, tries, safe),
            "점검을 통과하지 못한 초안을 내보냈습니다. if passes(text):처럼 초안을 넘겨 부르고 있는지 확인해 주십시오.",
        ),
        Mistake(
            "same_seed",
            _draws(seeds=lambda tries: [0] * (tries + 1)),
            "같은 씨앗을 다시 써서 같은 초안(또는 같은 오류)을 되풀이해 받았습니다. 걸렸을 때도 오류가 났을 때도 "
            "씨앗을 하나씩 늘려 주십시오.",
        ),
        Mistake(
            "not_counted",
            _draws(skip_count=True),
            "오류가 난 번을 세지 않았습니다. 서버에 보낸 요청은 답이 없어도 한 번입니다.",
        ),
        Mistake(
            "seeds_from_one",
            _draws(seeds=lambda tries: range(1, tries + 1)),
            "씨앗 1부터 시작했습니다. 첫 초안의 씨앗은 0입니다.",
        ),
        Mistake(
            "redraws",
            _draws(counted=lambda place: place),
            "drafts에 '다시' 뽑은 횟수를 적었습니다. 첫 초안까지 넣어 뽑은 횟수를 모두 세어 주십시오.",
        ),
        Mistake(
            "last_draft",
            _draws(last=True),
            "통과하지 못한 마지막 초안을 내보냈습니다. 끝내 통과하지 못하면 text에는 safe를 넣어 주십시오.",
        ),
        Mistake(
            "not_caught",
            _draws(catch=False),
            "draft()가 낸 ConnectionError에서 함수가 멈추었습니다. try와 except로 받아 실패한 초안으로 세어 주십시오.",
        ),
        Mistake(
            "gives_up",
            _draws(give_up=True),
            "오류가 한 번 났다고 그만두었습니다. 오류도 실패한 초안 하나로 세고 다음 씨앗으로 다시 뽑아 주십시오.",
        ),
    ),
)
