"""Which device and number format a model gets, and whether it fits there: decided before anything is loaded."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from typing import Any

from course_utils import runtime
from course_utils.errors import CourseError
from course_utils.known_models import BYTES_PER_VALUE, needed_memory
from course_utils.loading_errors import UnknownValueError, nearest, not_enough_memory
from course_utils.tables import korean_count

# Below this a GPU's launch times cost more than its arithmetic saves, and one CPU thread beats many.
SMALL_MODEL = 50_000_000
_DTYPE_NAMES = {"fp32": "float32", "float": "float32", "fp16": "float16", "half": "float16", "bf16": "bfloat16"}


@dataclass(frozen=True)
class Placement:
    """``device`` as torch writes it (``"cpu"``, ``"cuda:0"``, ``"mps"``), or None: accelerate spreads the model."""

    device: str | None
    dtype: str

    def described(self, threads: int) -> str:
        """Where, in Korean, for the line that ``load_pipeline`` prints; ``threads``: torch's CPU threads."""
        if self.device is None:
            return "여러 장치(accelerate가 나눔)"
        if self.device == "cpu":
            return f"CPU(스레드 {threads}개)"
        if self.device.startswith("cuda"):
            name = next((gpu.name for gpu in runtime.gpus() if self.device == f"cuda:{gpu.index}"), self.device)
            return f"GPU({name})"
        return "Apple GPU(MPS)"


def parse_dtype(dtype: Any) -> str:
    """``"auto"`` or the full name of a supported number format, from a name or a ``torch.dtype``.

    Raises:
        UnknownValueError: any other value.
    """
    wanted = str(dtype).removeprefix("torch.").lower()
    name = _DTYPE_NAMES.get(wanted, wanted)
    if name != "auto" and name not in BYTES_PER_VALUE:
        known = ["auto", *BYTES_PER_VALUE]
        raise UnknownValueError(
            f"쓸 수 없는 dtype입니다: {dtype!r}.{nearest(name, known)} 쓸 수 있는 값: {', '.join(known)}"
        )
    return name


def parse_device(device: Any) -> str:
    """``"auto"``, ``"cpu"``, ``"mps"`` or ``"cuda:N"`` that exists here, from a name, a number or a ``torch.device``.

    Numbers mean what they mean to ``transformers.pipeline``: -1 is the CPU, others count GPUs.

    Raises:
        UnknownValueError: no such device, or not on this machine.
    """
    if isinstance(device, int) and not isinstance(device, bool):
        device = "cpu" if device == -1 else f"cuda:{device}"
    name = str(device).lower()
    if name == "cpu:0":  # torch's full name of the only one there is
        name = "cpu"
    kind, _, index = name.partition(":")
    if kind not in ("auto", "cpu", "cuda", "mps") or (index and not (kind == "cuda" and index.isdigit())):
        raise UnknownValueError(
            f"쓸 수 없는 device입니다: {device!r}.{nearest(kind, ['auto', 'cpu', 'cuda', 'mps'])} "
            "쓸 수 있는 값: auto, cpu, cuda, cuda:번호, mps"
        )
    if kind == "cuda":
        return _existing_gpu(index)
    if kind == "mps" and not runtime.has_mps():
        raise UnknownValueError(
            '이 컴퓨터에는 Apple GPU(MPS)가 없습니다. device="auto"나 device="cpu"로 다시 실행해 주십시오.'
        )
    return name


def _existing_gpu(index: str) -> str:
    found = runtime.gpus()
    if not found:
        raise UnknownValueError(
            'CUDA GPU를 찾을 수 없습니다. device="auto"나 device="cpu"로 다시 실행해 주십시오.\n'
            "코랩(Colab)이면 메뉴의 런타임 > 런타임 유형 변경에서 GPU(T4)를 고르십시오. 내 컴퓨터에 GPU가 있으면 "
            "드라이버와 CUDA용 torch 설치를 확인하십시오: https://pytorch.org/get-started/locally/"
        )
    if not index:
        return runtime.best_device()
    if int(index) not in [gpu.index for gpu in found]:
        raise UnknownValueError(
            f"GPU {index}번은 없습니다. 이 컴퓨터의 GPU: "
            + ", ".join(f"cuda:{gpu.index} ({gpu.name})" for gpu in found)
        )
    return f"cuda:{index}"


