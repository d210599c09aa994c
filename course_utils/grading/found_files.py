"""Every file below what was handed in: in folders and inside zip archives, however deep; links are refused.

Nothing here trusts a name: ``FoundFile.parts`` is only for reading and showing, ``FoundFile.path`` is where the bytes
really lie, and files from archives get numbers as names.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from course_utils.grading.archives import Budget, unpack
from course_utils.grading.readable_names import readable_name
from course_utils.grading.submission_times import read_timestamp_file

NOTEBOOK_ENDINGS = (".ipynb", ".ipynb.txt", ".ipynb.json")  # browsers and messengers add an ending of their own
_OTHER_ARCHIVES = (".7z", ".rar", ".alz", ".egg", ".tar", ".gz", ".tgz", ".bz2", ".xz")
_SKIPPED = {"__macosx", ".ipynb_checkpoints", ".git", "__pycache__", ".ds_store", "thumbs.db", "desktop.ini"}
_MAX_FOLDERS_DEEP = 30
_MAX_FILES = 50_000


@dataclass(frozen=True)
class Problem:
    """Something that was handed in and could not be used: ``where`` (path as shown) and ``what``, in Korean.

    ``lost``: whether it may have been somebody's submission; a data file or a text beside one is not.
    """

    where: str
    what: str
    lost: bool = True


@dataclass(frozen=True)
class FoundFile:
    """A file: ``path`` to open, ``parts`` to show (archives count as folders; the last one is the file's name).

    ``when`` is the best known time of handing in, ``clock`` where it comes from: "timestamp.txt", "zip" (no time zone)
    or "file". ``refusal``: why it is not opened, in Korean; such a file is still somebody's submission.
    """

    path: Path
    parts: tuple[str, ...]
    when: datetime | None = None
    clock: str = ""
    refusal: str = ""

    @property
    def shown(self) -> str:
        """The parts as one path for people."""
        return "/".join(self.parts)

    @property
    def is_notebook(self) -> bool:
        """Whether its name says notebook."""
        return self.parts[-1].lower().endswith(NOTEBOOK_ENDINGS)


class Walk:
    """One pass over what was handed in: ``files`` are notebooks with their times, ``problems`` all that is no notebook.

    Args:
        work_folder: an empty folder for what comes out of archives.
    """

    def __init__(self, work_folder: Path) -> None:
        self.files: list[FoundFile] = []
        self.problems: list[Problem] = []
        self._budget = Budget(work_folder)
        self._timestamps: dict[tuple[str, ...], datetime] = {}
        self._left = _MAX_FILES

    def add(self, start: Path) -> None:
        """Everything below the folder ``start``, or in the one archive or notebook that it is."""
        try:
            about = start.stat()  # a link given by the instructor is followed, those inside are not
            if stat.S_ISDIR(about.st_mode):
                self._add_folder(start, ())
            else:
                self._add_file(start, (readable_name(start.name),), about)
        except OSError as error:
            self._report((readable_name(start.name),), f"읽지 못했습니다({error.strerror}).")
        self.files = [self._with_timestamp(file) for file in self.files]

    def _report(self, parts: tuple[str, ...], what: str, lost: bool = True) -> None:
        if parts and parts[-1].lower().endswith((*NOTEBOOK_ENDINGS, ".zip")):
            self.files.append(FoundFile(Path(), parts, refusal=what))
            return
        self.problems.append(Problem("/".join(parts), what, lost))

    def _add_folder(self, folder: Path, parts: tuple[str, ...]) -> None:
        for entry in self._entries(folder, parts):
            below = (*parts, readable_name(entry.name))
            if entry.name.lower() in _SKIPPED or entry.name.startswith("._"):
                continue
            self._left -= 1
            if self._left < 0:
                if self._left == -1:
                    self._report(
                        parts, f"파일이 {_MAX_FILES:,}개를 넘어 나머지를 읽지 않았습니다. 나누어 채점해 주십시오."
                    )
                return
            try:
                about = entry.stat(follow_symlinks=False)
                if stat.S_ISLNK(about.st_mode):
                    self._report(below, "링크(symbolic link)라서 열지 않았습니다. 실제 파일을 받아 주십시오.")
                elif stat.S_ISDIR(about.st_mode) and len(below) > _MAX_FOLDERS_DEEP:
                    self._report(below, "폴더가 너무 깊어 읽지 않았습니다.")
                elif stat.S_ISDIR(about.st_mode):
                    self._add_folder(Path(entry.path), below)
                elif stat.S_ISREG(about.st_mode):
                    self._add_file(Path(entry.path), below, about)
                else:
                    self._report(below, "보통 파일이 아니라서(장치, 파이프 등) 열지 않았습니다.")
            except OSError as error:
                self._report(below, f"읽지 못했습니다({error.strerror}).")

    def _entries(self, folder: Path, parts: tuple[str, ...]) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as listing:
                yield from sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            self._report(parts, f"폴더를 읽지 못했습니다({error.strerror}).")

    def _add_file(self, path: Path, parts: tuple[str, ...], about: os.stat_result) -> None:
        self._take(FoundFile(path, parts, datetime.fromtimestamp(about.st_mtime, UTC), "file"))

    def _take(self, file: FoundFile) -> None:
        name = file.parts[-1].lower()
        if file.is_notebook:
            self.files.append(file)
        elif name == "timestamp.txt":
            when = read_timestamp_file(file.path)
            if when is None:
                self._report(file.parts, "제출 시각을 읽지 못했습니다. 예: 2026-03-20 23:59:00 Asia/Seoul")
            else:
                self._timestamps[file.parts[:-1]] = when
        elif name.endswith(".zip"):
            self._unpack(file)
        elif name.endswith(_OTHER_ARCHIVES):
            self._report(
                file.parts, "zip이 아닌 압축 파일이라 풀지 않았습니다. 노트북(.ipynb)이나 zip으로 받아 주십시오."
            )
        else:
            self._report(file.parts, "노트북(.ipynb)이 아니어서 채점하지 않았습니다.", lost=False)

    def _unpack(self, file: FoundFile) -> None:
        for entry in unpack(file.path, file.parts, self._budget):
            if entry.problem:
                self._report(entry.parts, entry.problem)
            elif entry.parts[-1].lower() in _SKIPPED or _SKIPPED & {part.lower() for part in entry.parts}:
                continue
            elif not entry.parts[-1].startswith("._"):
                clock = "zip" if entry.when else ""
                self._take(FoundFile(entry.path, entry.parts, entry.when, clock))

    def _with_timestamp(self, file: FoundFile) -> FoundFile:
        when = self._timestamps.get(file.parts[:-1])
        return file if when is None else replace(file, when=when, clock="timestamp.txt")
