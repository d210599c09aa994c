"""The draw: shares that follow the probabilities, seeds that repeat, shapes, and what is refused."""

import numpy as np
import pytest
import scipy.stats
import torch
from decoding_reference import Points

from course_utils.decoding import decode_step, draw, softmax, top_k_filter
from course_utils.errors import CourseError

DRAWS = 20_000
PROBABILITIES = np.array([0.0, 0.02, 0.2, 0.0, 0.5, 0.25, 0.03, 0.0])


def counts(probabilities, rng, n=DRAWS):
    return np.bincount(draw(probabilities, n, rng), minlength=len(probabilities))


def p_value(found, probabilities):
    """Of the chi-square test; small when the counts do not follow the probabilities."""
    possible = probabilities > 0
    return scipy.stats.chisquare(found[possible], probabilities[possible] * found.sum()).pvalue


# --- as the probabilities say ---


def test_counts_follow_the_probabilities():
    found = counts(PROBABILITIES, 0)
    assert found[PROBABILITIES == 0].sum() == 0
    assert p_value(found, PROBABILITIES) > 0.01


def test_the_test_above_notices_a_small_difference():
    other = PROBABILITIES + [0, 0, 0.02, 0, -0.02, 0, 0, 0]
    assert p_value(counts(other, 0), PROBABILITIES) < 1e-6


def test_counts_are_distributed_as_numpys_multinomial():
    """Not the counts' mean alone: over 2,000 experiments of 30 draws, how often a token came up 0, 1, 2, ... times."""
    ours = np.array([np.bincount(ids, minlength=8) for ids in draw(np.tile(PROBABILITIES, (2000, 1)), 30, 1)])
    theirs = np.random.default_rng(2).multinomial(30, PROBABILITIES, size=2000)
    for token in (1, 2, 4):
        both = np.array([np.bincount(side[:, token], minlength=31) for side in (ours, theirs)])
        often = both.sum(axis=0) >= 20
        assert scipy.stats.chi2_contingency(both[:, often]).pvalue > 0.01
    np.testing.assert_array_equal(ours.sum(axis=1), 30)


def test_every_row_of_a_batch_follows_its_own_probabilities():
    batch = softmax(np.random.default_rng(0).standard_normal((2, 3, 5)))
    ids = draw(batch, DRAWS, 3)
    assert ids.shape == (2, 3, DRAWS)
    rows = zip(ids.reshape(6, -1), batch.reshape(6, -1), strict=True)
    assert min(p_value(np.bincount(row, minlength=5), expected) for row, expected in rows) > 0.001
    assert not (ids[0, 0] == ids[0, 1]).all()  # and no two rows share their luck


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_what_has_probability_zero_is_never_drawn(dtype):
    for probabilities, first, last in [([0, 0, 0.5, 0, 0.5], 2, 4), ([0.25, 0, 0.75, 0, 0], 0, 2), ([0, 1, 0], 1, 1)]:
        probabilities = np.array(probabilities, dtype=dtype)
        assert draw(probabilities, 1, Points(0.0)) == first
        assert draw(probabilities, 1, Points(1 - 2**-53)) == last
        assert set(draw(probabilities, 1000, 0)) == set(np.flatnonzero(probabilities))


def test_rounded_sums_are_no_obstacle():
    """Half precision sums to 1 within 0.001; the ids stay in range at both ends."""
    rough = softmax(np.random.default_rng(0).standard_normal(500)).astype(np.float16)
    assert draw(rough, 1, Points(0.0)) == 0 and draw(rough, 1, Points(1 - 2**-53)) == 499
    assert p_value(counts(rough, 0), rough.astype(np.float64) / rough.sum(dtype=np.float64)) > 0.01


