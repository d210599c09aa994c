"""Model files on a disk: which kind of model is it, is everything there, how many parameters.

Looked at before loading, because a missing or cut-off file shows in a loader as an error that helps nobody.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course_utils.gguf_header import read_header
from course_utils.loading_errors import broken_files

_TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model", "tekken.json")


def find_gguf(path: Path) -> Path | None:
    """The .gguf file that ``path`` is, or the one to take in the folder ``path`` (first by name); else None.

    A folder that also holds a ``config.json`` is an ordinary model folder.
    """
    if path.is_file():
        return path if path.suffix.lower() == ".gguf" else None
    if (path / "config.json").exists():
        return None
    return next(iter(sorted(path.glob("*.gguf"))), None)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a model folder, in Korean; ``missing`` when a file is absent rather than damaged.

    ``file``: the damaged one, where a new copy of it would mend the folder.
    """

    what: str
    missing: bool
    file: Path | None = None


def find_fault(folder: Path) -> Fault | None:
    """The first fault of a model folder: configuration, tokenizer and all weight files must be there and whole."""
    try:
        return _first_fault(folder)
    except PermissionError as error:
        return Fault(f"파일을 읽을 권한이 없습니다({Path(error.filename or folder).name})", missing=False)


def _first_fault(folder: Path) -> Fault | None:
    config = folder / "config.json"
    if not config.exists():
        return Fault("config.json 파일이 없습니다", missing=True)
    if not _is_json(config):
        return Fault("config.json 파일을 JSON으로 읽을 수 없습니다", missing=False, file=config)
    if not any((folder / name).exists() for name in _TOKENIZER_FILES):
        return Fault("토크나이저(tokenizer) 파일이 없습니다", missing=True)
    try:
        files = weight_files(folder)
    except (ValueError, KeyError, AttributeError, TypeError):
        return Fault("가중치의 색인(index) 파일을 읽을 수 없습니다", missing=False)
    if not files:
        return Fault("가중치 파일(model.safetensors)이 없습니다", missing=True)
    return next((fault for fault in map(_weight_fault, files) if fault), None)


def _weight_fault(file: Path) -> Fault | None:
    if not file.exists():
        return Fault(f"가중치 파일이 없습니다({file.name})", missing=True)
    if file.suffix == ".safetensors" and not _is_whole(file):
        return Fault(f"가중치 파일이 잘렸거나 깨졌습니다({file.name})", missing=False, file=file)
    return None


def check_folder(folder: Path) -> None:
    """Raise ``BrokenFilesError`` with the first fault of a model folder."""
    fault = find_fault(folder)
    if fault:
        raise broken_files(str(folder), fault.what, cached=False)


def weight_files(folder: Path) -> list[Path]:
    """The weight files that the folder's index names, or its single one; they need not exist. Empty: no weights.

    Raises ValueError, KeyError, AttributeError or TypeError for an index that is no index.
    """
    for stem in ("model.safetensors", "pytorch_model.bin"):
        index = folder / f"{stem}.index.json"
        if (folder / stem).exists():
            return [folder / stem]
        if index.exists():
            names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
            return [folder / name for name in sorted(names)]
    return []


def count_parameters(folder: Path) -> int:
    """Number of values in the folder's safetensors files, read from their headers; 0 when it has none of these."""
    files = [file for file in weight_files(folder) if file.suffix == ".safetensors" and file.exists()]
    return sum(math.prod(shape) for file in files for shape in _shapes(file))


def gguf_parameters(file: Path) -> int:
    """Number of parameters of a .gguf file, counted in it; the reader's ValueError says that the file is damaged."""
    return read_header(file).parameters


def _shapes(file: Path) -> Iterator[list[int]]:
    from safetensors import safe_open

    with safe_open(file, framework="np") as tensors:
        for name in tensors.keys():  # noqa: SIM118 - safe_open has no __iter__
            yield tensors.get_slice(name).get_shape()


def _is_json(file: Path) -> bool:
    try:
        return isinstance(json.loads(file.read_text(encoding="utf-8")), dict)
    except (ValueError, IsADirectoryError):
        return False


def _is_whole(file: Path) -> bool:
    from safetensors import SafetensorError

    try:
        list(_shapes(file))  # opening compares the header's offsets with the file's size
    except PermissionError:
        raise
    except (SafetensorError, OSError):
        return False
    return True
