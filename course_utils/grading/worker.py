"""Inside the sandbox: take orders as JSON lines, run cells, call functions, answer with plain data.

Started by ``course_utils.grading.sandbox``. Whatever runs here can be changed by the student's program; so nothing
here is believed outside, and no point is given here.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, BinaryIO

_ANSWER_TOO_LONG = "돌려준 값이 너무 커서 채점하지 못합니다."


def main() -> None:
    """Serve the grader until its orders end."""
    orders, answers = _private_channel()
    setup = json.loads(orders.readline())
    _prepare(setup)
    from course_utils.grading.worker_cells import new_namespace

    namespace = new_namespace()
    confined = _confine(setup)
    _close_standard_streams()
    _send(answers, {"id": 0, **confined}, 0)
    for line in orders:
        order = json.loads(line)
        answer = _obey(order, namespace)
        _send(answers, {"id": order["id"], **answer}, int(setup["limits"]["answer"]))
    os._exit(0)  # threads of the student's program must not hold it up


def _private_channel() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the grader, away from the numbers that ``print`` and ``input`` use."""
    import fcntl

    orders, answers = (fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 20) for number in (0, 1))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    return os.fdopen(orders, "rb"), os.fdopen(answers, "wb", buffering=0)


def _prepare(setup: dict[str, Any]) -> None:
    import base64

    os.chdir(setup["work"])
    for name, data in setup["files"].items():
        with open(name, "wb") as file:
            file.write(base64.b64decode(data))
    sys.path += [*setup["packages"], setup["work"]]
    sys.argv = [""]


def _confine(setup: dict[str, Any]) -> dict[str, Any]:
    """Take the limits upon this process, for good. Says what holds."""
    from course_utils.grading.limits import take_limits

    take_limits(setup["limits"], own_user=setup["own_world"])
    done: dict[str, Any] = {"landlock": 0, "filter": False}
    if "landlock" in setup:
        from course_utils.grading.landlock import drop_capabilities, restrict

        drop_capabilities()
        done["landlock"] = restrict(**setup["landlock"])
    if setup["filter"]:
        from course_utils.grading.call_filter import install

        done["filter"] = install(setup["own_world"], setup.get("sockets", "none"))
    return done


def _close_standard_streams() -> None:
    """From here on nothing is written to the grader's place for start-up errors."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 2)
    os.close(null)


def _obey(order: dict[str, Any], namespace: dict[str, Any]) -> dict[str, Any]:
    from course_utils.grading.worker_cells import run_cell

    if order["do"] == "cell":
        return run_cell(order["source"], order["number"], namespace, order["seconds"])
    if order["do"] == "origins":
        return {"origins": {name: _origin(namespace.get(name)) for name in order["names"]}}
    outcome = _call(order, namespace) if order["do"] == "call" else _value(order["names"], namespace)
    try:
        return {"outcome": outcome.to_json()}
    except BaseException as error:  # an object that only pretends to be plain
        return {"outcome": {"kind": "unsendable", "error_types": ["Unsendable"], "error_text": str(error)[:500]}}


def _kind(namespace: dict[str, Any], name: str) -> str:
    if name not in namespace:
        return "missing"
    value = namespace[name]
    return "empty" if value is None or value is ... else "function" if callable(value) else "value"


def _origin(value: Any) -> str:
    """The full name of a function that was not defined in the notebook; "" for all else."""
    try:
        value = getattr(value, "func", value)  # functools.partial
        if not callable(value) or value.__module__ in (None, "__main__"):
            return ""
        return f"{value.__module__}.{value.__qualname__}"
    except BaseException:  # an object that has no name, or only pretends to have one
        return ""


def _call(order: dict[str, Any], namespace: dict[str, Any]) -> Any:
    from course_utils.checks.calling import NOT_A_FUNCTION, call_with
    from course_utils.checks.outcome import Outcome
    from course_utils.checks.values import decode

    kind = _kind(namespace, order["name"])
    if kind == "missing":
        return Outcome("missing")
    if kind != "function":
        return Outcome("value", ...) if kind == "empty" else Outcome("unsendable", error_text=NOT_A_FUNCTION)
    return call_with(namespace[order["name"]], decode(order["sent"], stand_ins=True), order["seconds"])


def _value(names: list[str], namespace: dict[str, Any]) -> Any:
    from course_utils.checks.calling import value_of
    from course_utils.checks.outcome import Outcome

    if any(name not in namespace for name in names):
        return Outcome("missing")
    return Outcome("value", value_of(tuple(namespace[name] for name in names)))


def _send(answers: BinaryIO, answer: dict[str, Any], limit: int) -> None:
    line = json.dumps(answer).encode() + b"\n"
    if limit and len(line) > limit:
        short = {"kind": "unsendable", "error_types": ["Unsendable"], "error_text": _ANSWER_TOO_LONG}
        line = json.dumps({"id": answer["id"], "outcome": short}).encode() + b"\n"
    while line:  # a raw pipe takes what fits
        line = line[answers.write(line) :]
