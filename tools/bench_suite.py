"""Rows of `make bench` on the tests: the lessons under strict nbval, and `make test` on a clean clone."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.bench_table import Row

ROOT = Path(__file__).resolve().parent.parent
LESSONS_LIMIT = 120.0  # seconds, all lessons together
SUITE_LIMIT = 600.0  # seconds, installation included
# What would make the clone's commands use this checkout instead, or measure something else.
_NOT_PASSED_ON = (
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "MAKEFLAGS",
    "MAKELEVEL",
    "PYTEST_ADDOPTS",
    "PYTEST_ARGS",
    "TESTED",
    "VENV",
)


def made(folder: Path, *arguments: str) -> float:
    """Seconds of `make` with these arguments in ``folder``.

    Raises:
        RuntimeError: it failed, so its time is no figure; with the end of what it said.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
    command = ["make", *arguments]
    started = time.perf_counter()
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, errors="replace")
    took = time.perf_counter() - started
    if ran.returncode:
        said = (ran.stdout + ran.stderr).strip()[-1500:]
        raise RuntimeError(f"exit status {ran.returncode} of {' '.join(command)}\n{said}")
    return took


def minutes(seconds: float) -> str:
    """Such as ``"9:05"``."""
    return "{}:{:02d}".format(*divmod(round(seconds), 60))


def lessons_rows(folder: Path = ROOT) -> list[Row]:
    """The first half of `make test`, the lessons alone.

    Raises:
        RuntimeError: a lesson failed.
    """
    count = len(list((folder / "notebooks").glob("*.ipynb")))
    took = made(folder, "test-lessons", "TESTED=notebooks", f"VENV={sys.prefix}")
    what = f"all {count} notebooks of the lessons against their saved output, strict nbval, as `make test` runs them"
    return [Row(what, minutes(LESSONS_LIMIT), minutes(took), took, LESSONS_LIMIT)]


def suite_rows(source: Path = ROOT) -> list[Row]:
    """Clone the last commit, install into an environment of the clone, run everything.

    Raises:
        RuntimeError: one of the steps failed, a test for instance.
    """
    with tempfile.TemporaryDirectory(prefix="bench-clone-") as empty:
        clone = Path(empty) / "course"
        git = ["git", "clone", "--quiet", "--no-hardlinks", str(source), str(clone)]
        subprocess.run(git, check=True, capture_output=True)
        python = f"PYTHON={getattr(sys, '_base_executable', sys.executable)}"
        steps = {
            "installing": made(clone, ".venv/.installed-test", python),
            "tests and lessons": made(clone, "test-lessons", python),
            "exercise notebooks": made(clone, "test-exercises", python),
        }
    took = sum(steps.values())
    told = ", ".join(f"{name} {minutes(seconds)}" for name, seconds in steps.items())
    return [Row("`make test` on a clean clone", minutes(SUITE_LIMIT), f"{minutes(took)} ({told})", took, SUITE_LIMIT)]
