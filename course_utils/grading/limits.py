"""How much a stranger's program may use while it is graded."""

from __future__ import annotations

from dataclasses import asdict, dataclass

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """Time in seconds (wall clock), sizes in bytes.

    ``memory``: address space of the worker. NumPy, pandas and openai together map about 1 GiB with one thread, CPU
    torch about 3 GiB; what is really used is far less, so 4 GiB lets all of them load and stops a runaway list.
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
    memory: int = 4096 * MIB
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
    if hasattr(resource, "RLIMIT_AS"):
        wanted.append((resource.RLIMIT_AS, int(limits["memory"])))
    if own_user:
        wanted.append((resource.RLIMIT_NPROC, int(limits["processes"])))
    for kind, value in wanted:
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (value, value))
        except (OSError, ValueError):
            if kind != getattr(resource, "RLIMIT_AS", None):  # macOS knows RLIMIT_AS but does not take it
                raise
