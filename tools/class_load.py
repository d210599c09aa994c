"""Drive a class server as a class does, and report: how many were answered, how fast, how many tokens a second.

    python -m tools.class_load [--model mini|random|exaone|FILE.gguf ...] [--students N] [--questions N] [--think S] ...

Three parts for each model: one student alone, asking without a pause; the class, thinking between questions; the class
at a server that lets few wait, asking as course_utils.api_calls.ask does by default. All ask the same questions with
the same settings and seeds, equally often. The first two parts take turns and all rounds count, so that whatever else
the computer does meets both. Tokens/s count the time in which at least one question was being answered: thinking does
not make a server look slow. The students run on the same computer and take their share of it; tokens for each second of
the server's own processor time show what remains without them.

On mini most of the time goes into passing messages, so the class is compared with one student on a model that has to
compute: "random", random weights in EXAONE 2.4B's shape at less than half its width. Exit status: 1 when a question
failed, when nobody was told "busy" at the full server, or when the class got less than 1.5 times one student's tokens/s
(not asked of mini).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import psutil

from course_utils.published_configs import published_config
from tools.bench_table import machine
from tools.class_handout import URL
from tools.class_keys import VARIABLE, new_key
from tools.class_students import Answer, Lesson, Students
from tools.random_gguf import kept_random_gguf

ROOT = Path(__file__).resolve().parent.parent
# EXAONE 2.4B's shape, smaller, with mini's vocabulary (sorting 102,400 candidates for every token would take longer
# than computing them): 40 students are answered in seconds, and computing still takes most of the time.
SMALLER = {"num_layers": 12, "hidden_size": 1024, "num_attention_heads": 16, "num_key_value_heads": 4, "head_dim": 64}
SMALLER |= {"intermediate_size": 2816, "vocab_size": 3072}
WANTED = 1.5  # tokens/s of the class against one student's
OPEN_SECONDS = 300.0
HEADERS = (
    "What",
    "Students",
    "Answered",
    "Failed",
    "First told busy, then answered",
    "Half answered within",
    "95 % answered within",
    "Tokens/s",
    "Times one student's",
    "Tokens per CPU second of the server",
)


@dataclass(frozen=True)
class Part:
    """One part's outcome; times in seconds. ``cpu_seconds``: processor time of the server meanwhile."""

    name: str
    answers: Sequence[Answer]
    cpu_seconds: float = float("nan")

    @property
    def good(self) -> list[Answer]:
        return [answer for answer in self.answers if not answer.error]

    @property
    def failed(self) -> int:
        return len(self.answers) - len(self.good)

    @property
    def put_off(self) -> int:
        """Questions that the server refused for now at least once and that were answered in the end."""
        return sum(answer.put_off > 0 for answer in self.good)

    @property
    def tokens_per_second(self) -> float:
        return sum(answer.tokens for answer in self.good) / busy_seconds(self.good) if self.good else 0.0

    def latency(self, share: float) -> float:
        """The time below which ``share`` of the answered questions came, asked to answered."""
        took = sorted(answer.ended - answer.asked for answer in self.good)
        return took[min(len(took) - 1, int(share * len(took)))] if took else float("nan")

    def cells(self, alone: float) -> list[str]:
        """The texts of the part's row, one for each of HEADERS."""
        students = len({answer.student for answer in self.answers})
        counts = [str(n) for n in (students, len(self.good), self.failed, self.put_off)]
        times = [f"{self.latency(share):.2f} s" for share in (0.5, 0.95)]
        speed = self.tokens_per_second
        by_cpu = sum(answer.tokens for answer in self.good) / self.cpu_seconds
        return [self.name, *counts, *times, f"{speed:.1f}", f"{speed / alone:.2f}", f"{by_cpu:.0f}"]


def busy_seconds(answers: Sequence[Answer]) -> float:
    """Seconds in which at least one of the questions was being answered."""
    total, until = 0.0, float("-inf")
    for answer in sorted(answers, key=lambda one: one.asked):
        total += max(0.0, answer.ended - max(answer.asked, until))
        until = max(until, answer.ended)
    return total


@dataclass(frozen=True)
class Opened:
    """An open class server: what students need, and its process."""

    url: str
    key: str
    model: str
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """Processor time of the server and its children so far."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(sum(one.cpu_times()[:2]) for one in family)


@contextlib.contextmanager
def class_server(model: str, *arguments: str) -> Iterator[Opened]:
    """A class server as its own program, the one that an instructor starts.

    Raises:
        RuntimeError: it ended or did not open; the message holds what it said.
    """
    key = new_key()
    command = [sys.executable, "-m", "tools.class_server", "llama", "--model", model, "--port", "0", *arguments]
    environment = {**os.environ, VARIABLE: key, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    with tempfile.TemporaryDirectory() as folder:
        with subprocess.Popen([*command, "--handout", folder], cwd=ROOT, env=environment, **pipes) as process:
            timer = threading.Timer(OPEN_SECONDS, process.kill)
            timer.start()
            try:
                url, name = _opened(process)
                reader = threading.Thread(target=process.stdout.read, daemon=True)  # a full pipe would stop it
                reader.start()
                yield Opened(url, key, name, psutil.Process(process.pid))
            finally:
                timer.cancel()
                process.terminate()
                process.wait(30)


def _opened(process: subprocess.Popen) -> tuple[str, str]:
    said = ""
    for line in process.stdout:
        said += line
        if found := re.search(rf"^  {URL}=(\S+)", line):
            model = re.search(r"모델: (.+)\n\n", said)
            return found[1], model[1]
    raise RuntimeError(f"the class server did not open:\n{said}")


def model_for(name: str) -> str:
    """What ``class_server --model`` takes for ``name``; ``"random"`` is written once and kept in the course's cache."""
    if name == "random":
        return str(kept_random_gguf("class", {**published_config("2.4B"), **SMALLER}))
    return str(Path(name).resolve()) if name.endswith(".gguf") else name  # the server runs in the project's folder


