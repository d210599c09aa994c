"""A digest of everything that decides about the points of a set: by it older results are told from current ones."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import course_utils
from course_utils.grading.answer_keys import FOLDER

_PACKAGE = Path(course_utils.__file__).parent
_STARTS = ("grade_one", "worker")  # the worker is started by name
_IMPORT = re.compile(r"^\s*from course_utils\.grading(?:\.(\w+) import| import (.+))", re.M)


def program_digest(exercise: str, released: Path, more: str = "") -> str:
    """A digest of a set's answer key, its notebook as given out, the checks, and what of the grader gives points.

    Args:
        released: the notebook that was given out. more: anything else, such as the limits.
    """
    digest = hashlib.sha256(f"{course_utils.__version__}\0{more}".encode())
    key = [*FOLDER.glob("*.py"), *(FOLDER / exercise).rglob("*.py")]
    for path in [*sorted(key), *sorted((_PACKAGE / "checks").glob("*.py")), *_judging_modules(), released]:
        digest.update(f"\0{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _judging_modules() -> Iterator[Path]:
    """The grader's modules that grading one submission uses; a change of a report's look makes no result old."""
    folder, waiting, seen = _PACKAGE / "grading", list(_STARTS), set()
    while waiting:
        name = waiting.pop()
        path = folder / f"{name}.py"
        if name not in seen and path.is_file():
            seen.add(name)
            for module, several in _IMPORT.findall(path.read_text(encoding="utf-8")):
                waiting += [module] if module else re.findall(r"\w+", several)
    return iter(sorted(folder / f"{name}.py" for name in seen))
