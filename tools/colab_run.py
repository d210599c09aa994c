"""Run the whole course as a learner meets it on Colab, in a simulated machine of this one.

    python -m tools.colab_run [--python PATH] [--wheel] [--twice] [--keep FOLDER] [--out TABLE.md] [NOTEBOOK ...]

A Python with Colab's versions (of --python, else made from requirements/colab.txt under build/colab), a sandbox in
which the notebook lies alone in /content, a stand-in for google.colab, and the bootstrap cell as it is: git is led to
a bare clone of HEAD, so that pip builds and installs the course from the repository. Prints a table in Markdown; exit
status 1 when anything that a learner would see went wrong, or when a preinstalled package changed. Needs Linux,
bubblewrap, git and a package index; not tried by it: Colab's page itself, its GPU, its network.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.bootstrap import REPOSITORY
from tools.colab_box import PYTHON, Box
from tools.colab_notebook import Outcome, run_notebook
from tools.commits import export, git
from tools.compat_sets import interpreter
from tools.run_notebooks import NOTEBOOKS

ROOT = NOTEBOOKS.parent
PLACE = ROOT / "build" / "colab"
PINS = ROOT / "requirements" / "colab.txt"
_GB = 1e9
_NOTE = "(*) In brackets: cells not compared; cells with one more output there, for a widget on Colab's page."
_VERSION = "3.13"
# What Colab has besides: its own package pins this IPython, and setuptools is there.
_SHELL = ("ipython==7.34.0", "setuptools<82")
_KINDS = {"notebooks/*.ipynb": "lesson", "exercises/*/*.ipynb": "exercise", "solutions/*/*.ipynb": "solution"}
_HEADERS = [
    "notebook", "kind", "cells", "seconds", "of these bootstrap", "memory GB", "widgets", "outputs as saved (*)",
    "points", "verdict",
]  # fmt: skip


def colab_python(pins: Path = PINS, place: Path = PLACE) -> Path:
    """The Python of an environment with Colab's versions; made when there is none of these `pins` yet.

    Raises:
        FileNotFoundError: there is no Python 3.13 on this machine.
        subprocess.CalledProcessError: pip could not install the pins.
    """
    digest = hashlib.sha256(pins.read_bytes() + repr(_SHELL).encode()).hexdigest()[:12]
    home = place / f"python-{digest}"
    if not (home / "complete").exists():
        program = interpreter(_VERSION)
        if program is None:
            raise FileNotFoundError(f"no Python {_VERSION} here; name an environment with Colab's packages: --python")
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([program, "-m", "venv", home], check=True)
        pip = [home / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", pins, *_SHELL], check=True)
        (home / "complete").touch()
    return home / "bin" / "python"


def bare_clone(folder: Path, root: Path = ROOT) -> Path:
    """A bare clone of HEAD that answers as GitHub does: partial clones are allowed."""
    target = folder / "repository.git"
    git("clone", "-q", "--bare", "--no-local", f"file://{root}", target, folder=root)
    git("update-ref", "HEAD", git("rev-parse", "HEAD", folder=root).decode().strip(), folder=target)
    for name in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        git("config", name, "true", folder=target)
    return target


def notebooks_of(clone: Path, folder: Path) -> Path:
    """The notebooks of a clone, which is what Colab opens, not those of the working tree; returns their folder."""
    folder.mkdir()
    folders = sorted({pattern.split("/")[0] for pattern in _KINDS})
    export(clone, folder, *folders)
    return folder


def built_wheel(folder: Path, root: Path = ROOT) -> Path:
    """The wheel of the working tree, built with this Python's setuptools: no network is needed."""
    source = folder / "source"
    source.mkdir(parents=True)
    for name in ("pyproject.toml", "README.md", "LICENSE"):  # setuptools builds in the folder it is given
        shutil.copy(root / name, source)
    for name in ("course_utils", "answer_key"):
        shutil.copytree(root / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, source]
    subprocess.run(command, check=True, capture_output=True, text=True)
    [wheel] = folder.glob("*.whl")
    return wheel


