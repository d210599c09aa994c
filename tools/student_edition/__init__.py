"""The student edition: what a class gets as one zip. No solutions, no answer key, no tests, no maintainers' tools.

`README.template.md` becomes the edition's README; the lessons' and exercises' tables come from README.ko.md, and the
Makefile is the project's own without the targets that need what is left out.
"""

import re
import shutil
from pathlib import Path

TEMPLATE = Path(__file__).parent / "README.template.md"
FILES = ["LICENSE", "pyproject.toml", "requirements.txt", "requirements/ci.txt"]
PATTERNS = [
    "course_utils/**/*",
    "notebooks/*.ipynb",
    "exercises/*/*.ipynb",
    "docs/errata.ko.md",
    "docs/faults.ko.md",
]
# Targets of the Makefile that work without the rest of the project. The first block holds the variables.
TARGETS = {"help", "lab", "clean", "$(BIN)/python", "$(VENV)/.installed"}
_LEFT_BEHIND = {"__pycache__", ".ipynb_checkpoints"}
_RULE = re.compile(r"^(\.PHONY|[\w$()/.-]+):(?!=)", re.MULTILINE)


def write_edition(root: Path, target: Path, version: str, repository: str) -> None:
    """Write the student edition of the project at `root` into the new folder `target`.

    Raises:
        ValueError: README.ko.md or the Makefile has lost a part that the edition is made of.
    """
    target.mkdir(parents=True)
    found = [path for pattern in PATTERNS for path in sorted(root.glob(pattern))]
    for path in [root / name for name in FILES] + [path for path in found if path.is_file()]:
        inside = path.relative_to(root)
        if not _LEFT_BEHIND & set(inside.parts):
            (target / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / inside)
    korean = (root / "README.ko.md").read_text(encoding="utf-8")
    readme = TEMPLATE.read_text(encoding="utf-8").format(
        lessons=_table_section(korean, "단원"),
        exercises=_table_section(korean, "연습 문제"),
        repository=repository,
        version=version,
    )
    (target / "README.md").write_text(readme, encoding="utf-8")
    makefile = student_makefile((root / "Makefile").read_text(encoding="utf-8"))
    (target / "Makefile").write_text(makefile, encoding="utf-8")


def student_makefile(text: str) -> str:
    """The project's Makefile with the blocks of TARGETS and the first one, its variables.

    Raises:
        ValueError: a target of TARGETS is not in it.
    """
    kept, found = [], set()
    for block in text.strip().split("\n\n"):
        targets = [name for name in _RULE.findall(block) if name != ".PHONY"]
        if ".PHONY:" in block:
            block = re.sub(r"^\.PHONY:.*", ".PHONY: help lab clean", block, flags=re.MULTILINE)
        elif not targets and kept:
            continue  # variables after the first block serve the targets that are left out
        if set(targets) <= TARGETS:
            kept.append(block)
            found.update(targets)
    if found != TARGETS:
        raise ValueError(f"the Makefile lacks: {sorted(TARGETS - found)}")
    return "\n\n".join(kept) + "\n"


def _table_section(readme: str, title: str) -> str:
    """The section `## title` up to its table's end: heading, table, and the text between them."""
    match = re.search(rf"^## {re.escape(title)}\n(?:(?!##)[^|\n].*\n|\n)*(?:\|.*\n)+", readme, re.MULTILINE)
    if match is None:
        raise ValueError(f"README.ko.md has no section {title!r} with a table")
    return match[0].strip()
