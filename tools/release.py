"""Make everything that a release consists of, from the last commit, and verify it.

    python -m tools.release --repository OWNER/REPO [--out dist]
    python -m tools.release --draft            # keeps the address that the project carries now
    python -m tools.release --verify ZIP WHEEL # looks again at files that exist

The result: sdist, wheel (built from the sdist), the student edition as a zip, and SHA256SUMS. The address is written
into the exported copy only; `tools/stamp_repository.py` writes it into the project itself. Two runs on one commit give
the same student zip, byte for byte.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

from tools import stamp_repository
from tools.commits import export, git
from tools.release_checks import check_student_edition, check_wheel
from tools.student_edition import write_edition

ROOT = Path(__file__).resolve().parent.parent
PLACEHOLDER = "OWNER/REPO"


class ReleaseError(Exception):
    """The project, or what was made of it, is not fit to be given out."""


def version_of(project: Path) -> str:
    """The version, the same in pyproject.toml, course_utils/__init__.py and at the top of CHANGELOG.md.

    Raises:
        ReleaseError: the three differ, or the changelog's entry has no date.
    """
    version = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    package = (project / "course_utils/__init__.py").read_text(encoding="utf-8")
    entry = re.search(r"^## (.*)$", (project / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    if f'__version__ = "{version}"' not in package:
        raise ReleaseError(f"course_utils.__version__ is not {version}, the version of pyproject.toml")
    if entry is None or not re.fullmatch(rf"{re.escape(version)} \(\d{{4}}-\d{{2}}-\d{{2}}\)", entry[1]):
        raise ReleaseError(f'CHANGELOG.md does not begin with "## {version} (YYYY-MM-DD)"')
    return version


def build(project: Path, out: Path, built_at: int) -> tuple[Path, Path]:
    """The sdist and the wheel built from it, by PyPA's `build`."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(project)]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "SOURCE_DATE_EPOCH": str(built_at)}
    )
    if done.returncode:
        raise ReleaseError(f"build failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    [sdist], [wheel] = out.glob("*.tar.gz"), out.glob("*.whl")
    return sdist, wheel


def zip_folder(folder: Path, path: Path, seconds: int) -> None:
    """`folder` as a zip with itself on top. All entries carry one time, `seconds` since 1970: a second zip is equal."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"{folder.name}/{file.relative_to(folder).as_posix()}", time.gmtime(seconds)[:6])
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, file.read_bytes())


def make(out: Path, repository: str | None, root: Path = ROOT) -> list[Path]:
    """Make and verify all files of the release in `out`; `repository`: the address to stamp, None to keep it.

    Raises:
        ReleaseError: uncommitted changes, versions that differ, a failed build, or a file that breaks a rule.
        ValueError: `repository` is no OWNER/REPO address.
    """
    if git("status", "--porcelain", "--untracked-files=no", folder=root).strip():
        raise ReleaseError("there are uncommitted changes: a release is made of a commit")
    out.mkdir(parents=True, exist_ok=True)
    if left := [path.name for path in out.iterdir()]:
        raise ReleaseError(f"{out} is not empty ({', '.join(sorted(left)[:3])}): move it away, or name another --out")
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        export(root, project)
        committed = int(git("log", "-1", "--format=%ct", folder=root))
        if repository is not None:
            stamp_repository.stamp(repository, project)
        version = version_of(project)
        edition = Path(folder) / f"llm-generation-course-student-{version}"
        write_edition(project, edition, version, stamp_repository.current_repository(project))
        zipped = out / f"{edition.name}.zip"
        zip_folder(edition, zipped, committed)
        made = [*build(project, out, committed), zipped]
        refuse([*check_student_edition(zipped, project), *check_wheel(made[1], project)])
    sums = out / "SHA256SUMS"
    sums.write_text("".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made))
    return [*made, sums]


def refuse(problems: Sequence[str]) -> None:
    """Raise a ReleaseError that names all problems, if there are any."""
    if problems:
        raise ReleaseError("not fit to be given out:\n" + "\n".join(f"- {problem}" for problem in problems))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="an empty or new folder (default: dist)")
    address = parser.add_mutually_exclusive_group()
    address.add_argument("--repository", metavar="OWNER/REPO", help="the public address that goes into every link")
    address.add_argument("--draft", action="store_true", help="keep the present address, a placeholder too")
    address.add_argument("--verify", nargs=2, type=Path, metavar=("ZIP", "WHEEL"), help="verify only")
    options = parser.parse_args(arguments)
    try:
        if options.verify:
            student, wheel = options.verify
            refuse([*check_student_edition(student, ROOT), *check_wheel(wheel, ROOT)])
            print("verified")
            return 0
        if not (options.repository or options.draft) and stamp_repository.current_repository() == PLACEHOLDER:
            parser.error(f"the project carries the placeholder {PLACEHOLDER}: give --repository OWNER/REPO, or --draft")
        for path in make(options.out, options.repository):
            print(f"{path.stat().st_size / 1e6:8.2f} MB  {path}")
    except (ReleaseError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
