"""Rows of `make bench` on the start and on an answer of the bundled model: import, first answer, overhead, size.

What a fresh interpreter does is measured in one; `marked` tells when it got there.
"""

import os
import subprocess
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from statistics import median

from course_utils.known_models import MINI_FOLDER
from tools.bench_table import Row, each_round, interleaved, ratio

ROOT = Path(__file__).resolve().parent.parent
MARK = "measured:"
# The first question of lesson 00, asked as it is asked there.
QUESTION = [{"role": "user", "content": "이 텀블러 무게가 얼마나 되나요?"}]
LIBRARIES = "import torch, transformers"
# `import transformers` alone loads next to nothing: the library imports its parts when they are first named. These are
# the names that any notebook needs to generate text.
GENERATION = "import torch; from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline"
FIRST_ANSWER = f"""
from course_utils import load_pipeline
pipe = load_pipeline("mini")
answer = pipe({QUESTION!r}, max_new_tokens=200, do_sample=False, return_full_text=False)[0]["generated_text"]
if not any("가" <= letter <= "힣" for letter in answer):
    raise SystemExit(f"no Korean answer: {{answer!r}}")
"""
IMPORT_LIMIT = 1 / 20
START_LIMIT = 2.0
OVERHEAD_LIMIT = 0.02
DISK_LIMIT = 12_000_000  # bytes
MEMORY_LIMIT = 300_000_000  # bytes
OVERHEAD_TOKENS = 128
# An overhead of 2 % is smaller than the noise of one answer: it takes more rounds than the rest.
OVERHEAD_ROUNDS = 6


# --- measuring ---


def marked(code: str) -> tuple[float, str]:
    """Run ``code`` in a fresh interpreter: (seconds from its start to its first line with MARK, rest of that line).

    Other lines that it prints are passed over; its errors go to standard error.

    Raises:
        RuntimeError: it failed, or printed no such line.
    """
    environment = {**os.environ, "PYTHONUTF8": "1"}
    found = None
    started = time.perf_counter()
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, encoding="utf-8") as process:
        for line in process.stdout:
            if found is None and line.startswith(MARK):
                found = time.perf_counter() - started, line.removeprefix(MARK).strip()
    if process.returncode or found is None:
        raise RuntimeError(f"exit status {process.returncode} of: {code}")
    return found


def import_seconds(module: str) -> float:
    """Seconds that ``import module`` takes in a fresh interpreter; the interpreter's own start is not in it."""
    timed = f"started = time.perf_counter()\nimport {module}\ntook = time.perf_counter() - started"
    return float(marked(f"import time\n{timed}\nprint({MARK!r}, took)")[1])


def start_seconds(code: str) -> float:
    """Seconds from the start of a fresh interpreter until ``code`` has run; the interpreter's end is not in it."""
    return marked(f"{code}\nprint({MARK!r}, flush=True)")[0]


def added_memory(before: str, after: str) -> int:
    """Bytes by which the resident memory of a fresh interpreter grows while ``after`` runs, once ``before`` has."""
    resident = "psutil.Process().memory_info().rss"
    return int(marked(f"import psutil\n{before}\nrss = {resident}\n{after}\nprint({MARK!r}, {resident} - rss)")[1])


