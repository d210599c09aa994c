"""Colab's T4 as the course sees it: float16, 15 GB, no bfloat16. The GPU is mocked; what is decided is real."""

import numpy as np
import pytest

from course_utils import decoding, models, placement, runtime
from course_utils.known_models import EXAONE, auto_choice
from course_utils.loading_errors import NotEnoughMemoryError
from course_utils.runtime import Gpu

T4 = Gpu(0, "Tesla T4", (7, 5), 15_676_000_000, 15_828_320_256)  # 14.6 GiB of 14.7 are free
LARGE = 7_818_448_896  # EXAONE 3.5 7.8B


@pytest.fixture(autouse=True)
def on_a_t4(monkeypatch):
    monkeypatch.setattr(runtime, "gpus", lambda: [T4])
    monkeypatch.setattr(runtime, "free_cpu_memory", lambda: 12_000_000_000)
    monkeypatch.delenv("COURSE_MODEL", raising=False)


def test_auto_takes_exaone_in_float16_on_the_gpu(monkeypatch):
    placed = []
    monkeypatch.setattr(models, "find", lambda name: models.Source(name, name, EXAONE.parameters))

    def read(source, where):
        placed.append((source.name, where))
        raise KeyboardInterrupt

    monkeypatch.setattr(models, "_read", read)
    with pytest.raises(KeyboardInterrupt):
        models.load_pipeline("auto")
    assert placed == [("exaone", placement.Placement("cuda:0", "float16"))]
    assert auto_choice(runtime.gpus()) is EXAONE


def test_check_machine_shows_it():
    text = str(runtime.check_machine())
    assert "Tesla T4, 남은 메모리 15.7 GB / 15.8 GB" in text
    assert "cuda:0" in text and "float16" in text and "bfloat16" not in text
    assert text.rstrip().endswith(EXAONE.name)


@pytest.mark.parametrize("device", ["auto", "cuda:0"])
@pytest.mark.parametrize("parameters", [EXAONE.parameters, 60_000_000])
def test_no_model_gets_bfloat16(device, parameters):
    assert placement.place("model", parameters, device, "auto") == placement.Placement("cuda:0", "float16")
    assert runtime.best_dtype("cuda") == runtime.best_dtype("cuda:0") == "float16"


def test_a_model_that_accelerate_spreads_gets_float16_too():
    assert placement.place("large", LARGE, "auto", "auto") == placement.Placement(None, "float16")


def test_the_larger_model_is_refused_with_the_way_out(monkeypatch):
    with pytest.raises(NotEnoughMemoryError, match='(?s)18.8 GB가 필요한데 cuda:0.*15.7 GB.*device="auto"'):
        placement.place("exaone-7.8b", LARGE, "cuda:0", "auto")
    monkeypatch.setattr(runtime, "free_cpu_memory", lambda: 2_000_000_000)
    with pytest.raises(NotEnoughMemoryError, match="(?s)모든 GPU와 CPU.*더 작은 모델을 고르십시오"):
        placement.place("exaone-7.8b", LARGE, "auto", "auto")


def test_float16_logits_decode_as_float32_ones():
    """What a T4's model gives: half precision, with the -65504 that masks write there."""
    logits = np.random.default_rng(0).normal(0, 4, 5000).astype(np.float16)
    logits[7] = np.finfo(np.float16).min
    wide = logits.astype(np.float32)
    for settings in ({"temperature": 0.001}, {"temperature": 10.0, "top_k": 40}, {"top_p": 0.9}):
        half, full = decoding.decode_step(logits, **settings), decoding.decode_step(wide, **settings)
        assert half.sum() == pytest.approx(1, abs=1e-6) and np.isfinite(half).all()
        np.testing.assert_allclose(half, full, rtol=1e-5, atol=1e-8)


def test_the_explorer_reads_a_float16_model(monkeypatch):
    import torch

    from course_utils.next_token import next_token_logits

    monkeypatch.setattr(runtime, "gpus", list)
    pipe = models.load_pipeline("mini", device="cpu", dtype="float16")
    logits = next_token_logits(pipe, [1, 5, 9])
    assert pipe.model.dtype == torch.float16 and logits.dtype == np.float32 and np.isfinite(logits).all()
