"""A class of attackers and honest learners, graded as instructors grade: the real command's code, in one run."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from attack_notebooks import ABSTRACT, KEY, MARK, ROOT, SECRET, Attack, solved, with_cells, write_notebook

from course_utils.grading import grading_run
from course_utils.grading.limits import MIB, Limits
from course_utils.grading.sandbox import Sandbox

LIMITS = replace(
    Limits(), cell_seconds=1.5, call_seconds=1.0, total_seconds=9.0, grace=0.5, file=16 * MIB,
    work=32 * MIB, answer=2 * MIB,
)  # fmt: skip
_CHILD_SUBREAPER = 36
EVERY = 16  # a perfect submission among so many attacks


@dataclass
class Graded:
    """``results``: student -> entry of grades.json. ``seconds``: of the run. ``written``: every report's text."""

    results: dict[str, dict[str, Any]]
    seconds: float
    world: Path
    written: str
    left: dict[int, str]


class World:
    """The instructor's folder and machine, with things in it that are nobody else's business."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "secret.txt").write_text(SECRET)
        self.port = 0

    @contextmanager
    def open(self) -> Iterator[World]:
        """Servers that tell the secret to whoever connects, a variable, and a file in shared memory."""
        shared = Path("/dev/shm") / f"attack-suite-{os.getpid()}"
        servers = [socket.create_server(("127.0.0.1", 0)), *(socket.socket(socket.AF_UNIX) for _ in range(2))]
        servers[1].bind(str(self.folder / "socket"))
        servers[2].bind(ABSTRACT)
        self.port = servers[0].getsockname()[1]
        stopping = threading.Event()
        threads = [threading.Thread(target=_tell, args=(server, stopping)) for server in servers]
        for thread in threads:
            thread.start()
        os.environ["ATTACK_SUITE_SECRET"] = SECRET
        shared.write_text(SECRET)
        try:
            yield self
        finally:
            stopping.set()
            for thread in threads:
                thread.join()
            del os.environ["ATTACK_SUITE_SECRET"]
            shared.unlink()


def _tell(server: socket.socket, stopping: threading.Event) -> None:
    with server:
        server.settimeout(0.2)
        if server.family == socket.AF_UNIX:
            server.listen()
        while not stopping.is_set():
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            with connection:
                connection.sendall(SECRET.encode())


def grade_attacks(world: World, attacks: Sequence[Attack], sandbox: Sandbox) -> Graded:
    """Put everything into its folder, with perfect submissions between, and grade the class."""
    submitted = world.folder / "submitted"
    good = with_cells(solved(), last=[f"# {SECRET}: nobody else's business"])
    for index, attack in enumerate(attacks):
        if index % EVERY == 0:
            write_notebook(good, submitted / f"good_{index:03d}" / KEY.folder)
        attack.write(submitted / f"student_{index:03d}_{attack.name}" / KEY.folder)
    write_notebook(good, submitted / "good_999" / KEY.folder)
    out = world.folder / "grades"
    order = grading_run.GradingOrder(submitted, out, jobs=3, seed=f"{SECRET}-seed")
    old, grading_run.choose_sandbox = grading_run.choose_sandbox, lambda allow_none: sandbox
    started = time.monotonic()
    try:
        before = left_running()
        with adopting():
            grading_run.grade_all(order, LIMITS)
            left = {number: command for number, command in left_running().items() if number not in before}
    finally:
        grading_run.choose_sandbox = old
    seconds = time.monotonic() - started
    entries = json.loads((out / "grades.json").read_text())["grades"]
    pages = [path for path in out.rglob("*") if path.is_file() and path.name != "class_seed.txt"]
    written = "\n".join(path.read_text("utf-8", "replace") for path in pages)
    return Graded({entry["student"]: entry for entry in entries}, seconds, world.folder, written, left)


def marks_left() -> list[str]:
    """Files that an attack has left anywhere it tried."""
    import numpy

    places = [ROOT, ROOT / "answer_key", ROOT / "course_utils", Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"),
              Path.home(), Path(numpy.__file__).parent]  # fmt: skip
    return [str(path) for place in places for path in place.glob(f"{MARK}*")]


@contextmanager
def adopting() -> Iterator[None]:
    """While open, this process adopts what its descendants leave behind, so that it can be found."""
    _set_adopting(True)
    try:
        yield
    finally:
        _set_adopting(False)


def _set_adopting(wanted: bool) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_CHILD_SUBREAPER, int(wanted), 0, 0, 0)


def left_running() -> dict[int, str]:
    """This process's descendants and their command lines; Python's own helper for semaphores is left out."""
    parents, commands = {}, {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if state != "Z":
            parents[int(entry.name)], commands[int(entry.name)] = int(parent), command
    own, found = {os.getpid()}, set()
    while grown := {number for number, parent in parents.items() if parent in own} - found:
        found |= grown
        own |= grown
    return {number: commands[number] for number in found if "resource_tracker" not in commands[number]}


def end_workers() -> None:
    """Kill all that a grader's workers left to this process, also what they fork meanwhile."""
    while workers := [number for number, command in left_running().items() if "course_utils.grading.worker" in command]:
        for number in workers:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        time.sleep(0.05)
