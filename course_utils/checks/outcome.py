"""What came of calling a learner's function, here or in the grader's sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from course_utils.checks.values import decode, encode

KINDS = ("value", "error", "timeout", "crash", "unsendable", "missing")
MAX_SHOWN = 2_000  # letters kept of what was printed, and of an error's text


@dataclass(frozen=True)
class Outcome:
    """The result of one call.

    ``kind``: "value" (it returned), "error" (it raised), "timeout", "crash" (its process died), "unsendable" (it
    returned something that has no place in JSON), "missing" (the notebook has no such name).
    ``error_types``: names of the exception's classes, the most special first, without ``object``.
    ``error_text``: the exception's message; ``error_line``: the line of the learner's code in which it arose.
    ``printed``: what the function wrote to stdout and stderr. ``seconds``: wall time of the call.
    """

    kind: str
    value: Any = None
    error_types: tuple[str, ...] = ()
    error_text: str = ""
    error_line: str = ""
    printed: str = ""
    changed_input: bool = False
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """As data for ``json.dumps``.

        Raises:
            Unsendable: the value cannot be written.
        """
        data: dict[str, Any] = {"kind": self.kind}
        if self.kind == "value":
            data["value"] = encode(self.value)
        if self.error_types:
            data |= {"error_types": list(self.error_types), "error_text": self.error_text}
        if self.error_line:
            data["error_line"] = self.error_line
        if self.printed:
            data["printed"] = self.printed
        if self.changed_input:
            data["changed_input"] = True
        return data

    @classmethod
    def from_json(cls, data: Any, seconds: float = 0.0) -> Outcome:
        """The outcome that a worker reports; believes nothing.

        Raises:
            ValueError: the data is not an outcome.
        """
        if type(data) is not dict or data.get("kind") not in KINDS:
            raise ValueError("not an outcome")
        types = data.get("error_types", [])
        if type(types) is not list or len(types) > 50 or any(type(name) is not str for name in types):
            raise ValueError("malformed error types")
        texts = {name: data.get(name, "") for name in ("error_text", "error_line", "printed")}
        if any(type(text) is not str for text in texts.values()):
            raise ValueError("malformed text")
        return cls(
            kind=data["kind"],
            value=decode(data.get("value")),
            error_types=tuple(name[:100] for name in types),
            changed_input=data.get("changed_input") is True,
            seconds=seconds,
            **{name: text[:MAX_SHOWN] for name, text in texts.items()},
        )


def raised(error: BaseException, **rest: Any) -> Outcome:
    """The outcome of a call that ended in ``error``."""
    types = tuple(kind.__name__ for kind in type(error).__mro__[:-1])
    try:
        text = str(error)
    except Exception:  # a learner's own exception whose __str__ fails
        text = ""
    return Outcome("error", error_types=types, error_text=text[:MAX_SHOWN], **rest)
