"""Release `exercises/` from `solutions/` with nbgrader's own converter: `python -m tools.exercises [ex04 ...]`.

Solutions, hidden tests and outputs are left out. `--check` writes nothing and ends with status 1 where a released
notebook is stale. Nothing else is written: no gradebook is needed.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from tools.nbgrader_course import nbgrader_step

ROOT = Path(__file__).resolve().parent.parent
SOLUTIONS, EXERCISES = ROOT / "solutions", ROOT / "exercises"


def folders(names: list[str] | None = None) -> list[str]:
    """Folder names of the sets: all, or those that begin with one of `names`, such as "ex04"."""
    every = sorted(path.name for path in SOLUTIONS.glob("ex[0-9][0-9]_*") if path.is_dir())
    return [name for name in every if not names or any(name.startswith(wanted) for wanted in names)]


def release(folder_names: list[str], target: Path) -> None:
    """Write `target`/FOLDER/FOLDER.ipynb for each set.

    Raises:
        NbGraderException: a solution notebook breaks nbgrader's format; its log on stderr says where.
    """
    arguments = [f"--CourseDirectory.release_directory={target}", "--no-db", "--force", "--log-level=WARN"]
    with nbgrader_step("generate", arguments) as start:
        for name in folder_names:
            start(name)
    for name in folder_names:
        for left in (target / name).rglob("*"):
            left.chmod(0o755 if left.is_dir() else 0o644)


def stale(folder_names: list[str]) -> list[str]:
    """Sets whose released notebook is not what `solutions/` gives today."""
    with tempfile.TemporaryDirectory() as fresh:
        release(folder_names, Path(fresh))
        return [name for name in folder_names if _bytes(Path(fresh), name) != _bytes(EXERCISES, name)]


def _bytes(folder: Path, name: str) -> dict[str, bytes]:
    files = [path for path in (folder / name).rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    names = folders(options.sets)
    old = stale(names)
    if options.check:
        print(f"stale: {', '.join(old) or 'none'}")
        return 1 if old else 0
    for name in old:
        shutil.rmtree(EXERCISES / name, ignore_errors=True)
    if old:
        EXERCISES.mkdir(exist_ok=True)
        release(old, EXERCISES)
    print(f"released: {', '.join(old) or 'nothing new'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
