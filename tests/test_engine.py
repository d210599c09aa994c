"""The life of the engine's process, checked in the process table: it starts once, and always ends."""

import contextlib
import gc
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import replace

import psutil
import pytest
from engine_children import PARENT, alive, gone, parent, servers_of

from course_utils import engine as module
from course_utils.engine import Engine, PortTaken
from course_utils.engine_log import KEPT
from course_utils.engine_settings import EngineSettings
from course_utils.errors import CourseError
from course_utils.gguf_files import gguf_for

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and forks of POSIX")
# What an end by each way needs: code after the start, and the signal that the test sends.
ENDS = {
    "SIGKILL, as at a kernel restart": ("time.sleep(60)", signal.SIGKILL),
    "SIGTERM": ("time.sleep(60)", signal.SIGTERM),
    "Ctrl-C": ("time.sleep(60)", signal.SIGINT),
    "os._exit": ("os._exit(0)", None),
    "the end of the program": ("pass", None),
    "an error": ("raise ValueError", None),
    "standard output closed before": ("sys.stdout.close(); os.close(2)", None),
    "a forked process exits first": (
        "pid = os.fork(); pid and os.waitpid(pid, 0); engine.running or os._exit(3)",
        None,
    ),
}


@pytest.fixture(scope="module")
def gguf():
    return str(gguf_for("mini").path)


@pytest.fixture
def settings(gguf, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))  # this test's own logs
    return EngineSettings(gguf=gguf, model="mini", keys=("a-key-for-tests",), threads=1)


@pytest.fixture
def endless(settings, tmp_path):
    """Settings of a server that never gets ready: its model is a pipe into which nobody writes."""
    os.mkfifo(tmp_path / "endless.gguf")
    return replace(settings, gguf=str(tmp_path / "endless.gguf"))


@contextlib.contextmanager
def running(settings):
    engine = Engine(settings)
    try:
        yield engine
    finally:
        engine.stop()


def connects(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@posix
@pytest.mark.parametrize("how", ENDS)
def test_the_server_ends_with_its_parent_however_that_ends(settings, how):
    code, sent = ENDS[how]
    with parent(PARENT + code, settings.to_json()) as process:
        server = int(process.stdout.readline())
        if sent:
            assert alive(server)
            process.send_signal(sent)
        assert process.wait(10) != 3
        assert gone(server)


@posix
def test_a_forked_process_that_lives_on_does_not_keep_the_server_alive(settings):
    code = "pid = os.fork() or time.sleep(60)\nprint(pid, flush=True); os._exit(0)"
    with parent(PARENT + code, settings.to_json()) as process:
        server, forked = (int(process.stdout.readline()) for _ in range(2))
        try:
            assert gone(server, seconds=0.7)  # at once, not only when the server looks for its parent
            assert alive(forked)
        finally:
            os.kill(forked, signal.SIGKILL)


@posix
def test_the_server_looks_for_its_parent_where_another_process_holds_the_pipe(settings):
    code = "import course_utils.engine as e; e._ENGINES.clear(); pid = os.fork() or time.sleep(60)\n"
    with parent(PARENT + code + "print(pid, flush=True); os._exit(0)", settings.to_json()) as process:
        server, forked = (int(process.stdout.readline()) for _ in range(2))
        try:
            assert gone(server, seconds=4)
        finally:
            os.kill(forked, signal.SIGKILL)


@posix
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM], ids=lambda each: each.name)
def test_no_server_is_left_when_the_parent_ends_while_it_waits_for_the_start(endless, sent, tmp_path):
    with parent(PARENT, endless.to_json()) as process:
        until = time.monotonic() + 30
        while not any("loading model" in log.read_text() for log in tmp_path.glob("cache/logs/*.log")):
            assert time.monotonic() < until, "the child never came to its model"
            time.sleep(0.05)
        time.sleep(0.2)  # the child waits for its model now, with Python's lock held
        [server] = servers_of(process.pid)
        process.send_signal(sent)
        process.wait(30)  # seconds on a busy machine, not what is tested
        assert gone(server, seconds=2)


def test_a_start_that_hangs_ends_with_the_end_of_the_log_and_shows_one_line_meanwhile(endless, monkeypatch, capsys):
    monkeypatch.setattr(module, "START_LIMIT", 1.2)
    monkeypatch.setattr(module, "SMALL", 0)  # this one counts as a large model
    monkeypatch.setattr(module, "QUIET", 0.1)
    with pytest.raises(CourseError, match="(?s)켜지지 않았습니다.*기록: .*server-.*log.*loading model"):
        Engine(endless)
    shown = capsys.readouterr()
    assert shown.err.startswith("\r서버를 켜는 중입니다 ... 0초\r서버를 켜는 중입니다 ... 1초\r ")
    assert shown.err.endswith(" \r") and "\n" not in shown.out + shown.err
    assert servers_of(os.getpid()) == []


