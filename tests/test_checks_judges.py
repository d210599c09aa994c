"""The judges: right answers in any usual shape pass, wrong ones get a reason, odd ones do no harm."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.checks.judges import close, equal, find, frequencies, same_set, text

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(NUMBERS, st.integers(0, 5), st.floats(0.01, 10))
def test_close_takes_rounding_and_refuses_a_changed_number(values, place, change):
    rounded = np.array(values) * (1 + 1e-7)
    assert close(rounded, values) is None and close(list(rounded), np.array(values)) is None
    wrong = list(values)
    wrong[place % len(values)] += change * (1 + abs(wrong[place % len(values)]))
    assert close(wrong, np.array(values)) is not None


@pytest.mark.parametrize(
    ("got", "expected", "reason"),
    [
        ([1.0, 2.0], [1.0, 2.0, 3.0], "모양"),
        ([[1.0, 2.0]], [1.0, 2.0], "모양"),
        ([np.nan, 1.0], [0.0, 1.0], "nan"),
        ([-np.inf, 1.0], [0.0, 1.0], "무한대"),
        ([np.inf, 1.0], [-np.inf, 1.0], "무한대"),
        ("1.0", 1.0, "글"),
        (None, 1.0, "None"),
        ([1.0, [2.0]], [1.0, 2.0], "배열이어야"),
        (np.array([1.0]), 1.0, "수 하나여야"),
        (1.0, [1.0, 2.0], "배열이어야 하는데 실수(float) 하나"),
        ([0.33, 0.67], [1 / 3, 2 / 3], "소수점 아래 2자리까지 반올림"),
        ([0.0, 0.0], [1e-3, 1e-4], "값이 다릅니다"),
        ({"a": 1.0}, {"a": 1.0, "b": 2.0}, "빠진"),
        ({"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 1.0, "b": 2.0}, "필요 없는"),
        (("가", 1.0), ("나", 1.0), "다릅니다"),
    ],
)
def test_close_says_in_korean_what_is_wrong(got, expected, reason):
    assert reason in close(got, expected)


def test_close_looks_into_lists_and_dictionaries():
    right = {"확률": np.array([0.5, 0.5]), "이름": ["가", "나"], "쌍": (1, "x")}
    assert close({"확률": [0.5, 0.5], "이름": ["가", "나"], "쌍": [1, "x"]}, right) is None
    assert close({"확률": [0.5, 0.5], "이름": ["가", "다"], "쌍": [1, "x"]}, right) is not None


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (np.int64(3), 3),
        ((1, 2), [1, 2]),
        (np.array([1, 2]), [1, 2]),
        (3.0, 3),
        (pd.Series(["가", "나"]), ["가", "나"]),
        (pd.DataFrame({"a": [1]}, index=[7]), pd.DataFrame({"a": [1]})),
    ],
)
def test_equal_takes_the_same_value_in_other_clothes(got, expected):
    assert equal(got, expected) is None


@pytest.mark.parametrize(
    ("got", "expected"),
    [(True, 1), (1, True), ("3", 3), ([1, 2], [2, 1]), ([1], [1, 1]), ({"a": 1}, {"a": 2}), ([True], [1]), (None, "x")],
)
def test_equal_refuses_anything_else(got, expected):
    assert "다" in equal(got, expected)


def test_same_set_takes_any_order_and_refuses_missing_extra_and_doubled():
    assert same_set({"b", "a"}, ["a", "b"]) is None and same_set(("b", "a"), ["a", "b"]) is None
    for wrong in (["a"], ["a", "b", "c"], ["a", "c"], ["a", "b", "b"], "ab", None):
        assert same_set(wrong, ["a", "b"])


def test_text_ignores_spaces_only():
    assert text(" 안녕하세요,\n 고객님 ", "안녕하세요, 고객님") is None
    assert text("안녕하세요 고객님", "안녕하세요, 고객님") and text(3, "3")


def test_frequencies_take_honest_samples_and_refuse_typical_wrong_ones():
    p = np.array([0.5, 0.3, 0.2, 0.0])
    for seed in range(30):
        assert frequencies(np.random.default_rng(seed).choice(4, 5000, p=p), p, count=5000) is None
    rng = np.random.default_rng(0)
    wrong = {
        "greedy": np.zeros(5000, int),
        "uniform": rng.integers(0, 3, 5000),
        "flattened": rng.choice(4, 5000, p=np.sqrt(p) / np.sqrt(p).sum()),
        "impossible": np.append(rng.choice(4, 4999, p=p), 3),
        "too few": rng.choice(4, 4999, p=p),
        "out of range": np.append(rng.choice(4, 4999, p=p), 4),
        "floats": rng.choice(4, 5000, p=p).astype(float),
        "no array": 3,
    }
    assert {name for name, sample in wrong.items() if frequencies(sample, p, count=5000) is None} == set()
    assert frequencies(np.ones(10, int), [0.0, 1.0]) is None


class Liar:
    """Says yes to every comparison."""

    def __eq__(self, other):
        return True

    __hash__ = None


@pytest.mark.parametrize("judge", [close, equal, same_set, text])
def test_an_object_that_equals_everything_passes_no_judge(judge):
    for expected in ([1.0, 2.0], ["a"]):
        try:
            assert judge(Liar(), expected) is not None
        except Exception as error:  # the scorer counts a judge that stumbles as a wrong answer
            assert not isinstance(error, AssertionError)


def test_only_names_of_judges_find_one():
    assert find("close") is close
    for name in ("os.system", "../x.y", "close.x", "__import__"):
        with pytest.raises((ValueError, ModuleNotFoundError)):
            find(name)
