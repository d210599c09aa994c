"""Work on many items at once, each in a process of its own kind that may hang or die without taking others along.

Processes, not threads: the answer key's references run with an alarm, which only a main thread can set, and judging is
Python code that threads would do one after another.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from course_utils.errors import first_line

_TRIES = 2
_GRACE = 5.0
_OOM_SCORE = "500"  # of 1000; inherited by the sandboxes, which then use more memory than this process


@dataclass(frozen=True)
class Broken:
    """No result: the process that worked on the item died (``"died"``) or took too long (``"hung"``), each time."""

    reason: str


@dataclass
class _Task:
    index: int
    tries: int = 0


class _Hand:
    """One process and what it is working on."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        # A fresh interpreter: a fork would copy whatever threads and locks the caller has.
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, work), daemon=True)
        self._process.start()
        theirs.close()
        self.task: _Task | None = None
        self.since = 0.0

    def give(self, task: _Task, item: Any) -> None:
        self.task, self.since = task, time.monotonic()
        task.tries += 1
        try:
            self.connection.send((task.index, item))
        except OSError:  # it died before; the closed pipe tells
            pass

    def end(self) -> None:
        """Ask it to end, so that it can clear up, then make it."""
        self.connection.close()
        self._process.terminate()
        self._process.join(_GRACE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()


def side_by_side(
    work: Callable[[Any], Any], items: Sequence[Any], jobs: int, seconds: float
) -> Iterator[tuple[int, Any]]:
    """``(index, work(item))`` for every item, in the order in which they are done; ``Broken`` where none came.

    Args:
        work: a function that another process can import, or an object of that kind.
        seconds: the longest that one item may take.

    When the caller stops early (an interrupt, an exception) every process is ended before this returns.
    """
    waiting = deque(_Task(index) for index in range(len(items)))
    hands: list[_Hand] = []
    try:
        while waiting or any(hand.task for hand in hands):
            while waiting and len(hands) < min(jobs, len(items)):
                hands.append(_Hand(work))
            for hand in hands:
                if hand.task is None and waiting:
                    task = waiting.popleft()
                    hand.give(task, items[task.index])
            ready = wait([hand.connection for hand in hands if hand.task], timeout=1.0)
            for hand in [hand for hand in hands if hand.task]:
                task = hand.task
                assert task is not None
                late = time.monotonic() - hand.since > seconds
                answer = _answer(hand.connection) if hand.connection in ready else (Broken("hung") if late else None)
                if answer is None:
                    continue
                hand.task = None
                if isinstance(answer, Broken):
                    hands.remove(hand)
                    hand.end()
                    if answer.reason == "died" and task.tries < _TRIES:
                        waiting.append(task)
                        continue
                yield task.index, answer
    finally:
        for hand in hands:
            hand.end()


def _answer(connection: Connection) -> Any:
    try:
        return connection.recv()
    except (EOFError, OSError):
        return Broken("died")


def _serve(connection: Connection, work: Callable[[Any], Any]) -> None:
    """The other process: works until it is told to end, or its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _die_first()
    logging.disable()  # what libraries note about strangers' requests must not fill the terminal
    try:
        while True:
            _, item = connection.recv()
            connection.send(work(item))
    except (EOFError, OSError, SystemExit):
        pass
    except Exception as error:  # the parent only sees that this process is gone
        print(f"{type(error).__name__}: {first_line(error)}", file=sys.stderr, flush=True)
    finally:
        os._exit(0)  # what torch and others do at a normal end takes long, and a second signal would break into it


def _die_first() -> None:
    """When memory runs out, the kernel is to end this process or what it started, not the parent or other programs."""
    with contextlib.suppress(OSError):  # no Linux, or not allowed
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)


def _leave(*_: Any) -> None:
    raise SystemExit(0)  # through the with statements, so that no sandbox is left


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
