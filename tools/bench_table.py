"""What `make bench` prints: rows that compare a measurement with its budget, and the machine they hold for.

Two sides of a ratio are measured in turns (`interleaved`), so that whatever else the machine does meets both.
"""

import importlib.metadata
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

HEADERS = ("What", "Budget", "Measured", "Of budget", "Rounds", "Verdict")
CPUINFO = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Row:
    """One budget: ``value`` and ``limit`` share a unit, smaller is better.

    ``rounds`` holds the same value for every single round, so that a reader sees how noisy the machine was; empty
    when there was one measurement only.
    """

    what: str
    budget: str
    measured: str
    value: float
    limit: float
    rounds: Sequence[float] = ()

    @property
    def used(self) -> float:
        """Share of the budget that is used up: 1 is exactly on budget; negative when a cost came out negative."""
        return self.value / self.limit

    @property
    def verdict(self) -> str:
        """``"ok"`` up to and including the limit, else ``"over"``; what is no number (NaN) is never ok."""
        return "ok" if self.used <= 1 else "over"

    def cells(self) -> list[str]:
        """The texts of the row, one for each of HEADERS."""
        spread = "1"
        if self.rounds:
            lowest, highest = min(self.rounds) / self.limit, max(self.rounds) / self.limit
            spread = f"{len(self.rounds)}: {lowest:.2f} to {highest:.2f}"
        return [self.what, self.budget, self.measured, f"{self.used:.2f}", spread, self.verdict]


def interleaved(sides: Sequence[Callable[[], float]], rounds: int) -> list[list[float]]:
    """What each side returns in each of ``rounds`` rounds; every second round runs the sides in reverse.

    One more round comes first and is dropped: it fills caches and writes bytecode.
    """
    results: list[list[float]] = [[] for _ in sides]
    for number in range(rounds + 1):
        order = range(len(sides)) if number % 2 else reversed(range(len(sides)))
        for side in order:
            results[side].append(sides[side]())
    return [result[1:] for result in results]


def ratio(costs: Sequence[float], references: Sequence[float]) -> float:
    """How many times the reference's cost, by the best measurement of each side.

    Raises:
        ValueError: the two sides were not measured equally often, so they did not run side by side.
    """
    if len(costs) != len(references):
        raise ValueError(f"{len(costs)} measurements against {len(references)}")
    return min(costs) / min(references)


def each_round(costs: Sequence[float], references: Sequence[float]) -> list[float]:
    """The ratio of every round on its own.

    Raises:
        ValueError: as ``ratio`` does.
    """
    return [cost / reference for cost, reference in zip(costs, references, strict=True)]


def table(rows: Sequence[Row]) -> str:
    """Markdown: a header, a rule and one line for each row."""
    lines = [HEADERS, ["---"] * len(HEADERS), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def cpu_model() -> str:
    """The processor's name as its maker gives it, or the kind of processor where the system does not tell."""
    if CPUINFO.exists():
        for line in CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    elif sys.platform == "darwin":
        asked = subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True)
        return asked.stdout.strip() or platform.machine()
    return platform.processor() or platform.machine()


def cores() -> str:
    """How many cores this process may use, such as ``"2 cores"`` or ``"1 of 2 cores"``."""
    there = os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else there
    counted = f"{there} core" + ("s" if there > 1 else "")
    return counted if allowed == there else f"{allowed} of {counted}"


def machine() -> str:
    """The machine and the versions the figures hold for, in one line; nothing that says whose machine it is."""
    parts = [cpu_model(), cores(), f"{platform.system()}, Python {platform.python_version()}"]
    parts += [f"{name} {importlib.metadata.version(name)}" for name in ("torch", "transformers")]
    if threads := os.environ.get("OMP_NUM_THREADS"):
        parts.append(f"OMP_NUM_THREADS={threads}")
    return ", ".join(parts)


def facts() -> dict[str, str]:
    """The machine, the versions and the commit that figures hold for, as names and values for a table."""
    load = f"{os.getloadavg()[0]:.2f} when the run began" if hasattr(os, "getloadavg") else "unknown"
    return {
        "Processor": f"{cpu_model()}, {cores()}",
        "Memory": f"{psutil.virtual_memory().total / 2**30:.1f} GiB",
        "System": f"{system_name()}, {platform.machine()}",
        "Load": load,
        "Python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("torch", "transformers")},
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "not set"),
        "Date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "Commit": commit(),
    }


def system_name() -> str:
    """The system as it calls itself, such as ``"Debian GNU/Linux 12 (bookworm), Linux 6.1"``; no host name."""
    kernel = f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}"
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {kernel}"
    except (OSError, AttributeError, KeyError):
        return kernel


def commit() -> str:
    """The checkout's commit, and whether files differ from it."""
    asked = [["git", "rev-parse", "--short=12", "HEAD"], ["git", "status", "--porcelain", "--untracked-files=no"]]
    told = [subprocess.run(one, cwd=Path(__file__).parent, capture_output=True, text=True) for one in asked]
    if any(one.returncode for one in told):
        return "not a git checkout"
    return told[0].stdout.strip() + (" with changes that are not committed" if told[1].stdout.strip() else "")
