"""The engine's process behind a ``GgufPipeline``: interrupts, threads, crashes, limits, and its end in every way."""

import _thread
import gc
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from course_utils import CourseError, load_pipeline

CHAT = [{"role": "user", "content": "이 텀블러 무게가 얼마나 되나요?"}]
TEXTS = ("안녕하세요", "배송은", "환불은", "이 신발은 ", "색깔이 사진과 같나요?", "Does it")
GREEDY = {"do_sample": False, "max_new_tokens": 40}
LONG = {"temperature": 10.0, "top_k": 0, "max_new_tokens": 2000, "seed": 1}


@pytest.fixture(scope="module")
def pipe():
    with load_pipeline("mini", engine="llama.cpp") as loaded:
        yield loaded


def ended(pid, seconds=10.0):
    """Whether the process ends within ``seconds``."""
    until = time.monotonic() + seconds
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_too_long_a_question_is_refused_and_an_answer_that_meets_the_limit_is_told():
    with load_pipeline("mini", engine="llama.cpp", context=64) as short:
        with pytest.raises(CourseError, match="64토큰까지만.*\n.*context"):
            short("배송은 " * 80)
        with pytest.warns(UserWarning, match="64토큰"):
            short(CHAT, **LONG)
        assert short.context == 64


def busy_seconds(pid, seconds=0.6):
    before = sum(psutil.Process(pid).cpu_times()[:2])
    time.sleep(seconds)
    return sum(psutil.Process(pid).cpu_times()[:2]) - before


@pytest.mark.parametrize("streamed", [False, True])
def test_an_interrupt_ends_the_computation_and_leaves_the_pipe_usable(pipe, streamed):
    settings = {**LONG, "streamer": lambda text: None} if streamed else LONG
    threading.Timer(0.3, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        for _ in range(50):
            pipe(CHAT, **settings)
    time.sleep(1.2)  # the engine looks after its clients once a second
    assert busy_seconds(pipe.pid) < 0.2
    assert pipe(CHAT, **GREEDY) == pipe(CHAT, **GREEDY)


def test_a_streamer_that_fails_fails_the_call_only(pipe):
    def broken(text):
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        pipe(CHAT, **LONG, streamer=broken)
    assert pipe(CHAT, **GREEDY)


def test_several_threads_may_ask_at_once(pipe):
    alone = [pipe(question, **GREEDY) for question in TEXTS]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda question: pipe(question, **GREEDY), TEXTS)) == alone


def test_the_engine_ends_with_its_pipeline():
    pipe = load_pipeline("mini", engine="llama.cpp")
    pid = pipe.pid
    assert psutil.pid_exists(pid)
    del pipe
    gc.collect()
    assert ended(pid)


def test_close_ends_the_engine_and_later_calls_are_refused_in_korean():
    pipe = load_pipeline("mini", engine="llama.cpp")
    pid = pipe.pid
    pipe.close()
    pipe.close()
    assert pipe.closed and pipe.pid is None and ended(pid) and "closed" in repr(pipe)
    with pytest.raises(CourseError, match="닫혔습니다"):
        pipe(CHAT)


def test_a_crashed_engine_is_replaced_with_one_line(pipe, capsys):
    before, pid = pipe(CHAT, **GREEDY), pipe.pid
    assert pid  # None would be this very process
    psutil.Process(pid).kill()
    assert ended(pid)
    assert pipe(CHAT, **GREEDY) == before
    assert capsys.readouterr().out == "llama.cpp가 멈춰 있어 새로 켭니다.\n"
    assert pipe.pid != pid


def test_an_engine_that_dies_before_anything_was_shown_is_replaced_and_asked_again(pipe, capsys):
    expected, pid = pipe(CHAT, **LONG), pipe.pid
    assert pid  # None would be this very process
    threading.Timer(0.1, psutil.Process(pid).kill).start()
    answers = [pipe(CHAT, **LONG)]
    while pipe.pid == pid:
        answers.append(pipe(CHAT, **LONG))
    assert all(answer == expected for answer in answers)
    assert capsys.readouterr().out.count("새로 켭니다") == 1


def test_an_engine_that_dies_in_the_middle_of_a_shown_answer_is_told_in_korean(pipe):
    pieces = []

    def show(text):
        pieces.append(text)
        if len(pieces) == 5:
            psutil.Process(pipe.pid).kill()

    with pytest.raises(CourseError, match="도중에 멈췄습니다"):
        pipe(CHAT, **{**LONG, "seed": 2}, streamer=show)
    assert len(pieces) >= 5 and pipe(CHAT, **GREEDY)


def test_an_engine_that_dies_again_and_again_is_told_in_korean(pipe, monkeypatch):
    from course_utils.engine_client import EngineClient, EngineLost

    def lose(client, request):
        raise EngineLost("gone")

    with monkeypatch.context() as patched, pytest.raises(CourseError, match=r"도중에 멈췄습니다\(gone\)"):
        patched.setattr(EngineClient, "complete", lose)
        pipe(CHAT, **GREEDY)
    assert pipe(CHAT, **GREEDY)


def test_it_ends_with_its_interpreter():
    code = 'from course_utils import load_pipeline\np = load_pipeline("mini", engine="llama.cpp")\nprint(p.pid)'
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, env=os.environ)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert ended(int(done.stdout.split()[-1]))
