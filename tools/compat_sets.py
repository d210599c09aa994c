"""The sets of versions that `make compat` tries, their pins, and the interpreters they need."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@dataclass(frozen=True)
class Later:
    """Test tools that cannot live with a set's pins: installed last, without the pins that they move.

    ``marker`` is the pytest marker of the tests that need them; the other tests run before, with every pin in place.
    """

    tools: tuple[str, ...]
    moved: tuple[str, ...]
    why: str
    marker: str


@dataclass(frozen=True)
class CompatSet:
    """One row of the matrix: an interpreter ("3.13") and a file of pins (None: the newest versions).

    ``preinstalled``: the pinned packages are there before the course, as on Colab, and installing the course must
    leave them as they are.
    """

    name: str
    python: str
    constraints: str | None
    preinstalled: bool = False
    later: Later | None = None


NBGRADER = Later(
    tools=("nbgrader",),
    moved=("notebook",),
    why="nbgrader needs notebook 7; everything but nbgrader's own tests ran before with the wished version",
    marker="nbgrader",
)
SETS = {
    "colab": CompatSet("colab", "3.13", "requirements/colab.txt", preinstalled=True, later=NBGRADER),
    "oldest": CompatSet("oldest", "3.11", "requirements/oldest.txt"),
    "newest": CompatSet("newest", "3.11", None),
    "ci": CompatSet("ci", "3.12", "requirements/ci.txt"),
}
DEFAULT = ("colab", "oldest", "newest", "newest@3.13", "ci@3.12")


def chosen(names: Iterable[str]) -> list[CompatSet]:
    """The sets with those names; "newest@3.13" is a set on another Python than its own.

    Raises:
        ValueError: no such set, or no such form of a Python version.
    """
    found = []
    for name in names:
        base, _, python = name.partition("@")
        if base not in SETS or ("@" in name and not re.fullmatch(r"3\.\d+", python)):
            raise ValueError(f"no set {name!r}: one of {', '.join(SETS)}, or with a Python as in newest@3.13")
        known = SETS[base]
        found.append(CompatSet(name, python or known.python, known.constraints, known.preinstalled, known.later))
    return found


def read_pins(text: str) -> dict[str, str]:
    """Package -> exact version, from a file of constraints.

    Raises:
        ValueError: a line is no exact pin.
    """
    pins = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            requirement = Requirement(line)
            specifiers = list(requirement.specifier)
            if len(specifiers) != 1 or specifiers[0].operator != "==":
                raise ValueError(f"no exact pin: {line}")
            pins[canonicalize_name(requirement.name)] = specifiers[0].version
    return pins


def _version_of(program: str) -> str | None:
    """ "3.13.0" of an interpreter; None where it does not start."""
    command = [program, "-c", "import sys; print('.'.join(map(str, sys.version_info[:3])))"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def interpreter(python: str) -> str | None:
    """Path of a Python with that version ("3.13"): this one, one on the path, or one of pyenv's; None without one."""
    roots = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    pyenv = sorted(map(str, roots.glob(f"versions/{python}.*/bin/python")), reverse=True)
    on_path = [found for name in (f"python{python}", "python3") if (found := shutil.which(name))]
    # This process may itself run in an environment: a new one is made from the Python below it.
    own = [sys._base_executable] if getattr(sys, "_base_executable", None) else []
    for program in [*own, *on_path, *pyenv]:
        version = _version_of(program)
        if version and version.startswith(f"{python}."):
            return program
    return None
