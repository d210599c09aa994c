"""Colab's shell: commands run in a terminal of their own, %pip is the command pip, and it may ask for a restart."""

import codecs
import os
import pty
import re
import subprocess
import sys
import uuid
from importlib import metadata

import google.colab  # noqa: F401  loaded before the first cell, as there
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.display import display

RESTART = "application/vnd.colab-display-data+json"  # what Colab's page shows as its warning with a restart button


def _run(command: str) -> tuple[str, int]:
    """Run a command; both of its streams appear on stdout as they come, and nothing is raised when it fails."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(["/bin/bash", "-c", command], stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True)
    os.close(theirs)
    text, decode = "", codecs.getincrementaldecoder("utf-8")("replace").decode
    while True:
        try:
            data = os.read(ours, 65536)
        except OSError:  # EIO: the last holder of the other end is gone
            break
        if not data:
            break
        piece = decode(data).replace("\r\n", "\n")
        text += piece
        sys.stdout.write(piece)
    os.close(ours)
    sys.stdout.flush()
    return text, child.wait()


def _replaced_while_loaded(words: str) -> list[str]:
    """Packages that pip says it installed and that this kernel has already loaded."""
    found = []
    for line in re.findall(r"Successfully installed (.*)", words):
        for item in line.split():
            name = metadata.metadata(item.rpartition("-")[0]).get("Name")
            if name in sys.modules:
                found.append(name)
    return sorted(set(found))


class Shell(ZMQInteractiveShell):
    """The class name by which packages tell Colab from Jupyter."""

    def system(self, cmd: str) -> None:
        """Run `cmd` for ``!`` and ``%pip``; a failure is seen in the output only, as in Colab."""
        words, status = _run(self.var_expand(cmd, depth=1))
        self.user_ns["_exit_code"] = status
        loaded = _replaced_while_loaded(words) if re.match(r"pip[23]?\s+install", cmd.strip()) else []
        if loaded:
            display({RESTART: {"pip_warning": {"packages": loaded}, "id": uuid.uuid4().hex}}, raw=True)

    def init_magics(self) -> None:
        """IPython's, with Colab's %pip."""
        super().init_magics()
        self.register_magic_function(lambda line: self.system(f"pip {line}"), "line", "pip")
