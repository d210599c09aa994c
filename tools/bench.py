"""Measure the budgets of docs/architecture.md on this machine; prints the table, and with --write makes the page.

    python -m tools.bench [--rounds N] [--suite] [--only NAME ...]
    python -m tools.bench --write        everything, `make test` on a clean clone included; writes docs/performance.md
    python -m tools.bench --page         the page again, from the figures of its last run (a sentence was changed)

What a budget compares is measured side by side: both sides once a round, in turns, after one round that does not
count. A measurement that fails is told and costs no other one its figure. The exit status is 0 whether or not a budget
is kept; it is 1 when something did not run.
"""

import argparse
import sys
from collections.abc import Callable, Sequence

from tools import bench_page, bench_start, bench_suite
from tools.bench_decoding import decoding_rows
from tools.bench_engine import engine_row
from tools.bench_explorer import explorer_row
from tools.bench_grading import grading_row
from tools.bench_page import NOT_HERE, Measurement
from tools.bench_table import Row, facts, machine, table

Rows = list[Row]
SUITE = "suite"
# Short names as in bench_page.BUDGETS, in its order; None stands for a row that this machine cannot give.
MEASURED: dict[str, Callable[[int], Sequence[Row | None]]] = {
    "import": lambda rounds: [bench_start.import_row(rounds)],
    "start": lambda rounds: [bench_start.start_row(rounds)],
    "overhead": lambda rounds: [bench_start.overhead_row(rounds * bench_start.OVERHEAD_ROUNDS)],
    "decoding": lambda rounds: decoding_rows(rounds),
    "explorer": lambda rounds: [explorer_row(rounds)],
    "engine": lambda rounds: [engine_row(rounds)],
    "grading": lambda _: [grading_row()],
    "lessons": lambda _: bench_suite.lessons_rows(),
    SUITE: lambda _: bench_suite.suite_rows(),
    "model": lambda _: bench_start.size_rows(),
}
GPU = "gpu"


def measure(names: Sequence[str], rounds: int) -> list[Measurement]:
    """What came of each of ``names``, in this order."""
    return [one_measurement(name, rounds) for name in names]


def one_measurement(name: str, rounds: int) -> Measurement:
    """The rows of one budget, or why there are none; what is going on is told on standard error."""
    print(f"measuring: {name} ...", file=sys.stderr, flush=True)
    try:
        rows = gpu_rows(rounds) if name == GPU else MEASURED[name](rounds)
    except Exception as error:  # a figure less is better than none after a quarter of an hour
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return Measurement(name, (), f"it did not run here: {type(error).__name__}", failed=True)
    found = tuple(row for row in rows if row is not None)
    return Measurement(name, found, "" if found else NOT_HERE[name])


def gpu_rows(rounds: int) -> Rows:
    """What `tools.bench_gpu` measures where there is a CUDA GPU; none elsewhere."""
    import torch

    if not torch.cuda.is_available():
        return []
    from tools.bench_gpu import gpu_rows as measured

    return measured(rounds)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure the course's budgets on this machine.")
    parser.add_argument("--rounds", type=int, default=5, help="how often each side of a ratio is measured (default: 5)")
    parser.add_argument(
        "--suite",
        action=argparse.BooleanOptionalAction,
        help="`make test` on a clean clone too, about 10 minutes (default: with --write)",
    )
    parser.add_argument("--only", nargs="+", choices=[*MEASURED, GPU], metavar="NAME", help="measure these alone")
    parser.add_argument("--write", action="store_true", help="measure everything and write docs/performance.md")
    parser.add_argument("--page", action="store_true", help="write docs/performance.md from its last run's figures")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds needs a number of 1 or more")
    if options.page:
        bench_page.write(bench_page.kept())
        return 0
    suite = options.write if options.suite is None else options.suite
    names = options.only or [name for name in [*MEASURED, GPU] if name != SUITE or suite]
    about = facts()  # before the measurements: the load that they met, not theirs
    found = measure(names, options.rounds)
    print(f"{machine()}\n\n{table([row for one in found for row in one.rows])}")
    if options.write:
        bench_page.write(bench_page.Run(about, tuple(found)))
    return int(any(one.failed for one in found))


if __name__ == "__main__":
    sys.exit(main())
