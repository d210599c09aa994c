"""What course_utils.decoding is held to: the library's own processors, exact sums, and a plain second implementation.

``Plain`` is the decode step as one would first write it: whole sorts, no shortcuts. The wrong implementations of
test_decoding_mutants.py are Plain with one thing changed.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from unittest import mock

import numpy as np
import pytest
import torch
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from course_utils.decoding import apply_temperature, decode_step, softmax, top_k_filter, top_p_filter

# Every step as a function of logits alone, for what holds for all of them.
STEPS = {
    "softmax": softmax,
    "apply_temperature": lambda logits: apply_temperature(logits, 0.7),
    "top_k_filter": lambda logits: top_k_filter(logits, 2),
    "top_p_filter": lambda logits: top_p_filter(logits, 0.7),
    "decode_step": lambda logits: decode_step(logits, 0.7, 2, 0.7),
}
each_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)


# --- the library ---


def library_processors(temperature, top_k, top_p):
    """The processors that generate(do_sample=True) builds, in its order (test_decoding_equality.py proves it)."""
    processors = []
    if temperature != 1.0:
        processors.append(TemperatureLogitsWarper(float(temperature)))
    if top_k:
        processors.append(TopKLogitsWarper(top_k))
    if top_p < 1.0:
        processors.append(TopPLogitsWarper(top_p))
    return processors


def library_logits(logits, temperature=1.0, top_k=0, top_p=1.0, *, stable=False):
    """Logits after the library's processors: float32, the shape of ``logits``, ``-inf`` where cut.

    ``stable``: with a torch.sort that keeps equal logits in the order of their ids. The one that the library calls
    does so up to 16 tokens only; beyond, which of several equal tokens top-p keeps is left to chance.
    """
    logits = np.asarray(logits, dtype=np.float32)
    scores = torch.from_numpy(logits.reshape(-1, logits.shape[-1]).copy())
    with mock.patch.object(torch, "sort", partial(torch.sort, stable=True)) if stable else nullcontext():
        for processor in library_processors(temperature, top_k, top_p):
            scores = processor(None, scores)
    return scores.numpy().reshape(logits.shape)


def library_probabilities(logits, temperature=1.0, top_k=0, top_p=1.0, *, stable=False):
    """What generate() hands to torch.multinomial."""
    return torch.from_numpy(library_logits(logits, temperature, top_k, top_p, stable=stable)).softmax(-1).numpy()


# --- exact ---


def exact_softmax(logits):
    """float64, of logits of any number format."""
    logits = np.asarray(logits, dtype=np.float64)
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def exact_tails(row):
    """The probability of the least probable token, of the two least probable, ..., of all, as top-p adds them up."""
    return np.cumsum(exact_softmax(np.sort(row)))


# --- a second implementation ---


class Plain:
    """The decode step without any care for speed. Every method can be overridden by a wrong one."""

    def softmax(self, logits):
        return exact_softmax(logits)

    def apply_temperature(self, logits, temperature):
        return np.asarray(logits, dtype=np.float64) / temperature

    def top_k_filter(self, logits, k):
        logits = np.asarray(logits, dtype=np.float64)
        kth = np.sort(logits, axis=-1)[..., -min(k, logits.shape[-1]), None]
        return np.where(logits < kth, -np.inf, logits)

    def top_p_filter(self, logits, p):
        logits = np.asarray(logits, dtype=np.float64)
        order = np.argsort(logits, axis=-1, kind="stable")
        tails = np.cumsum(np.take_along_axis(self.softmax(logits), order, axis=-1), axis=-1)
        removed = self.is_tail(tails, 1 - p)
        removed[..., -1] = False
        cut = np.empty_like(removed)
        np.put_along_axis(cut, order, removed, axis=-1)
        return np.where(cut, -np.inf, logits)

    def is_tail(self, tails, cut_at):
        return tails.astype(np.float32) <= np.float32(cut_at)

    def decode_step(self, logits, temperature=1.0, top_k=0, top_p=1.0):
        logits = self.apply_temperature(logits, temperature)
        if top_k:
            logits = self.top_k_filter(logits, top_k)
        if top_p < 1:
            logits = self.top_p_filter(logits, top_p)
        return self.softmax(logits)

    def draw(self, probabilities, n=1, rng=None):
        generator = np.random.default_rng(rng)
        bounds = np.cumsum(np.asarray(probabilities, dtype=np.float64), axis=-1)
        return self.find(bounds, generator.random(n) * bounds[-1])

    def find(self, bounds, points):
        return np.searchsorted(bounds, points, side="right")


class Points(np.random.Generator):
    """A generator that yields the given points of [0, 1) in turn: the rare draws, on demand."""

    def __new__(cls, *points):
        return super().__new__(cls, np.random.PCG64(0))

    def __init__(self, *points):
        super().__init__(np.random.PCG64(0))
        self.points = points

    def random(self, size=None, dtype=np.float64, out=None):
        return np.resize(self.points, size)
