"""Who is computed, who waits, who is told to come back: first come, first served."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from course_utils.guard_errors import busy

_LONGEST_RETRY = 30  # seconds; what a client is told to wait at most


class Places:
    """``slots`` places for what is computed at once, and room for ``waiting`` requests beyond.

    A request with ``n`` answers takes ``n`` places; while it waits for them, nobody overtakes it.
    """

    def __init__(self, slots: int, waiting: int) -> None:
        self.free = slots
        self._slots = slots
        self._room = waiting
        self._queue: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._seconds = 1.0  # running mean of how long a request is computed
        self._promised = 0.0  # until then (monotonic seconds) the places are promised to those who were sent away

    @asynccontextmanager
    async def take(self, count: int) -> AsyncIterator[None]:
        """Hold ``count`` places, at most ``slots``; waits for them in the order of arrival.

        Raises:
            Refusal: 429, the waiting room is full.
        """
        await self._enter(count)
        started = time.monotonic()
        try:
            yield
        finally:
            self._seconds += (time.monotonic() - started - self._seconds) / 8
            self._leave(count)

    async def _enter(self, count: int) -> None:
        if not self._queue and self.free >= count:
            self.free -= count
            return
        if len(self._queue) >= self._room:
            raise busy(self._slots - self.free, len(self._queue), self._retry_after())
        turn = asyncio.get_running_loop().create_future()
        self._queue.append((count, turn))
        try:
            await turn
        except asyncio.CancelledError:  # the client is gone
            if turn.done() and not turn.cancelled():
                self._leave(count)
            else:
                if (count, turn) in self._queue:
                    self._queue.remove((count, turn))
                self._call()
            raise

    def _leave(self, count: int) -> None:
        self.free += count
        self._call()

    def _call(self) -> None:
        while self._queue and self._queue[0][0] <= self.free:
            count, turn = self._queue.popleft()
            if not turn.done():  # else its client left in this very moment
                self.free -= count
                turn.set_result(None)

    def _retry_after(self) -> int:
        """Seconds until a place may be free after those who wait now and those who were sent away before.

        A class that is refused together is thus told different times, one place after another.
        """
        now, each = time.monotonic(), self._seconds / self._slots
        after = max(self._promised, now + each * len(self._queue)) + each
        self._promised = min(after, now + _LONGEST_RETRY)
        return max(1, math.ceil(self._promised - now))
