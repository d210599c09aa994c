"""Zip archives that strangers made: only wanted entries come out, under numbers as names, and never without a limit."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from course_utils.grading.readable_names import name_in_archive, one_line

MAX_ENTRY_BYTES = 32 * 2**20  # one notebook or one archive inside an archive
MAX_INNER_BYTES = 256 * 2**20  # everything in one archive inside an archive: one student's, as a rule
MAX_TOTAL_BYTES = 4 * 2**30
MAX_ENTRIES = 20_000
MAX_BOMBS = 3  # too large entries that are counted out before the rest of an inner archive is refused
MAX_ARCHIVES = 3_000
MAX_DEPTH = 3
_PIECE = 2**20
_WANTED = (".ipynb", ".ipynb.txt", ".ipynb.json", ".zip")


@dataclass
class Budget:
    """What all archives of one run may still use, and the folder that their files go to."""

    folder: Path
    bytes_left: int = MAX_TOTAL_BYTES
    archives_left: int = MAX_ARCHIVES
    files: int = 0

    def new_file(self) -> Path:
        """A path that nothing has yet."""
        self.files += 1
        return self.folder / f"{self.files:06d}"


@dataclass(frozen=True)
class Unpacked:
    """An entry of an archive: ``parts`` as shown (the archive's own first), then its file and time or its problem."""

    parts: tuple[str, ...]
    path: Path = Path()
    when: datetime | None = None
    problem: str = ""
    too_large: bool = False


class _Refused(Exception):
    """An entry that does not come out; the message says why, in Korean."""


class _TooLarge(_Refused):
    """An entry with more bytes than one may have."""


def unpack(path: Path, parts: tuple[str, ...], budget: Budget) -> Iterator[Unpacked]:
    """The entries of the archive at ``path``; archives inside it come out as files. Never raises for what is in it."""
    reason = _reason_against(path, parts, budget)
    if reason:
        yield Unpacked(parts, problem=reason)
        return
    budget.archives_left -= 1
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                yield Unpacked(parts, problem=f"압축 파일 안의 파일이 {MAX_ENTRIES:,}개를 넘어 풀지 않았습니다.")
                return
            yield from _all_entries(archive, entries, parts, budget)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, MemoryError, RecursionError):
        yield Unpacked(parts, problem="깨진 zip 파일입니다. 다시 받아 주십시오.")


def _all_entries(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], parts: tuple[str, ...], budget: Budget
) -> Iterator[Unpacked]:
    before, bombs = budget.bytes_left, 0
    inner = _depth(parts) > 1
    for entry in entries:
        if entry.filename.endswith("/"):  # is_dir() of Python 3.11 fails on an entry without a name
            continue
        # Entries may share their bytes: a small archive can hold thousands of bombs.
        if bombs >= (MAX_BOMBS if inner else 10 * MAX_BOMBS) or (
            inner and before - budget.bytes_left > MAX_INNER_BYTES
        ):
            yield Unpacked(parts, problem="압축을 풀면 한도를 넘어 나머지를 풀지 않았습니다(zip 폭탄일 수 있습니다).")
            return
        unpacked = _unpacked(archive, entry, parts, budget)
        bombs += unpacked.too_large
        yield unpacked


def _depth(parts: tuple[str, ...]) -> int:
    return sum(part.lower().endswith(".zip") for part in parts)


def _reason_against(path: Path, parts: tuple[str, ...], budget: Budget) -> str:
    depth = _depth(parts)
    if depth > MAX_DEPTH:
        return f"zip 안의 zip이 {MAX_DEPTH}겹을 넘어 풀지 않았습니다."
    if budget.archives_left <= 0:
        return f"zip 파일이 {MAX_ARCHIVES:,}개를 넘어 더 풀지 않았습니다. 나누어 채점해 주십시오."
    if path.stat().st_size > (MAX_TOTAL_BYTES if depth == 1 else MAX_ENTRY_BYTES):
        return "zip 파일이 너무 커서 풀지 않았습니다."
    return ""


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, parts: tuple[str, ...], budget: Budget) -> Unpacked:
    name = name_in_archive(entry.filename, bool(entry.flag_bits & 0x800))
    inner = tuple(one_line(part) for part in re.split(r"[/\\]", name))
    shown = (*parts, *(part for part in inner if part not in ("", ".", "..")))
    if shown == parts:
        return Unpacked(parts, problem="이름이 없는 파일이 들어 있어 건너뛰었습니다.")
    last = shown[-1].lower()
    if not last.endswith(_WANTED) and last != "timestamp.txt":
        return Unpacked(shown, Path(), _time(entry))  # stays inside; only its name is reported
    try:
        return Unpacked(shown, _extract(archive, entry, budget), _time(entry))
    except _Refused as error:
        return Unpacked(shown, problem=str(error), too_large=isinstance(error, _TooLarge))
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, zlib.error, MemoryError):
        return Unpacked(shown, problem="압축이 깨져 풀지 못했습니다. 다시 받아 주십시오.")


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> Path:
    if entry.flag_bits & 0x1:
        raise _Refused("암호가 걸린 zip이라 풀지 못했습니다. 암호 없이 다시 받아 주십시오.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise _Refused("링크(symbolic link)라서 풀지 않았습니다. 실제 파일을 받아 주십시오.")
    target, size = budget.new_file(), 0
    # What the entry says about its size proves nothing: the bytes are counted as they come out.
    with archive.open(entry) as source, target.open("xb") as out:
        while piece := source.read(_PIECE):
            size += len(piece)
            if size > min(MAX_ENTRY_BYTES, budget.bytes_left):
                break
            out.write(piece)
    if size <= min(MAX_ENTRY_BYTES, budget.bytes_left):
        budget.bytes_left -= size
        return target
    target.unlink()
    if size > MAX_ENTRY_BYTES:  # costs the others nothing
        raise _TooLarge(f"압축을 풀면 {MAX_ENTRY_BYTES >> 20} MB를 넘어 풀지 않았습니다(zip 폭탄일 수 있습니다).")
    raise _Refused(f"압축을 푼 파일이 모두 {MAX_TOTAL_BYTES >> 30} GB를 넘었습니다. 나누어 채점해 주십시오.")


def _time(entry: zipfile.ZipInfo) -> datetime | None:
    """The entry's time without a time zone; 1980 is what archives write when they know none."""
    try:
        when = datetime(*entry.date_time)
    except ValueError:
        return None
    return when if when.year > 1980 else None
