"""Kernels that listen on sockets in files, so that two that start at the same time never get in each other's way.

jupyter_client looks for free TCP ports, lets go of them and tells the new kernel their numbers. Until the kernel has
bound them, seconds later, any program may be given one of them; the kernel then dies before its first reply. Where many
kernels and servers start at once, as in a test run, that happens.
"""

import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager, KernelManager

FILES = sys.platform != "win32"  # ZeroMQ has no "ipc" there


def _settings(folder: Path) -> dict[str, str]:
    """Traits of a kernel manager, names not used before; nothing where sockets cannot be files."""
    name = f"k{uuid.uuid4().hex[:12]}.json"  # short: a socket's path ends at 103 characters on macOS
    return {"transport": "ipc", "connection_file": str(folder / name)} if FILES else {}


def arguments() -> list[str]:
    """For the command line of a Jupyter program that runs one kernel after another."""
    return [f"--KernelManager.{trait}={value}" for trait, value in _settings(Path(tempfile.gettempdir())).items()]


class _InFiles:
    """Before a kernel manager: its connection file and its sockets are new files in `folder`."""

    folder = Path(tempfile.gettempdir())

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, **_settings(self.folder))


class FileKernelManager(_InFiles, KernelManager):
    """`jupyter_client.KernelManager` on sockets in files."""


class AsyncFileKernelManager(_InFiles, AsyncKernelManager):
    """`jupyter_client.AsyncKernelManager`, nbclient's own choice, on sockets in files."""
