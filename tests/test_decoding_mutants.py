"""Typical wrong implementations of the decode step, and for each the named check that catches it.

A check takes an implementation. Ours and the plain one pass all; every wrong one fails the check that names its
mistake. A check that catches nothing would be dead weight, so that is tested too.
"""

import inspect

import numpy as np
import pytest
from decoding_reference import Plain, Points

from course_utils import decoding


def kept(filtered):
    return np.flatnonzero(np.isfinite(filtered)).tolist()


def positive(probabilities):
    return np.flatnonzero(probabilities).tolist()


# --- the checks ---


def softmax_subtracts_the_largest_logit(implementation):
    with np.errstate(all="ignore"):
        for offset in (0, 1000, -1000):
            found = implementation.softmax(np.array([1.0, 2.0, 3.0]) + offset)
            np.testing.assert_allclose(found, [0.09003057, 0.24472847, 0.66524096], atol=1e-8)


def top_p_keeps_the_token_that_crosses_the_threshold(implementation):
    logits = np.log([0.5, 0.3, 0.2])
    assert kept(implementation.top_p_filter(logits, 0.6)) == [0, 1]
    assert kept(implementation.top_p_filter(logits, 0.1)) == [0]


def top_p_stops_when_the_sum_is_exactly_p(implementation):
    """Four equal tokens, half of the probability: two, of the higher ids. A quarter more or less is exact in binary."""
    assert kept(implementation.top_p_filter(np.zeros(4), 0.5)) == [2, 3]
    assert kept(implementation.top_p_filter(np.zeros(4), 0.75)) == [1, 2, 3]
    assert kept(implementation.top_p_filter(np.zeros(4), 0.76)) == [0, 1, 2, 3]


def top_p_sums_in_the_format_of_the_library(implementation):
    """1 - 0.9 is a little less than 0.1 in float64; the library compares in float32, where both are equal."""
    assert kept(implementation.top_p_filter(np.zeros(10), 0.9)) == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def top_k_comes_before_top_p(implementation):
    """Of 0.4, 0.3, 0.1, 0.1, 0.1 top-k leaves two, 4/7 and 3/7: the first alone then reaches 0.55."""
    assert positive(implementation.decode_step(np.log([0.4, 0.3, 0.1, 0.1, 0.1]), top_k=2, top_p=0.55)) == [0]


def top_k_keeps_all_that_tie_with_the_last(implementation):
    assert kept(implementation.top_k_filter(np.array([1.0, 3.0, 2.0, 2.0, 2.0]), 2)) == [1, 2, 3, 4]
    assert positive(implementation.decode_step(np.array([2.0, 2.0, 2.0, 1.0]), top_k=1)) == [0, 1, 2]


def temperature_comes_before_the_filters(implementation):
    """At temperature 10 the five tokens are nearly alike; at 1 two of them hold more than 0.9."""
    logits = np.log([0.6, 0.34, 0.02, 0.02, 0.02])
    assert positive(implementation.decode_step(logits, temperature=10, top_p=0.9)) == [0, 1, 2, 3, 4]
    assert positive(implementation.decode_step(logits, top_p=0.9)) == [0, 1]


def what_remains_sums_to_one(implementation):
    probabilities = implementation.decode_step(np.log([0.5, 0.3, 0.2]), top_k=2)
    np.testing.assert_allclose(probabilities, [0.625, 0.375, 0], atol=1e-12)


def temperature_divides(implementation):
    np.testing.assert_allclose(implementation.apply_temperature([2.0, 4.0], 2), [1.0, 2.0])


def equal_logits_at_the_border_stay_by_higher_id(implementation):
    assert kept(implementation.top_p_filter(np.log([0.2, 0.2, 0.2, 0.2, 0.2]), 0.3)) == [3, 4]


def draw_never_returns_what_has_probability_zero(implementation):
    """Zeros at the start, between and at the end; the lowest and the highest point that a generator can give."""
    lowest, highest = Points(0.0), Points(1 - 2**-53)
    probabilities = np.array([0.0, 0.0, 0.3, 0.0, 0.7, 0.0, 0.0])
    assert implementation.draw(probabilities, 3, lowest).tolist() == [2, 2, 2]
    assert implementation.draw(probabilities, 3, highest).tolist() == [4, 4, 4]
    # As many float32 probabilities as a vocabulary has add up to a little less or more than 1.
    many = np.append(np.float32(1 / 102_400).repeat(102_400), np.float32([0, 0]))
    assert implementation.draw(many, 1, highest).tolist() == [102_399]
    assert implementation.draw(many * np.float32(0.9998), 1, highest).tolist() == [102_399]


def draw_gives_each_token_its_share(implementation):
    """A thousand evenly spread points: as many hits as the probability says."""
    points = Points(*(np.arange(1000) + 0.5) / 1000)
    drawn = implementation.draw(np.array([0.125, 0.5, 0.25, 0.125]), 1000, points)
    assert np.bincount(drawn, minlength=4).tolist() == [125, 500, 250, 125]


def nothing_is_written_into_the_argument(implementation):
    logits = np.array([1.0, 3.0, 2.0, 2.0])
    calls = [
        implementation.softmax,
        lambda x: implementation.apply_temperature(x, 2.0),
        lambda x: implementation.top_k_filter(x, 2),
        lambda x: implementation.top_p_filter(x, 0.5),
        lambda x: implementation.decode_step(x, 2.0, 3, 0.9),
    ]
    for call in calls:
        call(logits)
        assert logits.tolist() == [1.0, 3.0, 2.0, 2.0]


