"""Random logits for the hidden cases, and the small steps that several references and mistakes share."""

import numpy as np

# A sum of probabilities closer to p than this is decided by rounding, which is not what a case should test.
MARGIN = 1e-3


def softmax(logits: np.ndarray) -> np.ndarray:
    """As in the notebook; NaN where nothing is left, as a learner's own would give."""
    with np.errstate(all="ignore"):
        weights = np.exp(logits - np.max(logits))
        return weights / weights.sum()


def logits_for(rng: np.random.Generator, size: int | None = None, spread: float = 2.0) -> np.ndarray:
    """Logits of 5 to 40 tokens, shape ``(V,)``, rounded to two digits, no two alike, in no order."""
    size = size or int(rng.integers(5, 41))
    while True:
        logits = rng.normal(scale=spread, size=size).round(2)
        if len(set(logits.tolist())) == size and np.any(np.diff(logits) > 0) and np.any(np.diff(logits) < 0):
            return logits


def decided(logits: np.ndarray, p: float) -> bool:
    """Whether no running sum of the sorted probabilities lies so close to ``p`` that rounding decides."""
    return p == 1 or bool(np.abs(np.cumsum(np.sort(softmax(logits))[::-1]) - p).min() > MARGIN)


def k_highest(logits: np.ndarray, k: int) -> np.ndarray:
    """What does not equal or exceed the k-th highest logit becomes -inf; 0 cuts nothing."""
    return np.where(logits < np.sort(logits)[-k], -np.inf, logits) if 0 < k < len(logits) else logits.copy()


def nucleus(logits: np.ndarray, p: float, shift: int = 0) -> np.ndarray:
    """Top-p; ``shift`` tokens more or fewer than is right."""
    probabilities = softmax(logits)
    order = np.argsort(-probabilities)
    above = np.cumsum(probabilities[order]) - probabilities[order]
    count = int((above < p).sum()) if p < 1 else len(logits)
    result = np.full(len(logits), -np.inf)
    kept = order[: max(0, count + shift)]
    result[kept] = logits[kept]
    return result
