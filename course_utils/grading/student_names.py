"""Who handed a file in: names in the paths that learning platforms and people make, and safe file names for them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from course_utils.grading.found_files import NOTEBOOK_ENDINGS
from course_utils.grading.readable_names import one_line
from course_utils.grading.which_set import set_in_name, without_set

_PLATFORMS = (
    # Moodle: a folder (or the start of a file's name) for each student
    re.compile(r"^(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_.*)?$"),
    # Blackboard: gradebook download
    re.compile(r"^(?:.*_)?(?P<name>[^_]+)_attempt_\d{4}(?:-\d\d){5}(?:_.*)?$"),
    # Canvas: name[_LATE]_user_submission_file
    re.compile(r"^(?P<name>.+?)_(?:LATE_)?(?P<id>\d{2,})_\d{2,}_.+$", re.IGNORECASE),
)
_COPY_MARKS = re.compile(
    r"의 사본|^사본\s*-\s*|사본|^copy of\s+|\s*-\s*copy\b|-copy\d*\b|복사본|\(\d{1,3}\)|-checkpoint$", re.IGNORECASE
)
_NOISE = frozenset(
    "최종 최종본 최종제출 제출 제출본 제출용 제출물 완성 완성본 완료 수정 수정본 과제 연습 문제 연습문제 풀이 "
    "답안 노트북 colab final submit submitted submission solution solved answer answers done homework hw "
    "assignment notebook untitled new release exercise exercises downloads download 다운로드 classroom".split()
)
_NOISE_SHAPES = re.compile(
    r"\d{1,3}|(?:v|ver|버전)\.?\d+|(?:week|주차)\s*\d+|\d+\s*(?:주차|차시|차|회|번째)", re.IGNORECASE
)
_CLASS_FOLDER = re.compile(
    r"(?:\d+\s*학년\s*)?\d+\s*(?:반|분반|조|학기)|(?:section|class|group|team)[ _-]?\w{1,3}", re.IGNORECASE
)
_DEVICE_NAMES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


@dataclass(frozen=True)
class NameClue:
    """What a path says about the student. ``place``: the folders above the name that tell namesakes apart.

    ``platform_id``: the number by which a learning platform knows the student, if it gave one.
    ``source``: "platform", "folder", "file" or "" (nothing there that could be a name).
    """

    name: str
    source: str
    place: tuple[str, ...] = ()
    platform_id: str = ""


class NameReader:
    """Finds names in paths. ``known``: sets such as "ex04"; ``topics``: their topics as in the notebooks' names."""

    def __init__(self, known: Sequence[str], topics: Mapping[str, str]) -> None:
        self._known, self._topics = tuple(known), topics

    def in_platform(self, parts: Sequence[str]) -> NameClue | None:
        """The name that Moodle, Blackboard or Canvas wrote into one of ``parts``; the innermost counts."""
        for depth in range(len(parts) - 1, -1, -1):
            text = _stem(parts[depth]) if depth == len(parts) - 1 else _unzipped(parts[depth])
            for pattern in _PLATFORMS:
                match = pattern.match(text)
                if match and one_line(match["name"]):
                    found = match.groupdict()
                    return NameClue(
                        one_line(found["name"]), "platform", self._place(parts[:depth]), found.get("id") or ""
                    )
        return None

    def in_file(self, file_name: str) -> str:
        """What is left of a notebook's file name without set, topic, copy marks and words like "final"."""
        return self._rest(_stem(file_name))

    def in_folder(self, folder: str) -> str:
        """The name that a folder may have been called by; empty for folders of a set, a class or a week."""
        text = _unzipped(folder)
        if _CLASS_FOLDER.fullmatch(text.strip()) or set_in_name(text, self._known) and not self._rest(text):
            return ""
        return one_line(text) if self._rest(text) else ""

    def folder_depth(self, parts: Sequence[str]) -> int | None:
        """The position of the innermost folder of ``parts`` that may be a student's; ``None`` without one."""
        return next((i for i in range(len(parts) - 2, -1, -1) if self.in_folder(parts[i])), None)

    def folder_clue(self, parts: Sequence[str], depth: int) -> NameClue:
        """The folder at ``depth`` as the student."""
        return NameClue(self._without_mention(parts[depth]), "folder", self._place(parts[:depth]))

    def file_clue(self, parts: Sequence[str]) -> NameClue:
        """The rest of the file's name as the student."""
        return NameClue(self.in_file(parts[-1]), "file", self._place(parts[:-1]))

    def nbgrader_depth(self, parts: Sequence[str]) -> int | None:
        """Position of STUDENT in ``.../STUDENT/SET/FILE``; ``None`` when the path is not of that shape."""
        if len(parts) < 3 or not set_in_name(parts[-2], self._known) or self._rest(_unzipped(parts[-2])):
            return None
        return len(parts) - 3 if self.in_folder(parts[-3]) else None

    def _without_mention(self, folder: str) -> str:
        text = _unzipped(folder)
        return self._rest(text) if set_in_name(text, self._known) else one_line(text)

    def _place(self, parts: Sequence[str]) -> tuple[str, ...]:
        return tuple(p for p in map(_unzipped, parts) if not (set_in_name(p, self._known) and not self._rest(p)))

    def _rest(self, text: str) -> str:
        text = _COPY_MARKS.sub(" ", without_set(one_line(text), self._known, self._topics))
        words = [word for word in re.split(r"[\s_]+|\s-\s", _COPY_MARKS.sub(" ", text)) if word.strip("-.,()[]")]
        kept = [word for word in words if word.lower() not in _NOISE and not _NOISE_SHAPES.fullmatch(word)]
        return " ".join(kept).strip(" -_.,")


def _stem(file_name: str) -> str:
    lower = file_name.lower()
    for ending in (*sorted(NOTEBOOK_ENDINGS, key=len, reverse=True), ".zip"):
        if lower.endswith(ending):
            return file_name[: -len(ending)]
    return file_name


def _unzipped(folder: str) -> str:
    return folder[:-4] if folder.lower().endswith(".zip") else folder


def copy_number(file_name: str) -> int:
    """The number that a browser or Jupyter adds to a second download: 2 for "ex04 (2).ipynb", 0 without one."""
    match = re.search(r"\((\d{1,3})\)\s*$|-copy(\d{1,3})$|-(\d{1,2})$", _stem(file_name), re.IGNORECASE)
    return int(next(group for group in match.groups() if group)) if match else 0


def file_name_for(*words: str) -> str:
    """A file name (without ending) for ``words``, such as a student and a set: safe on every system, never shared.

    Letters and digits of any script stay readable; a digest of the exact words makes different ones differ even where
    letters had to go, or where a file system does not tell upper and lower case apart.
    """
    exact = "\0".join(words)
    shown = "-".join(re.sub(r"[^\w-]+", "_", word)[:40].strip("_-") or "_" for word in words)
    digest = hashlib.sha256(exact.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    plain = shown == "-".join(words) == shown.lower() and all(words) and not any("-" in word for word in words)
    return shown if plain and not _DEVICE_NAMES.fullmatch(words[0]) else f"{shown}-{digest}"
