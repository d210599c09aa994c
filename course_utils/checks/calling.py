"""Call a learner's function in this process: fresh arguments, a time limit, its printing kept apart, nothing raised."""

from __future__ import annotations

import contextlib
import copy
import io
import linecache
import signal
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from course_utils.checks.outcome import MAX_SHOWN, Outcome, raised
from course_utils.checks.stand_ins import build, hosted
from course_utils.checks.values import StandIn, Unsendable, encode

if TYPE_CHECKING:
    from course_utils.checks.sheets import CaseSheet

NOT_A_FUNCTION = '함수가 아닌 값입니다. 괄호 없이 함수의 이름만 넘겨주십시오. 예: check("softmax", softmax)'


class TimeUp(BaseException):
    """Raised inside a call that takes too long. Not an ``Exception``, so that ``except Exception`` lets it through."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise ``TimeUp`` in the body after ``seconds``.

    With the alarm signal in the main thread of Linux and macOS; elsewhere a timer interrupts the main thread, which a
    long computation inside a library notices late. Off the main thread there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: Any) -> None:
        raise TimeUp

    old = signal.signal(signal.SIGALRM if hasattr(signal, "SIGALRM") else signal.SIGINT, ring)
    try:
        if hasattr(signal, "SIGALRM"):
            signal.setitimer(signal.ITIMER_REAL, seconds)
            yield
        else:
            import _thread

            timer = threading.Timer(seconds, _thread.interrupt_main)
            timer.daemon = True
            timer.start()
            try:
                yield
            finally:
                timer.cancel()
    finally:
        if hasattr(signal, "SIGALRM"):
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, old)
        else:
            signal.signal(signal.SIGINT, old)


def call_here(function: Callable, case: CaseSheet, seconds: float) -> Outcome:
    """Call ``function`` with the case's arguments, in this process."""
    with hosted([list(case.args), dict(case.kwargs)]) as (sent, evidence):
        outcome = call_with(function, sent, seconds)
    return with_evidence(outcome, evidence())


def with_evidence(outcome: Outcome, evidence: dict[str, Any]) -> Outcome:
    """The outcome with the record that stand-ins kept: a dictionary of ``returned`` or ``raised``, and the record."""
    if not evidence or outcome.kind not in ("value", "error"):
        return outcome
    end = {"returned": outcome.value} if outcome.kind == "value" else {"raised": list(outcome.error_types)}
    return replace(outcome, kind="value", value={**end, **evidence})


def call_with(function: Callable, sent: Any, seconds: float) -> Outcome:
    """Call ``function`` with ``sent`` = [list of arguments, dictionary of keyword arguments], stand-ins unbuilt."""
    args, kwargs = build(copy.deepcopy(sent))
    before = _state(args, kwargs)
    output = io.StringIO()
    started = time.perf_counter()
    try:
        with _quiet(output), time_limit(seconds):
            result = function(*args, **kwargs)
            if type(result).__name__ == "generator":
                result = list(result)
        encode(result)
        outcome = Outcome("value", result)
    except TimeUp:
        outcome = Outcome("timeout")
    except Unsendable as error:
        outcome = Outcome("unsendable", error_text=str(error))
    except BaseException as error:  # also SystemExit and KeyboardInterrupt of the learner's own code
        outcome = raised(error, error_line=_line(error))
    spent = time.perf_counter() - started
    _close(sent, [args, kwargs])
    changed = _state(args, kwargs) != before
    return replace(outcome, printed=output.getvalue()[:MAX_SHOWN], changed_input=changed, seconds=spent)


def _close(sent: Any, built: list) -> None:
    """Close the stand-ins that can be closed, such as a client with open connections."""
    for wanted, values in zip(sent, built, strict=True):
        names = wanted if isinstance(wanted, dict) else range(len(wanted))
        for name in names:
            if isinstance(wanted[name], StandIn) and callable(getattr(values[name], "close", None)):
                with contextlib.suppress(Exception):
                    values[name].close()


@contextlib.contextmanager
def _quiet(output: io.StringIO) -> Iterator[None]:
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _state(args: list, kwargs: dict) -> Any:
    """The plain arguments as data; what is no plain data (a client, a model) may change."""
    found = []
    for value in [*args, *kwargs.values()]:
        try:
            found.append(encode(value))
        except Unsendable:
            found.append(None)
    return found


def _line(error: BaseException) -> str:
    """The last line of the learner's own code that the exception passed through, as text."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if not _ours(frame.filename)]
    if not own:
        return ""
    frame = next((f for f in reversed(own) if "ipython-input" in f.filename or "ipykernel" in f.filename), own[0])
    return (frame.line or linecache.getline(frame.filename, frame.lineno or 0)).strip()[:200]


def _ours(filename: str) -> bool:
    return filename == __file__ or "/course_utils/checks/" in filename.replace("\\", "/")


def value_of(answers: tuple) -> Any:
    """One answer as itself, several as a tuple."""
    return answers[0] if len(answers) == 1 else tuple(answers)
