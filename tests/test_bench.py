"""The budgets' table and the measurements behind it. No test asserts how fast anything is."""

import math
import os
import platform
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tools import bench, bench_decoding, bench_page, bench_start, bench_table
from tools.bench_budgets import BUDGETS
from tools.bench_table import Row, each_round, ratio, table


def row(value, limit=2.0, **settings):
    return Row(what="a", budget="b", measured="c", value=value, limit=limit, **settings)


# --- table, ratio, verdict ---


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(1.99, "ok"), (2.0, "ok"), (2.01, "over"), (-0.5, "ok"), (math.inf, "over"), (math.nan, "over")],
)
def test_verdict(value, verdict):
    assert row(value).verdict == verdict


def test_share_of_the_budget_and_spread_of_the_rounds():
    assert row(3.0).cells() == ["a", "b", "c", "1.50", "1", "over"]
    assert row(0.03, limit=0.02, rounds=[0.04, -0.01, 0.03]).cells()[3:5] == ["1.50", "3: -0.50 to 2.00"]


def test_ratio_compares_the_best_of_both_sides():
    ours, theirs = [2.0, 9.0, 4.0], [10.0, 8.0, 1.0]
    assert ratio(ours, theirs) == 2.0
    assert each_round(ours, theirs) == [0.2, 1.125, 4.0]


def test_ratio_refuses_sides_that_did_not_run_together():
    with pytest.raises(ValueError, match="2 measurements against 1"):
        ratio([1.0, 2.0], [1.0])
    with pytest.raises(ValueError):
        each_round([1.0, 2.0], [1.0])


def test_table_is_markdown_with_one_line_for_each_row():
    lines = table([row(1.0), Row("x|y", "b", "c", 5.0, 2.0)]).splitlines()
    assert lines[:2] == ["| " + " | ".join(bench_table.HEADERS) + " |", "| --- | --- | --- | --- | --- | --- |"]
    assert lines[2:] == ["| a | b | c | 0.50 | 1 | ok |", r"| x\|y | b | c | 2.50 | 1 | over |"]


def test_machine_names_processor_and_versions_but_not_its_owner(monkeypatch):
    from importlib.metadata import version

    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    said = bench_table.machine()
    assert bench_table.cpu_model() in said and bench_table.cpu_model()
    assert f"torch {version('torch')}" in said and f"transformers {version('transformers')}" in said
    assert f", {bench_table.cores()}, " in said and "OMP_NUM_THREADS=3" in said
    assert (platform.node() or "?") not in said and str(Path.home()) not in said


@pytest.mark.parametrize(("there", "allowed", "said"), [(2, 2, "2 cores"), (1, 1, "1 core"), (8, 2, "2 of 8 cores")])
def test_cores_are_those_that_may_be_used(there, allowed, said, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: there)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(allowed)), raising=False)
    assert bench_table.cores() == said


def test_processor_is_named_as_its_maker_does(tmp_path, monkeypatch):
    monkeypatch.setattr(bench_table, "CPUINFO", tmp_path / "cpuinfo")
    bench_table.CPUINFO.write_text("processor\t: 0\nmodel name\t: A: Fast One\nprocessor\t: 1\nmodel name\t: Other\n")
    assert bench_table.cpu_model() == "A: Fast One"
    bench_table.CPUINFO.write_text("processor\t: 0\nFeatures\t: fp asimd\n")
    assert bench_table.cpu_model()


# --- measuring ---


def test_sides_take_turns_and_the_first_round_is_dropped():
    calls = []

    def side(name):
        def run():
            calls.append(name)
            return len(calls)

        return run

    first, second = bench_table.interleaved([side("a"), side("b")], rounds=3)
    assert "".join(calls) == "baabbaab"
    assert (first, second) == ([3, 6, 7], [4, 5, 8])


@pytest.mark.parametrize("setting", bench_decoding.SETTINGS, ids=str)
def test_decode_step_is_measured_on_both_sides(setting, capsys):
    """Two rounds of one step on a small vocabulary; the measurement itself compares what both sides keep."""
    import torch

    threads = torch.get_num_threads()
    row = bench_decoding.decoding_row(2, *setting, size=2000, repeats=1)
    assert len(row.rounds) == 2 and row.value > 0 and row.limit == 1 / 3
    assert re.fullmatch(r"[\d.]+x \([\d.]+ ms : [\d.]+ ms\)", row.measured)
    assert "2,000 logits" in row.what and f"p={setting[2]}" in row.what
    assert torch.get_num_threads() == threads and capsys.readouterr().out == ""


def test_decode_step_three_times_as_fast_is_just_on_budget(monkeypatch):
    monkeypatch.setattr(bench_decoding, "interleaved", lambda steps, rounds: [[0.001, 0.002], [0.003, 0.003]])
    row = bench_decoding.decoding_row(2, 1.0, 5, 1.0, size=50)
    assert row.verdict == "ok" and row.used == pytest.approx(1) and row.measured == "3.0x (1.00 ms : 3.00 ms)"
    monkeypatch.setattr(bench_decoding, "interleaved", lambda steps, rounds: [[0.002], [0.003]])
    assert bench_decoding.decoding_row(1, 1.0, 5, 1.0, size=50).verdict == "over"


