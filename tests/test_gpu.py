"""What only a CUDA GPU can show; skipped elsewhere. Run with ``pytest -m gpu tests/test_gpu.py``."""

import warnings

import pytest
import torch

from course_utils import exaone, load_pipeline, runtime
from course_utils.known_models import EXAONE, needed_memory

DEVICE = "cuda"
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU, and torch sees none"),
]
QUESTION = [{"role": "user", "content": "이 다이어리에 내년도 공휴일이 표시되어 있나요?"}]
GREEDY = {"max_new_tokens": 60, "do_sample": False, "return_full_text": False}
# The published config.json of EXAONE-3.5-2.4B-Instruct.
SHAPE_2_4B = dict(
    vocab_size=102400, hidden_size=2560, num_layers=30, num_attention_heads=32, num_key_value_heads=8,
    intermediate_size=7168, max_position_embeddings=32768, tie_word_embeddings=True,
)  # fmt: skip


def test_the_bundled_model_answers_on_the_gpu_as_on_the_cpu_and_stays_quiet(capsys):
    on_gpu, on_cpu = load_pipeline("mini", device=DEVICE), load_pipeline("mini", device="cpu")
    assert on_gpu.model.device.type == DEVICE
    assert str(on_gpu.model.dtype) == f"torch.{runtime.best_dtype(DEVICE)}"
    inputs = on_cpu.tokenizer.apply_chat_template(QUESTION, return_tensors="pt", return_dict=True)
    with torch.no_grad():
        expected = on_cpu.model(**inputs).logits.softmax(-1)
        found = on_gpu.model(**inputs.to(on_gpu.model.device)).logits.float().softmax(-1).cpu()
    assert (expected - found).abs().max() < 0.05  # half precision rounds
    capsys.readouterr()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answers = {on_gpu(QUESTION, **GREEDY)[0]["generated_text"] for _ in range(12)}
    assert len(answers) == 1 and "다이어리" in answers.pop()
    assert capsys.readouterr().err == ""


def test_exaone_2_4b_fits_into_the_memory_that_the_catalogue_asks_for():
    """Random weights in the real model's shape: they weigh and compute the same."""
    dtype = runtime.best_dtype(DEVICE)
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    config = exaone.ExaoneConfig(**SHAPE_2_4B)
    with torch.device(DEVICE):
        model = exaone.ExaoneForCausalLM._from_config(config, dtype=getattr(torch, dtype)).eval()
    assert model.num_parameters() == EXAONE.parameters
    ids = torch.randint(0, config.vocab_size, (1, 1000), device=DEVICE)
    answer = model.generate(ids, attention_mask=torch.ones_like(ids), min_new_tokens=32, max_new_tokens=32)
    assert answer.shape == (1, 1032)
    assert torch.cuda.max_memory_allocated() - before < needed_memory(EXAONE.parameters, dtype)


def test_the_rows_of_make_bench_are_measured():
    """What `make bench` says about a GPU; speeds are judged by a reader, sizes here."""
    from tools.bench_gpu import gpu_rows

    rows = gpu_rows(1)
    assert rows, "no GPU with room for EXAONE 3.5 2.4B"
    print("\n".join(f"{row.what}: {row.measured} ({row.budget})" for row in rows))
    assert [row.what for row in rows if "refused" in row.measured] == []
    assert [row.what for row in rows if row.verdict == "over" and ("memory" in row.what or "KV" in row.what)] == []


def test_a_full_gpu_is_told_and_its_memory_comes_back():
    from course_utils.loading_errors import NotEnoughMemoryError

    pipe = load_pipeline("mini", device=DEVICE)
    pipe(QUESTION, **GREEDY)
    before = torch.cuda.memory_allocated()
    with pytest.raises(NotEnoughMemoryError, match="GPU 메모리가 모자라"):
        pipe([QUESTION] * 64, batch_size=64, num_return_sequences=10_000, do_sample=True, max_new_tokens=200)
    assert torch.cuda.memory_allocated() < before + 50_000_000
    pipe(QUESTION, **GREEDY)
