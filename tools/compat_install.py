"""Fresh environments for `make compat`: made, filled with pip, and asked what is in them."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.compat_sets import CompatSet

# What an outer make hands on (VENV=..., flags), and what would mix other environments into the fresh one.
NOT_HANDED_ON = (
    "MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES VENV CONSTRAINTS PYTHON PYTHONPATH PYTHONHOME VIRTUAL_ENV".split()
)
NOT_HANDED_ON += ["PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PIP_CONSTRAINT", "COMPAT_ARGS", "TESTED", "PYTEST_ARGS"]


class NotInstalled(Exception):
    """pip could not put the set together; its last lines are the message."""


def clean_environment() -> dict[str, str]:
    """This process's environment variables without those that would steer the fresh environment."""
    return {name: value for name, value in os.environ.items() if name not in NOT_HANDED_ON}


class Environment:
    """A virtual environment in ``folder`` that is filled by its own pip; ``course`` is a clean clone of the course."""

    def __init__(self, folder: Path, course: Path) -> None:
        self.folder, self.course = folder, course
        scripts = "Scripts" if os.name == "nt" else "bin"
        self.python = folder / scripts / "python"

    def make(self, interpreter: str) -> None:
        """Make the environment anew; an older one in the folder is removed."""
        shutil.rmtree(self.folder, ignore_errors=True)
        subprocess.run([interpreter, "-m", "venv", str(self.folder)], check=True, env=clean_environment())

    def pip(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run pip in the clone of the course (so that "-e ." is the course)."""
        command = [str(self.python), "-m", "pip", "--disable-pip-version-check", *arguments]
        return subprocess.run(
            command, cwd=self.course, env=clean_environment(), capture_output=True, text=True, encoding="utf-8"
        )

    def installed(self) -> dict[str, str]:
        """Package -> version of everything in the environment, the course left out."""
        listed = json.loads(self.pip("list", "--format", "json", "--exclude-editable").stdout)
        return {canonicalize_name(entry["name"]): entry["version"] for entry in listed}

    def install(self, requirements: Iterable[str], pins: dict[str, str]) -> list[str]:
        """Install requirements under pins; returns the pins that nobody offers for this Python and machine.

        Those are given up only after a first try without success, and all other pins stay.

        Raises:
            NotInstalled: the packages cannot be put together.
        """
        done = self._try(requirements, pins)
        missing: list[str] = []
        if done.returncode:
            missing = self.not_offered(pins)
            if missing:
                pins = {name: version for name, version in pins.items() if name not in missing}
                done = self._try(requirements, pins)
        if done.returncode:
            raise NotInstalled(last_lines(done.stderr or done.stdout))
        return missing

    def _try(self, requirements: Iterable[str], pins: dict[str, str]) -> subprocess.CompletedProcess:
        constraints = self.folder / "constraints.txt"
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in pins.items()), encoding="utf-8")
        return self.pip("install", "--quiet", "-c", str(constraints), *requirements)

    def not_offered(self, pins: dict[str, str]) -> list[str]:
        """The pins whose version no index offers for this Python and machine."""

        def missing(pin: tuple[str, str]) -> bool:
            # A released version is asked for; pip index names pre-releases only when told.
            found = self.pip("index", "versions", pin[0], "--pre").stdout
            offered = re.search(r"^Available versions: (.*)$", found, re.MULTILINE)
            versions = [version.strip().split("+")[0] for version in offered[1].split(",")] if offered else []
            return pin[1].split("+")[0] not in versions

        with ThreadPoolExecutor(4) as threads:
            verdicts = list(threads.map(missing, pins.items()))
        return [name for name, gone in zip(pins, verdicts, strict=True) if gone]

    def would_change(self, before: dict[str, str]) -> list[str]:
        """Packages of ``before`` that installing the course, with no pins at all, would put another version of.

        Raises:
            NotInstalled: pip finds no way to install the course beside them.
        """
        done = self.pip("install", "--quiet", "--dry-run", "--report", "-", ".")
        if done.returncode:
            raise NotInstalled(last_lines(done.stderr or done.stdout))
        return changes(json.loads(done.stdout), before)


def changes(report: dict, before: dict[str, str]) -> list[str]:
    """Lines "name old -> new" of a report of `pip install --dry-run` for packages that were there before."""
    planned = {
        canonicalize_name(entry["metadata"]["name"]): entry["metadata"]["version"] for entry in report["install"]
    }
    return [f"{name} {before[name]} -> {version}" for name, version in sorted(planned.items()) if name in before]


def last_lines(text: str, count: int = 3) -> str:
    """The last lines of pip's output that name an error, in one line."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("WARNING")]
    errors = [line for line in lines if line.startswith(("ERROR", "error"))]
    return " ".join((errors or lines)[-count:]) or "pip said nothing"


def requirements_of(course: Path, compat_set: CompatSet) -> list[str]:
    """pip's arguments for the course with its test tools; those of ``later`` are left for a second step."""
    later = {canonicalize_name(tool) for tool in (compat_set.later.tools if compat_set.later else ())}
    project = tomllib.loads((course / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    tools = project["optional-dependencies"]["test"]
    return [
        "-r",
        "requirements.txt",
        *(tool for tool in tools if canonicalize_name(Requirement(tool).name) not in later),
    ]
