"""docs/performance.md from a run of `tools.bench`; its figures are kept beside it, in docs/performance.json."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tools.bench_budgets import BUDGETS, GPU, Budget
from tools.bench_table import Row, table

ROOT = Path(__file__).resolve().parent.parent
PAGE, FIGURES = ROOT / "docs" / "performance.md", ROOT / "docs" / "performance.json"
_LEFT_OUT = "this run left it out"
NOT_HERE = {budget.name: "nothing was measured" for budget in BUDGETS} | {
    "engine": "this machine has too little free memory to hold both models",
    "grading": "this machine has no sandbox that the grader may use",
    GPU.name: "GPU figures have not been measured yet: the run had no CUDA GPU",
}
_INTRO = """# Performance

[Architecture](architecture.md) · written by `python -m tools.bench --write`; do not edit

The course's budgets for speed and size, measured in one run on one machine. Both sides of a ratio were measured side
by side, in turns, so that whatever else the machine did met both. Figures of another machine differ; ratios differ
less. On your own: `make bench`.
"""
_READING = """## How to read the table

- **Of budget**: the share of the budget that is used up; 1.00 is exactly on it, and more is over. Below 0 a cost came
  out negative, in the noise.
- **Rounds**: how often both sides were measured, and the smallest and largest share of the budget in a single round.
  A wide spread is a busy machine, not a finding.
- **Verdict**: `ok` up to and including the budget.
"""


@dataclass(frozen=True)
class Measurement:
    """What came of one budget: its rows, or the reason why there are none; ``failed``: it should have run."""

    name: str
    rows: tuple[Row, ...]
    reason: str = ""
    failed: bool = False


@dataclass(frozen=True)
class Run:
    """One run: the machine it holds for, as names and values, and what was measured."""

    facts: Mapping[str, str]
    measurements: tuple[Measurement, ...] = field(default_factory=tuple)

    def of(self, budget: Budget) -> Measurement:
        """The budget's measurement; one with a reason where the run did not come to it."""
        found = [one for one in self.measurements if one.name == budget.name]
        reason = NOT_HERE[GPU.name] if budget == GPU else _LEFT_OUT
        return found[0] if found else Measurement(budget.name, (), reason)


def text(run: Run) -> str:
    """The page, Markdown."""
    every = [run.of(budget) for budget in BUDGETS]
    machine = "\n".join(f"| {name} | {value} |" for name, value in run.facts.items())
    parts = [
        _INTRO,
        f"## The machine and the run\n\n| What | Value |\n|---|---|\n{machine}\n",
        f"## All budgets\n\n{table([row for one in every for row in one.rows])}\n",
        _left_out(run),
        _READING,
        "## How each figure is measured, and what it means to a learner\n",
        *(_section(budget) for budget in (*BUDGETS, GPU)),
        _not_kept(run),
        _gpu(run),
    ]
    return "\n".join(filter(None, parts))


def _left_out(run: Run) -> str:
    missing = [f"- {budget.title}: {run.of(budget).reason}" for budget in BUDGETS if not run.of(budget).rows]
    return "Not measured in this run:\n\n" + "\n".join(missing) + "\n" if missing else ""


def _section(budget: Budget) -> str:
    return f"### {budget.title}\n\n{budget.how}\n\n{budget.means}\n"


def _not_kept(run: Run) -> str:
    over = [(budget, row) for budget in BUDGETS for row in run.of(budget).rows if row.verdict == "over"]
    lines = [f"- {row.what}: {row.measured}, budget {row.budget}. {budget.when_over}" for budget, row in over]
    return (
        "## Budgets that are not kept\n\n" + ("\n".join(lines) or "In this run all measured budgets are kept.") + "\n"
    )


def _gpu(run: Run) -> str:
    found = run.of(GPU)
    return "## Figures on a GPU\n\n" + (table(found.rows) if found.rows else f"{found.reason}.") + "\n"


def write(run: Run) -> None:
    """Write the figures and the page made from them."""
    FIGURES.write_text(json.dumps(asdict(run), ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    PAGE.write_text(text(run), encoding="utf-8", newline="\n")


def kept() -> Run:
    """The run whose figures docs/performance.json holds."""
    data = json.loads(FIGURES.read_text(encoding="utf-8"))
    found = [{**one, "rows": tuple(Row(**row) for row in one["rows"])} for one in data["measurements"]]
    return Run(data["facts"], tuple(Measurement(**one) for one in found))
