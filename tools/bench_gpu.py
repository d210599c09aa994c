"""What EXAONE 3.5 2.4B costs on a CUDA GPU: random weights in its published shape, made on the device.

Nothing is downloaded: random weights weigh and compute the same. The number format is the one that the course takes
on that GPU (float16 on a T4). ``tools.bench`` adds these rows where there is a GPU.
"""

import gc
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils import runtime
from course_utils.architecture import count_parameters, kv_cache_bytes
from course_utils.known_models import BYTES_PER_VALUE, needed_memory
from course_utils.published_configs import published_config
from tools.bench_table import Row, each_round, interleaved, ratio

SIZE = "2.4B"
PROMPT, ANSWER = 200, 128  # tokens
LONG_PROMPT = 1000
LOAD_LIMIT = 60.0  # seconds, files in the disk's cache
TOKEN_LIMIT = 1 / 10  # seconds: slower is slower than reading
OFFERED_FROM = 1.5  # another way of generating is offered to learners from this many times the plain one's speed
WAYS: dict[str, dict[str, Any]] = {
    "static cache": {"cache_implementation": "static", "disable_compile": True},
    "static cache and `torch.compile`": {"cache_implementation": "static", "disable_compile": False},
}


@dataclass(frozen=True)
class Stage:
    """A model on its device, and what it was made from: EXAONE's configuration, torch's name of the format."""

    model: Any
    config: dict[str, Any]
    dtype: str

    @property
    def device(self) -> str:
        return str(self.model.device)


def made(config: dict[str, Any], device: str, dtype: str) -> Stage:
    """A model with random weights, made where it computes."""
    import torch

    from course_utils.exaone import ExaoneConfig, ExaoneForCausalLM

    with torch.device(device):
        model = ExaoneForCausalLM._from_config(ExaoneConfig(**config), dtype=getattr(torch, dtype)).eval()
    model.generation_config.eos_token_id = None  # an answer ends at its length, so that all are equally long
    return Stage(model, config, dtype)


def generated(stage: Stage, prompt: int, answer: int, **settings: Any) -> float:
    """Seconds for one greedy answer of ``answer`` tokens after ``prompt`` random ones.

    Raises:
        RuntimeError: the answer is not as long as it was to be.
    """
    import torch

    ids = torch.randint(10, stage.config["vocab_size"], (1, prompt), generator=torch.Generator().manual_seed(0))
    ids = ids.to(stage.device)
    _wait(stage.device)
    started = time.perf_counter()
    length = {"max_new_tokens": answer, "min_new_tokens": answer}
    found = stage.model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, **length, **settings)
    _wait(stage.device)
    took = time.perf_counter() - started
    if found.shape[1] != prompt + answer:
        raise RuntimeError(f"{found.shape[1] - prompt} new tokens instead of {answer}")
    return took


def _wait(device: str) -> None:
    import torch

    if device.startswith("cuda"):
        torch.cuda.synchronize()


# --- rows ---


def load_row(stage: Stage) -> Row:
    """From the files of a model folder to the device, as ``load_pipeline`` reads them."""
    import torch
    from transformers import AutoModelForCausalLM

    with tempfile.TemporaryDirectory() as folder:
        stage.model.save_pretrained(folder)
        size = sum(file.stat().st_size for file in Path(folder).glob("*.safetensors"))
        started = time.perf_counter()
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, stage.dtype), local_files_only=True)
        model.to(stage.device)
        _wait(stage.device)
        took = time.perf_counter() - started
    return Row(
        f"EXAONE {SIZE} in {stage.dtype}: files in memory to the GPU ({size / 1e9:.2f} GB)",
        f"{LOAD_LIMIT:.0f} s",
        f"{took:.1f} s",
        took,
        LOAD_LIMIT,
    )


def memory_row(stage: Stage, prompt: int = LONG_PROMPT) -> Row:
    """The most memory that loading and one answer took, against what the catalogue promises."""
    import torch

    promised = needed_memory(count_parameters(stage.config)["total"], stage.dtype)
    torch.cuda.reset_peak_memory_stats()
    generated(stage, prompt, ANSWER)
    held = torch.cuda.max_memory_allocated()
    return Row(
        f"its memory with an answer to {prompt:,} tokens, against the catalogue's figure",
        f"{promised / 1e9:.2f} GB",
        f"{held / 1e9:.2f} GB",
        held,
        promised,
    )


