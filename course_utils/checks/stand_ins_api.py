"""A real ``openai`` client whose server fails as told; the record of requests is kept out of the learner's reach."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# One second asked of a `quick_sleep` takes this long, so that waiting can be checked without waiting.
SLEEP_SCALE = 0.02


def client(url: str, key: str, socket: str | None = None, timeout: float = 2.0, **_: Any) -> Any:
    """An ``openai.OpenAI`` for the server that ``client.host`` opened; it never retries by itself."""
    import httpx
    from openai import OpenAI

    transport = httpx.HTTPTransport(uds=socket)
    http = httpx.Client(transport=transport, timeout=timeout)
    return OpenAI(base_url=url, api_key=key, max_retries=0, http_client=http, timeout=timeout)


@contextmanager
def _host(settings: dict[str, Any], folder: Path | None) -> Iterator[tuple[dict[str, Any], Callable[[], dict]]]:
    """``settings``: ``script``, as ``fault_server`` takes it. Evidence: ``requests``, in order."""
    from course_utils.fault_server import FaultServer, read_script

    script = read_script([tuple(entry) if isinstance(entry, list) else entry for entry in settings["script"]])
    with tempfile.TemporaryDirectory(dir=folder, prefix="api") if folder else _nowhere() as place:
        socket = Path(place) / "server" if place else None
        with FaultServer(script, socket=socket) as server:
            rest = {name: value for name, value in settings.items() if name != "script"}
            address = {"url": server.base_url, "key": server.api_key, "socket": str(socket) if socket else None}
            yield {**rest, **address}, lambda: {"requests": [_seen(request) for request in server.requests]}


@contextmanager
def _nowhere() -> Iterator[None]:
    yield None


def _seen(request: Any) -> dict[str, Any]:
    return {"body": request.body, "answer": request.answer, "seconds": request.seconds}


client.host = _host


def quick_sleep() -> Callable[[float], None]:
    """A ``time.sleep`` that waits ``SLEEP_SCALE`` as long: the server's record shows how long a caller waited."""

    def sleep(seconds: float) -> None:
        time.sleep(max(0.0, seconds) * SLEEP_SCALE)

    return sleep
