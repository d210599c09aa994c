"""What was committed, apart from what lies in the working tree: git's output, and a commit's files in a folder."""

import io
import subprocess
import tarfile
from pathlib import Path


def git(*arguments: str | Path, folder: Path) -> bytes:
    """Standard output of a git command in `folder`.

    Raises:
        subprocess.CalledProcessError: git refused.
    """
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True).stdout


def export(repository: Path, target: Path, *folders: str) -> None:
    """Write the files of the last commit, or those in `folders` only, into `target`."""
    packed = git("archive", "--format=tar", "HEAD", *folders, folder=repository)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(target, filter="data")
