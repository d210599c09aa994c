"""The answer key found beside the package: it is part of the project's folder, not of what learners install."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import course_utils
from course_utils.checks.sheets import SetSheet, TaskSheet, set_names, set_sheet
from course_utils.errors import CourseError, first_line

ROOT = Path(course_utils.__file__).resolve().parent.parent
FOLDER = ROOT / "answer_key"
EXERCISES = ROOT / "exercises"
_MISSING = """\
정답과 숨은 점검이 들어 있는 answer_key 폴더를 찾지 못했습니다. 채점은 설치한 패키지만으로는 할 수 없습니다.
강의 저장소를 내려받아 그 폴더에서 실행해 주십시오: git clone ..., cd ..., make grade"""


def _package() -> Any:
    if not (FOLDER / "__init__.py").is_file():
        raise CourseError(_MISSING)
    if str(ROOT) not in sys.path:
        sys.path.append(str(ROOT))
    found = importlib.import_module("answer_key")
    if Path(found.__file__ or "").resolve().parent != FOLDER:
        raise CourseError(f"다른 answer_key가 먼저 불려 왔습니다({found.__file__}). {ROOT} 폴더에서 실행해 주십시오.")
    return found


@lru_cache
def load_key(exercise: str) -> Any:
    """The ``ExerciseSet`` of a set such as "ex04".

    Raises:
        CourseError: there is no answer key here, or none for this set.
    """
    try:
        return _package().load_set(exercise)
    except CourseError:
        raise
    except Exception as error:  # whatever a key may do while it is being changed
        reason = f"{type(error).__name__}: {first_line(error)[:200]}"
        told = f"{exercise}의 정답(answer_key)을 불러오지 못해 채점하지 못했습니다({reason})."
        raise CourseError(f"{told} 고친 뒤 다시 실행해 주십시오.") from error


def usable_key(exercise: str, folder: str) -> Any:
    """The ``ExerciseSet``, or what stands for one that cannot be loaded: its sheet's tasks, and the ``reason``."""
    try:
        return load_key(exercise)
    except CourseError as error:
        return UnusableKey(exercise, folder, str(error))


@dataclass(frozen=True)
class UnusableKey:
    """A set whose answer key cannot be loaded: enough of it to report its submissions. ``reason``: why, in Korean."""

    name: str
    folder: str
    reason: str

    @property
    def _sheet(self) -> SetSheet:
        return set_sheet(self.name) if self.name in set_names() else SetSheet(self.name, self.name, ())

    @property
    def title(self) -> str:
        """The set's title."""
        return self._sheet.title

    @property
    def tasks(self) -> tuple[TaskSheet, ...]:
        """Its tasks, with their points."""
        return self._sheet.tasks


def key_names() -> list[str]:
    """The sets that can be graded here.

    Raises:
        CourseError: there is no answer key here.
    """
    return list(_package().set_names())
