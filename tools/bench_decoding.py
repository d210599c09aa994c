"""The decoding budget: one whole step on EXAONE's vocabulary, NumPy against what `generate()` runs.

Both sides go from the same float32 logits to one drawn token on one thread: ours with `decode_step` and `draw`, the
library's with its processors, softmax and `torch.multinomial`.
"""

import time
from collections.abc import Callable

import numpy as np

from course_utils.decoding import decode_step, draw
from tools.bench_table import Row, each_round, interleaved, ratio

VOCABULARY = 102_400
DECODING_LIMIT = 1 / 3
REPEATS = 20  # steps in one measurement, which would be too short to time otherwise
# (temperature, top_k, top_p): everything on; top-p alone; top-p on a flat distribution, where it keeps most tokens.
SETTINGS = [(2.0, 100, 0.9), (1.0, 0, 0.9), (10.0, 0, 0.9)]


def model_like_logits(size: int = VOCABULARY) -> np.ndarray:
    """Float32 logits with the outline of a model's: a bell of unlikely tokens and 20 that stand out of it."""
    logits = np.random.default_rng(0).standard_normal(size, dtype=np.float32) * 2.5
    logits[:20] += 12
    return logits


def sides(
    logits: np.ndarray, temperature: float, top_k: int, top_p: float
) -> tuple[Callable[[], np.ndarray], Callable[[], np.ndarray]]:
    """Ours and the library's step: functions that draw a token and return the probabilities it was drawn from."""
    import torch
    from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

    processors = [TemperatureLogitsWarper(temperature)] if temperature != 1 else []
    processors += [TopKLogitsWarper(top_k)] if top_k else []
    processors += [TopPLogitsWarper(top_p)] if top_p < 1 else []
    tensor = torch.from_numpy(logits)[None]
    generator = np.random.default_rng(0)

    def ours() -> np.ndarray:
        probabilities = decode_step(logits, temperature, top_k, top_p)
        draw(probabilities, rng=generator)
        return probabilities

    @torch.no_grad()
    def theirs() -> np.ndarray:
        scores = tensor
        for processor in processors:
            scores = processor(None, scores)
        probabilities = scores.softmax(dim=-1)
        torch.multinomial(probabilities, num_samples=1)
        return probabilities[0].numpy()

    return ours, theirs


def seconds_each(step: Callable[[], np.ndarray], repeats: int) -> float:
    """Mean seconds of ``repeats`` steps."""
    started = time.perf_counter()
    for _ in range(repeats):
        step()
    return (time.perf_counter() - started) / repeats


def check_same_kept(logits: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> int:
    """How many tokens both sides keep; by their logits, since the library leaves to chance which of equals it keeps.

    Raises:
        RuntimeError: the two sides keep different tokens, so their times would not compare.
    """
    kept = [np.sort(logits[probabilities > 0]) for probabilities in (ours, theirs)]
    if not np.array_equal(*kept):
        raise RuntimeError(f"decode_step keeps {len(kept[0])} tokens, the library {len(kept[1])}, or other ones")
    return len(kept[0])


def decoding_row(
    rounds: int, temperature: float, top_k: int, top_p: float, size: int = VOCABULARY, repeats: int = REPEATS
) -> Row:
    """One setting, both sides in turns.

    Raises:
        RuntimeError: as ``check_same_kept``.
    """
    import torch

    logits = model_like_logits(size)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        steps = sides(logits, temperature, top_k, top_p)
        kept = check_same_kept(logits, *(step() for step in steps))
        ours, theirs = interleaved([lambda step=step: seconds_each(step, repeats) for step in steps], rounds)
    finally:
        torch.set_num_threads(threads)
    value = ratio(ours, theirs)
    names = {"T": temperature, "k": top_k or "off", "p": top_p}
    return Row(
        what=f"decode step on {size:,} logits ({', '.join(f'{n}={v}' for n, v in names.items())}; {kept:,} kept)"
        " against transformers' processors and `torch.multinomial`",
        budget=f"at least {1 / DECODING_LIMIT:.0f}x faster",
        measured=f"{1 / value:.1f}x ({min(ours) * 1000:.2f} ms : {min(theirs) * 1000:.2f} ms)",
        value=value,
        limit=DECODING_LIMIT,
        rounds=each_round(ours, theirs),
    )


def decoding_rows(rounds: int) -> list[Row]:
    """A row for each of SETTINGS."""
    return [decoding_row(rounds, *setting) for setting in SETTINGS]