# --- the wrong implementations ---


class NoMaxSubtraction(Plain):
    def softmax(self, logits):
        weights = np.exp(np.asarray(logits, dtype=np.float64))
        return weights / weights.sum(axis=-1, keepdims=True)


class CrossingTokenDropped(Plain):
    """Keeps tokens while their sum is at most p, instead of until it reaches p."""

    def top_p_filter(self, logits, p):
        logits = np.asarray(logits, dtype=np.float64)
        order = np.argsort(-logits, kind="stable")
        within = np.cumsum(self.softmax(logits)[order]) <= p
        within[0] = True
        return np.where(np.isin(np.arange(len(logits)), order[within]), logits, -np.inf)


class StrictThreshold(Plain):
    """Cuts what holds strictly less than 1 - p: one token too many where the sum is exactly p."""

    def is_tail(self, tails, cut_at):
        return tails.astype(np.float32) < np.float32(cut_at)


class ThresholdInDoublePrecision(Plain):
    def is_tail(self, tails, cut_at):
        return tails <= cut_at


class TopPFirst(Plain):
    def decode_step(self, logits, temperature=1.0, top_k=0, top_p=1.0):
        logits = self.top_p_filter(self.apply_temperature(logits, temperature), top_p)
        return self.softmax(self.top_k_filter(logits, top_k) if top_k else logits)


class TiesCutByPosition(Plain):
    def top_k_filter(self, logits, k):
        logits = np.asarray(logits, dtype=np.float64)
        first = np.argsort(-logits, kind="stable")[:k]
        return np.where(np.isin(np.arange(len(logits)), first), logits, -np.inf)


class BorderByLowerId(Plain):
    def top_p_filter(self, logits, p):
        return super().top_p_filter(np.asarray(logits)[::-1], p)[::-1]


class TemperatureLast(Plain):
    def decode_step(self, logits, temperature=1.0, top_k=0, top_p=1.0):
        if top_k:
            logits = self.top_k_filter(logits, top_k)
        return self.softmax(self.apply_temperature(self.top_p_filter(logits, top_p), temperature))


class TemperatureMultiplied(Plain):
    def apply_temperature(self, logits, temperature):
        return np.asarray(logits) * temperature


class NoRenormalisation(Plain):
    def decode_step(self, logits, temperature=1.0, top_k=0, top_p=1.0):
        return np.where(super().decode_step(logits, temperature, top_k, top_p) > 0, self.softmax(logits), 0)


class DrawFromTheLeft(Plain):
    """A point at 0 finds the first bound that is at least 0: that of a leading token of probability 0."""

    def find(self, bounds, points):
        return np.searchsorted(bounds, points, side="left")


class DrawClipped(Plain):
    """Points are not scaled to the sum, so those above it find no token; clipping gives them the last one."""

    def draw(self, probabilities, n=1, rng=None):
        bounds = np.cumsum(probabilities)
        return np.minimum(np.searchsorted(bounds, rng.random(n), side="right"), len(bounds) - 1)


class DrawAlike(Plain):
    """Every token that may be drawn, equally often."""

    def find(self, bounds, points):
        allowed = np.flatnonzero(np.diff(bounds, prepend=0))
        return allowed[(points / bounds[-1] * len(allowed)).astype(int)]


class WritesInPlace(Plain):
    def top_k_filter(self, logits, k):
        logits[logits < np.sort(logits)[-k]] = -np.inf
        return logits


KILLED_BY = {
    NoMaxSubtraction: softmax_subtracts_the_largest_logit,
    CrossingTokenDropped: top_p_keeps_the_token_that_crosses_the_threshold,
    StrictThreshold: top_p_stops_when_the_sum_is_exactly_p,
    ThresholdInDoublePrecision: top_p_sums_in_the_format_of_the_library,
    TopPFirst: top_k_comes_before_top_p,
    TiesCutByPosition: top_k_keeps_all_that_tie_with_the_last,
    BorderByLowerId: equal_logits_at_the_border_stay_by_higher_id,
    TemperatureLast: temperature_comes_before_the_filters,
    TemperatureMultiplied: temperature_divides,
    NoRenormalisation: what_remains_sums_to_one,
    DrawFromTheLeft: draw_never_returns_what_has_probability_zero,
    DrawClipped: draw_never_returns_what_has_probability_zero,
    DrawAlike: draw_gives_each_token_its_share,
    WritesInPlace: nothing_is_written_into_the_argument,
}
CHECKS = list(dict.fromkeys(KILLED_BY.values()))


def name(thing):
    return thing.__name__


@pytest.mark.parametrize("check", CHECKS, ids=name)
def test_ours_passes(check):
    check(decoding)


@pytest.mark.parametrize("check", CHECKS, ids=name)
def test_plain_implementation_passes_so_that_one_change_is_what_a_mutant_fails_by(check):
    check(Plain())


@pytest.mark.parametrize(("mutant", "check"), KILLED_BY.items(), ids=name)
def test_wrong_implementation_fails_the_check_that_names_its_mistake(mutant, check):
    with pytest.raises(AssertionError):
        check(mutant())


def test_every_check_is_there_to_catch_something():
    functions = filter(inspect.isfunction, globals().values())
    assert {f for f in functions if [*inspect.signature(f).parameters] == ["implementation"]} == set(CHECKS)
