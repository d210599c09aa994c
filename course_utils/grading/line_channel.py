"""The grader's end of the pipes to a worker: lines out and in, with a deadline and a size limit."""

from __future__ import annotations

import os
import select
import time

_CHUNK = 1 << 16


class Lost(Exception):
    """The worker gives no answer any more. ``kind``: "timeout", "crash" (it ended) or "flood" (it sends too much)."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class LineChannel:
    """Lines to and from a process that may be hostile."""

    def __init__(self, to_worker: int, from_worker: int, limit: int) -> None:
        self._out, self._in, self._limit = to_worker, from_worker, limit
        for number in (to_worker, from_worker):
            os.set_blocking(number, False)
        self._buffer = bytearray()

    def exchange(self, line: bytes, beginning: bytes, deadline: float) -> bytes:
        """Send ``line``; return the first line received that starts with ``beginning``. Other lines are dropped.

        Raises:
            Lost: no such line by ``deadline`` (``time.monotonic()``), nor within ``limit`` bytes.
        """
        waiting, received = memoryview(line), 0
        while True:
            answer = self._take(beginning)
            if answer is not None:
                return answer
            if received > self._limit or len(self._buffer) > self._limit:
                raise Lost("flood")
            can_write, can_read = self._wait(bool(waiting), deadline)
            if can_write and waiting:
                waiting = waiting[self._write(waiting) :]
            if can_read:
                received += self._read()

    def _take(self, beginning: bytes) -> bytes | None:
        start, found = 0, None
        while found is None and (end := self._buffer.find(b"\n", start)) >= 0:
            if self._buffer.startswith(beginning, start):
                found = bytes(self._buffer[start:end])
            start = end + 1
        del self._buffer[:start]  # once: a flood of short lines must not cost a move each
        return found

    def _wait(self, writing: bool, deadline: float) -> tuple[bool, bool]:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Lost("timeout")
        poll = select.poll()
        poll.register(self._in, select.POLLIN)
        if writing:
            poll.register(self._out, select.POLLOUT)
        found = dict(poll.poll(left * 1000))
        return self._out in found, self._in in found

    def _write(self, data: memoryview) -> int:
        try:
            return os.write(self._out, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise Lost("crash") from error

    def _read(self) -> int:
        try:
            data = os.read(self._in, _CHUNK)
        except BlockingIOError:
            return 0
        if not data:
            raise Lost("crash")
        self._buffer += data
        return len(data)
