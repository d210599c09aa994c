"""Nothing that looks like a secret key stands in any file of the repository."""

import subprocess
from pathlib import Path

import pytest
from api_samples import made_up_keys

from course_utils.key_shapes import find_keys

ROOT = Path(__file__).resolve().parent.parent


def secrets_in(paths):
    """``file: kind`` for everything in ``paths`` that looks like a key; binary files are read as Latin-1."""
    return [
        f"{path.name}: {kind}"
        for path in paths
        if path.is_file()
        for kind, _ in find_keys(path.read_bytes().decode("latin-1"))
    ]


def test_no_committed_file_holds_a_key():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    assert len(paths) > 50
    assert secrets_in(paths) == []


@pytest.mark.parametrize("kind", made_up_keys())
def test_a_file_with_a_key_is_noticed(kind, tmp_path):
    (tmp_path / "notes.md").write_text(f"# 메모\n\n{made_up_keys()[kind]}\n", encoding="utf-8")
    assert secrets_in([tmp_path / "notes.md"]) != []
