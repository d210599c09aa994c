"""Where are we: which place, which device, which number format it runs well, how much memory is free.

torch is imported inside functions only, so that importing this module costs nothing.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from dataclasses import dataclass, field
from pathlib import Path

from course_utils.known_models import auto_choice
from course_utils.tables import gigabytes, html_table, text_table

_CGROUP = Path("/sys/fs/cgroup")
_PLACES = {"colab": "구글 코랩(Colab)", "ci": "자동 검사(CI)", "jupyter": "Jupyter 커널", "local": "내 컴퓨터"}
_threads_before: int | None = None


@dataclass(frozen=True)
class Gpu:
    """One CUDA GPU: ``capability`` is (major, minor), memory is in bytes."""

    index: int
    name: str
    capability: tuple[int, int]
    free: int
    total: int


def place() -> str:
    """``"colab"``, ``"ci"``, ``"jupyter"`` (a kernel on this or a school's machine) or ``"local"``."""
    if "COLAB_RELEASE_TAG" in os.environ or "google.colab" in sys.modules:
        return "colab"
    if os.environ.get("CI", "").lower() in ("1", "true"):
        return "ci"
    return "jupyter" if in_kernel() else "local"


def in_kernel() -> bool:
    """Whether this process is a Jupyter kernel; asks IPython only when something has already loaded it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ in ("ZMQInteractiveShell", "Shell")  # the second is Colab's own subclass


def gpus() -> list[Gpu]:
    """The CUDA GPUs that torch can use, with the memory free at this moment."""
    import torch

    if not torch.cuda.is_available():
        return []
    found = []
    for index in range(torch.cuda.device_count()):
        free, total = torch.cuda.mem_get_info(index)
        found.append(
            Gpu(index, torch.cuda.get_device_name(index), torch.cuda.get_device_capability(index), free, total)
        )
    return found


def has_mps() -> bool:
    """Whether Apple's GPU (MPS) can be used."""
    import torch

    return torch.backends.mps.is_available()


def best_device() -> str:
    """``"cuda:N"`` (the GPU with the most free memory), ``"mps"`` or ``"cpu"``."""
    found = gpus()
    if found:
        return f"cuda:{max(found, key=lambda gpu: gpu.free).index}"
    return "mps" if has_mps() else "cpu"


def best_dtype(device: str) -> str:
    """Name of the number format that a device (``"cpu"``, ``"mps"``, ``"cuda"``, ``"cuda:N"``) runs well.

    bfloat16 needs tensor cores of Ampere or newer (compute capability 8.0); a T4 (7.5) would emulate it slowly.
    For plain ``"cuda"`` the oldest GPU decides, because several may share the model.
    """
    kind, _, index = device.partition(":")
    if kind == "mps":
        return "float16"
    if kind != "cuda":
        return "float32"
    majors = [gpu.capability[0] for gpu in gpus() if not index or gpu.index == int(index)]
    return "bfloat16" if majors and min(majors) >= 8 else "float16"


def free_cpu_memory() -> int:
    """Bytes of main memory that a process may still take; respects a container's limit, which psutil does not see."""
    import psutil

    available = psutil.virtual_memory().available
    limit, used = _cgroup_number("memory.max"), _cgroup_number("memory.current")
    if limit is None or used is None:
        return available
    return max(0, min(available, limit - used + _reclaimable()))


def _cgroup_number(name: str) -> int | None:
    try:
        text = (_CGROUP / name).read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _reclaimable() -> int:
    # Cached file pages count as used but give way when memory is wanted.
    try:
        lines = (_CGROUP / "memory.stat").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))


def use_one_thread() -> None:
    """Let torch compute with one CPU thread: tiny matrices lose more to handing work round than they win.

    Applies to the whole process and is undone by ``use_all_threads``. Whoever set ``OMP_NUM_THREADS`` has decided
    for themselves: then nothing changes.
    """
    global _threads_before
    import torch

    if "OMP_NUM_THREADS" not in os.environ and torch.get_num_threads() != 1:
        _threads_before = torch.get_num_threads()
        torch.set_num_threads(1)


def use_all_threads() -> None:
    """Give torch back the number of threads it had before ``use_one_thread``; nothing when that was not used."""
    global _threads_before
    import torch

    if _threads_before is not None:
        torch.set_num_threads(_threads_before)
        _threads_before = None


@dataclass(frozen=True)
class Machine:
    """What ``check_machine`` found; memory in bytes. Shows itself as a Korean table."""

    place: str
    python: str
    versions: dict[str, str]
    cores: int
    free_memory: int
    device: str
    dtype: str
    auto_model: str
    gpus: list[Gpu] = field(default_factory=list)

    caption = "이 컴퓨터 점검"
    headers = ("항목", "값")

    def rows(self) -> list[list[str]]:
        """The table's rows: what was looked at, what was found."""
        found = [["실행 장소", _PLACES[self.place]], ["Python", self.python]]
        found += [[name, version] for name, version in self.versions.items()]
        found += [["CPU 코어(core)", f"{self.cores}개"], ["남은 메모리", gigabytes(self.free_memory)]]
        for gpu in self.gpus:
            memory = f"{gigabytes(gpu.free)} / {gigabytes(gpu.total)}"
            found.append([f"GPU {gpu.index}", f"{gpu.name}, 남은 메모리 {memory}"])
        if not self.gpus:
            found.append(["GPU", "Apple GPU(MPS)" if self.device == "mps" else "없음 (CPU로 실행합니다)"])
        found += [["계산 장치(device)", self.device], ["자료형(dtype)", self.dtype]]
        return [*found, ["load_pipeline()이 고르는 모델", self.auto_model]]

    def __str__(self) -> str:
        return text_table(self.caption, self.headers, self.rows())

    def _repr_html_(self) -> str:
        return html_table(self.caption, self.headers, self.rows())


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "없음"


def check_machine() -> Machine:
    """Look at this machine and say what the course will use on it.

    ``auto_model`` honours the environment variable ``COURSE_MODEL`` as ``load_pipeline()`` does.
    """
    device, found = best_device(), gpus()
    return Machine(
        place=place(),
        python=platform.python_version(),
        versions={name: _version(name) for name in ("torch", "transformers", "accelerate")},
        cores=os.cpu_count() or 1,
        free_memory=free_cpu_memory(),
        device=device,
        dtype=best_dtype(device),
        auto_model=os.environ.get("COURSE_MODEL") or auto_choice(found).name,
        gpus=found,
    )
