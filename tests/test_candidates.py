"""The numbers behind the pictures: the same as decode_step's, whatever the logits and settings."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from course_utils.candidates import Candidates, Settings
from course_utils.decoding import apply_temperature, decode_step, softmax
from course_utils.errors import CourseValueError

FRUIT = ["사과", "배", "감", "귤", "포도"]
# Few different values, so that ties are common; -inf never alone.
LOGITS = st.lists(st.sampled_from([-np.inf, -3.0, -1.0, 0.0, 0.5, 1.0, 2.5]), min_size=1, max_size=12).filter(
    lambda values: max(values) > -np.inf
)
SETTINGS = st.builds(
    Settings,
    temperature=st.sampled_from([0.1, 0.7, 1.0, 2.0, 10.0]),
    top_k=st.integers(0, 14),
    top_p=st.sampled_from([0.05, 0.3, 0.5, 0.9, 0.95, 1.0]),
)

# The same cases at every run, and no time limit for one: the machine may be busy.
STEADY = settings(max_examples=300, derandomize=True, deadline=None, database=None)


def words(values):
    return [f"낱말{place}" for place in range(len(values))]


@STEADY
@given(LOGITS, SETTINGS, st.integers(1, 15))
def test_every_candidate_says_what_decode_step_says(values, chosen, rows):
    step = Candidates(values, words(values)).step(chosen, rows)
    after = decode_step(values, chosen.temperature, chosen.top_k, chosen.top_p)
    assert len(step.candidates) == min(rows, len(values)) and step.size == len(values)
    assert np.array_equal(step.after, after)
    for candidate in step.candidates:
        assert (candidate.before, candidate.after) == (softmax(values)[candidate.id], after[candidate.id])
        assert candidate.text == f"낱말{candidate.id}"
        assert (candidate.cut == "") == (after[candidate.id] > 0)
    assert step.kept == np.count_nonzero(after)
    tempered = softmax(apply_temperature(values, chosen.temperature))
    assert step.cut_mass == pytest.approx(tempered[after == 0].sum(), abs=1e-12)
    shown = sum(candidate.after for candidate in step.candidates)
    assert step.hidden_mass == pytest.approx(1 - shown, abs=1e-12)


@STEADY
@given(LOGITS, st.integers(1, 15))
def test_the_ranking_is_that_of_a_full_sort(values, rows):
    expected = sorted(range(len(values)), key=lambda token: (-values[token], -token))[:rows]
    candidates = Candidates(values, words(values))
    assert candidates.ranking(1).tolist() == expected[:1]
    assert candidates.ranking(rows).tolist() == expected
    assert candidates.ranking(1).tolist() == expected[:1]


@STEADY
@given(LOGITS, SETTINGS)
def test_cumulative_probability_is_what_top_p_adds_up(values, chosen):
    """A token is kept by top-p just as long as those ranked higher have not reached p yet."""
    step = Candidates(values, words(values)).step(chosen, len(values))
    only_k = decode_step(values, chosen.temperature, chosen.top_k)
    before = 0.0
    for candidate in step.candidates:
        if candidate.cumulative is None:
            assert only_k[candidate.id] == 0 and candidate.cut in ("top-k", "-inf")
            continue
        assert candidate.cumulative == pytest.approx(before + only_k[candidate.id])
        if abs(before - chosen.top_p) > 1e-6:
            assert (candidate.cut == "") == (before < chosen.top_p)
        before = candidate.cumulative


def test_reasons_name_the_step_that_cut():
    step = Candidates([3.0, 2.0, 1.0, 0.0, -np.inf], FRUIT).step(Settings(top_k=3, top_p=0.8))
    assert [candidate.cut for candidate in step.candidates] == ["", "", "top-p", "top-k", "-inf"]
    assert [candidate.cumulative is None for candidate in step.candidates] == [False, False, False, True, True]
    step = Candidates([3.0, 2.0, 1.0, 0.0, -np.inf], FRUIT).step(Settings(greedy=True))
    assert [candidate.cut for candidate in step.candidates] == ["", "greedy", "greedy", "greedy", "-inf"]


def test_greedy_takes_the_first_of_equal_logits_and_ignores_the_rest():
    chosen = Settings(temperature=5, top_k=3, top_p=0.2, greedy=True)
    assert chosen.probabilities([1, 7, 7, 0]).tolist() == [0, 1, 0, 0]
    step = Candidates([1, 7, 7, 0], FRUIT[:4]).step(chosen)
    assert [candidate.id for candidate in step.candidates if not candidate.cut] == [1]
    assert step.kept == 1 and step.cut_mass == pytest.approx(1 - softmax([1, 7, 7, 0])[1])


def test_a_token_too_improbable_for_the_number_format_is_not_called_cut():
    step = Candidates([0.0, 100.0], ["가", "나"]).step(Settings(temperature=0.01))
    assert [(candidate.after, candidate.cut) for candidate in step.candidates] == [(1, ""), (0, "")]
    assert step.kept == 2 and step.hidden_mass == 0


def test_a_large_vocabulary_of_equal_logits_is_ranked_too():
    candidates = Candidates(np.zeros(102_400, np.float32), [str(n) for n in range(102_400)])
    assert candidates.ranking(3).tolist() == [102_399, 102_398, 102_397]
    step = candidates.step(Settings(top_p=0.5), rows=3)
    assert step.kept == 51_200 and step.hidden_mass == pytest.approx(1, abs=1e-3)


def test_words_that_no_document_can_hold_are_made_harmless():
    candidates = Candidates([0.0, 0.0, 0.0, 0.0], ["a\x00b", "\ud800", "", 7])
    assert [candidates.text(token) for token in range(4)] == ["a\ufffdb", "\ufffd", "(빈 문자열)", "7"]


def test_a_line_break_in_a_word_is_shown():
    candidates = Candidates([0.0, 0.0, 0.0], ["위\n아래", "끝\r\n", "\u2028"])
    assert [candidates.text(token) for token in range(3)] == ["위↵아래", "끝↵", "↵"]


@pytest.mark.parametrize(
    ("logits", "labels", "says"),
    [
        ([[1.0, 2.0]], ["가", "나"], "1차원"),
        ([1.0, 2.0], ["가"], "낱말은 1개인데 로짓은 2개"),
        ([1.0, 2.0], "가나", "리스트"),
        ([1.0, 2.0], None, "리스트"),
        ([1.0, np.nan], ["가", "나"], "NaN"),
        ([-np.inf, -np.inf], ["가", "나"], "-inf"),
    ],
)
def test_unfit_logits_and_labels_are_refused_in_korean(logits, labels, says):
    with pytest.raises(CourseValueError, match=says):
        Candidates(logits, labels)


@pytest.mark.parametrize("rows", [0, -1, 2.5, True])
def test_unfit_numbers_of_rows_are_refused(rows):
    with pytest.raises(CourseValueError, match="rows"):
        Candidates([1.0], ["가"]).step(Settings(), rows)


def test_settings_in_words():
    assert Settings().words() == "온도 1 · top-k 끔 · top-p 끔"
    assert Settings(0.7, 10, 0.9).words() == "온도 0.7 · top-k 10 · top-p 0.9"
    assert "탐욕적 디코딩" in Settings(greedy=True).words()
