"""From a model's name to a GGUF file that llama.cpp can run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from course_utils.checkpoint_files import gguf_parameters
from course_utils.convert import cached_gguf
from course_utils.known_models import MINI_FOLDER


@dataclass(frozen=True)
class GgufFile:
    """A model as one GGUF file."""

    name: str
    path: Path
    parameters: int


def gguf_for(model: str) -> GgufFile:
    """The GGUF file of ``"mini"`` (converted once and kept) or of any .gguf path."""
    path = cached_gguf(MINI_FOLDER) if model == "mini" else Path(model)
    return GgufFile("mini" if model == "mini" else path.stem, path, gguf_parameters(path))
