"""The head of a GGUF file: metadata, tokens, names and sizes of the tensors, read in a moment.

The gguf package's own reader makes several NumPy arrays for each token; EXAONE's 102,400 tokens take it seven seconds.
Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

from __future__ import annotations

import math
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_STRING, _ARRAY = 8, 9
_CONTROL = 3  # the type of a special token
_FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}


@dataclass(frozen=True)
class GgufHeader:
    """``metadata`` by its keys, as Python values; ``shapes`` of the tensors (fastest running size first)."""

    metadata: dict[str, Any]
    shapes: dict[str, tuple[int, ...]]

    @property
    def parameters(self) -> int:
        """Number of parameters; computed frequencies (``rope_freqs``) are none."""
        return sum(math.prod(shape) for name, shape in self.shapes.items() if not name.startswith("rope_"))

    @property
    def architecture(self) -> str:
        """llama.cpp's name of the architecture, such as ``exaone``; empty when the file names none."""
        return str(self.metadata.get("general.architecture", ""))

    @property
    def special_tokens(self) -> tuple[str, ...]:
        """The tokenizer's special tokens as they are written: ``[BOS]``, ``[|endofturn|]`` ..."""
        tokens = self.metadata.get("tokenizer.ggml.tokens", ())
        types = self.metadata.get("tokenizer.ggml.token_type", ())
        return tuple(token for token, kind in zip(tokens, types, strict=False) if kind == _CONTROL)


def read_header(file: str | os.PathLike) -> GgufHeader:
    """The head of a .gguf file.

    Raises:
        ValueError: no GGUF file, or one that is cut off; English, for callers to explain.
        OSError: it cannot be read.
    """
    path = Path(file)
    with open(path, "rb") as opened:
        reader = _Reader(opened, path.stat().st_size)
        if opened.read(4) != _MAGIC:
            raise ValueError("no GGUF file")
        try:
            (version,) = reader.numbers("I")
            if version not in _VERSIONS:
                raise ValueError(f"GGUF version {version}")
            tensors, pairs = reader.numbers("QQ")
            metadata = {reader.text(): reader.value() for _ in range(pairs)}
            rows = [_tensor(reader) for _ in range(tensors)]
        except (struct.error, RecursionError) as error:
            raise ValueError("damaged head") from error
        _check_length(path, opened.tell(), metadata.get("general.alignment", 32), rows)
    return GgufHeader(metadata, {name: shape for name, shape, _, _ in rows})


class _Reader:
    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size

    def _read(self, length: int) -> bytes:
        if length > self._size:  # damage; reading would first take that much memory
            raise struct.error("longer than the file")
        return self._file.read(length)

    def numbers(self, layout: str) -> tuple[Any, ...]:
        layout = "<" + layout
        return struct.unpack(layout, self._read(struct.calcsize(layout)))

    def text(self) -> str:
        (length,) = self.numbers("Q")
        content = self._read(length)
        if len(content) != length:
            raise struct.error("cut off")
        return content.decode("utf-8", "replace")  # old files hold a few tokens that are no UTF-8

    def value(self, kind: int | None = None) -> Any:
        if kind is None:
            (kind,) = self.numbers("I")
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            inner, length = self.numbers("IQ")
            if length > self._size:
                raise struct.error("longer than the file")
            if inner in _FORMATS:
                return list(self.numbers(f"{length}{_FORMATS[inner]}"))
            return [self.value(inner) for _ in range(length)]
        if kind not in _FORMATS:
            raise struct.error(f"value type {kind}")
        return self.numbers(_FORMATS[kind])[0]


def _tensor(reader: _Reader) -> tuple[str, tuple[int, ...], int, int]:
    name = reader.text()
    (dimensions,) = reader.numbers("I")
    shape = reader.numbers(f"{dimensions}Q")
    kind, offset = reader.numbers("IQ")
    return name, shape, kind, offset


def _check_length(path: Path, head: int, alignment: int, rows: list[tuple[str, tuple[int, ...], int, int]]) -> None:
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    start = -(-head // alignment) * alignment
    for name, shape, kind, offset in rows:
        try:
            block, width = GGML_QUANT_SIZES[GGMLQuantizationType(kind)]
        except (ValueError, KeyError):  # newer than the installed package: the engine will judge
            block, width = 1, 0
        if path.stat().st_size < start + offset + math.prod(shape) // block * width:
            raise ValueError(f"cut off before the end of {name}")
