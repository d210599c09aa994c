"""Try the course on sets of versions, each in a fresh environment: `make compat COMPAT_ARGS="colab oldest"`.

    python -m tools.compat [SET ...] [--work DIR] [--keep] [--again] [--pin PIN] [--workers N] [--summary FILE]

Sets: colab, oldest, newest, ci, each also on another Python (newest@3.13). What is tested is the last commit, in a
clone of its own, with the two commands of `make test`. Environments lie outside the repository and are removed when
their set has passed (with --keep: stay). A set that passed on this commit, today, is not run again, and one that failed
or was interrupted goes on in its environment, if that is still the right one. The exit status is 1 unless all sets
passed; a set without its interpreter has not passed.
"""

import argparse
import dataclasses
import datetime
import hashlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.etree.ElementTree import ParseError

from tools.commits import git
from tools.compat_install import Environment, NotInstalled, clean_environment, requirements_of
from tools.compat_sets import DEFAULT, CompatSet, chosen, interpreter, read_pins
from tools.compat_summary import Outcome, Result, different, markdown, one_line, read_junit

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_WORK = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "llm-generation-course" / "compat"
RUNS = ("test-lessons", "test-exercises")  # the two halves of `make test`


@contextmanager
def timed(minutes: dict[str, float], what: str) -> Iterator[None]:
    """Note how long a step took, also where it failed."""
    start = time.monotonic()
    try:
        yield
    finally:
        minutes[what] = minutes.get(what, 0.0) + (time.monotonic() - start) / 60


class Trial:
    """One set of versions on one commit, in ``work``/NAME."""

    def __init__(self, compat_set: CompatSet, commit: str, work: Path, extra_pins: Sequence[str], workers: int) -> None:
        self.set, self.commit, self.workers = compat_set, commit, workers
        self.folder = work / compat_set.name
        self.course = self.folder / "course"
        self.environment = Environment(self.folder / "venv", self.course)
        self.extra_pins = read_pins("\n".join(extra_pins))
        self.result = Result(compat_set.name, compat_set.python, "failed", commit)

    # --- what is kept from one start to the next ---

    @property
    def result_file(self) -> Path:
        """The result of the last run, as JSON."""
        return self.folder / "result.json"

    def earlier(self) -> Result | None:
        """The result of today's run on this commit, if it passed."""
        try:
            kept = json.loads(self.result_file.read_text(encoding="utf-8"))
            kept["outcome"] = Outcome(**kept["outcome"])
            result = Result(**kept)
            fresh = datetime.date.fromtimestamp(self.result_file.stat().st_mtime) == datetime.date.today()
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return result if fresh and (result.commit, result.state) == (self.commit, "passed") else None

    def recipe(self, step: str) -> str:
        """A digest of all that decides what is installed; the day too, as the newest versions change daily."""
        files = ["pyproject.toml", "requirements.txt", *([self.set.constraints] if self.set.constraints else [])]
        parts = [(self.course / name).read_text(encoding="utf-8") for name in files]
        parts += [repr(self.set), repr(self.extra_pins), str(datetime.date.today()), step]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    # --- the steps ---

    def run(self) -> Result:
        """Make the environment, run the tests, read the outcome; what goes wrong stands in the result."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.result_file.unlink(missing_ok=True)
        program = interpreter(self.set.python)
        if program is None:
            self.result.state = "not run"
            self.result.problems.append(f"no Python {self.set.python} on this machine")
            return self.result
        try:
            self.clone()
            self.install(program)
            for run in RUNS:
                self.tests(run, marker=f"not {self.set.later.marker}" if self.set.later else None)
            if self.set.later:
                self.run_later()
        except NotInstalled as problem:
            self.result.problems.append(f"pip: {problem}")
        if not self.result.problems and not self.result.outcome.failed:
            self.result.state = "passed"
        self.result_file.write_text(json.dumps(dataclasses.asdict(self.result), indent=1), encoding="utf-8")
        return self.result

    def clone(self) -> None:
        """A clean clone at the commit: untracked and changed files of this working tree are not tested."""
        shutil.rmtree(self.course, ignore_errors=True)
        git("clone", "--quiet", ROOT, self.course, folder=ROOT)
        git("checkout", "--quiet", self.commit, folder=self.course)

    def pins(self) -> dict[str, str]:
        """The set's wished pins, and those of the command line over them."""
        path = self.set.constraints
        own = read_pins((self.course / path).read_text(encoding="utf-8")) if path else {}
        return {**own, **self.extra_pins}

    def install(self, program: str) -> None:
        """A fresh environment with the course; an interrupted run's one is taken up where its recipe is the same."""
        stamp = self.environment.folder / "recipe"
        if stamp.exists() and stamp.read_text() == self.recipe("installed"):
            # Its editable install leads to the clone of this run, which lies in the same place.
            self.result.notes.append("environment of an earlier run today taken up")
        else:
            with timed(self.result.minutes, "install"):
                self.environment.make(program)
                pins = self.pins()
                if self.set.preinstalled:
                    self.install_beside(pins)
                self.given_up(self.environment.install(requirements_of(self.course, self.set), pins))
            # With tools of a second step the environment is another one afterwards, and cannot be taken up.
            if not self.set.later:
                stamp.write_text(self.recipe("installed"))
        self.look(self.pins())
        self.result.notes += [f"{name} {version} set on the command line" for name, version in self.extra_pins.items()]

    def install_beside(self, pins: dict[str, str]) -> None:
        """Install what is there before the course; each version that the course would then change is a problem."""
        self.given_up(self.environment.install([f"{name}=={version}" for name, version in pins.items()], {}))
        changed = self.environment.would_change(self.environment.installed())
        self.result.problems += [f"installing the course changes {change}" for change in changed]
        if not changed:
            count = len(self.environment.installed())
            self.result.notes.append(f"installing the course changes none of the {count} preinstalled packages")

    def given_up(self, missing: Sequence[str]) -> None:
        """Note the pins that nobody offers."""
        self.result.notes += [f"{name}: the wished version is not offered here" for name in missing]

    def look(self, wished: dict[str, str]) -> None:
        """Take down the installed versions, and name those that are not the wished ones."""
        self.result.versions = self.environment.installed()
        self.result.notes += different(wished, self.result.versions)

    def run_later(self) -> None:
        """Install the tools that move a pin, and run their own tests."""
        later = self.set.later
        with timed(self.result.minutes, "install"):
            pins = {name: version for name, version in self.pins().items() if name not in later.moved}
            self.environment.install(later.tools, pins)
        moved = different(self.pins(), self.environment.installed())
        self.result.notes += [f"for {' '.join(later.tools)} alone: {line} ({later.why})" for line in moved]
        self.tests(RUNS[0], marker=later.marker, tested="tests")

    def tests(self, run: str, marker: str | None = None, tested: str | None = None) -> None:
        """Run one half of `make test` in the environment and add its outcome to the result."""
        junit = self.folder / f"{run}{'-later' if tested else ''}.xml"
        junit.unlink(missing_ok=True)
        options = f"-p no:cacheprovider --junitxml={shlex.quote(str(junit))}" + (f" -m '{marker}'" if marker else "")
        variables = clean_environment() | {"PYTEST_ADDOPTS": options}
        if self.workers:
            variables["PYTEST_XDIST_AUTO_NUM_WORKERS"] = str(self.workers)
        for stamp in (".installed", ".installed-test"):  # make need not install: it has been done
            (self.environment.folder / stamp).touch()
        command = ["make", run, f"VENV={self.environment.folder}", "CONSTRAINTS="]
        command += [f"TESTED={tested}"] if tested else []
        log = self.folder / f"{junit.stem}.log"
        with timed(self.result.minutes, run + (f" ({marker})" if tested else "")), log.open("w") as output:
            done = subprocess.run(command, cwd=self.course, env=variables, stdout=output, stderr=subprocess.STDOUT)
        self.read(junit, log, done.returncode)

    def read(self, junit: Path, log: Path, status: int) -> None:
        """Add one run's outcome; a run that says nothing, tests nothing or ends badly for no reason is a problem."""
        try:
            outcome = read_junit(junit)
        except (OSError, ParseError):
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            self.result.problems.append(f"{log.stem} reported nothing: {one_line(' '.join(lines[-2:]))}")
            return
        self.result.outcome += outcome
        if not outcome.passed:
            self.result.problems.append(f"{log.stem}: no test passed")
        elif status and not outcome.failed:
            self.result.problems.append(f"{log.stem} ended with status {status} though no test failed; see {log}")


