"""The decode steps on their own: hand-computed values, and what holds for all inputs."""

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch
from decoding_reference import each_step, exact_softmax
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from course_utils.decoding import apply_temperature, decode_step, draw, softmax, top_k_filter, top_p_filter

INF = np.inf
STEADY = settings(derandomize=True, deadline=None, database=None)
LOGITS = arrays(
    st.sampled_from([np.float16, np.float32, np.float64]),
    array_shapes(min_dims=1, max_dims=3, max_side=7),
    elements=st.floats(-60, 60, width=16),
)
# --- values ---


def test_softmax_by_hand():
    np.testing.assert_allclose(softmax([0, 0, 0, 0]), 0.25)
    np.testing.assert_allclose(softmax(np.log([1, 2, 5])), [0.125, 0.25, 0.625])
    np.testing.assert_allclose(softmax([0.0, -INF]), [1, 0])
    np.testing.assert_allclose(softmax([1, 2, 3, 4, 100]), [0, 0, 0, 0, 1], atol=1e-40)


def test_temperature_by_hand():
    assert apply_temperature([1, 2, 3, 4, 100], 10).tolist() == [0.1, 0.2, 0.3, 0.4, 10]
    assert apply_temperature([1.0, -INF], 0.5).tolist() == [2, -INF]
    # Halving the temperature squares the ratio of two probabilities: 1 to 2 becomes 1 to 4.
    np.testing.assert_allclose(decode_step(np.log([1, 2]), temperature=0.5), [0.2, 0.8])


def test_top_k_by_hand():
    assert top_k_filter([1, 4, 2, 3], 2).tolist() == [-INF, 4, -INF, 3]
    assert top_k_filter([1, 4, 3, 3], 2).tolist() == [-INF, 4, 3, 3]
    assert top_k_filter([1, 2], 5).tolist() == [1, 2]
    assert top_k_filter([[1, 2, 3], [6, 5, 4]], 1).tolist() == [[-INF, -INF, 3], [6, -INF, -INF]]
    assert top_k_filter([1, -INF, -INF, -INF], 2).tolist() == [1, -INF, -INF, -INF]


def test_top_p_by_hand():
    logits = np.log([0.1, 0.5, 0.15, 0.25])
    for p, kept in [(1e-9, [1]), (0.4, [1]), (0.6, [1, 3]), (0.8, [1, 2, 3]), (0.95, [0, 1, 2, 3]), (1, [0, 1, 2, 3])]:
        assert np.flatnonzero(np.isfinite(top_p_filter(logits, p))).tolist() == kept, p
    assert top_p_filter([1.0, -INF], 0.999).tolist() == [1, -INF]


def test_decode_step_by_hand():
    logits = np.log([0.1, 0.5, 0.15, 0.25])
    np.testing.assert_allclose(decode_step(logits), [0.1, 0.5, 0.15, 0.25])
    np.testing.assert_allclose(decode_step(logits, top_k=2), [0, 2 / 3, 0, 1 / 3])
    np.testing.assert_allclose(decode_step(logits, top_p=0.8), [0, 5 / 9, 1.5 / 9, 2.5 / 9])
    squares = np.array([0.01, 0.25, 0.0225, 0.0625])
    np.testing.assert_allclose(decode_step(logits, 0.5, 3), squares * [0, 1, 1, 1] / squares[1:].sum())


def test_one_token_is_certain():
    assert decode_step([-1000.0], 0.1, 1, 1e-9).tolist() == [1]
    assert draw([1.0], 3).tolist() == [0, 0, 0]


def test_numbers_too_far_apart_for_their_format_give_zero_and_no_warning():
    assert softmax(np.array([3e38, -3e38], dtype=np.float32)).tolist() == [1, 0]
    assert softmax([1.7e308, -1.7e308]).tolist() == [1, 0]
    assert decode_step(np.array([5, -5], dtype=np.float32), 2e-38, 0, 0.5).tolist() == [1, 0]
    with np.errstate(all="raise"):  # a reader's own strict setting
        assert decode_step([0.0, -2000.0], 0.5, 2, 0.5).tolist() == [1, 0]


# --- properties ---


@STEADY
@given(LOGITS)
def test_softmax_equals_scipys(logits):
    tolerance = 1e-14 if logits.dtype == np.float64 else 2e-6
    expected = scipy.special.softmax(logits.astype(np.float64), axis=-1)
    np.testing.assert_allclose(softmax(logits), expected, rtol=10 * tolerance, atol=tolerance)


def test_softmax_of_a_whole_vocabulary_equals_scipys():
    logits = np.random.default_rng(0).standard_normal(102_400) * 5
    np.testing.assert_allclose(softmax(logits), scipy.special.softmax(logits), rtol=1e-13, atol=0)
    in_float32 = logits.astype(np.float32)
    np.testing.assert_allclose(softmax(in_float32), exact_softmax(in_float32), rtol=5e-6, atol=0)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3, np.int64(1)])
