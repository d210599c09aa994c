"""Values as plain JSON and back: how arguments reach a checked function, and how its result comes home.

The instructor's grader reads what a stranger's program sends, so ``decode`` believes nothing: it builds only plain
Python values, NumPy arrays and pandas tables, of bounded size, and never unpickles. Arrays travel as data type, shape
and base64 of the little-endian bytes.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable
from typing import Any

from course_utils.errors import CourseValueError

MAX_DEPTH = 40
MAX_ITEMS = 200_000  # in all lists and dictionaries together
MAX_TEXT = 1_000_000  # letters of one string
MAX_ARRAY_BYTES = 16 * 2**20
_MAX_DIGITS = 300
_MAX_DIMENSIONS = 8
_DTYPES = {"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"} | {
    "float16",
    "float32",
    "float64",
}
_TAG = "$"


class StandIn:
    """A value that is built where the checked function runs: a seeded generator, a toy model, a client.

    ``kind`` names its maker (see ``stand_ins.build``), ``settings`` are the maker's keyword arguments.
    """

    def __init__(self, kind: str, **settings: Any) -> None:
        self.kind, self.settings = kind, settings

    def __repr__(self) -> str:
        return f"{self.kind}({', '.join(f'{name}={value!r}' for name, value in self.settings.items())})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StandIn) and (self.kind, self.settings) == (other.kind, other.settings)

    __hash__ = None


class Unsendable(CourseValueError):
    """A value that has no place in JSON: an object of a class of one's own, a module, a value too large."""


class _Budget:
    def __init__(self) -> None:
        self.left = MAX_ITEMS

    def spend(self, items: int) -> None:
        self.left -= items
        if self.left < 0:
            raise Unsendable(f"값이 너무 큽니다. 항목이 모두 합하여 {MAX_ITEMS:,}개보다 많습니다.")


def encode(value: Any) -> Any:
    """``value`` as data that ``json.dumps`` takes.

    Takes None, bool, int, float, str, lists, tuples, sets, dictionaries, NumPy numbers and arrays, pandas Series and
    DataFrames, CPU tensors of torch (as arrays) and ``StandIn``.

    Raises:
        Unsendable: anything else, and values deeper or larger than the limits of this module.
    """
    return _encode(value, 0, _Budget())


def _encode(value: Any, depth: int, budget: _Budget) -> Any:
    if depth > MAX_DEPTH:
        raise Unsendable(f"값이 너무 깊습니다. 리스트나 딕셔너리가 {MAX_DEPTH}겹보다 깊게 들어 있습니다.")
    if value is None or type(value) is bool:
        return value
    if type(value) is str:
        return _text(value)
    if type(value) is int:
        return value if abs(value) < 2**53 else _tagged("int", _big(value))
    if type(value) is float:
        return value if math.isfinite(value) else _tagged("float", repr(value))
    if value is Ellipsis:
        return _tagged("ellipsis", None)
    if isinstance(value, list | tuple | set | frozenset):
        budget.spend(len(value))
        items = [_encode(item, depth + 1, budget) for item in value]
        if type(value) is list:
            return items
        return _tagged("tuple" if isinstance(value, tuple) else "set", items)
    if isinstance(value, dict):
        return _encode_dict(value, depth, budget)
    if isinstance(value, StandIn):
        return _tagged("stand_in", [value.kind, _encode(value.settings, depth + 1, budget)])
    return _encode_foreign(value, depth, budget)


def _encode_dict(value: dict, depth: int, budget: _Budget) -> Any:
    budget.spend(len(value))
    if all(type(key) is str for key in value) and _TAG not in value:
        return {_text(key): _encode(item, depth + 1, budget) for key, item in value.items()}
    pairs = [[_encode(key, depth + 1, budget), _encode(item, depth + 1, budget)] for key, item in value.items()]
    return _tagged("dict", pairs)


def _encode_foreign(value: Any, depth: int, budget: _Budget) -> Any:
    """Values of other libraries, told by where their class lives, so that nothing is imported for nothing."""
    library = type(value).__module__.split(".")[0]
    if library == "numpy":
        import numpy as np

        if isinstance(value, np.ndarray | np.generic):
            return _encode_array(np.asarray(value), depth, budget, scalar=isinstance(value, np.generic))
    if library == "torch" and callable(getattr(value, "detach", None)):
        tensor = value.detach().cpu()
        return _encode(tensor.float().numpy() if tensor.is_floating_point() else tensor.numpy(), depth + 1, budget)
    if library == "pandas":
        import pandas as pd

        if isinstance(value, pd.DataFrame):
            index = _encode(value.index.tolist(), depth + 1, budget)
            columns = [
                [_encode(name, depth + 1, budget), _column(value[name], depth, budget)] for name in value.columns
            ]
            return _tagged("frame", [index, columns])
        if isinstance(value, pd.Series):
            index = _encode(value.index.tolist(), depth + 1, budget)
            return _tagged("series", [index, _encode(value.name, depth + 1, budget), _column(value, depth, budget)])
        if isinstance(value, pd.Index):
            return _encode(value.tolist(), depth + 1, budget)
        if value is pd.NA:
            return None
    if isinstance(value, float | int | str):  # subclasses: numpy.str_ is told above, enums and the like end here
        return _encode(
            (float if isinstance(value, float) else int if isinstance(value, int) else str)(value), depth, budget
        )
    raise Unsendable(f"{type(value).__name__} 값은 점검할 수 없습니다. 수, 글, 리스트, 딕셔너리, 배열로 돌려주십시오.")


