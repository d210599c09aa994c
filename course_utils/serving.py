"""``local_server()``: an OpenAI-compatible server on this machine, run by llama.cpp."""

from __future__ import annotations

import dataclasses
import secrets
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from course_utils.engine import Engine, PortTaken
from course_utils.engine_settings import EngineSettings
from course_utils.errors import CourseError
from course_utils.gguf_files import gguf_for
from course_utils.gguf_header import read_header
from course_utils.placement import SMALL_MODEL, engine_threads


class LocalServer:
    """A server to start and stop, best with ``with``. ``base_url``, ``api_key`` and ``model`` are what clients need.

    Keep the object as long as the server is needed: the server ends when nothing refers to the object any more.
    """

    def __init__(self, settings: EngineSettings, asked: str = "") -> None:
        self._settings = settings
        self._asked = asked  # the model as the caller named it
        self._engine: Engine | None = None
        self._starting = threading.Lock()
        self.model = settings.model
        self.api_key = settings.keys[0]

    def start(self) -> LocalServer:
        """Start it unless it runs; returns itself. After a crash it comes back under the same address and key."""
        with self._starting:
            if not self.running:
                before = self._engine
                self._engine = None
                self._engine = self._start_again(before) if before else Engine(self._settings)
        return self

    def _start_again(self, before: Engine) -> Engine:
        before.stop()
        if self._asked and not Path(self._settings.gguf).exists():  # the cache folder was cleared
            self._settings = dataclasses.replace(self._settings, gguf=str(gguf_for(self._asked).path.absolute()))
        try:
            return Engine(dataclasses.replace(self._settings, port=before.port))
        except PortTaken:
            if self._settings.port:
                raise
            return Engine(self._settings)  # any port was good, so another one is

    def stop(self) -> None:
        """End the server; does nothing when it does not run."""
        if self._engine is not None:
            self._engine.stop()

    @property
    def running(self) -> bool:
        """Whether the server's process lives."""
        return self._engine is not None and self._engine.running

    @property
    def base_url(self) -> str:
        """What ``OpenAI(base_url=...)`` takes."""
        return f"{self._alive().url}/v1"

    @property
    def engine_url(self) -> str:
        """The engine behind the guard, with ``engine_key``: llama.cpp's own parameters, for ``GgufPipeline``."""
        return self._alive().engine_url

    @property
    def engine_key(self) -> str:
        """The key of ``engine_url``."""
        return self._alive().engine_key

    @property
    def pid(self) -> int:
        """Process id of the server."""
        return self._alive().pid

    @property
    def log(self) -> Path | None:
        """The log file of the last start; None before the first."""
        return self._engine.log if self._engine else None

    def _alive(self) -> Engine:
        if self._engine is None:
            raise CourseError("서버가 아직 켜지지 않았습니다. with 문을 쓰거나 .start()를 먼저 불러 주십시오.")
        if not self._engine.running:
            how = "꺼진 상태입니다" if self._engine.stopped else "작동 중에 멈췄습니다"
            raise CourseError(f"서버가 {how}. .start()를 부르면 다시 켜집니다. 기록: {self._engine.log}")
        return self._engine

    def __enter__(self) -> LocalServer:
        return self.start()

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<LocalServer {self.model}: {self._engine.url + '/v1' if self.running else 'not running'}>"


def local_server(
    model: str = "mini",
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    slots: int | None = None,
    waiting: int | None = None,
    context: int | None = None,
    threads: int | None = None,
    keys: Sequence[str] | None = None,
) -> LocalServer:
    """A real OpenAI-compatible server with ``model``, not yet started: ``with local_server() as server: ...``.

    Args:
        model: what ``gguf_files.gguf_for`` takes: ``"mini"``, ``"exaone"`` (LG's 4-bit file, fetched at first use), a
            Hub id, a .gguf file or an EXAONE folder.
        host: address to listen on; ``"0.0.0.0"`` opens it to the network.
        port: 0 takes a free one.
        slots: requests that are computed at once (4).
        waiting: requests that may wait beyond these (64); further ones are answered "busy" (429).
        context: tokens of prompt and answer together, for each slot (2048).
        threads: CPU threads (one for a small model, else one for each core).
        keys: API keys that are let in; a random one by default. The first one is ``.api_key``.

    Raises:
        CourseValueError: a value that no server can be started with.
        CourseError: the model's file is missing or broken.
    """
    file = gguf_for(model)
    small = file.parameters < SMALL_MODEL  # computing a prompt again costs next to nothing
    threads = engine_threads(file.parameters) if threads is None else threads
    given = {"slots": slots, "waiting": waiting, "context": context, "threads": threads}
    settings = EngineSettings(
        gguf=str(file.path.absolute()),
        model=file.name,
        keys=(secrets.token_urlsafe(24),) if keys is None else keys,
        host=host,
        port=port,
        reuse_prompts=not small,
        marks=read_header(file.path).special_tokens,
        **{name: value for name, value in given.items() if value is not None},
    )
    return LocalServer(settings, model)