def changed_packages(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Preinstalled packages that are gone or of another version."""
    return [
        f"preinstalled {name} {old} became {after.get(name, 'nothing')}"
        for name, old in before.items()
        if after.get(name) != old
    ]


def course_notebooks(chosen: list[Path], root: Path = ROOT) -> Iterator[tuple[Path, str]]:
    """The notebooks to run with their kinds: every lesson, every exercise set unsolved and solved, or those chosen.

    `root`: the copy of the course from which they are taken; `chosen` are paths of the working tree, or foreign ones.
    """
    for path in chosen or [path for pattern in _KINDS for path in sorted(root.glob(pattern))]:
        full = path.resolve()
        inside = full.relative_to(ROOT) if full.is_relative_to(ROOT) else Path(full.name)
        kind = next((kind for pattern, kind in _KINDS.items() if full.match(pattern)), "other")
        yield (root / inside if (root / inside).exists() else full), kind


def _row(kind: str, done: Outcome) -> list[str]:
    differing = sum("output differs" in line for line in done.complaints)
    equal = (
        f"{done.compared - differing}/{done.compared} (+{len(done.excused)}; {done.helped})" if done.compared else "-"
    )
    points = f"{sum(e for e, _ in done.scores.values()):g}/{sum(t for _, t in done.scores.values()):g}"
    numbers = [f"{done.seconds:.1f}", f"{done.bootstrap:.1f}", f"{done.memory / _GB:.2f}", str(done.widgets)]
    verdict = f"{len(done.complaints)} complaints" if done.complaints else "ok"
    return [done.name, kind, str(done.cells), *numbers, equal, points if done.scores else "-", verdict]


def table(outcomes: Iterable[tuple[str, Outcome]]) -> str:
    """The outcomes as a Markdown table."""
    rows = [_HEADERS, ["---"] * len(_HEADERS), *(_row(kind, done) for kind, done in outcomes)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([*lines, "", _NOTE])


def run_all(
    box: Box, notebooks: Iterable[tuple[Path, str]], wheel: str = "", twice: bool = False
) -> tuple[list[tuple[str, Outcome]], list[str]]:
    """Run notebooks one after another on one machine; the outcomes, and what is wrong with the packages afterwards."""
    before, outcomes = box.installed(), []
    for path, kind in notebooks:
        done = run_notebook(box, path, kind=kind, twice=twice, wheel=wheel)
        outcomes.append((kind, done))
        print(f"{path.stem} ({kind}): {done.seconds:.1f} s", *done.complaints, sep="\n  ", flush=True)
    after, problems = box.installed(), []
    if box.run(PYTHON, "-c", "import answer_key").returncode == 0:
        problems.append("the answers were installed: answer_key can be imported")
    new = sorted(f"{name} {after[name]}" for name in after.keys() - before.keys())
    print(f"installed: {', '.join(new) or 'nothing'}; {box.disk_use() / 1e6:.0f} MB")
    return outcomes, [*problems, *changed_packages(before, after)]


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description="Run the course as a learner meets it on Colab.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all lessons, exercises and solutions")
    parser.add_argument("--python", type=Path, help="a Python with Colab's packages; default: made from colab.txt")
    parser.add_argument("--wheel", action="store_true", help="install a built wheel; git and network are not needed")
    parser.add_argument("--twice", action="store_true", help="every notebook's cells twice in one kernel")
    parser.add_argument("--keep", type=Path, help="keep the simulated machine in this folder")
    parser.add_argument("--out", type=Path, help="write the table to this file too")
    given = parser.parse_args(arguments)
    folder = given.keep or Path(tempfile.mkdtemp(prefix="colab-"))
    try:
        return _run(given, folder)
    finally:
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)


def _run(given: argparse.Namespace, folder: Path) -> int:
    python, extra, source, wheel, root = given.python or colab_python(), [], None, "", ROOT
    if given.wheel:
        file = built_wheel(folder / "wheel")
        wheel = f"/colab/wheel/{file.name}"
        extra.append((wheel, file))
    else:
        source = bare_clone(folder)
        root = notebooks_of(source, folder / "notebooks")
    box = Box(folder / "machine", python, REPOSITORY, source, network=not given.wheel, extra=extra)
    outcomes, changed = run_all(box, course_notebooks(given.notebooks, root), wheel, given.twice)
    shown = table(outcomes)
    print(shown, *changed, sep="\n")
    if given.out:
        given.out.write_text(shown + "\n", encoding="utf-8")
    return int(bool(changed) or any(done.complaints for _, done in outcomes))


if __name__ == "__main__":
    sys.exit(main())
