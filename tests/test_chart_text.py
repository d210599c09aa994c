"""Numbers and words of charts: digits a reader needs, nothing that XML forbids, lengths that fit."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.chart_text import (
    lines_of,
    number_text,
    percent_text,
    plain,
    rounded,
    shortened,
    text_width,
    tick_text,
    value_text,
)

sizes = st.floats(1e-300, 1e15) | st.floats(0.01, 1000)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0%"),
        (1e-43, "거의 0"),
        (1e-6, "0.0001%"),
        (0.00123, "0.123%"),
        (0.03125, "3.13%"),
        (0.125, "12.5%"),
        (0.5, "50%"),
        (0.99, "99%"),
        (0.9991, "99.91%"),
        (0.99996, "거의 100%"),
        (1, "100%"),
    ],
)
def test_percent_has_sensible_digits_and_rounds_nothing_away_to_zero_or_all(share, text):
    assert percent_text(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (48, "48"),
        (1843, "1,843"),
        (125_000, "125,000"),
        (12345.6, "12,346"),
        (0.0001234, "0.000123"),
        (-4.5, "-4.5"),
        (-0.5004, "-0.5"),
        (1.011e-43, "1.01e-43"),
        (2e12, "2e+12"),
    ],
)
def test_number_has_three_significant_digits_and_whole_numbers_keep_all_theirs(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "percent", "text"),
    [(0.1 + 0.2, False, "0.3"), (-2.5, False, "-2.5"), (0, True, "0%"), (0.07, True, "7%"), (2000, False, "2,000")],
)
def test_tick_is_named_without_the_dust_of_binary_fractions(value, percent, text):
    assert tick_text(value, percent) == text


def test_next_to_a_millionfold_larger_value_a_tiny_one_is_called_so():
    assert value_text(1e-9, False, largest=1.0) == "거의 0" and value_text(0.0, False, largest=1.0) == "0"
    assert value_text(1e-9, False) == "1e-09" and value_text(0.2, True) == "20%"


@given(sizes)
def test_rounding_moves_by_less_than_what_three_digits_show(value):
    assert abs(rounded(value) - value) <= 0.0051 * value
    assert rounded(-value) == -rounded(value)
    assert rounded(rounded(value)) == rounded(value)


@given(st.integers(1, 9999), st.integers(-3, 3), st.floats(-3.9e-7, 3.9e-7))
def test_exact_ties_do_not_tremble(digits, power, noise):
    """Four digits that end in 5 lie half-way between two of three digits; from 100 on the margin is absolute."""
    tie = (digits // 10 * 10 + 5) * 10.0 ** (power - 4)
    assert rounded(tie * (1 + noise)) == rounded(tie)


@given(st.text())
def test_any_text_becomes_one_line_of_valid_xml(text):
    made = plain(text)
    assert len(made.splitlines()) <= 1
    made.encode("utf-8")
    if not set("<&") & set(made):
        assert (ElementTree.fromstring(f"<a>{made}</a>").text or "") == made


def test_lone_surrogates_and_control_characters_show_as_unknown():
    assert plain("가\ud800나\x00\x1b다\ufffe") == "가\ufffd나\ufffd\ufffd다\ufffd" and plain(" a\n b ") == "a b"


@given(st.text(min_size=1, max_size=60), st.integers(20, 300))
def test_shortened_text_fits_and_keeps_both_ends(text, room):
    short = shortened(text, 14, room)
    assert text_width(short, 14) <= room or short == "…"
    if short != text and len(short) > 4:
        head, tail = short.split("…")[0], short.split("…")[-1]
        assert text.startswith(head) and text.endswith(tail)


def test_hangul_is_wider_than_digits():
    assert text_width("가나다", 10) == 30 and 15 < text_width("123", 10) < 25


@given(st.lists(st.sampled_from(["가", "토큰", "top-k", "분포의"]), min_size=1, max_size=12), st.integers(60, 300))
def test_broken_title_keeps_its_words_in_order_on_two_lines_at_most(words, room):
    lines = lines_of(" ".join(words), 14, room)
    assert " ".join(lines).split() == words and 1 <= len(lines) <= 2
    assert text_width(lines[0], 14) <= room or len(lines[0].split()) == 1
