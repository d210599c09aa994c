"""``local_server()``: an OpenAI-compatible server on this machine, run by llama.cpp."""

from __future__ import annotations

import secrets
from types import TracebackType

from course_utils.engine import Engine
from course_utils.engine_settings import EngineSettings
from course_utils.gguf_files import gguf_for


class LocalServer:
    """A server to start and stop, best with ``with``. ``base_url``, ``api_key`` and ``model`` are what clients need."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._engine: Engine | None = None
        self.model = settings.model
        self.api_key = settings.keys[0]

    def start(self) -> LocalServer:
        """Start it unless it runs; returns itself."""
        if self._engine is None or not self._engine.running:
            self._engine = Engine(self._settings)
        return self

    @property
    def running(self) -> bool:
        """Whether the server's process lives."""
        return self._engine is not None and self._engine.running

    @property
    def base_url(self) -> str:
        """What ``OpenAI(base_url=...)`` takes."""
        return f"http://{self._settings.host}:{self._engine.port}/v1"

    def stop(self) -> None:
        """End the server; does nothing when it does not run."""
        if self._engine is not None:
            self._engine.stop()

    def __enter__(self) -> LocalServer:
        return self.start()

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def local_server(model: str = "mini", *, port: int = 0) -> LocalServer:
    """A context manager: a real OpenAI-compatible server with ``model`` on a loopback port, with a random key."""
    file = gguf_for(model)
    small = file.parameters < 100_000_000
    settings = EngineSettings(
        gguf=str(file.path),
        model=file.name,
        keys=(secrets.token_urlsafe(24),),
        port=port,
        threads=1 if small else 0,
        reuse_prompts=not small,
    )
    return LocalServer(settings)
