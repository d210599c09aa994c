"""The keys of a class server: easy to type from a projector, hard to guess, kept where only the instructor reads them.

They come from the variable COURSE_CLASS_KEYS (separated by commas), else from a file that is made when it is not there,
so that a restarted server still knows what the students have set.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from course_utils.errors import CourseError

VARIABLE = "COURSE_CLASS_KEYS"
# Without letters and digits that look like others on a projector: i, l, o, 0, 1. 16 of 31 are 79 bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
SHORTEST = 16  # characters
HEADING = "# 수업 서버의 키입니다. 한 줄에 하나씩 적습니다. 줄을 지우면 그 키는 더 쓸 수 없습니다."


def new_key() -> str:
    """A fresh key, such as ``class-k7mp-x3dq-9wtr-hf2n``."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(["class", *groups])


def class_keys(
    count: int, file: Path, *, fresh: bool = False, environment: Mapping[str, str] = os.environ
) -> list[str]:
    """``count`` keys: from the environment, else from ``file``, to which missing ones are added.

    ``fresh``: forget the file's keys and make new ones. With the variable set, ``count`` is not used.

    Raises:
        CourseError: a key is too short, holds other than visible ASCII characters, is there twice or is an OpenAI key.
    """
    if given := environment.get(VARIABLE, "").strip():
        return _checked([key.strip() for key in given.split(",") if key.strip()], f"환경 변수 {VARIABLE}")
    kept = [] if fresh or not file.exists() else _checked(_read(file), file.name)
    keys = [*kept, *(new_key() for _ in range(count - len(kept)))]
    if keys != kept or not _private(file):
        write_private(file, "\n".join([HEADING, *keys, ""]))
    return keys[:count]


def _read(file: Path) -> list[str]:
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def write_private(file: Path, text: str) -> None:
    """Write ``file`` so that only its owner can read it, at no moment half-written; its folder is made when missing.

    Raises:
        CourseError: nothing can be written there.
    """
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        # The mode is given when the file is made: there is no moment in which others may read it.
        with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
        os.replace(part, file)
    except OSError as error:
        raise CourseError(
            f"파일을 쓰지 못했습니다: {file} ({error.strerror or error})\n"
            "쓸 수 있는 경로를 --key-file(키)이나 --handout(안내문)으로 지정해 주십시오."
        ) from error


def _private(file: Path) -> bool:
    # Windows has no such bits; there the user's cache folder is private.
    return os.name == "nt" or not file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def _checked(keys: list[str], place: str) -> list[str]:
    for key in keys:
        if key.startswith("sk-"):
            raise CourseError(
                f"{place}에 OpenAI 키로 보이는 것이 있습니다. 수업 키는 학생 모두가 보므로 개인 키는 쓸 수 없습니다.\n"
                "그 줄을 지우고 다시 실행해 주십시오. 서버가 수업용 키를 새로 만듭니다."
            )
        if len(key) < SHORTEST or not (key.isascii() and key.isprintable()) or " " in key:
            raise CourseError(
                f"{place}에 수업 키로 쓸 수 없는 것이 있습니다.\n"
                f"빈칸 없이 영문자와 숫자로 {SHORTEST}자 이상을 적어 주십시오."
            )
    if len(set(keys)) < len(keys):
        raise CourseError(f"{place}에 같은 키가 두 번 있습니다. 하나를 지우고 다시 실행해 주십시오.")
    return keys
