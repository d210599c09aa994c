"""The explorer's row of `make bench`: from a slider that moves to the new picture, at EXAONE's vocabulary."""

import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from itertools import cycle
from statistics import median
from unittest.mock import patch

import numpy as np

from course_utils import decoding_walk, load_pipeline
from course_utils.explorer import DecodingExplorer
from tools.bench_table import Row

VOCABULARY = 102_400
LIMIT_SECONDS = 0.016  # a picture at 60 frames a second
# Moves of one round: cheap and dear ones, the dearest being a flat distribution that top-p cuts.
MOVES = ("temperature", 0.5), ("top_p", 0.9), ("temperature", 2.0), ("top_k", 50), ("temperature", 10.0), ("top_k", 0)
MOVES += ("temperature", 0.7), ("top_p", 0.5), ("temperature", 1.0), ("top_p", 1.0)


def moves(explorer: DecodingExplorer) -> Iterator[float]:
    """Seconds of one move of a slider after another, from the new value to the picture that is sent."""
    panel = explorer.panels[0]
    for name, value in cycle(MOVES):
        control, before = getattr(panel, name), panel.picture.value
        started = time.perf_counter()
        control.value = value
        took = time.perf_counter() - started
        if panel.picture.value == before:
            raise RuntimeError(f"{name} = {value} did not change the picture: {explorer.message.value}")
        yield took


def explorer_row(rounds: int) -> Row:
    """The median over all moves of ``rounds`` rounds, against the budget.

    Raises:
        RuntimeError: a move that changed no picture.
    """
    # As peaked as a language model's next token is in the middle of a sentence that may go several ways.
    logits = (np.random.default_rng(0).normal(size=VOCABULARY) * 3).astype(np.float32)
    with redirect_stdout(sys.stderr):
        pipe = load_pipeline("mini")
    with patch.object(decoding_walk, "next_token_logits", lambda *_: logits):
        timed = moves(DecodingExplorer(pipe))
        each_round = [[next(timed) for _ in MOVES] for _ in range(rounds + 1)][1:]
    value = median(took for one in each_round for took in one)
    return Row(
        what=f"explorer: slider to new picture, {VOCABULARY:,} logits, median of {len(MOVES)} moves",
        budget=f"{LIMIT_SECONDS * 1000:.0f} ms",
        measured=f"{value * 1000:.1f} ms (slowest {max(map(max, each_round)) * 1000:.1f} ms)",
        value=value,
        limit=LIMIT_SECONDS,
        rounds=[median(one) for one in each_round],
    )
