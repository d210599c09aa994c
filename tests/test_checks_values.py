"""Values as JSON and back: nothing is lost, nothing is believed."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.checks.values import MAX_ITEMS, StandIn, Unsendable, decode, encode

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=4)
        | st.tuples(inner, inner)
    ),
    max_leaves=12,
)


def through_json(value):
    return decode(json.loads(json.dumps(encode(value), allow_nan=False)))


@settings(max_examples=200, deadline=None)
@given(PLAIN)
def test_plain_values_come_back_with_their_types(value):
    back = through_json(value)
    assert back == value and repr(back) == repr(value)


@pytest.mark.parametrize("dtype", ["bool", "int8", "int64", "uint16", "float16", "float32", "float64", ">f8"])
def test_arrays_come_back_with_type_and_shape(dtype):
    array = (np.arange(24).reshape(2, 3, 4) % 5).astype(dtype)[:, ::2]
    back = through_json(array)
    assert back.dtype == array.dtype.newbyteorder("=") and np.array_equal(back, array) and back.flags.writeable


def test_numbers_without_a_json_form_come_back():
    back = through_json([float("inf"), -float("inf"), float("nan"), np.float32(0.1), np.int64(3)])
    assert back[:2] == [np.inf, -np.inf] and np.isnan(back[2])
    assert back[3] == np.float32(0.1) and type(back[3]) is np.float32 and type(back[4]) is np.int64


def test_tables_come_back():
    table = pd.DataFrame({"이름": ["가", None, "다"], "점수": [1.5, np.nan, 3.0], "수": [1, 2, 3]}, index=[2, 5, 7])
    pd.testing.assert_frame_equal(through_json(table).astype(table.dtypes), table)
    series = table["점수"]
    pd.testing.assert_series_equal(through_json(series), series)


def test_tensors_arrive_as_arrays():
    import torch

    assert np.array_equal(through_json(torch.tensor([[1, 2]])), [[1, 2]])
    assert through_json(torch.tensor([0.5], dtype=torch.bfloat16)).dtype == np.float32


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def cyclic():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value",
    [
        object(),
        print,
        np,
        nested(200),
        cyclic(),
        [0] * (MAX_ITEMS + 1),
        "가" * 1_000_001,
        10**100_000,
        np.zeros(10**7),
        np.array([object()]),
        np.array([1j]),
        1j,
        b"bytes",
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_place_in_json_is_refused_in_korean(value):
    with pytest.raises(Unsendable, match="[가-힣]"):
        encode(value)


@pytest.mark.parametrize(
    "data",
    [
        {"$": "array", "data": ["float64", [1000], "AAAA"]},
        {"$": "array", "data": ["object", [1], "AAAA"]},
        {"$": "array", "data": ["float64", [-1], ""]},
        {"$": "array", "data": ["float64", "x", ""]},
        {"$": "array", "data": None},
        {"$": "array", "data": ["float64", [10**12, 0], ""], "more": 1},
        {"$": "scalar", "data": ["float64", [2], "AAAAAAAAAAAAAAAAAAAAAA=="]},
        {"$": "int", "data": "9" * 10_000},
        {"$": "int", "data": "eins"},
        {"$": "float", "data": "1e5"},
        {"$": "dict", "data": [[[], 1]]},
        {"$": "dict", "data": [1]},
        {"$": "set", "data": [[]]},
        {"$": "pickle", "data": "gASVBQAAAAAAAABLBC4="},
        {"$": []},
        {"$": "frame", "data": [[1], [["a", [1, 2, 3]]]]},
        {"$": "stand_in", "data": ["rng", {"seed": 1}]},
        nested(500),
    ],
    ids=str,
)
def test_malformed_data_is_refused(data):
    with pytest.raises(ValueError):
        decode(data)


def test_stand_ins_come_only_from_the_trusted_side():
    sent = json.loads(json.dumps(encode([StandIn("rng", seed=5)])))
    assert decode(sent, stand_ins=True) == [StandIn("rng", seed=5)]
    with pytest.raises(ValueError):
        decode(sent)
