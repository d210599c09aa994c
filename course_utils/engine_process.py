"""The child process: llama.cpp's own server with our guard in front of it.

Started by ``course_utils.engine``; not meant to be run by hand. It reads one line of JSON (``EngineSettings``) from
standard input, answers with one line of JSON (``{"port": ..., "engine_port": ...}``) on standard output when it can
serve, and logs to standard error. It ends when its standard input closes: the pipe breaks with the parent process,
however that one ends, so no server is left behind.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
import threading
from typing import Any
from urllib.parse import urlsplit

from course_utils.engine_settings import EngineSettings


def start_engine(settings: EngineSettings, key: str) -> tuple[Any, int]:
    """llama.cpp's server on a free loopback port; it answers only to ``key``. Returns the server and its port.

    The sampling chain is that of lessons 04 and 05 (penalties, temperature, top-k, top-p, as in transformers), and
    nothing is cut unless a request asks for it. llama.cpp's own chain cuts by top-k 40, top-p 0.95 and min-p first.
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = settings.gguf
    params.model_alias = {settings.model}
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [key]
    params.n_parallel = settings.slots
    params.n_ctx = settings.context * settings.slots
    params.ui = False
    if settings.threads:
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings.threads
    # With a cached beginning, rounding depends on what was asked before, and a seed would not give the same answer.
    params.cache_prompt, params.cache_ram_mib = settings.reuse_prompts, 0
    sampling = params.sampling
    sampling.samplers = "penalties;temperature;top_k;top_p"
    sampling.temp, sampling.top_k, sampling.top_p, sampling.min_p = 1.0, 0, 1.0, 0.0
    server = xllamacpp.Server(params)
    return server, urlsplit(server.listening_address).port


def _end_with_parent() -> None:
    sys.stdin.buffer.read()  # returns when the parent closes the pipe or is gone
    os._exit(0)


def main() -> None:
    """Serve until standard input closes."""
    settings = EngineSettings.from_json(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # llama.cpp may print; the answer line must stay alone
    key = secrets.token_urlsafe(24)
    try:
        server, engine_port = start_engine(settings, key)
    except Exception as error:
        print(json.dumps({"error": str(error)}), file=answers, flush=True)
        os._exit(1)
    from course_utils import guard

    def ready(port: int) -> None:
        print(json.dumps({"port": port, "engine_port": engine_port, "engine_key": key}), file=answers, flush=True)

    try:
        asyncio.run(guard.serve(settings, f"http://127.0.0.1:{engine_port}", key, ready))
    except OSError as error:
        print(json.dumps({"error": str(error), "errno": error.errno}), file=answers, flush=True)
    del server
    os._exit(1)


if __name__ == "__main__":
    main()
