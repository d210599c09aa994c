"""For tests of the local server: which processes live, and a parent process that ends in a chosen way."""

import contextlib
import subprocess
import sys
import time

import psutil

PARENT = """
import os, sys, time
from course_utils.engine import Engine
from course_utils.engine_settings import EngineSettings
engine = Engine(EngineSettings.from_json(sys.argv[1]))
print(engine.pid, flush=True)
"""


def alive(pid):
    """Whether the process computes or could (a zombie cannot)."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def gone(pid, seconds=5.0):
    """Whether the process ends within ``seconds``."""
    until = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > until:
            psutil.Process(pid).kill()  # leave nothing behind, whatever the test says
            return False
        time.sleep(0.01)
    return True


@contextlib.contextmanager
def parent(code, *arguments, python=sys.executable, options=(), **more):
    """A Python process that runs ``code``; killed at the end."""
    process = subprocess.Popen(
        [python, *options, "-c", code, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def servers_of(pid):
    """Process ids of the servers that ``pid`` has started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        children = psutil.Process(pid).children()
        return [each.pid for each in children if any("engine_process" in word for word in each.cmdline())]
    return []
