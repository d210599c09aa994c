"""Write the course's public address into the package, the READMEs and the notebooks.

    python tools/stamp_repository.py OWNER/REPO

The old address is read from `course_utils/_repository.py`, so the tool can be run again after a move or in a fork.
Needs the standard library only, and leaves every other byte of the files as it was.
"""

import argparse
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSTANT = Path("course_utils/_repository.py")
NOTEBOOKS = ["notebooks/*.ipynb", "solutions/*/*.ipynb", "exercises/*/*.ipynb"]
STAMPED = ["README.md", "README.ko.md", "pyproject.toml", "docs/**/*.md", *NOTEBOOKS]

_ASSIGNMENT = re.compile(r'^REPOSITORY = "([^"]+)"', re.MULTILINE)
_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")


def current_repository(root: Path = ROOT) -> str:
    """The address "owner/name" that the project carries now."""
    return _ASSIGNMENT.search((root / CONSTANT).read_text(encoding="utf-8"))[1]


def replace_address(text: str, old: str, new: str) -> str:
    """`text` with links to the repository `old` turned to `new`; other repositories' links stay.

    Only an address in a link is replaced: after "github.com/", or after "/github/" as Colab writes it.
    """
    link = re.compile(rf"(github\.com/|/github/){re.escape(old)}(?![A-Za-z0-9_-]|\.[A-Za-z0-9_-]*[/)])")
    return link.sub(lambda match: match[1] + new, text)


def stamp(new: str, root: Path = ROOT) -> list[str]:
    """Replace the project's address with `new` ("owner/name"); returns the changed files, relative to `root`.

    Raises:
        ValueError: `new` is not of the form owner/name.
    """
    if not _ADDRESS.fullmatch(new):
        raise ValueError(f"not an OWNER/REPO address: {new!r}")
    old = current_repository(root)
    changed = []
    for path in [p for pattern in STAMPED for p in sorted(root.glob(pattern))] + [root / CONSTANT]:
        before = path.read_bytes().decode("utf-8")
        if path == root / CONSTANT:
            after = _ASSIGNMENT.sub(f'REPOSITORY = "{new}"', before)
        else:
            after = replace_address(before, old, new)
        if after != before:
            path.write_bytes(after.encode("utf-8"))
            changed.append(path.relative_to(root).as_posix())
    return changed


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the course's public address into READMEs and notebooks.")
    parser.add_argument("repository", metavar="OWNER/REPO")
    try:
        changed = stamp(parser.parse_args().repository)
    except ValueError as error:
        parser.error(str(error))
    print("\n".join(changed) or "nothing to change")


if __name__ == "__main__":
    main()
