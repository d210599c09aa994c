"""Simulated students: real ``openai`` clients in threads of several processes, with time to think.

Times are of one clock (``time.monotonic``), which all processes of a computer share.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import queue
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from course_utils.shop_questions import shop_questions

START_SECONDS = 120.0  # for the processes to import openai
# Lesson 06's experiments, which students try in turn.
EXPERIMENTS: tuple[dict[str, float], ...] = ({}, {"top_p": 0.9}, {"temperature": 1.8})


@dataclass(frozen=True)
class Lesson:
    """What every student does: ``questions`` one after another, thinking ``think`` seconds on average before each.

    The questions are the same ``different`` ones in every lesson, each with its own experiment and seed, so that
    lessons can be compared. ``tokens``: the longest answer; ``seconds``: after so long a student gives up a request;
    ``patient``: ask by ``course_utils.api_calls.ask`` with its default settings, which waits and asks again, instead
    of the bare client without retries.
    """

    url: str
    key: str
    model: str
    students: int
    questions: int
    think: float
    tokens: int
    seconds: float
    patient: bool = False
    different: int = 24


@dataclass(frozen=True)
class Answer:
    """One question's end: who, when (seconds), how many tokens, how often it was put off, and what went wrong."""

    student: int
    asked: float
    ended: float
    tokens: int = 0
    put_off: int = 0
    error: str = ""


class Students:
    """Processes that hold the students, for several lessons (importing costs seconds); used with ``with``.

    ``attend`` lets all students of a lesson ask, and gives an entry for every question, unanswered ones too.
    """

    def __init__(self, processes: int = 4) -> None:
        context = multiprocessing.get_context("spawn")
        self._results: Any = context.Queue()
        self._lessons = [context.Queue() for _ in range(processes)]
        self._ready, self._begin = context.Semaphore(0), context.Semaphore(0)
        shared = (self._results, self._ready, self._begin)
        self._workers = [context.Process(target=_classroom, args=(q, *shared), daemon=True) for q in self._lessons]

    def __enter__(self) -> Students:
        for worker in self._workers:
            worker.start()
        return self

    def attend(self, lesson: Lesson) -> list[Answer]:
        """All answers, in the order in which they ended.

        Raises:
            RuntimeError: a process of students did not start.
        """
        for number, lessons in enumerate(self._lessons):
            lessons.put((lesson, range(lesson.students)[number :: len(self._lessons)]))
        for _ in self._workers:
            if not self._ready.acquire(timeout=START_SECONDS):
                raise RuntimeError("a process of students did not start")
        for _ in self._workers:
            self._begin.release()
        end = time.monotonic() + lesson.questions * lesson.seconds + 5.0
        answers = _collect(self._results, lesson.students * lesson.questions, end)
        return [*answers, *_missing(lesson, answers)]

    def __exit__(self, *problem: object) -> None:
        for lessons in self._lessons:
            lessons.put(None)
        for worker in self._workers:
            worker.join(3.0)
            if worker.is_alive():
                worker.kill()
                worker.join()


def _collect(results: Any, wanted: int, end: float) -> list[Answer]:
    answers: list[Answer] = []
    while len(answers) < wanted:
        try:
            answers.append(results.get(timeout=max(0.1, end - time.monotonic())))
        except queue.Empty:
            break
    return answers


def _missing(lesson: Lesson, answers: Sequence[Answer]) -> list[Answer]:
    now = time.monotonic()
    there = [sum(a.student == student for a in answers) for student in range(lesson.students)]
    lost = ((student, lesson.questions - done) for student, done in enumerate(there))
    return [Answer(student, now, now, error="never ended") for student, left in lost for _ in range(left)]


def _classroom(lessons: Any, results: Any, ready: Any, begin: Any) -> None:
    # Retries print a line each; forty students' lines help nobody.
    with contextlib.redirect_stdout(io.StringIO()):
        for lesson, students in iter(lessons.get, None):
            _group(lesson, students, results, ready, begin)


def _group(lesson: Lesson, students: Sequence[int], results: Any, ready: Any, begin: Any) -> None:
    from openai import OpenAI

    texts = [question.text for question in shop_questions()]
    settings = {"base_url": lesson.url, "api_key": lesson.key, "timeout": lesson.seconds, "max_retries": 0}
    made = [OpenAI(**settings) for _ in students]
    threads = [
        threading.Thread(target=_student, args=(lesson, number, client, texts, results), daemon=True)
        for number, client in zip(students, made, strict=True)
    ]
    ready.release()
    begin.acquire()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in made:
        client.close()


def _student(lesson: Lesson, number: int, client: Any, texts: Sequence[str], results: Any) -> None:
    chance = random.Random(number)
    for turn in range(lesson.questions):
        time.sleep(chance.expovariate(1 / lesson.think) if lesson.think else 0)
        place = (number * lesson.questions + turn) % lesson.different
        experiment = {**EXPERIMENTS[place % len(EXPERIMENTS)], "seed": place}
        results.put(_question(lesson, number, client, texts[place % len(texts)], experiment))


def _question(lesson: Lesson, number: int, client: Any, text: str, experiment: dict[str, float]) -> Answer:
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        time.sleep(seconds)

    asked, tokens, error = time.monotonic(), 0, ""
    settings = {"model": lesson.model, "messages": [{"role": "user", "content": text}]}
    settings |= {"max_completion_tokens": lesson.tokens, **experiment}
    try:
        if lesson.patient:
            from course_utils.api_calls import ask

            reply = ask(client, sleep=sleep, **settings)
        else:
            reply = client.chat.completions.create(**settings)
        tokens = reply.usage.completion_tokens
        if not tokens or reply.choices[0].finish_reason not in ("stop", "length"):
            error = f"no whole answer: {reply.choices[0].finish_reason}"
    except Exception as problem:  # every way of failing counts, and none may end the test
        error = f"{type(problem).__name__}: {problem}"
    return Answer(number, asked, time.monotonic(), tokens, len(pauses), error)
