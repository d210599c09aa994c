"""``python -m course_utils.grading``; see ``command_line``."""

import os
import sys
from pathlib import Path

_ROOT = str(Path(__file__).resolve().parents[2])


def _own_path() -> list[str]:
    """``sys.path`` without the folder in which the command was typed: students' files may lie there, named numpy.py."""
    here = os.path.realpath(os.curdir)
    return [_ROOT, *(place for place in sys.path if os.path.realpath(place or os.curdir) not in (here, _ROOT))]


def _use_utf8_for_names() -> None:
    """Start again in UTF-8 mode where the terminal's settings allow no Hangul in the names of files."""
    if os.name == "posix" and sys.getfilesystemencoding() != "utf-8":
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


if __name__ == "__main__":
    _use_utf8_for_names()
    sys.path[:] = _own_path()
    from course_utils.grading.command_line import main

    sys.exit(main())
