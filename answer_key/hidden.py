"""Hidden checks inside nbgrader: the cells between BEGIN and END HIDDEN TESTS call ``check_hidden``."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from answer_key import load_task
from course_utils.checks.local import check_answers
from course_utils.checks.result import Score, score_of


def generator(*parts: object) -> np.random.Generator:
    """A random generator that depends on ``parts`` (seed, student, task ...) alone, the same on every machine."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def check_hidden(name: str, *answers: Any, seed: object = 0) -> Score:
    """Visible and hidden checks of a task on answers in this process; the points as a float.

    nbgrader runs strangers' code in the process of its tests, so this protects nothing:
    ``python -m course_utils.grading`` does.
    """
    task = load_task(name)
    return score_of(check_answers(task.sheet(generator(seed, name)), answers))
