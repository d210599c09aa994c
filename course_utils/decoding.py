"""One decode step in plain NumPy: from a model's logits to the next token, as ``transformers`` takes it.

The steps stand in the library's order: temperature, top-k, top-p, softmax, draw. Logits have the shape ``(..., V)``,
V the size of the vocabulary; every function works along the last axis and leaves its arguments unchanged.

Number format: float32 comes out of float16 and float32, as in ``generate()``; float64 out of all else. ``-inf`` means
"cannot be chosen" and is welcome; NaN, ``+inf`` and a row of nothing but ``-inf`` are errors.

Sources: ``TemperatureLogitsWarper``, ``TopKLogitsWarper``, ``TopPLogitsWarper`` of transformers; top-k: Fan et al.
(2018, arXiv:1805.04833); top-p: Holtzman et al. (2020, arXiv:1904.09751). The tests hold this module to the library.
"""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

import numpy as np

from course_utils.errors import CourseValueError

# How many of the highest logits top-p looks at first: most next-token distributions keep fewer. The steps are few and
# large because each costs a pass over the vocabulary.
_FIRST_LOOKS = (64, 4096)
# How far from 1 the sum of probabilities may lie before `draw` takes them for something else; half precision needs it.
_SUM_TOLERANCE = 1e-3


def softmax(logits: Any, axis: int = -1) -> np.ndarray:
    """Probabilities proportional to exp(logit) along ``axis``; the same shape, 0 where a logit is ``-inf``.

    The largest logit is subtracted first. That changes no probability (numerator and denominator shrink alike), but
    without it exp() overflows from logits of 89 (float32) or 710 (float64) on.

    Raises:
        CourseValueError: no numbers, no values, NaN, ``+inf``, or nothing but ``-inf`` along ``axis``.
    """
    values = _logits(logits, axis)
    weights = _weights(values, values.max(axis=axis, keepdims=True))
    total = weights.sum(axis=axis, keepdims=True, dtype=np.float64)
    return weights / total.astype(weights.dtype)


def apply_temperature(logits: Any, temperature: float) -> np.ndarray:
    """Logits divided by ``temperature``: above 1 they move together, below 1 apart; their order stays.

    Raises:
        CourseValueError: as ``softmax``; a temperature that is 0, negative, no number, or too close to 0 or too large
            to compute with. The limit of ever smaller temperatures is greedy decoding: ``logits.argmax()``.
    """
    values = _logits(logits)
    temperature = _temperature(temperature)
    with np.errstate(all="ignore"):  # what leaves the range of numbers is found below
        divisor = values.dtype.type(temperature)
        divided = values / divisor
    if not np.isfinite(divisor) or not np.isfinite(divided.max(axis=-1)).all():
        raise CourseValueError(
            f"온도(temperature) {temperature}에서는 계산할 수 없습니다. 로짓을 나눈 값이 컴퓨터가 다루는 수의 범위를 "
            "벗어납니다.\n보통 0.1에서 2 사이의 값을 씁니다. 가장 높은 토큰만 고르려면 logits.argmax()를 쓰십시오."
        )
    return divided


def top_k_filter(logits: Any, k: int) -> np.ndarray:
    """The ``k`` highest logits of each row, ``-inf`` elsewhere.

    Ties: what equals the k-th highest logit is kept, so more than ``k`` may remain (as in ``TopKLogitsWarper``, which
    cuts what is strictly below). A ``k`` above V keeps everything.

    Raises:
        CourseValueError: as ``softmax``; a ``k`` that is no whole number of 1 or more.
    """
    values = _logits(logits)
    k = _count("k", k)
    if k >= values.shape[-1]:
        return values.copy()
    filtered = values.copy()
    filtered[values < _kth_highest(values, k)[..., None]] = -np.inf
    return filtered


def top_p_filter(logits: Any, p: float) -> np.ndarray:
    """The smallest set of the most probable tokens whose probabilities reach ``p``; ``-inf`` elsewhere.

    A token is cut when its probability and those of all tokens ranked below it add up to at most ``1 - p``. So the
    token that carries the sum across ``p`` is kept, and at least one token is. ``p = 1`` cuts nothing, as in
    ``generate()``, which then leaves the step out.

    Ties: of equal logits at the border, as many are kept as the sum needs, and of these the ones with the higher token
    ids. The library keeps as many, chosen by ``torch.sort``: the same ones where that is stable, any of them where it
    is not (rows of more than 16 tokens).

    Rounding: sums are exact to about 1e-15 and are then compared in float32, the library's format, so that ten equal
    tokens and ``p = 0.9`` keep nine. The library also *sums* in float32: where a sum lies within that error of
    ``1 - p`` (1e-6; 1e-5 for 100,000 tokens), its set may differ by the tokens at the border.

    Raises:
        CourseValueError: as ``softmax``; a ``p`` outside (0, 1].
    """
    values = _logits(logits)
    p = _share(p)
    if p == 1:
        return values.copy()
    filtered = np.full_like(values, -np.inf)
    for source, target in zip(_rows(values), _rows(filtered), strict=True):
        kept = _nucleus(source, p)
        target[kept] = source[kept]
    return filtered