def arguments_of(command_line: Sequence[str] | None) -> argparse.Namespace:
    """The command line; an unknown set ends the program with status 2."""
    parser = argparse.ArgumentParser(prog="python -m tools.compat", description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"default: {' '.join(DEFAULT)}")
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="folder for environments (5 GB each)")
    parser.add_argument("--keep", action="store_true", help="leave the environments of sets that passed")
    parser.add_argument("--again", action="store_true", help="run also what passed on this commit today")
    parser.add_argument(
        "--pin", action="append", default=[], metavar="NAME==VERSION", help="one more pin, for all sets"
    )
    parser.add_argument("--workers", type=int, default=0, help="test processes (default: as in make test)")
    parser.add_argument("--summary", type=Path, metavar="FILE", help="write the summary there too")
    arguments = parser.parse_args(command_line)
    try:
        arguments.sets = chosen(arguments.sets or DEFAULT)
        read_pins("\n".join(arguments.pin))
    except ValueError as problem:
        parser.error(str(problem))
    return arguments


def main(command_line: Sequence[str] | None = None) -> int:
    """Run the sets one after the other; the summary is written anew after each. Returns the exit status."""
    arguments = arguments_of(command_line)
    # A shell starts background jobs with Ctrl-C ignored, the tests would inherit that, and some of them press it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    commit = git("rev-parse", "HEAD", folder=ROOT).decode().strip()
    results: list[Result] = []
    for compat_set in arguments.sets:
        trial = Trial(compat_set, commit, arguments.work.resolve(), arguments.pin, arguments.workers)
        result = None if arguments.again or arguments.pin else trial.earlier()
        print(f"{compat_set.name} (Python {compat_set.python}) ...", flush=True)
        results.append(result or trial.run())
        if results[-1].state == "passed" and not arguments.keep:
            shutil.rmtree(trial.environment.folder, ignore_errors=True)
        text = markdown(results, commit[:10], datetime.date.today().isoformat())
        if arguments.summary:
            arguments.summary.write_text(text, encoding="utf-8")
        print(f"  {results[-1].state}", flush=True)
    print(f"\n{text}")
    return 0 if all(result.state == "passed" for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
