"""Where the course keeps files that it can make again: converted models, server logs."""

from __future__ import annotations

import functools
import os
import sys
import tempfile
from pathlib import Path

_NAME = "llm-generation-course"


def cache_folder(*parts: str) -> Path:
    """A writable folder for files that can be made again; created when missing.

    ``COURSE_CACHE`` names it; else it is the user's cache folder, and the temporary folder where that is read-only.
    """
    for root in (_wanted(), _shared_temporary()):
        folder = root.joinpath(*parts)
        if _is_writable(folder):
            return folder
    folder = _own_temporary().joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _wanted() -> Path:
    try:
        if set_by_user := os.environ.get("COURSE_CACHE"):
            return Path(set_by_user).expanduser()
        if sys.platform == "win32":
            return Path(os.environ["LOCALAPPDATA"]) / _NAME
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / _NAME
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / _NAME
    except (KeyError, RuntimeError):  # an account without a home folder
        return _shared_temporary()


def _shared_temporary() -> Path:
    # One per user: a folder of somebody else's could be filled with somebody else's models.
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    return Path(tempfile.gettempdir()) / f"{_NAME}-{user}"


@functools.cache
def _own_temporary() -> Path:
    return Path(tempfile.mkdtemp(prefix=f"{_NAME}-"))


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):  # asking for the permission is not enough on Windows
            return True
    except OSError:
        return False
