"""A Python process of a test's own, forked from one that has loaded torch: most of its start is done already.

torch and what transformers takes from it are two thirds of the time that loading a model costs a fresh process. What
reads the environment once, when it is imported (huggingface_hub, transformers), is not loaded in the parent, so that
each process reads its own. Where there is no fork a plain process is started.

Not for tests of what gets imported, of memory, or of the interpreter's own settings such as PYTHONIOENCODING.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import types
from collections.abc import Mapping, Sequence
from pathlib import Path

PRELOADED = (
    "torch", "torch._dynamo", "torch.distributed.tensor", "torch.export", "torch.utils.checkpoint", "scipy.optimize",
    "sympy", "jinja2.sandbox", "PIL.Image", "yaml", "safetensors.torch",
)  # fmt: skip
FRESH = ("transformers", "huggingface_hub", "accelerate", "course_utils", "httpx")
_server: subprocess.Popen | None = None
_status: list = []  # what a child's code gave to sys.exit()


def run_code(
    code: str, arguments: Sequence[str] = (), *, env: Mapping[str, str], stdin: bytes = b"", seconds: int = 120
) -> subprocess.CompletedProcess:
    """As ``subprocess.run([sys.executable, "-c", code, *arguments], env=env, capture_output=True)``, output as text.

    Standard streams are UTF-8. After ``seconds`` the process is ended (return code -14).
    """
    if sys.platform != "linux":
        command = [sys.executable, "-c", code, *arguments]
        utf8 = {**env, "PYTHONUTF8": "1"}
        done = subprocess.run(command, env=utf8, input=stdin, capture_output=True, timeout=seconds)
        out, err = (text.decode("utf-8").replace("\r\n", "\n") for text in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(command, done.returncode, out, err)
    with tempfile.TemporaryDirectory(prefix="warm-") as made:
        names = {name: str(Path(made) / name) for name in ("in", "out", "err")}
        Path(names["in"]).write_bytes(stdin)
        order = {"code": code, "arguments": list(arguments), "env": dict(env), "cwd": os.getcwd(), "seconds": seconds}
        server = _running()
        server.stdin.write(json.dumps({**order, **names}) + "\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        out, err = (Path(names[name]).read_text(encoding="utf-8") for name in ("out", "err"))
    return subprocess.CompletedProcess(list(arguments), status, out, err)


def _running() -> subprocess.Popen:
    global _server
    if _server is None or _server.poll() is not None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "COURSE_"))}
        command = [sys.executable, "-X", "utf8", __file__]
        _server = subprocess.Popen(command, env=clean, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        atexit.register(_end, _server)
    return _server


def _end(server: subprocess.Popen) -> None:
    server.stdin.close()
    server.wait()


def _serve() -> None:
    """Fork for each line of standard input and answer with the exit status."""
    for name in PRELOADED:
        __import__(name)
    loaded = [name for name in FRESH if name in sys.modules]
    if loaded:
        raise RuntimeError(f"loaded before a test's environment is known: {loaded}")
    gc.freeze()  # what is loaded stays: the children need not look through it
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
            os._exit(_ended())
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    os._exit(0)


def _become(order: dict) -> None:
    """Be the process that was asked for, until its code has ended."""
    signal.alarm(order["seconds"])
    written = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for target, name, flags in ((0, "in", os.O_RDONLY), (1, "out", written), (2, "err", written)):
        opened = os.open(order[name], flags)
        os.dup2(opened, target)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # the parent's has been read from, and so cannot be changed
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    paths = filter(None, order["env"].get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:1] = ["", *paths]
    sys.argv = ["-c", *order["arguments"]]
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        exec(compile(order["code"], "<string>", "exec"), vars(main))
    except SystemExit as left:
        _status.append(left.code)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        _status.append(1)


def _ended() -> int:
    """What an interpreter does at its end but for taking torch apart, which takes a second; the exit status."""
    threading._shutdown()
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return 120
    code = _status[0] if _status else 0
    if code is None or isinstance(code, int):
        return code or 0
    os.write(2, f"{code}\n".encode())
    return 1


if __name__ == "__main__":
    _serve()
