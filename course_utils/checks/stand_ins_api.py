"""A real ``openai`` client whose server fails as told, and a ``sleep`` that takes no time.

The server runs on the trusted side and keeps the record of requests and pauses out of the learner's reach.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from importlib import import_module
from pathlib import Path
from typing import Any

from course_utils.checks.api_shapes import LATE

_SECONDS = 10.0  # a real limit for each request; what a script calls slow does not come so far
# Server and address of the client that was opened last for the call that is being prepared.
_opened: ContextVar[tuple[Any, dict[str, Any]] | None] = ContextVar("opened", default=None)


def client(url: str, key: str, socket: str | None = None) -> Any:
    """An ``openai.OpenAI`` for the server that ``client.host`` opened; it never retries by itself."""
    from openai import OpenAI

    return OpenAI(base_url=url, api_key=key, max_retries=0, http_client=_http_client(socket), timeout=_SECONDS)


def http_library() -> Any:
    """The HTTP library that ``openai`` itself uses: httpx, from openai 3 on httpx2."""
    from openai import DefaultHttpxClient

    libraries = (kind.__module__.split(".")[0] for kind in DefaultHttpxClient.__mro__)
    return import_module(next(library for library in libraries if library != "openai"))


def _http_client(socket: str | None) -> Any:
    http = http_library()

    class Transport(http.HTTPTransport):
        def handle_request(self, request: Any) -> Any:
            response = super().handle_request(request)
            if LATE in response.headers:
                response.close()
                raise http.ReadTimeout("timed out", request=request)
            return response

    # Nothing is encrypted, and reading the machine's certificates would take longer than all the rest.
    return http.Client(transport=Transport(uds=socket, verify=False), timeout=_SECONDS, trust_env=False)


@contextmanager
def _client_host(
    settings: dict[str, Any], folder: Path | None
) -> Iterator[tuple[dict[str, Any], Callable[[], dict[str, Any]]]]:
    """``settings``: ``script``, as ``fault_server`` takes it, and ``answers``, as ``WatchedServer`` takes them.

    Evidence: ``WatchedServer.evidence``.
    """
    from course_utils.checks.watched_server import WatchedServer
    from course_utils.fault_server import read_script

    script = read_script([tuple(entry) if isinstance(entry, list) else entry for entry in settings["script"]])
    with tempfile.TemporaryDirectory(dir=folder, prefix="api") if folder else nullcontext() as place:
        socket = Path(place) / "server" if place else None
        with WatchedServer(script, settings.get("answers", ()), socket) as server:
            address = {"url": server.base_url, "key": server.api_key, "socket": str(socket) if socket else None}
            before = _opened.set((server, address))
            try:
                yield address, server.evidence
            finally:
                _opened.reset(before)


client.host = _client_host


class Sleep:
    """Called like ``time.sleep``: returns at once, and the server of the client beside it notes the seconds."""

    def __init__(self, url: str, socket: str | None) -> None:
        self._http, self._url = _http_client(socket), url.removesuffix("/v1")

    def __call__(self, seconds: float) -> None:
        """Note a pause.

        Raises:
            TypeError, ValueError: no number of seconds, as from ``time.sleep``.
        """
        if isinstance(seconds, str) or not hasattr(seconds, "__float__"):
            raise TypeError(f"기다릴 시간은 수(초)여야 합니다: {seconds!r}")
        if not math.isfinite(seconds) or seconds < 0:
            raise ValueError(f"기다릴 시간은 0 이상이어야 합니다: {seconds!r}")
        self._http.post(f"{self._url}/waited", json={"seconds": float(seconds)})

    def close(self) -> None:
        """Close its connection."""
        self._http.close()


def sleep(url: str, socket: str | None = None, **_: Any) -> Sleep:
    """A ``Sleep`` for the server of the client that stands before it among the arguments."""
    return Sleep(url, socket)


@contextmanager
def _sleep_host(
    settings: dict[str, Any], folder: Path | None
) -> Iterator[tuple[dict[str, Any], Callable[[], dict[str, Any]]]]:
    """Evidence: none of its own; the client's evidence holds the pauses."""
    opened = _opened.get()
    if opened is None:
        raise ValueError("api.sleep needs an api.client before it in the same call")
    yield opened[1], dict


sleep.host = _sleep_host
