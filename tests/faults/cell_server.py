"""Processes that run notebook cells, forked from one that has imported everything: each starts in a moment.

    python cell_server.py SOCKET

Whoever connects to the socket gets a process of its own with an IPython shell, until the connection is closed. It
sends ``(order, argument)`` and receives ``(ok, error, value)``. What a cell prints goes to the file that the order
``start`` named, so that it can be read while the cell still runs.
"""

import atexit
import gc
import os
import signal
import sys
from multiprocessing.connection import Connection, Listener


def main(address: str) -> None:
    shell = _shell()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended children need no farewell
    with Listener(address, "AF_UNIX", backlog=8) as listener:
        print("ready", flush=True)
        while True:
            connection = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener._listener._unlink = None  # the socket's file belongs to the parent
                _serve(connection, shell)
                atexit._run_exitfuncs()  # servers end with their notebook
                os._exit(0)  # taking torch apart piece by piece costs a second
            connection.close()


def _shell():
    import openai  # noqa: F401
    import torch  # noqa: F401
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config
    from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline  # noqa: F401

    import course_utils.exaone
    import course_utils.models  # noqa: F401

    settings = Config()
    settings.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=settings)
    shell.user_ns["__name__"] = "__main__"
    return shell


def _serve(connection: Connection, shell) -> None:
    errors: list[str] = []

    def show(kind, error, lines) -> None:
        text = shell.InteractiveTB.stb2text(lines)
        errors.append(text)
        print(text, flush=True)

    shell._showtraceback = show
    connection.send((True, "", os.getpid()))
    while True:
        try:
            order, argument = connection.recv()
        except EOFError:
            return
        except KeyboardInterrupt:  # pressed between two cells
            continue
        errors.clear()
        value, ok = None, True
        try:
            if order == "cell":
                ok = shell.run_cell(argument, store_history=False).success
            else:
                value = _obey(order, argument, shell)
        except BaseException as error:  # of the harness, never of a cell
            ok, errors = False, [f"{type(error).__name__}: {error}"]
        sys.stdout.flush()
        sys.stderr.flush()
        connection.send((ok, "\n".join(errors), value))


def _obey(order: str, argument, shell):
    if order == "value":
        return eval(argument, shell.user_ns)
    if order == "before":  # what prepares the place; no cell, and nothing that a learner sees
        return exec(argument, {"__name__": "before"})
    folder, environment, output = argument
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    opened = os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(opened, 1)
    os.dup2(opened, 2)
    os.close(opened)
    return None


if __name__ == "__main__":
    main(sys.argv[1])
