"""docs/performance.md: every budget of docs/architecture.md, written from the figures that are kept beside it."""

import re
from pathlib import Path

from tools import bench_page
from tools.bench_budgets import BUDGETS, GPU
from tools.bench_page import Measurement, Run, kept, text
from tools.bench_table import Row

DOCS = Path(__file__).resolve().parent.parent / "docs"
ROW = Row("a fast thing", "2 s", "1 s", 1.0, 2.0, (0.9, 1.1))


def budgets_of_the_architecture():
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    table = page[page.index("## Budgets") :].split("|---|---|\n")[1].split("\n\n")[0]
    return re.findall(r"^\| (.+?) \| .+\|$", table, re.MULTILINE)


def test_the_page_carries_every_budget_of_the_architecture_in_its_order():
    titles = [budget.title for budget in BUDGETS]
    assert titles == budgets_of_the_architecture()
    page = (DOCS / "performance.md").read_text(encoding="utf-8")
    assert re.findall("^### (.+)$", page, re.MULTILINE) == [*titles, GPU.title]


def test_the_page_is_what_its_figures_give():
    """A changed sentence or title needs `python -m tools.bench --page`, changed figures a run."""
    assert (DOCS / "performance.md").read_text(encoding="utf-8") == text(kept())


def test_every_budget_has_a_figure_or_a_reason():
    run = kept()
    assert all(run.of(budget).rows or run.of(budget).reason for budget in (*BUDGETS, GPU))


def test_rows_reasons_and_missed_budgets_are_told():
    slow = Row("a slow thing", "2 s", "3 s", 3.0, 2.0)
    gpu = Row("a GPU's thing", "2 s", "1 s", 1.0, 2.0)
    run = Run(
        {"Processor": "An Imagined One"},
        (
            Measurement("import", (ROW,)),
            Measurement("grading", (slow,)),
            Measurement("suite", (), "it did not run here: RuntimeError", failed=True),
            Measurement("gpu", (gpu,)),
        ),
    )
    page = text(run)
    assert "| Processor | An Imagined One |" in page
    assert "| a fast thing | 2 s | 1 s | 0.50 | 2: 0.45 to 0.55 | ok |" in page
    missed = page[page.index("## Budgets that are not kept") :].split("\n## ")[0]
    grading = next(budget for budget in BUDGETS if budget.name == "grading")
    assert f"- a slow thing: 3 s, budget 2 s. {grading.when_over}" in missed and "fast" not in missed
    assert "- `make test` on a clean clone, packages in pip's cache: it did not run here: RuntimeError" in page
    assert page.index("## Figures on a GPU") < page.index("| a GPU's thing |")


def test_without_a_gpu_it_is_said_and_all_kept_is_said():
    page = text(Run({}, (Measurement("import", (ROW,)),)))
    assert "GPU figures have not been measured yet" in page and "all measured budgets are kept" in page


def test_figures_come_back_as_they_were(monkeypatch, tmp_path):
    monkeypatch.setattr(bench_page, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(bench_page, "FIGURES", tmp_path / "figures.json")
    run = Run({"Load": "0.1"}, (Measurement("import", (ROW,)), Measurement("engine", (), "no memory", True)))
    bench_page.write(run)
    assert text(kept()) == text(run) == bench_page.PAGE.read_text(encoding="utf-8")
    assert kept().of(BUDGETS[0]).rows[0].cells() == ROW.cells()
