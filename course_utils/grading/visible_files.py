"""What a submission's program may see of this machine: Python, its packages, and the learner's half of course_utils."""

from __future__ import annotations

import compileall
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import course_utils

# Beneath course_utils a submission sees what learners use, and of this package what runs inside the sandbox.
_WORKER_MODULES = ("__init__", "call_filter", "landlock", "limits", "magics", "worker", "worker_cells")
_SYSTEM_FOLDERS = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")
_SYSTEM_FILES = tuple(
    f"/etc/{name}"
    for name in (
        "ld.so.cache",
        "ld.so.conf",
        "ld.so.conf.d",
        "alternatives",
        "localtime",
        "ssl/certs",
        "ssl/openssl.cnf",
        "os-release",
        "fonts",
        "mime.types",
    )  # fmt: skip
)


@dataclass(frozen=True)
class Visible:
    """``python``: the interpreter to start; ``packages``: folders for its ``sys.path``; ``course``: course_utils.

    ``files``: what may be read at its own place; ``hidden``: what must not be, although it lies beneath one of them.
    ``kept``: of course_utils' hidden folder ``grading``, the files that stay.
    ``font_lists``: what Matplotlib found out about this machine's fonts; without it its first import takes seconds.
    """

    python: str
    packages: tuple[str, ...]
    course: str
    files: tuple[str, ...]
    hidden: tuple[str, ...]
    kept: tuple[str, ...]
    font_lists: tuple[str, ...] = ()


def visible_files() -> Visible:
    """What the running interpreter needs, found from itself: a virtual environment's base may live elsewhere."""
    python = os.path.realpath(sys.executable)
    packages = [p for p in sys.path if os.path.basename(p) in ("site-packages", "dist-packages") and os.path.isdir(p)]
    places = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, python, *packages]
    resolved = [os.path.realpath(place) for place in places]
    course = Path(course_utils.__file__).resolve().parent
    _compile(course)
    files = [*_SYSTEM_FOLDERS, *_SYSTEM_FILES, *dict.fromkeys([*places, *resolved])]
    return Visible(
        python=python,
        packages=tuple(dict.fromkeys(packages)),
        course=str(course),
        files=tuple(path for path in _outermost(files) if os.path.lexists(path) and path != "/"),
        hidden=tuple(str(path) for path in _hidden(course) if path.exists()),
        kept=tuple(str(path) for path in _kept(course / "grading")),
        font_lists=tuple(str(path.resolve()) for path in _font_lists()),
    )


def _compile(course: Path) -> None:
    """Have the worker's modules compiled once, not in every sandbox, where nothing can be written: 0.1 s each time."""
    if sys.dont_write_bytecode:
        return
    for path in [*(course / "checks").glob("*.py"), *_kept(course / "grading"), course / "__init__.py"]:
        if path.suffix == ".py":
            compileall.compile_file(path, quiet=2)  # leaves alone what is up to date, and what cannot be written


def _hidden(course: Path) -> list[Path]:
    home = course.parent
    teacher = [home / name for name in ("answer_key", "solutions", "submitted", "grades", "tests", ".git")]
    return [course / "grading", course / "assets" / "checks", *teacher]


def _kept(grading: Path) -> list[Path]:
    tag = sys.implementation.cache_tag
    names = [f"{name}.py" for name in _WORKER_MODULES] + [f"__pycache__/{name}.{tag}.pyc" for name in _WORKER_MODULES]
    return [grading / name for name in names if (grading / name).exists()]


def _font_lists() -> list[Path]:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return sorted(Path(os.environ.get("MPLCONFIGDIR") or cache / "matplotlib").glob("fontlist-*.json"))


def _outermost(paths: list[str]) -> list[str]:
    """Without the paths that lie beneath another one of them."""
    return [path for path in dict.fromkeys(paths) if not any(is_beneath(path, other) for other in paths)]


def is_beneath(path: str, folder: str) -> bool:
    """Whether ``path`` is inside ``folder`` (not the folder itself)."""
    return path.startswith(folder.rstrip("/") + "/")


def expanded(path: str, hidden: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """``path`` without what is hidden beneath it, for a sandbox that can only allow.

    Returns the paths to allow, and the folders on the way to them, whose names must be listed for imports to work.
    """
    if path in hidden:
        return [], []
    if not any(is_beneath(item, path) for item in hidden):
        return [path], []
    allowed, listed = [], [path]
    for name in sorted(os.listdir(path)):
        inner, folders = expanded(os.path.join(path, name), hidden)
        allowed += inner
        listed += folders
    return allowed, listed
