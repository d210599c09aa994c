"""How the child process is launched: the same interpreter, the same packages, no secrets, a terminal of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from course_utils.errors import CourseError

# The child gets this process's search path as arguments; PYTHONPATH would put it before the standard library.
_BOOT = "import sys; sys.path[:] = sys.argv[1:]; from course_utils.engine_process import main; main()"
_SPINS = (
    "20000"  # measured on 2 cores with EXAONE 2.4B's shape: 8.0 tokens/s idle (as by default), 2.9 beside a busy loop
)
_SECRET = re.compile(r"API_?KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)


def launch(log: int, folder: Path) -> subprocess.Popen:
    """The child process with pipes on its standard input and output; standard error goes to the file ``log``.

    Its current directory is ``folder``: the parent's may have been deleted. The pipes are unbuffered, so that they can
    be closed in a forked process without touching a lock that another thread holds.
    """
    return subprocess.Popen(
        [python(), "-P", "-X", "utf8", "-W", "default", "-c", _BOOT, *search_path()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        bufsize=0,
        cwd=folder,
        env=environment(),
        **_own_group(),
    )


def _own_group() -> dict[str, Any]:
    """Ctrl-C in the terminal, or Jupyter's interrupt, is for the parent alone."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def environment() -> dict[str, str]:
    """This process's environment without what looks like a secret: the server needs none.

    Threads that wait for each other spin for some ten microseconds and then sleep, unless the learner has set
    OpenMP's own variables. By default they spin for long: where another program wanted the cores too, two threads then
    answered at a fraction of one thread's speed. Sleeping at once halves the speed of an idle machine.
    """
    kept = {name: value for name, value in os.environ.items() if not _SECRET.search(name)}
    chosen = {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & kept.keys()
    return kept if chosen else {"GOMP_SPINCOUNT": _SPINS, **kept}


def search_path() -> list[str]:
    """``sys.path`` with absolute folders only, and the folder of this package in any case.

    The current directory ("") is left out: a learner's ``random.py`` there would take the library's place.
    """
    paths = [path for path in sys.path if isinstance(path, str) and os.path.isabs(path)]
    package = str(Path(__file__).absolute().parents[1])
    return paths if package in paths else [*paths, package]


def python() -> str:
    """The Python interpreter that runs this process; ``sys.executable`` is not it where Python is embedded."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    homes = [Path(home) for home in dict.fromkeys((sys.prefix, sys.base_prefix))]
    usual = [home / name for home in homes for name in (f"bin/{version}", "bin/python3", "python.exe")]
    for candidate in (sys.executable, getattr(sys, "_base_executable", None), *usual):
        path = Path(candidate or ".")
        if path.name.lower().startswith("python") and path.is_file() and os.access(path, os.X_OK):
            return str(path)
    raise CourseError(
        "서버를 켤 파이썬 프로그램을 찾지 못했습니다. 터미널에서 python으로 실행하거나 JupyterLab에서 실행해 주십시오."
    )