def _column(series: Any, depth: int, budget: _Budget) -> Any:
    if series.dtype.name in _DTYPES:
        return _encode_array(series.to_numpy(), depth, budget)
    return [None if _missing(item) else _encode(item, depth + 1, budget) for item in series.tolist()]


def _missing(item: Any) -> bool:
    return item is None or (isinstance(item, float) and item != item) or type(item).__name__ in ("NAType", "NaTType")


def _encode_array(array: Any, depth: int, budget: _Budget, scalar: bool = False) -> Any:
    import numpy as np

    if array.dtype.kind in "OUS":
        budget.spend(array.size)
        return _encode(array.tolist(), depth + 1, budget)
    if array.dtype.name not in _DTYPES:
        raise Unsendable(f"자료형이 {array.dtype.name}인 배열은 점검할 수 없습니다. 실수나 정수 배열로 돌려주십시오.")
    if array.nbytes > MAX_ARRAY_BYTES:
        raise Unsendable(f"배열이 너무 큽니다: {array.nbytes / 1e6:.0f} MB")
    if array.ndim > _MAX_DIMENSIONS:
        raise Unsendable(f"배열의 차원이 너무 많습니다: {array.ndim}")
    data = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()
    return _tagged(
        "scalar" if scalar else "array", [array.dtype.name, list(array.shape), base64.b64encode(data).decode()]
    )


def _tagged(kind: str, data: Any) -> dict[str, Any]:
    return {_TAG: kind, "data": data}


def _text(value: str) -> str:
    if len(value) > MAX_TEXT:
        raise Unsendable(f"글이 너무 깁니다: {len(value):,}자")
    return value


def _big(value: int) -> str:
    if value.bit_length() > _MAX_DIGITS * 3:
        raise Unsendable("정수가 너무 큽니다.")
    return str(value)


def decode(data: Any, stand_ins: bool = False) -> Any:
    """The value that ``encode`` wrote; ``stand_ins``: whether ``StandIn`` may come out (from the trusted side only).

    Raises:
        ValueError: the data is not what ``encode`` writes, or breaks its limits. ``Unsendable`` is one.
    """
    return _decode(data, 0, _Budget(), stand_ins)


def _decode(data: Any, depth: int, budget: _Budget, stand_ins: bool) -> Any:
    if depth > 2 * MAX_DEPTH:
        raise Unsendable("값이 너무 깊습니다.")
    if data is None or type(data) in (bool, int):
        return data
    if type(data) is float:
        return data
    if type(data) is str:
        return _text(data)

    def inner(item: Any) -> Any:
        return _decode(item, depth + 1, budget, stand_ins)

    if type(data) is list:
        budget.spend(len(data))
        return [inner(item) for item in data]
    if type(data) is not dict:
        raise ValueError(f"not JSON data: {type(data).__name__}")
    if _TAG not in data:
        budget.spend(len(data))
        return {_text(key): inner(item) for key, item in data.items()}
    if set(data) != {_TAG, "data"} or type(data[_TAG]) is not str or data[_TAG] not in _READERS:
        raise ValueError("unknown tag")
    if data[_TAG] == "stand_in" and not stand_ins:
        raise ValueError("a stand-in where none may be")
    try:
        return _READERS[data[_TAG]](data["data"], inner)
    except (TypeError, KeyError, IndexError, OverflowError, binascii.Error) as error:
        raise ValueError(f"malformed {data[_TAG]}") from error


def _read_float(data: Any, inner: Callable) -> float:
    if data not in ("inf", "-inf", "nan"):
        raise ValueError("malformed float")
    return float(data)


def _read_int(data: Any, inner: Callable) -> int:
    if type(data) is not str or len(data) > _MAX_DIGITS + 1:
        raise ValueError("malformed int")
    return int(data)


def _read_array(data: Any, inner: Callable) -> Any:
    import numpy as np

    dtype, shape, text = data
    if dtype not in _DTYPES or type(shape) is not list or len(shape) > _MAX_DIMENSIONS or type(text) is not str:
        raise ValueError("malformed array")
    if any(type(n) is not int or n < 0 for n in shape) or len(text) > MAX_ARRAY_BYTES * 4 // 3 + 4:
        raise ValueError("malformed array")
    kind = np.dtype(dtype)
    raw = base64.b64decode(text, validate=True)
    if math.prod(shape) * kind.itemsize != len(raw):
        raise ValueError("array and shape do not agree")
    return np.frombuffer(raw, dtype=kind.newbyteorder("<")).astype(kind).reshape(shape)


def _read_scalar(data: Any, inner: Callable) -> Any:
    array = _read_array(data, inner)
    if array.shape != ():
        raise ValueError("malformed scalar")
    return array[()]


def _read_frame(data: Any, inner: Callable) -> Any:
    import pandas as pd

    index, columns = data
    return pd.DataFrame({inner(name): inner(values) for name, values in columns}, index=inner(index))


def _read_series(data: Any, inner: Callable) -> Any:
    import pandas as pd

    index, name, values = data
    return pd.Series(inner(values), index=inner(index), name=inner(name))


def _read_stand_in(data: Any, inner: Callable) -> StandIn:
    kind, settings = data
    return StandIn(kind, **inner(settings))


_READERS: dict[str, Callable[[Any, Callable], Any]] = {
    "int": _read_int,
    "float": _read_float,
    "ellipsis": lambda data, inner: Ellipsis,
    "tuple": lambda data, inner: tuple(inner(data)),
    "set": lambda data, inner: set(inner(data)),
    "dict": lambda data, inner: {inner(key): inner(item) for key, item in data},
    "array": _read_array,
    "scalar": _read_scalar,
    "frame": _read_frame,
    "series": _read_series,
    "stand_in": _read_stand_in,
}