def cache_bytes(stage: Stage, tokens: int) -> int:
    """Bytes of keys and values that the model keeps after reading ``tokens`` tokens."""
    import torch

    ids = torch.zeros((1, tokens), dtype=torch.long, device=stage.device)
    with torch.inference_mode():
        kept = stage.model(ids, use_cache=True, logits_to_keep=1).past_key_values
    return sum(layer.keys.nbytes + layer.values.nbytes for layer in kept.layers)


def cache_row(stage: Stage, tokens: int = LONG_PROMPT) -> Row:
    """How the KV cache grows, against lesson 02's arithmetic."""
    expected = kv_cache_bytes(stage.config, tokens, bytes_per_value=BYTES_PER_VALUE[stage.dtype])
    grown = cache_bytes(stage, 2 * tokens) - cache_bytes(stage, tokens)
    return Row(
        f"growth of its KV cache over {tokens:,} tokens, against lesson 02's arithmetic",
        f"{expected / 1e6:.1f} MB",
        f"{grown / 1e6:.1f} MB",
        grown,
        expected,
    )


def speed_rows(stage: Stage, rounds: int, prompt: int = PROMPT, answer: int = ANSWER) -> list[Row]:
    """Tokens per second of plain ``generate``, and of each of WAYS against it, in turns."""
    rows = []
    for name, settings in WAYS.items():
        try:
            first = generated(stage, prompt, answer, **settings)
        except Exception as error:  # a compiler that this machine lacks: said, and the other rows still come
            rows.append(_refused_row(name, error))
            continue
        sides: list[Callable[[], float]] = [
            lambda settings=settings: generated(stage, prompt, answer, **settings),
            lambda: generated(stage, prompt, answer),
        ]
        other, plain = interleaved(sides, rounds)
        if not any(row.limit == TOKEN_LIMIT for row in rows):
            rows.insert(0, _plain_row(plain, answer))
        value = ratio(other, plain)
        rows.append(
            Row(
                f"{name} against the plain pipeline, {answer} tokens (its first answer took {first:.0f} s)",
                f"offered from {OFFERED_FROM:g}x",
                f"{1 / value:.2f}x ({answer / min(other):.1f} : {answer / min(plain):.1f} tokens/s)",
                value,
                1 / OFFERED_FROM,
                each_round(other, plain),
            )
        )
    return rows


def _plain_row(seconds: list[float], answer: int) -> Row:
    per_token = [each / answer for each in seconds]
    return Row(
        f"its plain pipeline, {answer} tokens",
        f"{1 / TOKEN_LIMIT:.0f} tokens/s",
        f"{1 / min(per_token):.1f} tokens/s",
        min(per_token),
        TOKEN_LIMIT,
        per_token,
    )


def _refused_row(name: str, error: Exception) -> Row:
    said = (str(error).strip().splitlines() or [""])[0][:80]
    return Row(f"{name} against the plain pipeline", f"offered from {OFFERED_FROM:g}x", f"refused: {said}",
               float("nan"), 1 / OFFERED_FROM)  # fmt: skip


def gpu_rows(rounds: int) -> list[Row]:
    """All rows; empty where there is no CUDA GPU or none with room."""
    if not runtime.gpus():
        return []
    device = runtime.best_device()
    dtype = runtime.best_dtype(device)
    config = published_config(SIZE)
    free = max(gpu.free for gpu in runtime.gpus())
    if free < needed_memory(count_parameters(config)["total"], dtype):
        return []
    import torch

    with torch.cuda.device(device):
        stage = made(config, device, dtype)
        # Memory before the second copy that loading makes.
        rows = [memory_row(stage), cache_row(stage), *speed_rows(stage, rounds)]
        if free > 3 * needed_memory(count_parameters(config)["total"], dtype):
            rows.insert(0, load_row(stage))
        else:  # a T4 holds one copy: the made one goes to the CPU first
            stage.model.to("cpu")
            gc.collect()
            torch.cuda.empty_cache()
            rows.insert(0, load_row(Stage(_OnDevice(stage.model, device), config, dtype)))
    return rows


class _OnDevice:
    """A model on the CPU whose copy is to be loaded onto ``device``."""

    def __init__(self, model: Any, device: str) -> None:
        self.device, self.save_pretrained = device, model.save_pretrained
