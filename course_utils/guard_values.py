"""Checks of single values in a request, with OpenAI's error codes. Each gives the value as the engine takes it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from course_utils.guard_errors import Refusal, bad_value

Check = Callable[[Any, str], Any]
DROP = object()  # what a check gives when the engine need not see the value
_SEEDS = 2**32 - 1  # llama.cpp's seeds; the highest number there means "random"


def wrong_type(name: str, wanted: str, value: Any) -> Refusal:
    """400 for a value of the wrong type. The value itself is not repeated: it may be private."""
    kinds = {bool: "a boolean", int: "an integer", float: "a decimal", str: "a string", list: "an array"}
    got = "null" if value is None else kinds.get(type(value), "an object")
    return bad_value(f"Invalid type for '{name}': expected {wanted}, but got {got} instead.", name, "invalid_type")


def missing(name: str) -> Refusal:
    """400 for an argument that must be there."""
    return bad_value(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")


def number(least: float, most: float) -> Check:
    """A finite number from ``least`` to ``most``."""
    return lambda value, name: _number(value, name, least, most)


def whole(least: int, most: int) -> Check:
    """An integer from ``least`` to ``most``."""

    def check(value: Any, name: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong_type(name, "an integer", value)
        return _in_range(value, name, least, most, "integer")

    return check


def seed(value: Any, name: str) -> int:
    """An integer of 64 bits, folded into llama.cpp's range; never its "random"."""
    return whole(-(2**63), 2**63 - 1)(value, name) % _SEEDS


def flag(value: Any, name: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise wrong_type(name, "a boolean", value)
    return value


def text(value: Any, name: str) -> str:
    """A string, which may be empty."""
    if not isinstance(value, str):
        raise wrong_type(name, "a string", value)
    return value


def stop(value: Any, name: str) -> list[str]:
    """A string or one to four strings, none of them empty."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
        raise wrong_type(name, "a string or an array of strings", value)
    if not 1 <= len(texts) <= 4:
        code = "array_above_max_length" if texts else "empty_array"
        raise bad_value(f"Invalid '{name}': expected 1 to 4 sequences, but got {len(texts)} instead.", name, code)
    if not all(texts):
        raise bad_value(f"Invalid '{name}': a stop sequence must not be empty.", name, "empty_string")
    return texts


def logit_bias(value: Any, name: str) -> dict[str, float]:
    """Token id (as text) to a number from -100 to 100."""
    if not isinstance(value, dict):
        raise wrong_type(name, "an object", value)
    if len(value) > 1024:
        raise bad_value(f"Invalid '{name}': at most 1024 tokens.", name, "object_above_max_properties")
    for token in value:
        if not (token.isascii() and token.isdigit() and len(token) < 10):
            raise bad_value(f"Invalid key in '{name}': expected token ids such as \"42\".", name)
    return {token: _number(bias, f"{name}.{token}", -100, 100) for token, bias in value.items()}


def one_of(*allowed: Any) -> Check:
    """One of a few values that change nothing here, so the engine does not see it."""

    def check(value: Any, name: str) -> object:
        if not any(type(value) is type(each) and value == each for each in allowed):
            raise bad_value(f"This server supports only {_either(allowed)} for '{name}'.", name, "unsupported_value")
        return DROP

    return check


def ignored(value: Any, name: str) -> object:
    """Harmless book-keeping of OpenAI's platform, which this server does not do."""
    return DROP


def refused(value: Any, name: str) -> None:
    """An argument of OpenAI's that this server cannot honour; it is never passed over in silence."""
    raise Refusal(400, f"'{name}' is not supported by this server.", "unsupported_parameter", name)


def _number(value: Any, name: str, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong_type(name, "a decimal", value)
    if isinstance(value, float) and not math.isfinite(value):  # 1e999 is read as infinity
        raise bad_value(f"Invalid '{name}': expected a finite number.", name)
    return _in_range(value, name, least, most, "decimal")


def _in_range(value: Any, name: str, least: float, most: float, kind: str) -> Any:
    shown = value if abs(value) < 10**20 else "a huge number"
    if value < least:
        raise bad_value(
            f"Invalid '{name}': {kind} below minimum value. Expected a value >= {least}, but got {shown} instead.",
            name,
            f"{kind}_below_min_value",
        )
    if value > most:
        raise bad_value(
            f"Invalid '{name}': {kind} above maximum value. Expected a value <= {most}, but got {shown} instead.",
            name,
            f"{kind}_above_max_value",
        )
    return value


def _either(values: Sequence[Any]) -> str:
    return " or ".join(repr(each) for each in values)
