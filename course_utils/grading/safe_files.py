"""Files read without being led elsewhere, and files written so that the old or the new one is there, never half."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path


def read_regular_file(path: Path, limit: int) -> bytes:
    """The bytes of a regular file of at most ``limit`` bytes.

    Raises:
        OSError: it cannot be opened; a link is not followed, a pipe not waited for.
        ValueError: it is no regular file, or larger than ``limit``.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("not a regular file")
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ValueError("too large")
    return content


def write_whole(path: Path, content: str | bytes) -> None:
    """Write ``content`` to a new file beside ``path`` and put it in its place in one step.

    Raises:
        OSError: the folder cannot be written or the disk is full; what was at ``path`` is still there.
    """
    raw = content.encode("utf-8") if isinstance(content, str) else content
    part = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
