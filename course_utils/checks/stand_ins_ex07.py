"""Stand-ins of ex07: drafts that are written down beforehand, given out by number. No rule of the tasks is in here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Drafts = dict[str, Any]


class OverBudget(BaseException):
    """More drafts drawn than there may be. Not an ``Exception``: ``except Exception`` must not hide it."""


def passes(word: str) -> Callable[[str], bool]:
    """A check that lets through what contains ``word``."""

    def check(text: str) -> bool:
        """Whether the draft passes."""
        if not isinstance(text, str):
            raise TypeError("passes()에는 초안의 글을 넘겨야 합니다.")
        return word in text

    return check


def scripted(texts: list[str | None], word: str) -> Callable[[int], str]:
    """``draft(seed)`` gives ``texts[seed]``; None stands for a server that does not answer.

    The function returned raises ConnectionError there, and ``OverBudget`` when a draft is drawn after the last one, or
    after one that passed (contains ``word``).
    """
    given: list[str] = []

    def draft(seed: int) -> str:
        """The draft of that seed."""
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise TypeError("씨앗(seed)은 0 이상의 정수여야 합니다.")
        if any(word in text for text in given):
            raise OverBudget("통과한 초안을 받은 뒤에 또 뽑았습니다.")
        if seed >= len(texts) or len(given) >= len(texts):
            raise OverBudget(f"초안은 {len(texts)}번까지 뽑을 수 있습니다.")
        text = texts[seed]
        given.append(text or "")
        if text is None:
            raise ConnectionError("서버가 답하지 않습니다.")
        return text

    return draft


def model(scripts: list[Drafts], budget: int | None = None) -> Callable[..., str]:
    """An imperfect model: ``draft(product, text, seed)`` gives the draft written down for that question and seed.

    ``scripts``: for each question ``product``, ``text`` (the masked question), ``drafts`` (by seed) and ``secrets``
    (the customer's personal data). Whoever sends a secret gets it back in every draft. ``budget``: drafts in all;
    more than there are seeds may be drawn for no question. Letters count, signs and numbers do not: every way to mask
    finds its drafts.
    """
    by_key = {_key(one["product"], one["text"]): one for one in scripts}
    drawn: dict[str, int] = {}

    def draft(product: str, text: str, seed: int = 0) -> str:
        """The draft for a question about ``product``.

        Raises:
            TypeError, ValueError: no such arguments, or a question that the model does not know.
            OverBudget: drawn too often.
        """
        if not isinstance(product, str) or not isinstance(text, str):
            raise TypeError("draft(상품 이름, 가린 질문, seed=0)처럼 글을 넘겨야 합니다.")
        secrets = [secret for one in scripts for secret in one["secrets"] if secret in text]
        known = by_key.get(_key(product, _without(text, secrets)))
        if known is None:
            raise ValueError("대기열에 없는 질문입니다. 상품 이름과, 개인정보만 가린 질문을 넘겨야 합니다.")
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < len(known["drafts"]):
            raise ValueError(f"씨앗(seed)은 0에서 {len(known['drafts']) - 1}까지의 정수여야 합니다.")
        _count(drawn, _key(known["product"], known["text"]), len(known["drafts"]), budget)
        return _echo(product, secrets[0]) if secrets else known["drafts"][seed]

    draft.scripts = scripts
    return draft


def _count(drawn: dict[str, int], key: str, most: int, budget: int | None) -> None:
    drawn[key] = drawn.get(key, 0) + 1
    if drawn[key] > most:
        raise OverBudget(f"질문 하나에 초안을 {most}번보다 많이 뽑았습니다.")
    if budget is not None and sum(drawn.values()) > budget:
        raise OverBudget(
            f"모두 {budget}번이면 되는데 더 뽑았습니다. 규칙을 지킨 초안을 받고도 다시 뽑지 않았는지 확인해 주십시오."
        )


def _key(product: str, text: str) -> str:
    """The product and the Hangul of the question, without the labels in brackets of any kind that a mask leaves."""
    return product.strip() + "|" + re.sub(r"\([^()]*\)|\[[^][]*\]|<[^<>]*>|\{[^{}]*\}|[^가-힣]", "", text)


def _without(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "")
    return text


def _echo(product: str, secret: str) -> str:
    return f"안녕하세요, 고객님. {product}에 관해 담당자가 확인한 뒤 알려 주신 곳({secret})에 답을 드리겠습니다."
