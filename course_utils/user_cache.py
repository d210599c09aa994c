"""Where the course keeps files that it can make again: converted models, server logs."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path


def cache_folder(*parts: str) -> Path:
    """A writable folder for files that can be made again; created when missing.

    ``COURSE_CACHE`` names it; else it is the user's cache folder, and the temporary folder where that is read-only.
    """
    for root in (_wanted(), Path(tempfile.gettempdir()) / "llm-generation-course"):
        folder = root.joinpath(*parts)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return folder
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix="llm-generation-course-"))


def _wanted() -> Path:
    if set_by_user := os.environ.get("COURSE_CACHE"):
        return Path(set_by_user).expanduser()
    name = "llm-generation-course"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir())) / name
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / name