def engine_threads(parameters: int) -> int:
    """CPU threads for llama.cpp: one for a small model, else the physical cores that this process may use.

    Whoever set ``OMP_NUM_THREADS`` has decided for themselves.
    """
    import psutil

    if parameters < SMALL_MODEL:
        return 1
    if (wanted := os.environ.get("OMP_NUM_THREADS", "")).isdigit() and int(wanted) > 0:
        return int(wanted)
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(psutil.cpu_count(logical=False) or allowed, allowed)


def place(model: str, parameters: int, device: str, dtype: str) -> Placement:
    """Decide where a model of ``parameters`` values goes; ``device`` and ``dtype`` as parsed, ``"auto"`` included.

    ``"auto"`` takes the best device; a small model stays on the CPU. When no single GPU has room but all GPUs
    together with the main memory do, accelerate spreads the model. On the CPU, ``"auto"`` computes in bfloat16 where
    the memory does not hold float32.

    Raises:
        NotEnoughMemoryError: before anything is loaded.
        CourseError: the model has to be spread and accelerate is not installed.
    """
    if device != "auto":
        chosen = device
    else:
        chosen = "cpu" if parameters < SMALL_MODEL else runtime.best_device()
    number_format = runtime.best_dtype(chosen) if dtype == "auto" else dtype
    needed = needed_memory(parameters, number_format)
    if not chosen.startswith("cuda"):
        if chosen == "cpu" and dtype == "auto" and runtime.free_cpu_memory() < needed:
            number_format = "bfloat16"
        _check_main_memory(model, parameters, number_format, chosen)
        return Placement(chosen, number_format)
    found = runtime.gpus()
    free = next(gpu.free for gpu in found if chosen == f"cuda:{gpu.index}")
    if free >= needed:
        return Placement(chosen, number_format)
    if device != "auto":
        way_out = 'device="auto"로 실행하면 다른 GPU와 CPU에 나누어 올립니다.'
        raise not_enough_memory(model, number_format, needed, chosen, free, way_out)
    return _spread(model, parameters, dtype)


def _spread(model: str, parameters: int, dtype: str) -> Placement:
    number_format = runtime.best_dtype("cuda") if dtype == "auto" else dtype
    needed = needed_memory(parameters, number_format)
    free = sum(gpu.free for gpu in runtime.gpus()) + runtime.free_cpu_memory()
    if free < needed:
        raise not_enough_memory(
            model,
            number_format,
            needed,
            "모든 GPU와 CPU",
            free,
            "더 큰 GPU가 있는 컴퓨터에서 실행하거나 더 작은 모델을 고르십시오(course_utils.catalogue()).",
        )
    if importlib.util.find_spec("accelerate") is None:
        raise CourseError(
            f"모델({model}, 파라미터 {korean_count(parameters)})은 GPU 한 장에 들어가지 않아 나누어 올려야 하는데, "
            "그 일을 하는 accelerate 라이브러리가 없습니다.\n    pip install accelerate"
        )
    return Placement(None, number_format)


def _check_main_memory(model: str, parameters: int, dtype: str, device: str) -> None:
    needed, free = needed_memory(parameters, dtype), runtime.free_cpu_memory()
    if free >= needed:
        return
    if BYTES_PER_VALUE[dtype] > 2 and free >= needed_memory(parameters, "bfloat16"):
        way_out = 'dtype="bfloat16"으로 실행하면 절반만 쓰므로 들어갑니다(더 느릴 수 있습니다).'
    else:
        way_out = "GPU가 있는 컴퓨터(예: 코랩 T4)에서 실행하십시오."
    raise not_enough_memory(model, dtype, needed, device.upper(), free, way_out)
