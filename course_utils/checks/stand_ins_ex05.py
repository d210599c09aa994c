"""Toy models for exercise set ex05: functions that take a list of token ids and give logits, shape ``(V,)``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SHOP_WORDS = ("문의", "감사합니다", "확인", "후", "답변", "드리겠습니다", "<끝>")
# A row for the last word so far, a column for the next one.
_SHOP_LOGITS = (
    (0.0, 4.0, 2.5, 0.5, 2.0, 0.0, -1.0),
    (1.0, 0.0, 4.0, 0.0, 2.5, 0.5, 2.0),
    (0.0, 1.0, 0.0, 4.5, 1.0, 3.0, 0.5),
    (1.0, 0.5, 2.0, 0.0, 4.0, 1.5, 0.0),
    (0.5, 2.0, 1.0, 1.5, 0.0, 4.5, 0.5),
    (1.0, 2.5, 0.5, 0.0, 0.5, 0.0, 4.0),
    (2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0),
)


def shop_model() -> Callable[[list[int]], Any]:
    """A model of seven words that looks at the last one only."""
    import numpy as np

    def next_logits(ids: list[int]) -> Any:
        return np.array(_SHOP_LOGITS[int(ids[-1])])

    return next_logits


def mixer(seed: int, vocabulary: int, stop: int) -> Callable[[list[int]], Any]:
    """A model whose logits depend on every id and on their order.

    The end token is the last of the vocabulary: out of reach until there are ``stop`` ids, prompt included, and far
    ahead from then on. Whole numbers only until the last step, so that every machine gives the same.
    """
    import numpy as np

    def next_logits(ids: list[int]) -> Any:
        state = seed
        for token in ids:
            state = (state * 31 + int(token) * 7 + 11) % 1_000_003
        logits = np.array([(state * (token + 3) * 7919) % 1013 % 500 / 100 for token in range(vocabulary)])
        logits[-1] = 12.0 if len(ids) >= stop else -12.0
        return logits

    return next_logits


def sharp_place() -> Any:
    """Logits of 40 tokens at a place where only token 0 fits."""
    return _place([9.0, 4.5])


def flat_place() -> Any:
    """Logits of 40 tokens at a place where tokens 0 to 5 fit equally well."""
    return _place([5.4, 5.3, 5.2, 5.1, 5.0, 4.9])


def _place(best: list[float]) -> Any:
    import numpy as np

    tail = [(token * 17 % 40) / 16 - 1 for token in range(len(best), 40)]
    return np.array([*best, *tail])