def test_softmax_runs_along_any_axis(axis):
    logits = np.random.default_rng(0).standard_normal((2, 3, 4))
    np.testing.assert_allclose(softmax(logits, axis=axis), scipy.special.softmax(logits, axis=int(axis)), rtol=1e-14)


@STEADY
@given(LOGITS, st.floats(0.1, 10), st.integers(0, 8), st.floats(0.01, 1))
def test_probabilities_are_ordered_as_the_logits_and_sum_to_one(logits, temperature, top_k, top_p):
    before = logits.copy()
    probabilities = decode_step(logits, temperature, top_k, top_p)
    assert probabilities.shape == logits.shape
    assert probabilities.dtype == (np.float64 if logits.dtype == np.float64 else np.float32)
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=-1, dtype=np.float64), 1, atol=1e-6)
    by_logit = np.take_along_axis(probabilities, np.argsort(logits, axis=-1, kind="stable"), axis=-1)
    assert (np.diff(by_logit, axis=-1) >= 0).all()  # of equal logits the higher ids survive
    np.testing.assert_array_equal(logits, before)


@STEADY
@given(LOGITS)
def test_filters_change_nothing_but_what_they_cut(logits):
    for filtered in (top_k_filter(logits, 2), top_p_filter(logits, 0.7)):
        kept = filtered > -INF
        assert kept.any(axis=-1).all() and not (kept & (filtered != logits)).any()


@each_step
@pytest.mark.parametrize("order", ["C", "F"])
def test_rows_of_a_batch_do_not_meet_whatever_their_order_in_memory(step, order):
    """In Fortran's order a batch of three dimensions once came back as zeros."""
    batch = np.asarray(np.random.default_rng(0).standard_normal((2, 3, 5)), order=order)
    expected = [[step(row.copy()) for row in rows] for rows in batch]
    np.testing.assert_array_equal(step(batch), expected)
    np.testing.assert_array_equal(step(batch[:, ::-1]), np.flip(expected, axis=1))
    np.testing.assert_array_equal(step(batch[0].T), [step(column.copy()) for column in batch[0].T])


@each_step
@pytest.mark.parametrize(
    ("given_dtype", "expected"),
    [("e", "f"), ("f", "f"), (">f4", "f"), ("d", "d"), (">f8", "d"), ("g", "d"), ("i", "d"), ("B", "d")],
)
def test_number_formats(step, given_dtype, expected):
    found = step(np.array([3, 1, 2], dtype=given_dtype))
    assert found.dtype == np.dtype(expected)
    np.testing.assert_allclose(found, step(np.array([3, 1, 2], dtype=expected)))


@each_step
def test_anything_that_is_an_array_of_numbers_will_do(step):
    class Column:
        """As a pandas Series: not an array, but it can be made one."""

        def __array__(self, dtype=None, copy=None):
            return np.array(numbers, dtype=dtype)

    numbers = [3.0, 1.0, 2.0]
    expected = step(np.array(numbers))
    tensor = torch.tensor(numbers, dtype=torch.float64)
    for values in (numbers, tuple(numbers), [np.float32(3), 1, 2.0], Column(), tensor):
        found = step(values)
        assert type(found) is np.ndarray
        np.testing.assert_allclose(found, expected)
    assert type(step(np.matrix(numbers))) is np.ndarray


@each_step
def test_a_tensor_of_the_model_is_read_and_not_written(step):
    tensor = torch.tensor([3.0, 1.0, 2.0])
    found = step(tensor)
    assert type(found) is np.ndarray and found.dtype == np.float32
    found[:] = 0
    assert tensor.tolist() == [3, 1, 2]


def test_result_is_never_the_argument_itself():
    logits = np.array([1.0, 2.0, 3.0])
    for same in (apply_temperature(logits, 1), top_k_filter(logits, 3), top_p_filter(logits, 1), decode_step(logits)):
        assert not np.shares_memory(same, logits)


def test_numbers_may_be_of_any_real_type():
    logits = np.log([0.1, 0.5, 0.15, 0.25])
    expected = decode_step(logits, 2.0, 3, 0.5)
    for two, three, half in [
        (2, np.int64(3), np.float32(0.5)),
        (np.float16(2), np.uint8(3), Fraction(1, 2)),
        (Fraction(2), 3, np.float64(0.5)),
    ]:
        np.testing.assert_allclose(decode_step(logits, two, three, half), expected)
    assert top_k_filter([1, 2], 10**30).tolist() == [1, 2]


# --- without torch ---


def test_module_needs_no_torch():
    code = (
        "import sys, course_utils.decoding as d; d.draw(d.decode_step([1, 2, 3], 0.7, 2, 0.9)); print([*sys.modules])"
    )
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "'course_utils.decoding'" in modules
    assert "'torch'" not in modules and "'transformers'" not in modules and "'scipy'" not in modules
