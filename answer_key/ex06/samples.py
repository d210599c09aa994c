"""Random conversations and answers of a shop, from which the hidden cases of ex06 are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from answer_key.ex03.samples import ANSWERS, PERSONAS, Message, mixed, pick, question, said

__all__ = ["ANSWERS", "MODELS", "Message", "mixed", "model", "passing", "pick", "question", "said", "talk"]

MODELS = ("small-chat", "mini", "course-large", "shop-7b", "shop-70b", "helper")
_PASSING = ("busy", "overloaded", "server_error", "drop", "slow")


def model(rng: np.random.Generator) -> str:
    """A model's name."""
    return pick(rng, MODELS)


def talk(rng: np.random.Generator) -> list[Message]:
    """A system message and a question."""
    return [said("system", pick(rng, PERSONAS)), said("user", question(rng))]


def passing(rng: np.random.Generator, count: int) -> list[Any]:
    """``count`` faults after which asking again helps; "busy" asks for no more than the caller waits anyway."""
    return [["busy", 0] if name == "busy" else name for name in (pick(rng, _PASSING) for _ in range(count))]