def test_highest_point_never_passes_the_last_token_whatever_the_total_rounds_to():
    """Scaled to the total, 1 - 2**-53 must stay below it: all totals next to 1, and many others that draw() accepts."""
    near = 1 + np.arange(-50, 50) * 2.0**-53
    far = 1 + np.random.default_rng(0).uniform(-1e-3, 1e-3, 400)
    batch = np.stack([np.zeros(500), np.concatenate([near, far]), np.zeros(500)], axis=-1)
    assert (draw(batch, 1, Points(1 - 2**-53)) == 1).all()


# --- shapes, seeds ---


def test_shapes_are_those_of_torch_multinomial():
    for shape in [(4,), (1, 4), (3, 4)]:
        probabilities = np.full(shape, 0.25)
        expected = torch.multinomial(torch.from_numpy(probabilities), 3, replacement=True)
        ids = draw(probabilities, 3)
        assert ids.shape == tuple(expected.shape) and ids.dtype == np.int64
    assert draw(np.full((2, 3, 4), 0.25)).shape == (2, 3, 1)
    assert draw([0.5, 0.5]).shape == (1,)


def test_a_seed_repeats_and_a_generator_goes_on():
    assert draw(PROBABILITIES, 50, 7).tolist() == draw(PROBABILITIES, 50, np.int64(7)).tolist()
    assert draw(PROBABILITIES, 50, 7).tolist() != draw(PROBABILITIES, 50, 8).tolist()
    generator = np.random.default_rng(7)
    one_by_one = [int(draw(PROBABILITIES, 1, generator)[0]) for _ in range(50)]
    assert one_by_one == draw(PROBABILITIES, 50, 7).tolist()  # as many draws at once


def test_without_a_seed_draws_differ_and_numpys_global_seed_changes_nothing():
    def run():
        np.random.seed(0)
        return draw(PROBABILITIES, 100).tolist()

    assert run() != run()


def test_arguments_stay_as_they_were():
    probabilities = PROBABILITIES.copy()
    draw(probabilities, 10, 0)
    np.testing.assert_array_equal(probabilities, PROBABILITIES)


def test_lists_tensors_and_a_step_can_be_drawn_from():
    assert draw([0, 1, 0], 2).tolist() == [1, 1]
    assert draw(torch.tensor([0.0, 0.0, 1.0])).tolist() == [2]
    assert draw(decode_step([1.0, 5.0, 2.0], top_k=1)).tolist() == [1]


# --- what is refused ---


@pytest.mark.parametrize(
    "values",
    [
        [1.0, 2.0, 3.0],
        [0.0, 0.0],
        [0.5, 0.4],
        [1.2, -0.2],
        [np.nan, 1.0],
        [np.inf, 0.0],
        [np.inf, -np.inf],
        [[0.5, 0.5], [0.5, 0.4]],
        top_k_filter([1.0, 2.0, 3.0], 2),
    ],
    ids=str,
)
def test_what_is_no_distribution_is_refused_with_the_way_to_one(values):
    with pytest.raises(CourseError, match="더하면 1") as caught:
        draw(values)
    assert "softmax(logits)" in str(caught.value) and "decode_step(logits)" in str(caught.value)


@pytest.mark.parametrize("n", [0, -1, 1.0, True, None, "3", (2, 3)])
def test_n_must_be_a_whole_number_of_one_or_more(n):
    with pytest.raises(CourseError, match="n에는 1 이상의 정수"):
        draw([0.5, 0.5], n)


@pytest.mark.parametrize("rng", [-1, 1.5, True, "seed", np.random.RandomState(0), np.random, [1, 2]], ids=str)
def test_rng_must_be_a_generator_or_a_seed(rng):
    with pytest.raises(CourseError, match="default_rng"):
        draw([0.5, 0.5], 1, rng)


@pytest.mark.parametrize(("values", "word"), [([], "모양"), (1.0, "모양"), (["a"], "숫자"), ([[1.0], []], "길이")])
def test_what_is_no_array_of_numbers_is_refused(values, word):
    with pytest.raises(CourseError, match=word):
        draw(values)
