"""The engine's row of `make bench`: EXAONE 3.5 2.4B's shape on the CPU, llama.cpp in 4 bits against torch in bfloat16.

The weights are random (nothing is downloaded): a GGUF of `tools.random_gguf`, kept in the course's cache, and a model
built from the same configuration. Both sides are called as lessons 03 to 05 call them, with as many CPU threads.
"""

import gc
import sys
import time
from contextlib import redirect_stdout
from typing import Any

import psutil

from course_utils import runtime
from course_utils.known_models import EXAONE, needed_memory
from course_utils.placement import engine_threads
from course_utils.published_configs import published_config
from course_utils.tables import gigabytes
from tools.bench_table import Row, each_round, interleaved, ratio
from tools.random_gguf import kept_random_gguf

LIMIT = 1 / 8
TOKENS = 12  # torch writes one or two a second
PROMPT = "배송은 언제 오나요?"
MOST_ROUNDS = 3


class Counter:
    """A streamer that counts the new tokens."""

    def __init__(self) -> None:
        self.count = -1  # the prompt comes first

    def put(self, value: Any) -> None:
        """Prompt or new token."""
        self.count += 1

    def end(self) -> None:
        """The answer has ended."""


def seconds_of(pipe: Any, tokens: int) -> float:
    """Seconds of one greedy answer.

    Raises:
        RuntimeError: it is shorter than ``tokens``, so its time would not compare.
    """
    counter = Counter()
    started = time.perf_counter()
    pipe(PROMPT, do_sample=False, max_new_tokens=tokens, streamer=counter)
    took = time.perf_counter() - started
    if counter.count < tokens:
        raise RuntimeError(f"{type(pipe).__name__}: {counter.count} new tokens instead of {tokens}")
    return took


def random_torch(tokenizer: Any, threads: int, size: str = "2.4B") -> Any:
    """A pipeline of transformers with a random model of that shape in bfloat16."""
    import torch
    from transformers import AutoModelForCausalLM, pipeline

    from course_utils.exaone import ExaoneConfig

    config = ExaoneConfig(**{key: value for key, value in published_config(size).items() if key != "model_type"})
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).eval()
    model.generation_config.pad_token_id = 0
    return pipeline("text-generation", model=model, tokenizer=tokenizer, device="cpu")


def engine_row(rounds: int, tokens: int = TOKENS, size: str = "2.4B") -> Row | None:
    """Both sides in turns; None, said on standard error, where the memory does not hold the two models.

    Raises:
        RuntimeError: as ``seconds_of``.
    """
    import torch

    from course_utils import load_pipeline

    needed = needed_memory(EXAONE.parameters, "bfloat16") + 3_500_000_000
    if runtime.free_cpu_memory() < needed:
        print(f"engine row left out: it needs {gigabytes(needed)} of free memory", file=sys.stderr)
        return None
    threads, torch_threads = engine_threads(EXAONE.parameters), torch.get_num_threads()
    with redirect_stdout(sys.stderr):
        ours = load_pipeline(kept_random_gguf(size, published_config(size)), engine="llama.cpp")
    try:
        before = psutil.Process().memory_info().rss
        theirs = random_torch(ours.tokenizer, threads, size)
        sides = [lambda: seconds_of(ours, tokens), lambda: seconds_of(theirs, tokens)]
        fast, slow = interleaved(sides, min(rounds, MOST_ROUNDS))
        memory = psutil.Process(ours.pid).memory_info().rss, psutil.Process().memory_info().rss - before
    finally:
        ours.close()
        torch.set_num_threads(torch_threads)
        theirs = sides = None
        gc.collect()
    value = ratio(fast, slow)
    return Row(
        what=f"EXAONE 3.5 {size}'s shape, random weights, {tokens} tokens after a short question on {threads} CPU "
        "threads: llama.cpp (Q4_0) against torch (bfloat16)",
        budget=f"at least {1 / LIMIT:.0f}x faster",
        measured=f"{1 / value:.1f}x ({tokens / min(fast):.1f} : {tokens / min(slow):.1f} tokens/s; memory "
        f"{gigabytes(memory[0])}, file pages included : {gigabytes(memory[1])})",
        value=value,
        limit=LIMIT,
        rounds=each_round(fast, slow),
    )


if __name__ == "__main__":
    from tools.bench_table import machine, table

    row = engine_row(MOST_ROUNDS)
    print(f"{machine()}\n\n{table([row] if row else [])}")
