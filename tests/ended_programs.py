"""Programs that tests start, and that end with the test whatever becomes of it."""

import signal
import subprocess
from contextlib import contextmanager
from functools import partial


@contextmanager
def ended_with_the_test(words, **settings):
    """A program that hears Ctrl-C (one started by `make test &` would not) and that a failed test does not wait for."""
    heard = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(words, preexec_fn=heard, **settings) as process:
        try:
            yield process
        finally:
            process.kill()
