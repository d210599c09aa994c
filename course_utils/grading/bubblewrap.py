"""The command line of bubblewrap for one worker: what it sees, where it may write, what it may not do."""

from __future__ import annotations

import os
from pathlib import Path

from course_utils.grading.limits import Limits
from course_utils.grading.visible_files import Visible, is_beneath

WORK = "/submission"  # where a submission's program starts and may write, inside
_NOBODY = "65534"
_PROC_FILES = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems", "/proc/version")


def bubblewrap_command(
    program: str,
    options: frozenset[str],
    visible: Visible,
    limits: Limits,
    environment: dict[str, str],
    socket_folder: Path | None,
) -> list[str]:
    """bubblewrap and its arguments, without the program to run inside. ``options``: which newer ones it knows."""
    command = [program, "--unshare-all", "--unshare-user", "--uid", _NOBODY, "--gid", _NOBODY, "--hostname", "grading"]
    command += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    command += ["--disable-userns"] if "--disable-userns" in options else []
    for place in (WORK, "/tmp"):  # before the rest: the interpreter itself may live beneath /tmp
        command += ["--size", str(limits.work)] if "--size" in options else []
        command += ["--tmpfs", place]
    for path in visible.files:
        command += _as_it_is(path)
    command += ["--ro-bind", visible.course, "/course/course_utils"]
    masked = [place for path in visible.hidden for place in _places_inside(path, visible)]
    for place in masked:
        command += ["--tmpfs", place]
    for path in visible.font_lists:
        command += ["--ro-bind", path, f"/tmp/matplotlib/{os.path.basename(path)}"]
    for path in visible.kept:
        command += ["--ro-bind", path, f"/course/course_utils/{os.path.relpath(path, visible.course)}"]
    if socket_folder:
        command += ["--ro-bind", str(socket_folder), str(socket_folder)]
    # No /proc: root outside, whatever it is called inside, could write the kernel's settings there (core_pattern).
    for path in _PROC_FILES:
        command += ["--ro-bind-try", path, path]
    command += ["--dev", "/dev"]
    for place in (*masked, "/dev", "/"):
        command += ["--remount-ro", place]
    for name, value in environment.items():
        command += ["--setenv", name, value]
    return [*command, "--chdir", WORK, "--"]


def _as_it_is(path: str) -> list[str]:
    if os.path.islink(path) and path.count("/") == 1:  # /bin and /lib are links into /usr on most systems
        return ["--symlink", os.readlink(path), path]
    return ["--ro-bind", path, path]


def _places_inside(path: str, visible: Visible) -> list[str]:
    """Where a hidden path would show inside the sandbox."""
    places = [path] if any(is_beneath(path, other) for other in visible.files) else []
    if is_beneath(path, visible.course):
        places.append(f"/course/course_utils/{os.path.relpath(path, visible.course)}")
    return places
