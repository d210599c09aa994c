"""A real JupyterLab for tests: a server of its own on a free port, everything in one folder."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import nbformat

from tools import kernel_sockets

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "test"
START_SECONDS = 60
# No question about news, which would lie over the page.
QUIET = {"apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}'}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Lab:
    """A running JupyterLab; ``page(code)`` gives the address of a notebook with that one cell."""

    def __init__(self, address: str, work: Path) -> None:
        self._address, self.work = address, work

    @contextmanager
    def page(self, code: str) -> Iterator[str]:
        """A notebook whose kernel ends with the block."""
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)], metadata={"kernelspec": kernel})
        name = f"page{len(list(self.work.glob('*.ipynb')))}.ipynb"
        nbformat.write(notebook, self.work / name)
        try:
            yield f"{self._address}/lab/tree/{name}?reset&token={TOKEN}"
        finally:
            for session in json.loads(self._ask("GET", "/api/sessions")):
                self._ask("DELETE", f"/api/sessions/{session['id']}")

    def _ask(self, method: str, path: str) -> bytes:
        request = urllib.request.Request(f"{self._address}{path}?token={TOKEN}", method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return answer.read()


@contextmanager
def running_lab(folder: Path) -> Iterator[Lab]:
    """A JupyterLab that ends with the block; starting one takes seconds, so a test session shares it."""
    (folder / "work").mkdir()
    for name, settings in QUIET.items():
        file = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(settings)
    places = {"HOME": ".", "IPYTHONDIR": "ipython", "JUPYTERLAB_SETTINGS_DIR": "settings"}
    places |= {f"JUPYTER_{kind}_DIR": kind.lower() for kind in ("CONFIG", "DATA", "RUNTIME")}
    places |= {"JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
    environment = {**os.environ, **{name: str(folder / place) for name, place in places.items()}}
    environment |= {"COURSE_MODEL": "mini", "OMP_NUM_THREADS": "1"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}", "--expose-app-in-browser"]
    command += [f"--ServerApp.root_dir={folder / 'work'}", "--ServerApp.disable_check_xsrf=True"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    log = folder / "lab.log"
    # A folder with a short name, for kernels on sockets in files.
    with log.open("w") as output, tempfile.TemporaryDirectory(prefix="lab") as sockets:
        if kernel_sockets.FILES:
            command += ["--KernelManager.transport=ipc", f"--MappingKernelManager.connection_dir={sockets}"]
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_for(server, f"http://127.0.0.1:{port}/api/status?token={TOKEN}", log)
            yield Lab(f"http://127.0.0.1:{port}", folder / "work")
        finally:
            server.terminate()  # it ends its kernels
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def wait_for(server: subprocess.Popen, address: str, log: Path) -> None:
    """Until ``address`` answers; fails with the server's own words when it does not."""
    until = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < until:
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"JupyterLab does not answer:\n{log.read_text()[-3000:]}")


RUN_ALL = """async () => {
    const app = window.jupyterapp;
    await app.restored;
    const panel = app.shell.currentWidget;
    await panel.context.ready;
    await panel.sessionContext.ready;
    await app.commands.execute('notebook:run-all-cells');
}"""


def run_all(page, address: str) -> None:
    """Open the notebook and run its cells; returns when they have run."""
    page.goto(address)
    page.wait_for_function("window.jupyterapp && window.jupyterapp.shell && window.jupyterapp.shell.currentWidget")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.evaluate(RUN_ALL)
