"""Makers of the values that a checked function is called with and that are no plain data.

``StandIn("rng", seed=5)`` is a seeded NumPy generator. ``StandIn("toy.model", vocabulary=6)`` is what
``course_utils.checks.stand_ins_toy.model(vocabulary=6)`` returns. All makers are deterministic, so what comes back
from a checked function shows how it used them.

A maker may need something outside the process that runs the learner's code, such as a server that keeps the record of
the requests where the learner's code cannot change it. Such a maker has an attribute ``host``, see ``hosted``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from course_utils.checks.named import named
from course_utils.checks.values import StandIn

if TYPE_CHECKING:
    from pathlib import Path


def _rng(seed: int) -> Any:
    import numpy as np

    return np.random.default_rng(seed)


def _maker(kind: str) -> Callable:
    return _rng if kind == "rng" else named("stand_ins", kind)


def build(value: Any) -> Any:
    """``value`` with every ``StandIn`` in its lists and dictionaries replaced by what its maker returns."""
    return _exchanged(value, lambda one: _maker(one.kind)(**one.settings))


def _exchanged(value: Any, change: Callable[[StandIn], Any]) -> Any:
    """``value`` with ``change`` applied to every ``StandIn`` in its lists, tuples and dictionaries."""
    if isinstance(value, StandIn):
        return change(value)
    if type(value) in (list, tuple):
        return type(value)(_exchanged(item, change) for item in value)
    if type(value) is dict:
        return {key: _exchanged(item, change) for key, item in value.items()}
    return value


@contextmanager
def hosted(arguments: Any, folder: Path | None = None) -> Iterator[tuple[Any, Callable[[], dict[str, Any]]]]:
    """Open what the stand-ins among ``arguments`` need on the trusted side.

    A maker's ``host(settings, folder)`` is a context manager that gives the settings to build with, and a function
    that returns the evidence afterwards (a dictionary of plain data). ``folder`` is where Unix sockets may be put so
    that a sandbox without a network reaches them; None: a loopback address will do.

    Gives the arguments to send, and a function that returns all evidence.
    """
    with ExitStack() as stack:
        found: list[Callable[[], dict[str, Any]]] = []

        def opened(one: StandIn) -> StandIn:
            maker = _maker(one.kind)
            if not hasattr(maker, "host"):
                return one
            settings, evidence = stack.enter_context(maker.host(one.settings, folder))
            found.append(evidence)
            return StandIn(one.kind, **settings)

        yield (
            _exchanged(arguments, opened),
            lambda: {key: item for evidence in found for key, item in evidence().items()},
        )


def needs_host(value: Any) -> bool:
    """Whether a stand-in anywhere in ``value`` needs something outside the process that runs the learner's code."""
    if isinstance(value, StandIn):
        return hasattr(_maker(value.kind), "host")
    if isinstance(value, dict):
        return any(map(needs_host, value.values()))
    return isinstance(value, list | tuple) and any(map(needs_host, value))
