"""An aiohttp application that runs in a thread of this process and can always be stopped."""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from aiohttp import web

START_SECONDS = 10
# What a handler that still works gets when the server stops; slow answers are meant to be cut off.
SHUTDOWN_SECONDS = 0.05


class BackgroundServer:
    """Serves ``make_app()`` on a loopback port, in a thread with an event loop of its own. A context manager.

    ``socket``: a path for a Unix socket to listen on instead of a port; such a server has no ``port``.
    """

    def __init__(self, make_app: Callable[[], web.Application], port: int = 0, socket: Path | None = None) -> None:
        self._make_app = make_app
        self._wanted_port = port
        self._socket = socket
        self._thread: threading.Thread | None = None
        self.port = 0

    @property
    def running(self) -> bool:
        """Whether the thread lives."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> BackgroundServer:
        """Start unless it runs; returns when requests can come.

        Raises:
            OSError: the port is taken.
        """
        if not self.running:
            ready, failure = threading.Event(), []
            self._thread = threading.Thread(target=self._run, args=(ready, failure), daemon=True)
            self._thread.start()
            ready.wait(START_SECONDS)
            if failure:
                raise failure[0]
            atexit.register(self.stop)
        return self

    def stop(self) -> None:
        """End the server and close its port; does nothing when it does not run."""
        atexit.unregister(self.stop)
        thread, self._thread = self._thread, None
        if thread is not None and thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            thread.join(START_SECONDS)

    def _run(self, ready: threading.Event, failure: list[BaseException]) -> None:
        try:
            asyncio.run(self._serve(ready))
        except BaseException as error:  # handed to the thread that waits in start()
            failure.append(error)
        finally:
            ready.set()

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        runner = web.AppRunner(self._make_app(), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            if self._socket:
                await web.UnixSite(runner, self._socket).start()
            else:
                await web.TCPSite(runner, "127.0.0.1", self._wanted_port).start()
                self.port = runner.addresses[0][1]
            ready.set()
            await self._end.wait()
        finally:
            await runner.cleanup()

    def __enter__(self) -> BackgroundServer:
        return self.start()

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
