"""Log files of the servers: a private file for each start, the newest few are kept."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from course_utils.user_cache import cache_folder

KEPT = 10
_TAIL_BYTES = 4000


def new_log() -> tuple[int, Path]:
    """An open file descriptor and its path: readable for the user only (0600). Older logs than the newest are removed.

    The log holds what llama.cpp says about its work (tokens, times), never keys or what people write.
    """
    folder = cache_folder("logs")
    _remove_old(folder)
    handle, path = tempfile.mkstemp(prefix="server-", suffix=".log", dir=folder)
    return handle, Path(path)


def last_lines(path: Path, count: int = 6) -> str:
    """The end of a log, for an error message; empty when it cannot be read."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(line[:200] for line in text.splitlines()[-count:])


def _remove_old(folder: Path) -> None:
    dated = []
    for path in folder.glob("server-*.log"):
        with contextlib.suppress(OSError):  # another process may be quicker
            dated.append((path.stat().st_mtime, path))
    for _, path in sorted(dated, reverse=True)[KEPT - 1 :]:
        with contextlib.suppress(OSError):  # Windows: still open in another process
            path.unlink()