def decode_step(logits: Any, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> np.ndarray:
    """Probabilities of the next token after temperature, top-k and top-p, in this order; 0 where cut.

    What remains is scaled up to a sum of 1. The defaults change nothing; ``top_k=0`` turns top-k off. (``generate()``
    with ``do_sample=True`` has ``top_k=50`` unless told otherwise.)

    Raises:
        CourseValueError: as the single steps.
    """
    values = apply_temperature(logits, temperature)
    k = _count("top_k", top_k, zero_means_off=True) or values.shape[-1]
    p = _share(top_p)
    probabilities = np.zeros_like(values)
    for row, target in zip(_rows(values), _rows(probabilities), strict=True):
        # From here on only the survivors are looked at: with top-k on, a few of 100,000.
        ids = np.flatnonzero(row >= _kth_highest(row, k)) if k < len(row) else slice(None)
        survivors = row[ids]
        weights = _weights(survivors, survivors.max())
        if p < 1:
            weights *= _nucleus(survivors, p)
        target[ids] = weights / weights.dtype.type(weights.sum(dtype=np.float64))
    return probabilities


def draw(probabilities: Any, n: int = 1, rng: np.random.Generator | int | None = None) -> np.ndarray:
    """``n`` token ids drawn with replacement, each as often as its probability says (a multinomial draw).

    Shape ``(n,)`` for one distribution, ``(..., n)`` for a batch of shape ``(..., V)``, as ``torch.multinomial``.
    A token of probability 0 is never drawn. ``rng``: a generator to go on with, a seed, or None for other draws every
    time. A seed gives the same ids at every call: in a loop, pass one generator.

    Raises:
        CourseValueError: negative or NaN probabilities, a sum that is not 1 (logits, perhaps), a bad ``n`` or seed.
    """
    values = _numbers(probabilities)
    n = _count("n", n)
    generator = _generator(rng)
    with np.errstate(over="ignore", invalid="ignore"):  # inf - inf: no probabilities, which is what is said below
        totals = np.ravel(values.sum(axis=-1, dtype=np.float64))
        worst = totals[np.abs(totals - 1).argmax()]
    if not values.min() >= 0 or not abs(worst - 1) <= _SUM_TOLERANCE:
        raise CourseValueError(
            "draw()에는 확률을 넣어야 합니다. 확률은 0 이상이고 모두 더하면 1입니다.\n"
            "로짓이라면 softmax(logits)나 decode_step(logits)로 확률을 구하고, 일부를 0으로 자른 확률이라면 합으로 "
            f"나누어 주십시오. 받은 값의 최솟값: {values.min():g}, 합: {worst:g}"
        )
    ids = np.empty((*values.shape[:-1], n), dtype=np.int64)
    for row, target in zip(_rows(values), _rows(ids), strict=True):
        bounds = np.cumsum(row.astype(np.float64))  # converted first: cumsum(dtype=...) takes three times as long
        # The first bound above a random point below the total: never a token of probability 0, whose bound is that of
        # the token before it. The highest point is 1 - 2**-53, and no total times that rounds up to the total.
        target[:] = np.searchsorted(bounds, generator.random(n) * bounds[-1], side="right")
    return ids


def _weights(values: np.ndarray, peaks: np.ndarray | np.floating) -> np.ndarray:
    """exp(logit - highest logit): proportional to the probabilities and at most 1, so that nothing overflows."""
    with np.errstate(over="ignore", under="ignore"):  # a gap beyond the range of numbers is infinite: exp(-inf) is 0
        return np.exp(values - peaks)


def _kth_highest(values: np.ndarray, k: int) -> np.ndarray:
    """The k-th highest value of each row, found without sorting."""
    place = values.shape[-1] - k
    return np.partition(values, place, axis=-1)[..., place]


def _nucleus(row: np.ndarray, p: float) -> np.ndarray:
    """Which tokens of one row of logits top-p keeps, as booleans; sorts only as much of the top as it needs."""
    size = len(row)
    peak = row.max()
    cut_at = np.float32(1 - p)
    for looked_at in (*_FIRST_LOOKS, size):
        place = max(0, size - looked_at)
        parted = np.partition(row, place) if place else row
        top = np.sort(parted[place:])
        # Summed from the least probable one up, so that the smallest tail is as exact as the largest.
        below = _weights(parted[:place], peak).sum(dtype=np.float64)
        tails = below + np.cumsum(_weights(top, peak).astype(np.float64))
        count = max(1, int(np.count_nonzero((tails / tails[-1]).astype(np.float32) > cut_at)))
        if count < len(top) or not place:
            break
    border = top[-count]
    kept = row > border
    ties = np.flatnonzero(row == border)
    kept[ties[len(ties) - (count - np.count_nonzero(kept)) :]] = True
    return kept


def _rows(values: np.ndarray) -> np.ndarray:
    """A view of ``(..., V)`` in C order as ``(rows, V)``; writing into it writes into the array."""
    return values.reshape(-1, values.shape[-1])


# --- what is not accepted, and what to do instead ---


def _numbers(values: Any) -> np.ndarray:
    """A real array of at least one value along its last axis, in float32 or float64, in C order (see `_rows`)."""
    try:
        array = np.asarray(values)
    except Exception as error:  # a tensor on a GPU, in bfloat16, or with a gradient; a ragged list
        raise CourseValueError(
            "NumPy 배열로 바꿀 수 없는 값입니다. 파이토치(PyTorch) 텐서라면 logits.detach().float().cpu().numpy()로 "
            "바꾸어 주십시오. 리스트라면 모든 줄의 길이가 같은지 확인해 주십시오."
        ) from error
    if array.dtype.kind not in "fiu":
        raise CourseValueError(
            "숫자로 이루어진 배열이나 리스트를 넣어 주십시오. 모델의 출력이라면 output.logits[0, -1]을, 딕셔너리라면 "
            "list(딕셔너리.values())를 넣으면 됩니다.\n"
            f"받은 것: {type(values).__name__}, 배열로 바꾸었을 때의 자료형(dtype): {array.dtype}"
        )
    if array.ndim == 0 or 0 in array.shape:
        raise CourseValueError(
            f"어휘의 토큰마다 값이 하나씩 있는 배열을 넣어 주십시오. 받은 배열의 모양(shape)은 {array.shape}입니다."
        )
    wide = array.dtype.kind in "iu" or array.dtype.itemsize >= 8
    with np.errstate(over="ignore"):  # beyond the range of float64 is inf, which is refused
        return np.ascontiguousarray(array, dtype=np.float64 if wide else np.float32)


def _logits(values: Any, axis: int = -1) -> np.ndarray:
    array = _numbers(values)
    if not (isinstance(axis, Integral) and not isinstance(axis, bool) and -array.ndim <= axis < array.ndim):
        raise CourseValueError(f"axis={axis!r}인 축이 없습니다. 배열의 모양(shape)은 {array.shape}입니다.")
    peaks = array.max(axis=axis)  # NaN wherever a row holds NaN
    if np.isnan(peaks).any():
        raise CourseValueError("로짓에 NaN(숫자가 아닌 값)이 있습니다. 로짓을 만든 계산을 확인해 주십시오.")
    if (peaks == np.inf).any():
        raise CourseValueError("로짓에 무한대(inf)가 있어 확률을 구할 수 없습니다. 로짓을 만든 계산을 확인해 주십시오.")
    if (peaks == -np.inf).any():
        raise CourseValueError(
            "모든 로짓이 -inf여서 고를 수 있는 토큰이 없습니다. 필터를 거치기 전의 로짓을 넣었는지 확인해 주십시오."
        )
    return array


def _temperature(temperature: Any) -> float:
    if not isinstance(temperature, Real) or isinstance(temperature, bool) or not temperature >= 0:
        raise CourseValueError(f"온도(temperature)는 0보다 큰 수여야 합니다. {_received(temperature)}")
    if temperature == 0:
        raise CourseValueError(
            "온도(temperature) 0으로는 로짓을 나눌 수 없습니다. 온도를 0에 가깝게 낮추면 확률이 가장 높은 토큰만 "
            "남으므로, 흔히 '온도 0'은 탐욕적 디코딩(greedy decoding)을 뜻합니다.\n"
            "logits.argmax()로 가장 높은 토큰을 고르십시오. transformers에서는 do_sample=False를 씁니다."
        )
    try:
        return float(temperature)
    except OverflowError:  # a whole number beyond the range of floats
        return math.inf


def _count(name: str, value: Any, *, zero_means_off: bool = False) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < (0 if zero_means_off else 1):
        off = "(0은 끈다는 뜻입니다)" if zero_means_off else ""
        raise CourseValueError(f"{name}에는 1 이상의 정수를 넣어 주십시오{off}. {_received(value)}")
    return int(value)


def _share(p: Any) -> float:
    if isinstance(p, bool) or not isinstance(p, Real) or not 0 < p <= 1:
        raise CourseValueError(
            f"top-p의 p에는 0보다 크고 1 이하인 수를 넣어 주십시오. 90%라면 0.9입니다. {_received(p)}"
        )
    return float(p)


def _received(value: Any) -> str:
    """The value as it was given, and how to make a number of it where it only looks like one."""
    hint = ""
    if isinstance(value, str):
        hint = ". 글자(문자열)이므로 float()나 int()로 먼저 바꾸어 주십시오."
    elif hasattr(value, "shape") and not isinstance(value, Real):
        hint = ". 배열이나 텐서(tensor)이므로 .item()으로 수를 먼저 꺼내 주십시오."
    return f"받은 값: {value!r}{hint}"


def _generator(rng: Any) -> np.random.Generator:
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is None or (isinstance(rng, Integral) and not isinstance(rng, bool) and rng >= 0):
        return np.random.default_rng(rng)
    raise CourseValueError(
        f"rng에는 np.random.default_rng(씨앗)으로 만든 난수 생성기나 0 이상의 정수를 넣어 주십시오. {_received(rng)}"
    )