def test_a_small_models_start_stays_quiet_on_a_busy_machine(endless, monkeypatch, capsys):
    monkeypatch.setattr(module, "START_LIMIT", 1.2)
    monkeypatch.setattr(module, "QUIET", 0.1)
    with pytest.raises(CourseError):
        Engine(endless)
    assert capsys.readouterr().err == ""


def test_ten_starts_and_stops_leave_nothing_behind_and_print_nothing(settings, tmp_path, capsys):
    Engine(settings).stop()  # what is imported or opened once
    gc.collect()
    me = psutil.Process()
    before = me.num_fds(), threading.active_count(), me.children()
    ports = []
    for _ in range(KEPT):
        engine = Engine(settings)
        assert connects(engine.port)
        ports += [engine.port, int(engine.engine_url.rpartition(":")[2])]
        engine.stop()
        engine.stop()
        assert not alive(engine.pid) and not engine.running
    del engine
    gc.collect()
    assert (me.num_fds(), threading.active_count(), me.children()) == before
    assert not any(map(connects, ports))
    assert len(list((tmp_path / "cache/logs").iterdir())) == KEPT
    assert capsys.readouterr() == ("", "")


def test_two_servers_at_once_have_two_ports_and_end_when_nothing_refers_to_them(settings):
    one, two = Engine(settings), Engine(settings)
    assert one.running and two.running and one.port != two.port and one.pid != two.pid
    pids = one.pid, two.pid
    del one
    gc.collect()
    assert not alive(pids[0]) and two.running
    two.stop()


def test_a_port_in_use_is_told_at_once_with_the_way_out(settings):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"{port}번 포트는 .*쓰고 있습니다.\nport=0"):
            Engine(replace(settings, port=port))
    with running(replace(settings, port=port)) as engine:
        assert engine.port == port


def test_an_address_of_another_computer_is_refused_in_korean(settings):
    with pytest.raises(CourseError, match="열 수 없는 주소입니다"):
        Engine(replace(settings, host="192.0.2.1"))  # kept for documentation, RFC 5737


@pytest.mark.parametrize("content", [None, b"", b"no model at all", b"GGUF\x03\x00\x00\x00" + b"\x07" * 40, "half"])
def test_a_file_that_is_no_model_is_told_with_its_path_and_the_log(settings, gguf, tmp_path, content):
    path = tmp_path / "모델.gguf"
    if content == "half":
        with open(gguf, "rb") as whole:
            content = whole.read(2_000_000)
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CourseError, match="(?s)(모델 파일을 읽지 못했습니다: .*모델.gguf|도중에 멈췄습니다).*기록: "):
        Engine(replace(settings, gguf=str(path)))
    assert servers_of(os.getpid()) == []


def test_a_platform_without_the_engine_hears_how_to_install_it(settings, tmp_path, monkeypatch):
    (tmp_path / "xllamacpp.py").write_text('raise ImportError("no wheel for this platform")')
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(CourseError, match=r"(?s)no wheel for this platform.*%pip install \"xllamacpp>="):
        Engine(settings)


def test_a_crash_while_starting_is_told_with_the_exit_code(settings, tmp_path, monkeypatch):
    (tmp_path / "xllamacpp.py").write_text("import os; os.abort()")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(CourseError, match=r"도중에 멈췄습니다\(종료 코드 -?\d+\)"):
        Engine(settings)


@posix
def test_ctrl_c_in_the_terminal_does_not_reach_the_server(settings):
    with running(settings) as engine:
        assert os.getpgid(engine.pid) != os.getpgid(os.getpid())
        os.kill(engine.pid, signal.SIGINT)
        time.sleep(0.2)
        assert engine.running and connects(engine.port)


@posix
def test_a_server_that_does_not_react_is_killed(settings, monkeypatch):
    monkeypatch.setattr(module, "STOP_LIMIT", 0.2)
    engine = Engine(settings)
    os.kill(engine.pid, signal.SIGSTOP)
    engine.stop()
    assert not alive(engine.pid)


def _in_forked_process(engine, answers):
    answers.put(engine.running)
    engine.stop()
    answers.put(engine.running)


@posix
def test_a_forked_process_sees_the_server_but_cannot_stop_it(settings):
    fork = multiprocessing.get_context("fork")
    with running(settings) as engine:
        answers = fork.SimpleQueue()
        child = fork.Process(target=_in_forked_process, args=(engine, answers))
        child.start()
        child.join(10)
        assert [answers.get(), answers.get()] == [True, True]
        assert engine.running and connects(engine.port)


def test_the_log_is_private_and_holds_no_key_and_the_repr_neither(settings):
    with running(settings) as engine:
        log = engine.log.read_text()
        assert "listening on" in log
        assert settings.keys[0] not in log and engine.engine_key not in log
        assert settings.keys[0] not in repr(settings)
        if sys.platform != "win32":
            assert engine.log.stat().st_mode & 0o777 == 0o600
