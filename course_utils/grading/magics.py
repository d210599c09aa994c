"""Lines that only Jupyter understands, made harmless: ``%pip``, ``!ls``, ``name?``, ``%%time``.

IPython's own transformer costs 0.15 s to import, as much as all the rest of a small submission, so it is not used.
A line is only touched where Python itself finds the syntax error, so text inside strings is safe.
"""

from __future__ import annotations

import ast
import re

_ASSIGNED = re.compile(r"^(\s*[\w, .]+=\s*)[%!].*$")
_HELP = re.compile(r"^\s*\??\??[\w.]+\??\??\s*$")
_RUNS_ITS_BODY = ("%%time", "%%timeit", "%%capture", "%%prun")
_MAX_LINES = 60  # of magic in one cell; each costs a parse


def plain_python(source: str) -> tuple[str, list[str]]:
    """The cell with Jupyter's own lines replaced by ``pass``, and those lines. Line numbers stay the same."""
    ignored: list[str] = []
    first, _, _ = source.lstrip("\n").partition("\n")
    if first.startswith("%%"):
        if first.split()[0] not in _RUNS_ITS_BODY:
            return "pass", [first]  # %%bash, %%html, %%writefile: not Python
        source = source.replace(first, "pass", 1)
        ignored.append(first)
    lines = source.split("\n")
    for _ in range(_MAX_LINES):
        number = _wrong_line("\n".join(lines))
        if not 0 < number <= len(lines) or not _harmless(lines, number - 1, ignored):
            break
    return "\n".join(lines), ignored


def _wrong_line(source: str) -> int:
    try:
        ast.parse(source)
    except SyntaxError as error:
        return error.lineno or 0
    except (ValueError, RecursionError, MemoryError):  # null bytes, too deep: the compiler will say so
        return 0
    return 0


def _harmless(lines: list[str], index: int, ignored: list[str]) -> bool:
    """Replace the magic that starts at ``index``, with its continuation lines. False when it is none."""
    line = lines[index]
    text = line.strip()
    assigned = _ASSIGNED.match(line)
    if text.startswith(("%", "!")) or ("?" in text and _HELP.match(text)):
        replacement = line[: len(line) - len(line.lstrip())] + "pass"
    elif assigned:
        replacement = assigned[1] + "[]"
    else:
        return False
    ignored.append(text)
    while lines[index].rstrip().endswith("\\") and index + 1 < len(lines):
        lines[index], replacement = replacement, ""
        index += 1
    lines[index] = replacement
    return True
