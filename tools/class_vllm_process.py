"""Starting vLLM for a class, or telling the instructor what to type."""

from __future__ import annotations

import os
import secrets
import shlex
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from course_utils.errors import CourseError
from course_utils.user_cache import cache_folder
from tools.class_vllm import ENGINE_KEY_VARIABLE, VllmPlan, commands

START_SECONDS = 900.0  # reading the weights from a slow disk and compiling take minutes
STOP_SECONDS = 20.0
# vLLM and Ray report their use to their makers unless told not to; what a class asks stays in the class.
VARIABLES = {"VLLM_NO_USAGE_STATS": "1", "RAY_USAGE_STATS_ENABLED": "0"}
KEY_FILE = "~/.class-vllm-key"


def instructions(plan: VllmPlan, given: Sequence[str] = ()) -> str:
    """What to type on which machine, in order, and the gate at the end.

    ``given``: what stood behind ``class_server vllm``; the gate's line repeats it, so that nothing that was asked for
    gets lost.
    """
    lines = ["# vLLM의 환경(requirements/vllm.txt)에서 실행합니다. 이 키는 학생에게 주지 않습니다."]
    machine = None
    for command in commands(plan):
        if command.machine != machine:
            machine = command.machine
            lines += [f"\n# {machine} 컴퓨터에서"] if machine else []
            lines += _exports(machine)
        if ENGINE_KEY_VARIABLE in command.variables:
            lines += [_NEW_KEY, _KEY_LINE]
        lines.append(str(command))
    where = f"{plan.machines[0]} 컴퓨터의 다른" if plan.machines else "다른"
    # Where a proxy takes the requests, the gate stays on this computer.
    lan = [] if "--lan" in given or any("://" in word for word in given) else ["--lan"]
    gate = ["python", "-m", "tools.class_server", "vllm", "--attach", *lan, *(given or [plan.folder])]
    lines.append(f"\n# vLLM이 준비되면, {where} 터미널에서 강의의 환경을 켜고 실행합니다")
    return "\n".join([*lines, _KEY_LINE, shlex.join(gate)])


_NEW_KEY = f"(umask 077; openssl rand -hex 24 > {KEY_FILE})"
_KEY_LINE = f"export {ENGINE_KEY_VARIABLE}=$(cat {KEY_FILE})"


def _exports(machine: str) -> list[str]:
    """Variables of each machine; those of several also say by which network card they reach each other."""
    lines = [f"export {name}={value}" for name, value in VARIABLES.items()]
    if not machine:
        return lines
    return [
        *lines,
        f"export VLLM_HOST_IP={machine}",
        f"export NCCL_SOCKET_IFNAME=$(ip -o address show to {machine} | awk '{{print $2; exit}}')",
        "export GLOO_SOCKET_IFNAME=$NCCL_SOCKET_IFNAME",
    ]


def gpu_gib() -> float | None:
    """Memory in GiB of this machine's largest NVIDIA GPU; None where ``nvidia-smi`` tells nothing."""
    ask = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]  # in MiB
    try:
        said = subprocess.run(ask, capture_output=True, text=True, timeout=30, check=True).stdout
        return max(float(line) for line in said.splitlines()) / 1024
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


class VllmProcess:
    """A running vLLM on this machine; use it with ``with``. ``key`` opens it and stays in this process."""

    def __init__(self, plan: VllmPlan, program: str = "vllm", start_seconds: float = START_SECONDS) -> None:
        if plan.machines:
            raise CourseError(
                "여러 컴퓨터에서는 --start를 쓸 수 없습니다. --start를 빼면 나오는 명령을 차례로 실행해 주십시오."
            )
        self.key = secrets.token_urlsafe(24)
        self.plan, self._program, self._limit = plan, program, start_seconds
        self._process: subprocess.Popen | None = None

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> VllmProcess:
        [command] = commands(self.plan)
        handle, log = tempfile.mkstemp(prefix="vllm-", suffix=".log", dir=cache_folder("logs"))
        self.log = Path(log)
        environment = {**os.environ, **VARIABLES, ENGINE_KEY_VARIABLE: self.key}
        print(f"vLLM을 켜는 중입니다. 몇 분 걸립니다. 기록: {log}", flush=True)
        try:
            with os.fdopen(handle, "wb") as out:
                self._process = subprocess.Popen(
                    [self._program, *command.words[1:]],
                    env=environment,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C is for the gate, which ends vLLM and its workers afterwards
                )
        except OSError as error:
            raise CourseError(
                f"'{self._program}' 프로그램을 실행하지 못했습니다({error.strerror}).\n"
                "--start 뒤에 vLLM 환경에 있는 vllm 파일의 경로를 적어 주십시오. 예: --start vllm-env/bin/vllm"
            ) from error
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def _wait(self) -> None:
        end = time.monotonic() + self._limit
        while not self._healthy():
            if not self.running:
                raise CourseError(f"vLLM이 켜지는 도중에 멈췄습니다. 기록의 마지막 부분입니다.\n{self._last_lines()}")
            if time.monotonic() > end:
                raise CourseError(f"vLLM이 {self._limit:.0f}초 안에 준비되지 않았습니다. 기록: {self.log}")
            time.sleep(0.2)

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.plan.port}/health", timeout=5) as answer:
                return answer.status == 200 and self.running
        except (OSError, urllib.error.URLError):
            return False

    def _last_lines(self, lines: int = 15) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace").replace(self.key, "...")
        return "\n".join(text.splitlines()[-lines:])

    def stop(self) -> None:
        """End vLLM and its workers; does nothing when it does not run."""
        if self._process is None:
            return
        self._send(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        self._send(getattr(signal, "SIGKILL", signal.SIGTERM))  # workers that outlived their parent, too
        self._process.wait()

    def _send(self, number: int) -> None:
        try:
            os.killpg(self._process.pid, number) if hasattr(os, "killpg") else self._process.terminate()
        except (ProcessLookupError, PermissionError):
            pass  # it has ended already

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
