"""One engine process seen from the parent: start it, wait until it serves, stop it, whatever happens.

The child ends when the pipe on its standard input closes, so it ends with this process however this process ends. In
addition the child is stopped when nothing refers to its ``Engine`` any more and when the interpreter exits.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
import weakref

from course_utils.engine_launch import launch
from course_utils.engine_log import last_lines, new_log
from course_utils.engine_settings import EngineSettings
from course_utils.errors import CourseError

START_LIMIT = 300.0  # seconds; a large file on a slow disk
STOP_LIMIT = 5.0
# A start that is faster than this many seconds prints nothing, so that saved outputs stay the same. A small model loads
# at once: only a busy machine delays it, and that is nothing to report.
QUIET, QUIET_SMALL = 4.0, 60.0
SMALL = 100_000_000  # bytes


class PortTaken(CourseError):
    """Another program listens on the wanted port."""


class Engine:
    """A running llama.cpp server in a child process, with its guard. ``port`` is the guarded one."""

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self.stopped = False
        handle, self.log = new_log()
        try:
            self._process = launch(handle, self.log.parent)
        finally:
            os.close(handle)
        self._owner = os.getpid()
        self._end = weakref.finalize(self, _end, self._process, self._owner)
        _ENGINES.add(self)
        try:
            answer = self._answer()
        except BaseException:
            self.stop()
            raise
        self.port: int = answer["port"]
        self.engine_url = f"http://127.0.0.1:{answer['engine_port']}"
        self.engine_key: str = answer["engine_key"]

    @property
    def url(self) -> str:
        """Address of the guard, as seen from this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.settings.host, self.settings.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        if os.getpid() != self._owner:  # in a forked process: not its child, but it can be looked up
            return _exists(self.pid)
        # A killed process cannot be waited for until its last thread is gone; by then it has long stopped serving.
        return self._process.poll() is None and _exists(self.pid)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def stop(self) -> None:
        """End the process; does nothing when it has ended, or in a process that was forked from the server's owner."""
        if os.getpid() == self._owner:
            self.stopped = True
            self._end()

    def _answer(self) -> dict:
        """The child's answer to its settings, once it can serve."""
        lines: list[bytes] = []
        reader = threading.Thread(target=_first_line, args=(self._process, lines), daemon=True)
        reader.start()
        with contextlib.suppress(BrokenPipeError):  # it has ended already; what it said comes below
            self._process.stdin.write((self.settings.to_json() + "\n").encode())
        started = time.monotonic()
        with _Progress(_quiet_seconds(self.settings.gguf)) as progress:
            while reader.is_alive() and self._process.poll() is None:
                reader.join(0.1)
                seconds = time.monotonic() - started
                if seconds > START_LIMIT:
                    raise self._problem(f"{START_LIMIT:.0f}초를 기다려도 서버가 켜지지 않았습니다.")
                progress.show(seconds)
        reader.join(1.0)
        answer = json.loads(lines[0]) if lines and lines[0].strip() else {"error": "", "kind": "crash"}
        if "error" in answer:
            raise self._refused(answer)
        return answer

    def _refused(self, answer: dict) -> CourseError:
        where, said = self.settings, answer["error"]
        match answer["kind"]:
            case "port":
                return PortTaken(
                    f"{where.port}번 포트는 다른 프로그램이 이미 쓰고 있습니다.\nport=0으로 두면 빈 포트를 고릅니다. "
                    "전에 켜 둔 서버가 쓰고 있다면 그 서버를 .stop()으로 끈 다음 다시 켜 주십시오."
                )
            case "address":
                return CourseError(
                    f"이 컴퓨터에서 열 수 없는 주소입니다(host={where.host!r}, port={where.port}): {said}\n"
                    'host="127.0.0.1"과 1024 이상의 포트(또는 port=0)를 써 주십시오.'
                )
            case "library":
                return CourseError(
                    f"서버에 필요한 라이브러리를 불러오지 못했습니다: {said}\n"
                    '노트북 셀에서 %pip install "xllamacpp>=2026.7" aiohttp 를 실행한 뒤 커널을 다시 시작해 주십시오. '
                    "이 컴퓨터용 파일이 없다고 나오면 코랩(Colab)에서 실행할 수 있습니다."
                )
            case "model":
                return self._problem(
                    f"모델 파일을 읽지 못했습니다: {where.gguf}\n"
                    "파일이 없거나, 받다가 끊겼거나, llama.cpp가 읽을 수 있는 GGUF 형식이 아닙니다. 경로를 확인하고 "
                    f"파일을 다시 받아 주십시오.{f' ({said})' if said else ''}"
                )
        code = _exit_code(self._process)
        return self._problem(
            f"서버가 켜지는 도중에 멈췄습니다(종료 코드 {code}). 메모리가 모자라거나 모델 파일이 깨졌을 수 있습니다."
        )

    def _problem(self, what: str) -> CourseError:
        lines = last_lines(self.log)
        return CourseError(f"{what}\n기록: {self.log}" + (f"\n기록의 마지막 줄:\n{lines}" if lines else ""))


class _Progress:
    """One line that is rewritten in place and wiped at the end; a fast start shows nothing."""

    def __init__(self, quiet: float) -> None:
        self._quiet = quiet
        self._shown = -1

    def __enter__(self) -> _Progress:
        return self

    def show(self, seconds: float) -> None:
        if seconds >= self._quiet and int(seconds) > self._shown:
            self._shown = int(seconds)
            self._write(f"\r서버를 켜는 중입니다 ... {self._shown}초")

    def __exit__(self, *_: object) -> None:
        if self._shown >= 0:
            self._write("\r" + " " * 40 + "\r")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError, AttributeError):  # it is closed or missing
            sys.stderr.write(text)
            sys.stderr.flush()


def _quiet_seconds(gguf: str) -> float:
    with contextlib.suppress(OSError):  # missing: the child says so
        return QUIET_SMALL if os.path.getsize(gguf) < SMALL else QUIET
    return QUIET


def _first_line(process: subprocess.Popen, lines: list[bytes]) -> None:
    with contextlib.suppress(OSError, ValueError):  # closed by stop()
        lines.append(process.stdout.readline())


def _exit_code(process: subprocess.Popen) -> int | None:
    with contextlib.suppress(subprocess.TimeoutExpired):  # its pipe closes a moment before it has ended
        return process.wait(1.0)
    return None


def _end(process: subprocess.Popen, owner: int) -> None:
    """Stop the child: close its standard input, and kill it where that is not enough."""
    if os.getpid() != owner:  # at the exit of a forked process
        return
    try:
        with contextlib.suppress(OSError):
            process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_LIMIT)
    finally:  # also when Ctrl-C comes while waiting
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


def _exists(pid: int) -> bool:
    import psutil

    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


_ENGINES: weakref.WeakSet[Engine] = weakref.WeakSet()


def _leave_pipes() -> None:
    """In a forked process: its copy of the pipe would keep the server alive when the owner is gone."""
    for engine in _ENGINES:
        engine._process.stdin.close()
        engine._process.stdout.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_pipes)
