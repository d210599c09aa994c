"""How much a stranger's program may use while it is graded."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """Time in seconds (wall clock), sizes in bytes.

    ``memory``: what it may use itself (private memory; code and files of libraries do not count). NumPy, SciPy, pandas,
    Matplotlib and openai take 0.15 GiB of it, CPU torch and transformers as well 0.35 GiB. The filter on system calls
    forbids the kinds of memory that this limit does not count.
    ``mapped``: its whole address space, libraries included; a CUDA build of torch maps several GiB without using them.
    ``file``: largest file it may write; ``work``: room for all its files together, in each of its two folders, where
    the sandbox can hold it to that (bubblewrap 0.7 and newer).
    ``call_seconds``: the longest that any call may take; a task may ask for less.
    ``answer``: longest line it may send back. An array over a vocabulary of 102,400 takes 1.1 MB; lists take up to
    twenty times their JSON text when they are read, so more would be paid for in the grader's own memory.
    ``processes``: threads, and processes where the kernel's filter cannot forbid them.
    ``grace``: how much later than the worker's own alarm the grader looks, and then kills it.
    """

    cell_seconds: float = 20.0
    call_seconds: float = 10.0
    total_seconds: float = 120.0
    start_seconds: float = 20.0
    grace: float = 2.0
    memory: int = 1024 * MIB
    mapped: int = 16 * 1024 * MIB
    file: int = 64 * MIB
    work: int = 128 * MIB
    answer: int = 8 * MIB
    processes: int = 256
    open_files: int = 256

    def for_worker(self) -> dict[str, float]:
        """As data for the worker, which takes its limits upon itself before it runs anything of the student's."""
        return asdict(self)


def take_limits(limits: dict[str, float], own_user: bool) -> None:
    """Limit this process for good (inside the worker). No core files are written.

    ``own_user``: whether the number of processes is counted for this sandbox alone. Outside a user namespace the
    kernel counts everything the user runs, so a limit would hit the wrong ones.
    """
    import resource

    wanted = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, int(limits["file"])),
        (resource.RLIMIT_NOFILE, int(limits["open_files"])),
        (resource.RLIMIT_CPU, int(limits["total_seconds"]) + 30),
    ]
    for name, bytes_ in (("RLIMIT_DATA", limits["memory"]), ("RLIMIT_AS", limits["mapped"])):
        if hasattr(resource, name):
            wanted.append((getattr(resource, name), int(bytes_)))
    if own_user:
        wanted.append((resource.RLIMIT_NPROC, int(limits["processes"])))
    for kind, value in wanted:
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (value, value))
        except (OSError, ValueError):
            if sys.platform == "linux":  # macOS knows limits of memory but does not take them
                raise
