"""A file or folder that takes long to write appears under its name only when it is whole."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.errors import CourseError, is_disk_full
from course_utils.tables import gigabytes

if TYPE_CHECKING:
    from tqdm import tqdm

_BAR_FROM = 500_000_000  # bytes; less than this is written within a second or two


@contextmanager
def part_file(target: Path, size: int) -> Iterator[Path]:
    """A path beside ``target`` to write about ``size`` bytes to, as a file or a folder; it then takes the name.

    Whatever goes wrong inside, Ctrl-C included, what was written is removed and ``target`` stays as it was.

    Raises:
        CourseError: no room on the disk, no permission to write there, or the name is taken by something else.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(3)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(target.parent).free
        if free < size:
            raise _disk_full(target, f"{gigabytes(size)}가 필요한데 {gigabytes(free)}만 남아 있습니다")
        yield part
        os.replace(part, target)
    except OSError as error:
        raise _explained(error, target) from error
    finally:
        _remove(part)


def _remove(part: Path) -> None:
    if part.is_dir():
        shutil.rmtree(part, ignore_errors=True)
        return
    with suppress(OSError):
        part.unlink()


def _disk_full(target: Path, detail: str) -> CourseError:
    return CourseError(
        f"디스크 공간이 모자라 파일을 쓰지 못했습니다: {target}. {detail}.\n"
        "공간을 비우거나 다른 디스크의 경로를 지정해 주십시오."
    )


def _explained(error: OSError, target: Path) -> CourseError:
    if is_disk_full(error):
        return _disk_full(target, "쓰는 도중에 디스크가 가득 찼습니다")
    return CourseError(
        f"파일을 쓰지 못했습니다: {target} ({error.strerror or error})\n"
        "쓰기 권한이 있는 다른 경로를 지정하거나, 그 파일을 열어 둔 다른 프로그램을 닫아 주십시오."
    )


def progress_bar(what: str, size: int) -> tqdm:
    """One line that grows with ``update(bytes)``, up to ``size`` bytes; nothing is shown for small ones."""
    from tqdm import tqdm

    return tqdm(total=size, desc=what, unit="B", unit_scale=True, disable=size < _BAR_FROM)
