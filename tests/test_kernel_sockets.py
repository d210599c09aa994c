"""Kernels that start at the same time: no port that one of them was promised is another program's."""

import os
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import KernelManager

from tools.kernel_sockets import FILES, AsyncFileKernelManager, FileKernelManager, arguments

pytestmark = pytest.mark.skipif(not FILES, reason="sockets in files need ZeroMQ's ipc, which Windows has not")
TOGETHER = 6


@contextmanager
def started(manager):
    """The manager with its kernel on the way: nobody has waited for the first reply."""
    manager.start_kernel()
    try:
        yield manager
    finally:
        manager.shutdown_kernel(now=True)


def ask(manager):
    """What the kernel answers; RuntimeError when it dies before its first reply."""
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        said = []
        client.execute_interactive("print(6 * 7)", timeout=60, output_hook=lambda one: said.append(one["content"]))
        return "".join(content.get("text", "") for content in said)
    finally:
        client.stop_channels()


def test_another_program_takes_a_port_in_between(monkeypatch):
    usual = KernelManager()
    write = usual.write_connection_file
    with socket.socket() as other:

        def then_taken(*args, **kwargs):
            write(*args, **kwargs)
            other.bind(("127.0.0.1", usual.shell_port))

        monkeypatch.setattr(usual, "write_connection_file", then_taken)
        with started(usual), pytest.raises(RuntimeError, match="died"):
            ask(usual)
    monkeypatch.setattr(socket.socket, "bind", lambda *_: pytest.fail("a kernel on files has no TCP port"))
    with started(FileKernelManager()) as ours:
        assert ask(ours) == "42\n"


def test_many_that_start_at_once_all_answer_and_leave_no_file(monkeypatch):
    with tempfile.TemporaryDirectory() as folder:  # tmp_path is too long for a socket's path on macOS
        monkeypatch.setattr(FileKernelManager, "folder", Path(folder))
        with ExitStack() as all_started:
            managers = [all_started.enter_context(started(FileKernelManager())) for _ in range(TOGETHER)]
            assert [ask(manager) for manager in managers] == ["42\n"] * TOGETHER
        assert os.listdir(folder) == []


def test_a_restarted_kernel_answers_on_the_same_sockets():
    with started(FileKernelManager()) as manager:
        before = manager.get_connection_info()
        manager.restart_kernel(now=True)
        assert manager.get_connection_info() == before
        assert ask(manager) == "42\n"


def test_this_run_s_nbval_starts_its_kernels_so():
    import nbval.kernel

    manager, client = nbval.kernel.start_new_kernel()
    try:
        assert manager.transport == "ipc" and client.transport == "ipc"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_the_command_line_of_a_jupyter_program_takes_it(tmp_path):
    """nbconvert stands for nbgrader's programs: the kernel of a notebook tells by which file it was reached."""
    where = "from ipykernel.connect import get_connection_info\nprint(get_connection_info(unpack=True)['transport'])"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(where)])
    path = tmp_path / "one.ipynb"
    nbformat.write(notebook, path)
    command = [sys.executable, "-m", "nbconvert", "--to=notebook", "--execute", "--inplace", str(path), *arguments()]
    ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONUTF8": "1"}, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert nbformat.read(path, as_version=4).cells[0].outputs[0].text == "ipc\n"


def test_names_are_short_enough_for_every_system():
    """macOS ends a socket's path at 103 characters and has a temporary folder with a name of 49."""
    file = Path(AsyncFileKernelManager().connection_file)
    assert 49 + len(f"/{file.stem}-ipc-5") < 103
