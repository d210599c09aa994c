"""The GPU's rows of `make bench` on tiny shapes and the CPU; tests/test_gpu.py runs them on a GPU."""

import pytest

from course_utils.published_configs import published_config
from tools import bench_gpu

TINY = {
    **published_config("2.4B"), "hidden_size": 64, "num_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 2,
    "head_dim": 8, "intermediate_size": 96, "vocab_size": 400,
}  # fmt: skip


@pytest.fixture(scope="module")
def stage():
    return bench_gpu.made(TINY, "cpu", "float32")


def test_the_cache_grows_as_lesson_02_computes(stage):
    row = bench_gpu.cache_row(stage, tokens=30)
    assert row.value == row.limit == 2 * 2 * 2 * 8 * 30 * 4 and row.verdict == "ok"


def test_an_answer_has_the_length_that_is_timed(stage):
    assert bench_gpu.generated(stage, 5, 7) > 0
    stage.model.generation_config.max_time = 0.0
    try:
        with pytest.raises(RuntimeError, match="instead of 7"):
            bench_gpu.generated(stage, 5, 7)
    finally:
        stage.model.generation_config.max_time = None


def test_both_ways_are_compared_with_the_plain_one(stage, monkeypatch):
    asked = []

    def generated(stage, prompt, answer, **settings):
        asked.append(settings)
        return 2.0 if settings.get("disable_compile") is False else 4.0

    monkeypatch.setattr(bench_gpu, "generated", generated)
    plain, static, compiled = bench_gpu.speed_rows(stage, 2, prompt=5, answer=8)
    assert plain.measured == "2.0 tokens/s" and plain.verdict == "over"
    assert static.measured.startswith("1.00x") and static.verdict == "over"
    assert compiled.measured == "2.00x (4.0 : 2.0 tokens/s)" and compiled.verdict == "ok" and len(compiled.rounds) == 2
    assert {} in asked and all(settings in asked for settings in bench_gpu.WAYS.values())


def test_a_static_cache_gives_the_same_tokens(stage):
    import torch

    ids = torch.arange(10, 15)[None]
    settings = {"attention_mask": torch.ones_like(ids), "do_sample": False, "max_new_tokens": 6}
    plain = stage.model.generate(ids, **settings)
    assert torch.equal(plain, stage.model.generate(ids, **settings, **bench_gpu.WAYS["static cache"]))


def test_a_way_that_does_not_run_is_said_and_stops_nothing(stage, monkeypatch):
    def generated(stage, prompt, answer, **settings):
        if settings.get("disable_compile") is False:
            raise RuntimeError("no compiler\nmore")
        return 1.0

    monkeypatch.setattr(bench_gpu, "generated", generated)
    rows = bench_gpu.speed_rows(stage, 1, prompt=5, answer=8)
    assert rows[-1].measured == "refused: no compiler" and rows[-1].verdict == "over" and len(rows) == 3


def test_what_is_loaded_is_what_was_made(stage):
    assert bench_gpu.load_row(stage).verdict == "ok"


def test_no_gpu_no_rows(monkeypatch):
    monkeypatch.setattr(bench_gpu.runtime, "gpus", lambda: [])
    assert bench_gpu.gpu_rows(1) == []
