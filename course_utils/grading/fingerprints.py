"""Fingerprints of a list of words: winnowing after Schleimer, Wilkerson and Aiken (SIGMOD 2003)."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

LENGTH = 7  # words in one fingerprint: fewer are shared by everybody, more are lost with every small change
WINDOW = 4  # of so many fingerprints in a row one is kept: a shared run of LENGTH + WINDOW - 1 words is always seen


def fingerprints(words: Sequence[str], length: int = LENGTH, window: int = WINDOW) -> set[int]:
    """The smallest hash of every ``window`` neighbouring runs of ``length`` words; none for a shorter list.

    The same words give the same numbers on every machine and in every process.
    """
    hashes = [_hash(words[start : start + length]) for start in range(len(words) - length + 1)]
    return {min(hashes[start : start + window]) for start in range(max(min(len(hashes), 1), len(hashes) - window + 1))}


def _hash(words: Sequence[str]) -> int:
    return int.from_bytes(blake2b("\0".join(words).encode("utf-8", "replace"), digest_size=8).digest(), "big")
