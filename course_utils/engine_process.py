"""The child process: llama.cpp's own server with our guard in front of it.

Started by ``course_utils.engine``; not meant to be run by hand. It reads one line of JSON (``EngineSettings``) from
standard input, answers with one line of JSON (``{"port": ..., "engine_port": ...}``) on standard output when it can
serve, and logs to standard error. It ends when its standard input closes: the pipe breaks with the parent process,
however that one ends, so no server is left behind.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import secrets
import select
import signal
import socket
import sys
import threading
import time
from typing import Any, NoReturn, TextIO
from urllib.parse import urlsplit

from course_utils.engine_settings import EngineSettings

_PARENT_LOOK = 1.0  # seconds between looks whether the parent process is still the same


def start_engine(settings: EngineSettings, key: str) -> tuple[Any, int]:
    """llama.cpp's server on a free loopback port; it answers only to ``key``. Returns the server and its port.

    The sampling chain is that of lessons 04 and 05 (penalties, temperature, top-k, top-p, as in transformers), and
    nothing is cut unless a request asks for it. llama.cpp's own chain cuts by top-k 40, top-p 0.95 and min-p first.
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = settings.gguf
    params.model_alias = {settings.model}
    if hasattr(params, "hostnames"):
        params.hostnames = ["127.0.0.1"]
    else:  # until xllamacpp 2026.9
        params.hostname = "127.0.0.1"
    params.port, params.api_keys = 0, [key]
    params.n_parallel = settings.slots
    params.n_ctx = settings.context * settings.slots
    params.ui = False
    params.prefill_assistant = False  # a conversation that ends with the assistant gets a new answer, as at OpenAI
    if settings.threads:
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings.threads
    # With a cached beginning, rounding depends on what was asked before, and a seed would not give the same answer.
    params.cache_prompt, params.cache_ram_mib = settings.reuse_prompts, 0
    sampling = params.sampling
    sampling.samplers = "penalties;temperature;top_k;top_p"
    sampling.temp, sampling.top_k, sampling.top_p, sampling.min_p = 1.0, 0, 1.0, 0.0
    server = xllamacpp.Server(params)
    return server, urlsplit(server.listening_address).port


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; taken before the model is loaded, so that a port in use is told at once."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if sys.platform == "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:  # a port whose last connections are just closing is free
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(512)
    except BaseException:
        listener.close()
        raise
    return listener


def _watch_parent(parent: int) -> None:
    """End this process with its parent, in three ways because each has a gap.

    A thread waits for the end of standard input (not while llama.cpp loads a file: it keeps Python's lock); the
    kernel's SIGIO for the pipe, whose default action ends the process, works then too; a look at the parent's id
    helps where another process holds a copy of the pipe.
    """
    threading.Thread(target=_end_with_input, daemon=True).start()
    if sys.platform == "win32":
        return
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    try:
        import fcntl

        signal.signal(signal.SIGIO, signal.SIG_DFL)
        fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)
    except (ImportError, AttributeError, OSError) as error:
        print(f"no SIGIO for the pipe here: {error}", file=sys.stderr)
    if select.select([0], [], [], 0)[0]:  # closed before the signal was ordered
        os._exit(0)


def _end_with_input() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_PARENT_LOOK)
    os._exit(0)


def _read_settings() -> EngineSettings:
    """The settings; read byte by byte so that nothing of the pipe is buffered elsewhere."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            os._exit(0)  # the parent has changed its mind
        line += byte
    return EngineSettings.from_json(line.decode())


def _refuse(answers: TextIO, kind: str, error: object) -> NoReturn:
    print(json.dumps({"kind": kind, "error": str(error)}), file=answers, flush=True)
    os._exit(1)


def _refuse_address(answers: TextIO, error: OSError) -> NoReturn:
    _refuse(answers, "port" if error.errno == errno.EADDRINUSE else "address", error.strerror or error)


def main() -> None:
    """Serve until standard input closes."""
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's; it then stops us or goes on
    settings = _read_settings()
    _watch_parent(parent)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # llama.cpp may print; the answer line must stay alone
    try:
        listener = listen(settings.host, settings.port)
    except OSError as error:
        _refuse_address(answers, error)
    try:
        import aiohttp  # noqa: F401
        import xllamacpp  # noqa: F401
    except ImportError as error:
        _refuse(answers, "library", error)
    key = secrets.token_urlsafe(24)
    try:
        server, engine_port = start_engine(settings, key)
    except Exception as error:
        _refuse(answers, "model", error)
    from course_utils import guard

    def ready() -> None:
        port = listener.getsockname()[1]
        with answers:
            print(json.dumps({"port": port, "engine_port": engine_port, "engine_key": key}), file=answers, flush=True)

    asyncio.run(guard.serve(settings, f"http://127.0.0.1:{engine_port}", key, listener, ready))
    del server
    os._exit(1)
