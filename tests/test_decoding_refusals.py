"""Every input that the decode steps refuse, and that the message says what to do instead."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from decoding_reference import each_step

from course_utils.decoding import apply_temperature, decode_step, draw, softmax, top_k_filter, top_p_filter
from course_utils.errors import CourseError

INF = np.inf


def refused(call, *arguments):
    """The Korean message of the error that a call must end in; nothing else may be said, such as a warning."""
    with pytest.raises(CourseError) as caught:
        call(*arguments)
    assert isinstance(caught.value, ValueError)
    return str(caught.value)


def test_temperature_zero_is_explained_as_greedy_decoding():
    for zero in (0, 0.0, -0.0, np.float32(0)):
        for call in (apply_temperature, decode_step):
            said = refused(call, [1.0, 2.0], zero)
            for word in ("온도(temperature) 0", "탐욕적 디코딩(greedy decoding)", "logits.argmax()", "do_sample=False"):
                assert word in said


@pytest.mark.parametrize("temperature", [-1, -1e-9, -INF, np.nan, True, np.True_, "1", None, 1j, [1.0], np.array(1.0)])
def test_temperature_must_be_a_positive_number(temperature):
    for call in (apply_temperature, decode_step):
        said = refused(call, [1.0, 2.0], temperature)
        assert "0보다 큰 수" in said and repr(temperature) in said


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("temperature", [1e-45, 1e-46, 1e-310, 5e-324, 1e39, 1e308 * 10, 10**400, Fraction(1, 10**400)])
def test_temperature_out_of_range_is_refused_where_it_cannot_be_computed(temperature, dtype):
    """float64 carries some that float32 does not; never a warning, never NaN."""
    logits = np.array([1, -1, 3], dtype=dtype)
    if dtype == np.float64 and temperature in (1e-45, 1e-46, 1e39):
        assert np.isfinite(apply_temperature(logits, temperature)).all()
    elif temperature == Fraction(1, 10**400):
        assert "온도" in refused(apply_temperature, logits, temperature)
    else:
        said = refused(apply_temperature, logits, temperature)
        assert "계산할 수 없습니다" in said and "0.1에서 2" in said and "logits.argmax()" in said
    with pytest.raises(CourseError):
        decode_step(np.array([0, 1e-3, -5], dtype=np.float32), temperature)


@pytest.mark.parametrize("p", [0, -0.1, 1.0000001, 90, INF, np.nan, True, False, np.True_, "0.9", None, [0.9], 1j])
def test_p_must_be_a_share(p):
    for call in (lambda p: top_p_filter([1.0, 2.0], p), lambda p: decode_step([1.0, 2.0], top_p=p)):
        said = refused(call, p)
        assert "0보다 크고 1 이하" in said and "90%라면 0.9" in said and repr(p) in said


@pytest.mark.parametrize("k", [-1, 2.0, 1.5, True, False, np.True_, "2", None, np.nan, [2], np.array(2)])
def test_k_must_be_a_whole_number_of_one_or_more(k):
    for call in (lambda k: top_k_filter([1.0, 2.0], k), lambda k: decode_step([1.0, 2.0], top_k=k)):
        said = refused(call, k)
        assert "1 이상의 정수" in said and repr(k) in said


def test_k_of_zero_means_off_in_the_step_and_nothing_in_the_filter():
    np.testing.assert_array_equal(decode_step([1.0, 2.0], top_k=0), softmax([1.0, 2.0]))
    assert "k에는 1 이상의 정수" in refused(top_k_filter, [1.0, 2.0], 0)
    assert "0은 끈다는 뜻" in refused(lambda: decode_step([1.0], top_k=-1))


@each_step
@pytest.mark.parametrize(
    ("row", "word"),
    [
        ([1, np.nan, 2], "NaN"),
        ([1, INF, 2], "무한대(inf)"),
        ([-INF] * 3, "모든 로짓이 -inf"),
        ([INF, np.nan, 1], "NaN"),
    ],
)
def test_logits_without_probabilities_are_refused_even_in_one_row_of_a_batch(step, row, word):
    for dtype in (np.float16, np.float32, np.float64):
        assert word in refused(step, np.array(row, dtype=dtype))
        assert word in refused(step, np.array([[1, 2, 3], row, [4, 5, 6]], dtype=dtype))


@each_step
@pytest.mark.parametrize(
    ("values", "word"),
    [
        ([], "(0,)"),
        (np.empty((0, 5)), "(0, 5)"),
        (np.empty((5, 0)), "(5, 0)"),
        (3.0, "()"),
        ([[1, 2], [3]], "모든 줄의 길이"),
        (["1", "2"], "숫자로 이루어진"),
        ("12", "str"),
        ({"사과": 3.0, "배": 1.0}, "list(딕셔너리.values())"),
        ([True, False], "bool"),
        ([1j, 2], "complex128"),
        ([1, None], "object"),
        (None, "NoneType"),
        (torch.tensor([1.0, 2.0], dtype=torch.bfloat16), ".detach().float().cpu().numpy()"),
        (torch.tensor([1.0, 2.0], requires_grad=True), ".detach().float().cpu().numpy()"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_array_of_numbers_is_refused(step, values, word):
    assert word in refused(step, values)


@pytest.mark.parametrize("axis", [2, -3, None, True, 0.0, (0, 1)])
def test_axis_must_be_one_of_the_array(axis):
    assert f"axis={axis!r}" in refused(softmax, [[1.0, 2.0]], axis)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: decode_step([1.0, 2.0], temperature="0.7"), ("'0.7'", "float()")),
        (lambda: top_k_filter([1.0, 2.0], "5"), ("'5'", "int()")),
        (lambda: top_p_filter([1.0, 2.0], np.array(0.9)), (".item()",)),
        (lambda: decode_step({"logits": [1.0]}), ("output.logits[0, -1]",)),
        (lambda: draw([[0.5, 0.5], [0.5, 0.3]]), ("합: 0.8", "합으로 나누어")),
        (lambda: draw([INF, -INF]), ("최솟값: -inf",)),
    ],
)
def test_what_only_looks_right_is_told_apart(call, words):
    """Text from input(), an array for a number, the model's whole output, probabilities that were cut."""
    message = refused(call)
    assert [word for word in words if word not in message] == []


@pytest.mark.parametrize("value", [-1.0, np.float64(-1), np.int64(-1)])
def test_a_plain_bad_number_gets_no_hint_about_text_or_arrays(value):
    message = refused(apply_temperature, [1.0, 2.0], value)
    assert "float()" not in message and ".item()" not in message