def test_decode_steps_that_keep_different_tokens_are_no_figure(monkeypatch):
    real = bench_decoding.decode_step
    monkeypatch.setattr(bench_decoding, "decode_step", lambda logits, *_: real(logits, 1.0, 7, 1.0))
    with pytest.raises(RuntimeError, match="keeps 7 tokens, the library 9"):
        bench_decoding.decoding_row(1, 1.0, 9, 1.0, size=500, repeats=1)


def test_same_number_of_other_tokens_is_noticed_and_a_swap_of_equals_is_not():
    logits = np.array([3.0, 2.0, 2.0, 1.0])
    first, second, last = ([0.6, 0.4, 0, 0], [0.6, 0, 0.4, 0], [0.6, 0, 0, 0.4])
    first, second, last = (np.array(each) for each in (first, second, last))
    assert bench_decoding.check_same_kept(logits, first, second) == 2
    with pytest.raises(RuntimeError, match="or other ones"):
        bench_decoding.check_same_kept(logits, first, last)


def test_facts_name_the_machine_and_not_its_owner():
    facts = bench_table.facts()
    assert bench_table.cpu_model() in facts["Processor"] and re.fullmatch(r"[\d.]+ GiB", facts["Memory"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", facts["Date"])
    assert re.match(r"[0-9a-f]{12}( with changes that are not committed)?$|not a git checkout$", facts["Commit"])
    assert (platform.node() or "?") not in " ".join(facts.values())


# --- the command ---


@pytest.fixture
def quick(monkeypatch):
    """Every measurement is its name and the number of rounds."""
    for name in bench.MEASURED:
        monkeypatch.setitem(
            bench.MEASURED, name, lambda rounds, name=name: [replace(row(1.0), what=f"{name} {rounds}")]
        )
    monkeypatch.setattr(bench, "gpu_rows", lambda rounds: [])


def test_every_budget_is_measured_but_for_make_test_which_is_asked_for(quick, capsys):
    assert list(bench.MEASURED) == [budget.name for budget in BUDGETS]
    assert bench.main(["--rounds", "4"]) == 0
    told = capsys.readouterr()
    assert [f"| {name} 4 |" in told.out for name in bench.MEASURED] == [name != "suite" for name in bench.MEASURED]
    assert "measuring: grading" in told.err
    assert bench.main(["--suite"]) == 0 and "| suite 5 |" in capsys.readouterr().out
    assert bench.main(["--only", "engine"]) == 0
    printed = capsys.readouterr().out
    assert "| engine 5 |" in printed and "grading" not in printed and printed.startswith(bench_table.machine())


def test_a_measurement_that_fails_costs_no_other_one_and_is_told(quick, monkeypatch, capsys):
    monkeypatch.setitem(bench.MEASURED, "engine", lambda _: 1 / 0)
    monkeypatch.setitem(bench.MEASURED, "grading", lambda _: [None])
    assert bench.main([]) == 1
    told = capsys.readouterr()
    assert "division by zero" in told.err and "| import 5 |" in told.out and "| model 5 |" in told.out
    engine, grading = bench.measure(["engine", "grading"], 1)
    assert engine.failed and "ZeroDivisionError" in engine.reason
    assert not grading.failed and "sandbox" in grading.reason and grading.rows == ()


def test_a_gpu_is_measured_where_there_is_one(monkeypatch):
    import torch

    asked = SimpleNamespace(gpu_rows=lambda rounds: [row(rounds)])
    monkeypatch.setitem(sys.modules, "tools.bench_gpu", asked)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert bench.one_measurement("gpu", 3).reason == bench.NOT_HERE["gpu"]
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert bench.one_measurement("gpu", 3).rows == (row(3),)


def test_over_budget_is_said_and_is_no_failure(quick, monkeypatch, capsys):
    monkeypatch.setitem(bench.MEASURED, "import", lambda _: [row(3.0)])
    assert bench.main([]) == 0
    assert "| over |" in capsys.readouterr().out


def test_the_page_is_written_from_the_run(quick, monkeypatch, tmp_path):
    monkeypatch.setattr(bench_page, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(bench_page, "FIGURES", tmp_path / "figures.json")
    assert bench.main(["--write"]) == 0
    written = bench_page.PAGE.read_text(encoding="utf-8")
    assert "| suite 5 |" in written
    bench_page.PAGE.unlink()
    assert bench.main(["--page"]) == 0 and bench_page.PAGE.read_text(encoding="utf-8") == written


@pytest.mark.parametrize("arguments", [["--rounds", "0"], ["--only", "nothing"]])
def test_impossible_arguments_are_refused(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        bench.main(arguments)
    assert left.value.code == 2 and arguments[0] in capsys.readouterr().err


def test_benchmark_needs_no_torch_to_start():
    """The parent of the fresh interpreters stays small, so that it does not push them out of memory or caches."""
    code = f"import sys, tools.bench\nprint('{bench_start.MARK}', 'torch' in sys.modules)"
    assert bench_start.marked(code)[1] == "False"
