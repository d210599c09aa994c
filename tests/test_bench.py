"""The budgets' table and the measurements behind it. No test asserts how fast anything is."""

import math
import os
import platform
import re
from pathlib import Path

import numpy as np
import pytest
from checkpoints import write_exaone_checkpoint

from tools import bench, bench_decoding, bench_table
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


def test_overhead_is_the_median_round_so_that_one_slow_moment_decides_nothing(monkeypatch):
    # Another program slows the second round of both and the third of one side; the pipeline costs 1 % more.
    monkeypatch.setattr(bench, "pipe_and_generate", lambda *_: [[1.01, 3.03, 9.0], [1.0, 3.0, 1.0]])
    row = bench.overhead_row(3)
    assert row.value == pytest.approx(0.01) and row.verdict == "ok"
    assert row.measured == "+1.0 % (42 : 128 tokens/s)"


def test_table_is_markdown_with_one_line_for_each_row():
    lines = table([row(1.0), Row("x|y", "b", "c", 5.0, 2.0)]).splitlines()
    assert lines[:2] == ["| " + " | ".join(bench_table.HEADERS) + " |", "| --- | --- | --- | --- | --- | --- |"]
    assert lines[2:] == ["| a | b | c | 0.50 | 1 | ok |", r"| x\|y | b | c | 2.50 | 1 | over |"]


def test_machine_names_processor_and_versions_but_not_its_owner(monkeypatch):
    import torch
    import transformers

    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    said = bench_table.machine()
    assert bench_table.cpu_model() in said and bench_table.cpu_model()
    assert f"torch {torch.__version__}" in said and f"transformers {transformers.__version__}" in said
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


def test_time_ends_at_the_mark_and_other_output_is_passed_over():
    code = f"import time\nprint('x'); time.sleep(0.3)\nprint('{bench.MARK} 7', flush=True); time.sleep(1.5)"
    seconds, told = bench.marked(code)
    assert told == "7"
    assert seconds >= 0.3  # a sleep never ends early


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "print(1)", f"print('{bench.MARK} 1'); raise SystemExit(1)"])
def test_a_measurement_that_did_not_run_is_no_figure(code):
    with pytest.raises(RuntimeError, match="exit status"):
        bench.marked(code)


def test_import_is_timed_without_the_interpreter_and_whatever_the_module_prints():
    assert 0 < bench.import_seconds("this")  # prints a poem


def test_memory_counts_what_is_kept_after_the_first_part_only():
    grown = bench.added_memory("a = bytearray(b'x') * 90_000_000", "b = bytearray(b'x') * 50_000_000")
    assert 45e6 < grown < 70e6


def test_folder_bytes_counts_inner_folders(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "inner/b").write_bytes(b"123")
    assert bench.folder_bytes(tmp_path) == 8


def test_overhead_measures_the_same_work_on_both_sides(tmp_path, capsys):
    """Two rounds of four tokens on a random model; the measurement itself compares both sides' texts."""
    row = bench.overhead_row(2, write_exaone_checkpoint(tmp_path), tokens=4)
    assert len(row.rounds) == 2 and all(math.isfinite(each) for each in row.rounds)
    assert re.fullmatch(r"[+-][\d.]+ % \(\d+ : \d+ tokens/s\)", row.measured)
    assert capsys.readouterr().out == ""  # standard output is for the table


def test_overhead_refuses_sides_that_differ(tmp_path, monkeypatch):
    import course_utils.models

    real = course_utils.models.load_model

    def other_weights(*arguments, **settings):
        model, tokenizer = real(*arguments, **settings)
        model.get_input_embeddings().weight.data.mul_(-1)
        return model, tokenizer

    monkeypatch.setattr(course_utils.models, "load_model", other_weights)
    with pytest.raises(RuntimeError, match="differ"):
        bench.pipe_and_generate(write_exaone_checkpoint(tmp_path), rounds=1, tokens=12)


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


def test_decoding_and_explorer_are_among_the_rows(monkeypatch):
    for name in ("import_row", "start_row", "overhead_row", "megabytes_row"):
        monkeypatch.setattr(bench, name, lambda *_, name=name: name)
    monkeypatch.setattr(bench, "added_memory", lambda *_: 0)
    monkeypatch.setattr(bench, "decoding_rows", lambda rounds: [f"decoding {rounds}"])
    monkeypatch.setattr(bench, "explorer_row", lambda rounds: f"explorer {rounds}")
    monkeypatch.setattr(bench, "engine_row", lambda rounds: f"engine {rounds}")
    monkeypatch.setattr(bench, "grading_row", lambda: "grading")
    assert bench.measure(4, notebooks=False)[-4:] == ["decoding 4", "explorer 4", "engine 4", "grading"]
    monkeypatch.setattr(bench, "engine_row", lambda rounds: None)  # no memory for it
    monkeypatch.setattr(bench, "grading_row", lambda: None)  # no sandbox
    assert bench.measure(4, notebooks=False)[-1] == "explorer 4"


def test_notebooks_are_run_and_not_saved(tmp_path, monkeypatch):
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    from tools import run_notebooks

    path = tmp_path / "a.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("open('ran', 'w').close()")]), path)
    before = path.read_bytes()
    monkeypatch.setattr(run_notebooks, "NOTEBOOKS", tmp_path)
    monkeypatch.setenv("COURSE_MODEL", "another")
    assert bench.notebook_seconds() > 0
    assert (tmp_path / "ran").exists() and path.read_bytes() == before
    assert os.environ["COURSE_MODEL"] == "mini"


def test_over_budget_is_said_and_is_no_failure(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(bench, "measure", lambda *settings: asked.append(settings) or [row(3.0)])
    assert bench.main(["--rounds", "2", "--notebooks"]) == 0
    assert asked == [(2, True)]
    printed = capsys.readouterr().out
    assert printed.startswith(bench_table.machine()) and "| over |" in printed


def test_no_rounds_are_refused(capsys):
    with pytest.raises(SystemExit) as left:
        bench.main(["--rounds", "0"])
    assert left.value.code == 2 and "--rounds" in capsys.readouterr().err


def test_benchmark_needs_no_torch_to_start():
    """The parent of the fresh interpreters stays small, so that it does not push them out of memory or caches."""
    code = f"import sys, tools.bench\nprint('{bench.MARK}', 'torch' in sys.modules)"
    assert bench.marked(code)[1] == "False"
