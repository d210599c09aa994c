"""The explorer's row of the benchmark: it measures pictures that really changed."""

import re

import numpy as np
import pytest

from course_utils import load_pipeline
from course_utils.explorer import DecodingExplorer
from tools import bench_explorer


def test_the_row_counts_every_round_and_says_milliseconds(monkeypatch):
    monkeypatch.setattr(bench_explorer, "VOCABULARY", 3_072)
    row = bench_explorer.explorer_row(2)
    assert len(row.rounds) == 2 and 0 < row.value < 5 and row.limit == 0.016
    assert re.fullmatch(r"[\d.]+ ms \(slowest [\d.]+ ms\)", row.measured) and "3,072" in row.what


def test_a_move_that_changes_no_picture_is_no_measurement():
    explorer = DecodingExplorer(load_pipeline("mini"))
    explorer.panels[0].greedy.value = True  # from now on the sliders change nothing
    with pytest.raises(RuntimeError, match="temperature = 0.5 did not change"):
        next(bench_explorer.moves(explorer))


def test_the_sliders_really_move_every_time():
    """Each move sets another value than the control has, also when the moves start over."""
    at = {"temperature": 1.0, "top_k": 0, "top_p": 1.0}
    for name, value in bench_explorer.MOVES * 2:
        assert at[name] != value
        at[name] = value
    assert np.isclose(bench_explorer.LIMIT_SECONDS, 1 / 60, rtol=0.05)
