"""The answer key found beside the package: it is part of the project's folder, not of what learners install."""

from __future__ import annotations

import importlib
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import course_utils
from course_utils.errors import CourseError

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
    except ImportError as error:
        raise CourseError(f"{exercise}의 정답을 불러오지 못했습니다({error}).") from error


def key_names() -> list[str]:
    """The sets that can be graded here.

    Raises:
        CourseError: there is no answer key here.
    """
    return list(_package().set_names())
