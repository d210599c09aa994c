"""Tensors of safetensors files as they lie on the disk: read and written a few megabytes at a time, without torch.

Memory stays at some tens of megabytes whatever the size of the model. Source: the description of the format,
https://github.com/huggingface/safetensors#format.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np

# The format's name -> ours. NumPy has no bfloat16: its values travel as the upper halves of float32 numbers.
_DTYPES = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}
CODES = {name: code for code, name in _DTYPES.items()}
NUMPY_DTYPES = {"float32": "<f4", "float16": "<f2", "bfloat16": "<u2"}
WIDTHS = {"float32": 4, "float16": 2, "bfloat16": 2}  # bytes
PIECE = 1 << 21  # values at a time


@dataclass(frozen=True)
class StoredTensor:
    """One tensor of a file. ``start`` is the byte of ``file`` at which its values begin."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    file: Path
    start: int

    @property
    def count(self) -> int:
        """Number of values."""
        return math.prod(self.shape)

    def pieces(self, dtype: str) -> Iterator[np.ndarray]:
        """The values in ``dtype`` (``"float32"``, ``"float16"``, ``"bfloat16"``), in order, as flat arrays.

        Rounded to the nearest number, halfway cases to the even one, as torch does.

        Raises:
            CourseError: a finite value is too large for float16.
        """
        import numpy as np

        for first in range(0, self.count, PIECE):
            count = min(PIECE, self.count - first)
            stored = NUMPY_DTYPES[self.dtype]
            values = np.fromfile(self.file, stored, count, offset=self.start + first * WIDTHS[self.dtype])
            if len(values) != count:
                raise CourseError(f"가중치 파일이 잘렸습니다({self.file}). 다시 내려받아 주십시오.")
            yield values if dtype == self.dtype else self._rounded(_as_float32(values, self.dtype), dtype)

    def _rounded(self, values: np.ndarray, dtype: str) -> np.ndarray:
        import numpy as np

        if dtype == "float32":
            return values
        if dtype == "bfloat16":
            return _to_bfloat16(values)
        with np.errstate(over="ignore"):
            rounded = values.astype("<f2")
        if (np.isinf(rounded) & np.isfinite(values)).any():
            raise CourseError(
                f"가중치 {self.name}에 float16으로 나타낼 수 없는 큰 값이 있습니다.\n"
                'dtype="float32"나 dtype="bfloat16"으로 다시 변환해 주십시오.'
            )
        return rounded


@dataclass(frozen=True)
class Stream:
    """A tensor on its way into a file, in ``dtype``.

    It has what writers ask of a NumPy array (``nbytes``, ``tofile``), and never holds the whole tensor.
    """

    tensor: StoredTensor
    dtype: str

    @property
    def nbytes(self) -> int:
        """Bytes that it will take in the file."""
        return self.tensor.count * WIDTHS[self.dtype]

    def tofile(self, file: BinaryIO) -> None:
        """Write the values to ``file``."""
        for piece in self.tensor.pieces(self.dtype):
            file.write(piece.data)  # not NumPy's tofile: its error does not say that the disk is full


def stored_tensors(file: Path) -> list[StoredTensor]:
    """The tensors of a whole .safetensors file, in the order of their bytes.

    Raises:
        CourseError: a number format other than float32, float16 and bfloat16, as in quantized models.
    """
    with open(file, "rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        header: dict[str, Any] = json.loads(opened.read(length))
    header.pop("__metadata__", None)
    return [_tensor(name, row, file, 8 + length) for name, row in sorted(header.items(), key=_first_byte)]


def _first_byte(item: tuple[str, dict[str, Any]]) -> int:
    return item[1]["data_offsets"][0]


def _tensor(name: str, row: dict[str, Any], file: Path, data: int) -> StoredTensor:
    if row["dtype"] not in _DTYPES:
        raise CourseError(
            f"가중치 {name}의 자료형({row['dtype']})은 변환할 수 없습니다({file.name}).\n"
            "양자화(quantization)하지 않은 원래 모델의 폴더를 쓰십시오."
        )
    return StoredTensor(name, _DTYPES[row["dtype"]], tuple(row["shape"]), file, data + row["data_offsets"][0])


def write_safetensors(file: Path, tensors: Sequence[tuple[str, Stream]]) -> Iterator[int]:
    """Write ``tensors`` under their new names; yields the bytes of each one when it is in the file."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    position = 0
    for name, stream in tensors:
        header[name] = {
            "dtype": CODES[stream.dtype],
            "shape": stream.tensor.shape,
            "data_offsets": [position, position := position + stream.nbytes],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the format wants the values aligned
    with open(file, "wb") as opened:
        opened.write(len(text).to_bytes(8, "little") + text)
        for _, stream in tensors:
            stream.tofile(opened)
            yield stream.nbytes


def _as_float32(values: np.ndarray, dtype: str) -> np.ndarray:
    if dtype == "bfloat16":
        return (values.astype("<u4") << 16).view("<f4")
    return values.astype("<f4", copy=False)


def _to_bfloat16(values: np.ndarray) -> np.ndarray:
    import numpy as np

    bits = values.view("<u4")
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    return np.where(np.isnan(values), 0x7FC0, rounded).astype("<u2")
