"""The rows on start and answer: what is measured is what is said, and a run that failed is no figure."""

import math
import re

import pytest
from checkpoints import write_exaone_checkpoint

from tools import bench_start


def test_overhead_is_the_median_round_so_that_one_slow_moment_decides_nothing(monkeypatch):
    # Another program slows the second round of both and the third of one side; the pipeline costs 1 % more.
    monkeypatch.setattr(bench_start, "pipe_and_generate", lambda *_: [[1.01, 3.03, 9.0], [1.0, 3.0, 1.0]])
    row = bench_start.overhead_row(3)
    assert row.value == pytest.approx(0.01) and row.verdict == "ok"
    assert row.measured == "+1.0 % (42 : 128 tokens/s)"


def test_time_ends_at_the_mark_and_other_output_is_passed_over():
    code = f"import time\nprint('x'); time.sleep(0.3)\nprint('{bench_start.MARK} 7', flush=True); time.sleep(1.5)"
    seconds, told = bench_start.marked(code)
    assert told == "7"
    assert seconds >= 0.3  # a sleep never ends early


@pytest.mark.parametrize(
    "code", ["raise SystemExit(3)", "print(1)", f"print('{bench_start.MARK} 1'); raise SystemExit(1)"]
)
def test_a_measurement_that_did_not_run_is_no_figure(code):
    with pytest.raises(RuntimeError, match="exit status"):
        bench_start.marked(code)


def test_import_is_timed_without_the_interpreter_and_whatever_the_module_prints():
    assert 0 < bench_start.import_seconds("this")  # prints a poem


def test_memory_counts_what_is_kept_after_the_first_part_only():
    grown = bench_start.added_memory("a = bytearray(b'x') * 90_000_000", "b = bytearray(b'x') * 50_000_000")
    assert 45e6 < grown < 70e6


def test_folder_bytes_counts_inner_folders(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "inner/b").write_bytes(b"123")
    assert bench_start.folder_bytes(tmp_path) == 8


def test_overhead_measures_the_same_work_on_both_sides(tmp_path, capsys):
    """Two rounds of four tokens on a random model; the measurement itself compares both sides' texts."""
    row = bench_start.overhead_row(2, write_exaone_checkpoint(tmp_path), tokens=4)
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
        bench_start.pipe_and_generate(write_exaone_checkpoint(tmp_path), rounds=1, tokens=12)


def test_sizes_of_the_model_are_compared_with_their_budgets(monkeypatch):
    monkeypatch.setattr(bench_start, "added_memory", lambda *_: 301_000_000)
    disk, memory = bench_start.size_rows()
    assert disk.verdict == "ok" and disk.measured == f"{bench_start.folder_bytes(bench_start.MINI_FOLDER) / 1e6:.1f} MB"
    assert memory.verdict == "over" and memory.measured == "301.0 MB"
