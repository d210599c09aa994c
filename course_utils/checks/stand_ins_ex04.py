"""A generator that is stuck, for exercise set ex04: shows whether drawing uses the generator that it was given."""

from __future__ import annotations

from typing import Any

# Multiplier of the linear congruential generator inside PCG64 (O'Neill 2014, "PCG"), modulo 2**128.
_MULTIPLIER = 47026247687942121848144207491837523525
_MODULUS = 2**128


def stuck_rng(share: float) -> Any:
    """A real NumPy generator whose every random bit block is the same: ``rng.random()`` is about ``share`` for ever.

    The increment is chosen so that the state is a fixed point: state * multiplier + increment = state. PCG64 then
    gives high xor low half of the state, turned by its six highest bits, which are 0 here.
    """
    import numpy as np

    # Low half of the state; the high half is 0: nothing to xor and nothing to turn by. Its own two halves are the same,
    # so that 32-bit draws, as of small integers, are stuck as well.
    state = int(share * 2**32) % 2**32 * (2**32 + 1)
    bits = np.random.PCG64(0)
    bits.state = {
        "bit_generator": "PCG64",
        "state": {"state": state, "inc": state * (1 - _MULTIPLIER) % _MODULUS},
        "has_uint32": 0,
        "uinteger": 0,
    }
    return np.random.Generator(bits)
