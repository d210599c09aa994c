"""Helpers of the Korean hands-on course on LLM text generation.

Public names are imported when they are first used (PEP 562), so ``import course_utils`` stays light: it loads
neither torch nor transformers nor NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course_utils.api_client import openai_client
    from course_utils.checks import check, progress
    from course_utils.errors import CourseError
    from course_utils.known_models import catalogue
    from course_utils.models import load_model, load_pipeline
    from course_utils.runtime import check_machine

__version__ = "1.0.0"
__all__ = [
    "CourseError",
    "__version__",
    "catalogue",
    "check",
    "check_machine",
    "load_model",
    "load_pipeline",
    "openai_client",
    "progress",
]

_HOME = {
    "CourseError": "course_utils.errors",
    "catalogue": "course_utils.known_models",
    "check": "course_utils.checks",
    "check_machine": "course_utils.runtime",
    "load_model": "course_utils.models",
    "load_pipeline": "course_utils.models",
    "openai_client": "course_utils.api_client",
    "progress": "course_utils.checks",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value  # the next use is a plain attribute again
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
