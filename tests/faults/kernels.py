"""A real Jupyter kernel for the faults that only one has: restart, stop button, a page that reconnects."""

from __future__ import annotations

import time
from pathlib import Path
from queue import Empty

from shown import Shown

from tools.kernel_sockets import FileKernelManager

START_SECONDS = 60


class Kernel:
    """A kernel that runs cells, like ``Learner``: ``cell``, ``begin``, ``finish``, ``interrupt``, ``restart``."""

    def __init__(self, environment: dict[str, str], work: Path, before: list[str]) -> None:
        self._before = before
        self._manager = FileKernelManager(kernel_name="python3")
        self._manager.start_kernel(env=environment, cwd=str(work))
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._ready()

    def _ready(self) -> None:
        self._client.wait_for_ready(timeout=START_SECONDS)
        for code in self._before:
            self.cell(code).went_well()

    def cell(self, code: str, seconds: float = 60) -> Shown:
        """Run a cell and wait for its end."""
        self.begin(code)
        return self.finish(seconds)

    def begin(self, code: str) -> None:
        """Start a cell."""
        self._asked = self._client.execute(code, store_history=False)
        self._text: list[str] = []

    def wait_until_shown(self, part: str, seconds: float = 20) -> None:
        """Until the running cell has shown ``part``."""
        until = time.monotonic() + seconds
        while part not in "".join(self._text):
            assert time.monotonic() < until, f"{part!r} was not shown:\n{''.join(self._text)}"
            self._hear(until)

    def finish(self, seconds: float = 60) -> Shown:
        """What the cell showed; AssertionError when it still runs after ``seconds``."""
        until, error = time.monotonic() + seconds, ""
        while True:
            assert time.monotonic() < until, f"the cell still runs:\n{''.join(self._text)}"
            kind, content = self._hear(until)
            if kind == "error":
                error = "\n".join(content["traceback"])
                self._text.append(error)
            elif kind == "status" and content["execution_state"] == "idle":
                return Shown.of(not error, "".join(self._text), error)

    def _hear(self, until: float) -> tuple[str, dict]:
        try:
            message = self._client.get_iopub_msg(timeout=min(0.5, max(0.01, until - time.monotonic())))
        except Empty:
            return "", {}
        if message["parent_header"].get("msg_id") != self._asked:
            return "", {}
        content = message["content"]
        if message["msg_type"] == "stream":
            self._text.append(content["text"])
        elif message["msg_type"] in ("execute_result", "display_data"):
            self._text.append(content["data"].get("text/plain", "") + "\n")
        return message["msg_type"], content

    def interrupt(self) -> None:
        """The stop button."""
        self._manager.interrupt_kernel()

    def restart(self) -> None:
        """Kernel > Restart."""
        self._manager.restart_kernel(now=False)
        self._ready()

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
