"""What stays in the output folder between runs: the lock, the class's seed, and the result of every submission."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from course_utils.errors import CourseError
from course_utils.grading.results import STATUSES, Submission, SubmissionResult
from course_utils.grading.safe_files import read_regular_file
from course_utils.grading.student_names import file_name_for
from course_utils.part_files import part_file

_LOCK, _SEED, _RESULTS = ".grading.lock", "class_seed.txt", "results"
_MAX_RESULT_BYTES = 64 * 2**20


@contextlib.contextmanager
def locked(out: Path) -> Iterator[None]:
    """Keep a second run out of ``out``. The system lets go of the lock when a run ends, however it ends.

    Raises:
        CourseError: another run is at work there, or the folder cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        file = (out / _LOCK).open("a+", encoding="ascii")
    except OSError as error:
        raise CourseError(
            f"{out} 폴더에 쓰지 못했습니다({error.strerror}). 다른 폴더를 --out에 써 주십시오."
        ) from error
    with file:
        if not _take_lock(file):
            file.seek(0)
            raise CourseError(
                f"{out} 폴더에 쓰는 채점이 이미 실행되고 있습니다(프로세스 {file.read(20).strip() or '?'}). "
                "끝난 뒤 다시 실행하거나 다른 폴더를 --out에 써 주십시오."
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _take_lock(file: IO[str]) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def class_seed(out: Path, wanted: str | None = None) -> str:
    """The seed that hidden cases of this class are drawn with: ``wanted``, or the stored one, or a new one (stored).

    Raises:
        CourseError: the stored seed cannot be read or a new one not be written.
    """
    path = out / _SEED
    try:
        stored = read_regular_file(path, 1_000).decode("utf-8").strip() if path.exists() else ""
        seed = wanted if wanted is not None else stored or secrets.token_hex(16)
        if seed != stored:
            with part_file(path, len(seed)) as part:
                part.write_text(seed + "\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CourseError(
            f"{path} 파일을 읽거나 쓰지 못했습니다({error}). 파일을 지우고 다시 실행해 주십시오."
        ) from error
    return seed


class ResultStore:
    """Results in ``OUT/results/``, one file a submission, each written the moment it is known.

    A result counts again as long as nothing that it came from has changed: the file handed in, who handed it in, the
    seed, and the program that judges the set.

    Args:
        programs: set -> digest of that program, see ``program_digest``.
    """

    def __init__(self, out: Path, seed: str, programs: Mapping[str, str]) -> None:
        self._folder = out / _RESULTS
        self._seed, self._programs = seed, programs

    def load(self, submission: Submission) -> SubmissionResult | None:
        """The stored result of this very submission; ``None`` when there is none that still counts."""
        try:
            data = json.loads(read_regular_file(self._path(submission), _MAX_RESULT_BYTES))
            if data["key"] != self._key(submission):
                return None
            result = SubmissionResult.from_json(data["result"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        reusable = result.status in STATUSES and result.status != "failed"  # a failure of ours is worth another try
        return result if reusable else None

    def save(self, submission: Submission, result: SubmissionResult) -> None:
        """Store ``result``.

        Raises:
            CourseError: the disk is full or the folder cannot be written; an earlier result is still there.
        """
        data = {"key": self._key(submission), "result": result.to_json()}
        raw = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
        with part_file(self._path(submission), len(raw)) as part:
            part.write_bytes(raw)

    def _path(self, submission: Submission) -> Path:
        return self._folder / f"{file_name_for(submission.student, submission.exercise)}.json"

    def _key(self, submission: Submission) -> str:
        program = self._programs[submission.exercise]
        parts = (submission.digest, submission.refused, submission.student, submission.exercise, self._seed, program)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
