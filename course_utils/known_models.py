"""The catalogue: models that the course knows by name, what they weigh and what they need.

Figures of EXAONE 3.5: parameter counts computed from the published ``config.json`` files (technical report
arXiv:2412.04862); sizes follow from them. Those of the bundled model are read from its own files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from course_utils.tables import gigabytes, html_table, korean_count, text_table

MINI_FOLDER = Path(__file__).parent / "assets" / "mini"
BYTES_PER_VALUE = {"float32": 4, "bfloat16": 2, "float16": 2}
# Room beside the weights: KV cache, activations and the allocator's slack for the lengths of these lessons.
WORKING_ROOM = 1.2
# LG's GGUF files in 4 bits (Q4_K_M) take about this many bytes a parameter.
_BYTES_IN_4_BITS = 0.61
# What llama.cpp takes beside a file of weights: logits of 512 tokens at once, a process with Python in it.
_ENGINE_ROOM = 400_000_000
_EXAONE_LICENCE = "EXAONE AI Model License Agreement 1.1 - NC (비상업)"


class HasFreeMemory(Protocol):
    """What the choice of a model looks at in a GPU: bytes free."""

    free: int


@dataclass(frozen=True)
class KnownModel:
    """One row of the catalogue. ``stored_dtype`` is None where the repository's number format is not established."""

    name: str
    hub_id: str | None
    licence: str
    needs: str
    published_parameters: int | None = None
    stored_dtype: str | None = None
    published_gguf: int | None = None  # bytes of LG's own file for llama.cpp in 4 bits (Q4_K_M)

    @property
    def parameters(self) -> int:
        """Number of parameters; for the bundled model counted in its file (0 when that file is absent)."""
        if self.published_parameters is not None:
            return self.published_parameters
        from course_utils.checkpoint_files import count_parameters

        return count_parameters(MINI_FOLDER) if MINI_FOLDER.is_dir() else 0

    @property
    def download_bytes(self) -> int | None:
        """Bytes to download before the first use: 0 for the bundled model, None when not known beforehand."""
        if self.hub_id is None:
            return 0
        return self.parameters * BYTES_PER_VALUE[self.stored_dtype] if self.stored_dtype else None

    @property
    def gguf_bytes(self) -> int | None:
        """Bytes of LG's own file for llama.cpp in 4 bits, estimated where not published; None without such a file."""
        if self.hub_id is None:
            return None
        return self.published_gguf or int(self.parameters * _BYTES_IN_4_BITS)


EXAONE = KnownModel(
    "exaone",
    "LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct",
    _EXAONE_LICENCE,
    "GPU 한 장 (코랩 T4면 충분). 없으면 CPU에서 4비트(GGUF)",
    published_parameters=2_405_327_360,
    stored_dtype="float32",
    published_gguf=1_640_000_000,
)
MINI = KnownModel("mini", None, "Apache-2.0", "CPU면 충분, 내려받기 없음", stored_dtype="float16")
KNOWN_MODELS = (
    MINI,
    EXAONE,
    KnownModel(
        "exaone-7.8b",
        "LGAI-EXAONE/EXAONE-3.5-7.8B-Instruct",
        _EXAONE_LICENCE,
        "메모리 24 GB급 GPU",
        published_parameters=7_818_448_896,
    ),
    KnownModel(
        "exaone-32b",
        "LGAI-EXAONE/EXAONE-3.5-32B-Instruct",
        _EXAONE_LICENCE,
        "메모리 80 GB급 GPU 또는 여러 장",
        published_parameters=32_003_200_000,
    ),
)


def known(name: str) -> KnownModel | None:
    """The catalogue's row for a short name or a Hub id (upper or lower case), or None."""
    wanted = name.lower()
    return next((row for row in KNOWN_MODELS if wanted in (row.name, (row.hub_id or row.name).lower())), None)


def needed_memory(parameters: int, dtype: str) -> int:
    """Bytes that a model of this many parameters takes to load and to answer: its weights and 20 % beside them."""
    return int(parameters * BYTES_PER_VALUE[dtype] * WORKING_ROOM)


def engine_memory(file_bytes: int) -> int:
    """Bytes that llama.cpp takes on a CPU for a GGUF file of ``file_bytes``: its weights, 20 % and a fixed part."""
    return int(file_bytes * WORKING_ROOM) + _ENGINE_ROOM


def auto_choice(gpus: Iterable[HasFreeMemory]) -> KnownModel:
    """What ``model="auto"`` means here: EXAONE 3.5 2.4B when one GPU has room for it in 16 bits, else ``mini``."""
    room = needed_memory(EXAONE.parameters, "float16")
    return EXAONE if any(gpu.free >= room for gpu in gpus) else MINI


class Catalogue:
    """The table of ``KNOWN_MODELS``: HTML in a notebook, text in a terminal; iterating gives the rows."""

    caption = "이 강의에서 이름으로 부를 수 있는 모델"
    headers = (
        "이름",
        "허브 주소(Hub id)",
        "파라미터(parameter)",
        "내려받는 크기",
        "메모리: float32",
        "메모리: 16비트",
        "메모리: 4비트(GGUF, CPU)",
        "라이선스(license)",
        "필요한 것",
    )

    def __iter__(self):
        return iter(KNOWN_MODELS)

    def __len__(self) -> int:
        return len(KNOWN_MODELS)

    def __repr__(self) -> str:
        return text_table(self.caption, self.headers, [_cells(row) for row in KNOWN_MODELS])

    def _repr_html_(self) -> str:
        return html_table(self.caption, self.headers, [_cells(row) for row in KNOWN_MODELS])


def _cells(row: KnownModel) -> list[str]:
    count = row.parameters
    if row.download_bytes is None:
        size = "내려받기 전에 알려 드립니다"
    else:
        size = gigabytes(row.download_bytes) if row.download_bytes else "없음 (함께 들어 있음)"
    if row.published_gguf:
        size += f", 4비트 {gigabytes(row.published_gguf)}"
    memory = [gigabytes(needed_memory(count, dtype)) if count else "-" for dtype in ("float32", "float16")]
    memory.append(gigabytes(engine_memory(row.gguf_bytes)) if row.gguf_bytes else "-")
    return [
        row.name,
        row.hub_id or "(강의에 포함)",
        korean_count(count) if count else "-",
        size,
        *memory,
        row.licence,
        row.needs,
    ]


def catalogue() -> Catalogue:
    """The models that ``load_pipeline`` knows by name, as a table."""
    return Catalogue()