def pipe_and_generate(folder: Path, rounds: int, tokens: int) -> list[list[float]]:
    """Seconds for ``tokens`` new greedy tokens, each round, as [the course's pipeline, bare ``model.generate``].

    The bare side is a second copy of the model that plain transformers loaded; it gets the ready token ids and
    gives ids back. Chat template, tokens and text are therefore part of what the pipeline costs more.

    Raises:
        RuntimeError: the two sides did not produce the same text.
    """
    from transformers import AutoModelForCausalLM

    from course_utils import load_pipeline

    with redirect_stdout(sys.stderr):
        pipe = load_pipeline(folder, device="cpu", dtype="float32")
    bare = AutoModelForCausalLM.from_pretrained(folder, dtype="float32", local_files_only=True)
    inputs = pipe.tokenizer.apply_chat_template(
        QUESTION, add_generation_prompt=True, return_dict=True, return_tensors="pt"
    )
    prompt_length = inputs["input_ids"].shape[1]
    settings = {"do_sample": False, "min_new_tokens": tokens, "max_new_tokens": tokens}
    seen: dict[str, str] = {}

    def by_pipe() -> float:
        started = time.perf_counter()
        answer = pipe(QUESTION, return_full_text=False, **settings)
        took = time.perf_counter() - started
        seen["pipe"] = answer[0]["generated_text"]
        return took

    def by_generate() -> float:
        started = time.perf_counter()
        ids = bare.generate(**inputs, **settings)[0, prompt_length:]
        took = time.perf_counter() - started
        if len(ids) != tokens:
            raise RuntimeError(f"{len(ids)} new tokens instead of {tokens}")
        seen["generate"] = pipe.tokenizer.decode(ids, skip_special_tokens=True)
        return took

    results = interleaved([by_pipe, by_generate], rounds)
    if seen["pipe"] != seen["generate"]:
        raise RuntimeError(f"pipeline and generate differ: {seen}")
    return results


def folder_bytes(folder: Path) -> int:
    """Bytes of all files under ``folder``."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


# --- budgets ---


def import_row(rounds: int) -> Row:
    names = "course_utils", "transformers.pipelines"
    ours, theirs = interleaved([lambda: import_seconds(names[0]), lambda: import_seconds(names[1])], rounds)
    value = ratio(ours, theirs)
    return Row(
        what="`import course_utils` against `import transformers.pipelines`",
        budget="at most 1/20",
        measured=f"1/{1 / value:.0f} ({min(ours) * 1000:.1f} ms : {min(theirs) * 1000:.0f} ms)",
        value=value,
        limit=IMPORT_LIMIT,
        rounds=each_round(ours, theirs),
    )


def start_row(rounds: int) -> Row:
    ours, theirs = interleaved([lambda: start_seconds(FIRST_ANSWER), lambda: start_seconds(GENERATION)], rounds)
    value = ratio(ours, theirs)
    return Row(
        what=f"interpreter start to first Korean answer, bundled model, against `{GENERATION}`",
        budget=f"at most {START_LIMIT:g}x",
        measured=f"{value:.2f}x ({min(ours):.2f} s : {min(theirs):.2f} s)",
        value=value,
        limit=START_LIMIT,
        rounds=each_round(ours, theirs),
    )


def overhead_row(rounds: int, folder: Path = MINI_FOLDER, tokens: int = OVERHEAD_TOKENS) -> Row:
    ours, theirs = pipe_and_generate(folder, rounds, tokens)
    extra = [each - 1 for each in each_round(ours, theirs)]
    # The median over the rounds, not of each side: whatever else runs on the machine mostly slows both of a round.
    value = median(extra)
    return Row(
        what=f"`load_pipeline()`'s answer against bare `model.generate`, {tokens} tokens",
        budget=f"at most +{OVERHEAD_LIMIT * 100:.0f} %",
        measured=f"{value * 100:+.1f} % ({tokens / median(ours):.0f} : {tokens / median(theirs):.0f} tokens/s)",
        value=value,
        limit=OVERHEAD_LIMIT,
        rounds=extra,
    )


def size_rows() -> list[Row]:
    """The bundled model on disk and in memory."""
    added = added_memory(LIBRARIES, FIRST_ANSWER)
    return [
        megabytes_row("bundled model on disk", folder_bytes(MINI_FOLDER), DISK_LIMIT),
        megabytes_row("memory that the bundled model adds, one answer included", added, MEMORY_LIMIT),
    ]


def megabytes_row(what: str, size: int, limit: int) -> Row:
    return Row(what, f"{limit / 1e6:.0f} MB", f"{size / 1e6:.1f} MB", size, limit)
