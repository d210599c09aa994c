"""``Learner``: somebody with a notebook, whose network, disk, GPU and habits a scenario decides about.

A learner has a home, a working folder and a Hub of their own, and a process in which their cells run one after
another; state survives between cells. ``learner.another()`` is a second notebook of the same person.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

from fault import FOLDER, without_code
from shown import Shown

ROOT = FOLDER.parents[1]
CELL_SECONDS = 180  # of a machine that does ten other things


class HarnessError(RuntimeError):
    """The stage itself failed: never the proof that a handling is missing."""


class Stage:
    """What all learners of a test process share: the process that theirs are forked from, one home, one Hub address.

    huggingface_hub reads its environment once, when it is imported. So the home and the Hub's address stay the same
    for every scenario; the home is emptied, and at the address there is a Hub only while a scenario runs one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = self._environment()
        self._socket = str(folder / "cells")
        self.home.mkdir()
        command = [sys.executable, str(FOLDER / "cell_server.py"), self._socket]
        self._process = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, cwd=folder)
        if self._process.stdout.readline().strip() != b"ready":
            raise HarnessError("the cell server did not start")

    def _environment(self) -> dict[str, str]:
        dropped = ("HF_", "COURSE_", "OPENAI_", "XDG_", "CI")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        path = [str(ROOT), str(FOLDER), str(FOLDER.parent), os.environ.get("PYTHONPATH", "")]
        hub = {"HF_HOME": str(self.home / "hf"), "HF_ENDPOINT": f"http://127.0.0.1:{self.port}"}
        hub |= {"TQDM_POSITION": "-1"}  # bars as in a notebook, though what is shown goes to a file
        hub |= {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DOWNLOAD_TIMEOUT": "1", "HF_HUB_ETAG_TIMEOUT": "1"}
        here = {"HOME": str(self.home), "PYTHONPATH": os.pathsep.join(filter(None, path)), "NO_PROXY": "127.0.0.1"}
        return {**kept, **hub, **here, "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1", "COURSE_MODEL": "mini"}

    def empty_home(self) -> None:
        if self.home.exists():
            _make_writable(self.home)
            shutil.rmtree(self.home)
        self.home.mkdir()

    def connect(self) -> Connection:
        return Client(self._socket, "AF_UNIX")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


class Learner:
    """``home``: their home folder (``home / "hf"`` is the Hub's cache); ``work``: where their notebook lies."""

    def __init__(self, stage: Stage, work: Path, without: Mapping[str, str] | None = None) -> None:
        self.stage, self.home, self.work = stage, stage.home, work
        self.without = dict(without or {})
        self.environment: dict[str, str] = {}
        self._connection: Connection | None = None
        self._pid = 0
        self._busy = False
        self._others: list[Any] = []
        self._output = work / f".shown-{id(self)}"
        self._read = 0

    # --- cells ---

    def cell(self, code: str, seconds: float = CELL_SECONDS) -> Shown:
        """Run a cell and wait for its end."""
        self.begin(code)
        return self.finish(seconds)

    def begin(self, code: str) -> None:
        """Start a cell; ``finish`` waits for it."""
        self._order("cell", code)
        self._busy = True

    def finish(self, seconds: float = CELL_SECONDS) -> Shown:
        """What was shown since the last cell.

        Raises:
            AssertionError: the cell still runs after ``seconds``, which no learner would wait for.
        """
        ok, error, _ = self._answer(seconds)
        self._busy = False
        text = self.so_far()
        self._read += len(text.encode("utf-8", "surrogateescape"))
        return Shown.of(ok, text, error)

    def so_far(self) -> str:
        """What the cell that runs now has shown until now."""
        return self._output.read_bytes()[self._read :].decode("utf-8", "surrogateescape")

    def wait_until_shown(self, part: str, seconds: float = 20) -> None:
        """Until the running cell has shown ``part``; AssertionError when it does not in time, or ends without."""
        until = time.monotonic() + seconds
        ended = False
        while part not in self.so_far():
            assert time.monotonic() < until and not ended, f"{part!r} was not shown in time:\n{self.so_far()}"
            ended = self._started().poll(0)
            time.sleep(0.02)

    def value(self, expression: str) -> Any:
        """A value of the notebook: plain data, evaluated after the last cell.

        Raises:
            HarnessError: the expression raised.
        """
        return self._harness("value", expression)

    def before(self, code: str) -> None:
        """Prepare the learner's process: plain Python, before or between cells; what it prints is not shown.

        Raises:
            HarnessError: the code raised.
        """
        self._harness("before", code)

    def interrupt(self) -> None:
        """The stop button: the running cell hears Ctrl-C."""
        os.kill(self.pid, signal.SIGINT)

    @property
    def pid(self) -> int:
        """Of the process that runs the cells."""
        self._started()
        return self._pid

    # --- more notebooks ---

    def another(self) -> Learner:
        """A second notebook of the same person: same home, same folder, a process of its own."""
        other = Learner(self.stage, self.work, self.without)
        other.environment = dict(self.environment)
        self._others.append(other)
        return other

    def kernel(self) -> Any:
        """A real Jupyter kernel in the same place (``kernels.Kernel``): cells, interrupt, restart."""
        from kernels import Kernel

        started = Kernel(self._settings(), self.work, [without_code(*each) for each in self.without.items()])
        self._others.append(started)
        return started

    def restart(self) -> None:
        """Kernel > Restart: the process ends, and the next cell starts in a new one."""
        if self._connection is not None:
            if self._busy:
                with suppress(ProcessLookupError):
                    self.interrupt()
            self._busy = False
            self._read += len(self.so_far().encode("utf-8", "surrogateescape"))
            self._connection.close()
            self._connection = None
            _end(self._pid)

    def kill(self) -> None:
        """The machine goes off: the process ends without a farewell, and the next cell starts in a new one."""
        os.kill(self.pid, signal.SIGKILL)
        self.restart()

    def close(self) -> None:
        for other in self._others:
            other.close()
        self.restart()

    # --- the process ---

    def _settings(self) -> dict[str, str]:
        return {**self.stage.environment, **self.environment}

    def _started(self) -> Connection:
        if self._connection is None:
            self._connection = self.stage.connect()
            _, _, self._pid = self._connection.recv()
            self._output.touch()
            self._harness("start", (str(self.work), self._settings(), str(self._output)))
            for name, expression in self.without.items():
                self.before(without_code(name, expression))
        return self._connection

    def _order(self, order: str, argument: Any) -> None:
        self._started().send((order, argument))

    def _answer(self, seconds: float) -> tuple[bool, str, Any]:
        assert self._connection is not None
        assert self._connection.poll(seconds), f"the cell still runs after {seconds} s:\n{self.so_far()}"
        try:
            return self._connection.recv()
        except EOFError:
            raise AssertionError(f"the learner's kernel died:\n{self.so_far()}") from None

    def _harness(self, order: str, argument: Any) -> Any:
        self._order(order, argument)
        ok, error, value = self._answer(CELL_SECONDS)
        if not ok:
            raise HarnessError(f"{order} {argument!r}: {error}")
        return value


def _end(pid: int) -> None:
    """Wait a little for the process, which ends with its connection; then end it."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _make_writable(folder: Path) -> None:
    for place in [folder, *folder.rglob("*")]:
        if place.is_dir() and not place.is_symlink():
            place.chmod(0o700)


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """A stage that ends with the block."""
    stage = Stage(folder)
    try:
        yield stage
    finally:
        stage.close()


@contextmanager
def at_work(stage: Stage, work: Path, without: Mapping[str, str] | None = None) -> Iterator[Learner]:
    """A learner with an empty home whose processes end with the block; ``without`` these handlings."""
    stage.empty_home()
    learner = Learner(stage, work, without)
    try:
        yield learner
    finally:
        learner.close()