def measure(name: str, options: argparse.Namespace) -> list[Part]:
    """The three parts for one model."""
    model = model_for(name)
    sizes = ["--at-once", str(options.at_once), "--context", str(options.context)]
    if options.threads:
        sizes += ["--threads", str(options.threads)]

    def part(name: str, server: Opened, **changes: Any) -> Part:
        values = {"students": options.students, "questions": options.questions, "think": options.think}
        values |= {"different": options.alone, **changes}
        lesson = Lesson(server.url, server.key, server.model, tokens=options.tokens, seconds=options.seconds, **values)
        before = server.cpu_seconds()
        answers = students.attend(lesson)
        return Part(name, answers, server.cpu_seconds() - before)

    alone, whole = [], []
    with Students(options.processes) as students:
        with class_server(model, *sizes, "--waiting", str(options.students)) as server:
            part("fills caches", server, questions=1, students=4)
            for _ in range(options.rounds):
                alone.append(part("one student alone", server, students=1, questions=options.alone, think=0.0))
                whole.append(part(f"{options.students} students", server))
        with class_server(model, *sizes, "--waiting", str(options.waiting)) as server:
            few = f"{options.students} students, {options.waiting} may wait, the others are told busy"
            full = part(few, server, think=options.think / 4, patient=True)
    return [_pooled(alone), _pooled(whole), full]


def _pooled(rounds: Sequence[Part]) -> Part:
    """All rounds as one part: nothing is picked, and no failure is hidden."""
    answers = [answer for part in rounds for answer in part.answers]
    return Part(rounds[0].name, answers, sum(part.cpu_seconds for part in rounds))


def table(parts: Sequence[Part]) -> str:
    """Markdown: the first part is the one that the others are compared with."""
    alone = parts[0].tokens_per_second or float("nan")
    rows = [HEADERS, ["---"] * len(HEADERS), *(part.cells(alone) for part in parts)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def verdict(parts: Sequence[Part], wanted: float = WANTED) -> list[str]:
    """What is not as it should be; empty when all is well. ``wanted``: times one student's tokens/s."""
    alone, whole, full = parts
    wrong = [f"{part.name}: {part.failed} failed, such as {_first_error(part)}" for part in parts if part.failed]
    if whole.tokens_per_second < wanted * alone.tokens_per_second:
        wrong.append(f"{whole.name}: less than {wanted:g} times the tokens/s of {alone.name}")
    if not full.put_off:
        wrong.append(f"{full.name}: nobody was told busy, so nothing was shown")
    return wrong


def _first_error(part: Part) -> str:
    return next(answer.error for answer in part.answers if answer.error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Drive a class server with simulated students.")
    parser.add_argument(
        "--model", nargs="+", default=["mini", "random"], metavar="MODEL", help="mini, random, exaone, .gguf"
    )
    for name, kind, default, what in (
        ("students", int, 40, "simulated students"),
        ("questions", int, 6, "questions of each student in a round"),
        ("think", float, 0.5, "seconds of thinking before a question, on average"),
        ("tokens", int, 100, "longest answer"),
        ("seconds", float, 90.0, "after so long a student gives up a question"),
        ("alone", int, 48, "different questions, which the one student alone asks in a round"),
        ("rounds", int, 2, "how often the first two parts take turns"),
        ("at-once", int, 16, "questions that the server computes at once"),
        ("waiting", int, 4, "questions that may wait in the last part"),
        ("context", int, 1024, "tokens of question and answer"),
        ("threads", int, 0, "the engine's threads; 0: its own choice"),
        ("processes", int, 4, "processes that the students run in"),
    ):
        parser.add_argument(f"--{name}", type=kind, default=default, help=f"{what} (default: {default})")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    print(machine())
    return max(_report(name, options) for name in options.model)


def _report(name: str, options: argparse.Namespace) -> int:
    options = argparse.Namespace(**vars(options))
    if name == "random":  # its noise never ends by itself
        options.tokens, options.questions = min(options.tokens, 24), min(options.questions, 2)
        options.alone = min(options.alone, 12)
    started = time.monotonic()
    parts = measure(name, options)
    settings = f"{options.at_once} answered at once, {options.questions} questions each in a round"
    print(f"\nModel {Path(name).name}: {settings}, {options.think:g} s to think on average,")
    print(f"{options.rounds} rounds, answers of at most {options.tokens} tokens\n\n{table(parts)}\n")
    lengths = (f"{fmean(a.tokens for a in part.good):.0f}" for part in parts if part.good)
    print(f"tokens of an answer, on average, in the three parts: {', '.join(lengths)}")
    print(f"this model took {time.monotonic() - started:.0f} s")
    wanted = 0.0 if name == "mini" else WANTED
    wrong = verdict(parts, wanted)
    well = f", and the class got at least {wanted:g} times one student's tokens/s" if wanted else ""
    print("\n".join(wrong) or f"ok: nobody failed{well}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
