"""Start the worker that runs a stranger's program where it can neither see nor touch anything but itself.

bubblewrap: own namespaces for files, processes, network and users. Where it is missing or not allowed: Landlock with
a filter for system calls. Where neither works: a refusal, unless the instructor asked for none.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_utils.errors import CourseError
from course_utils.grading import call_filter, landlock
from course_utils.grading.bubblewrap import WORK, bubblewrap_command
from course_utils.grading.limits import Limits
from course_utils.grading.visible_files import Visible, expanded, visible_files

# No site module: it costs 25 ms and reads *.pth files; the worker is told where the packages are. No user site, no
# current folder on sys.path, no *.pyc written.
_OPTIONS = ("-S", "-s", "-P", "-B")
_START = "import sys; sys.path.insert(0, sys.argv[1]); from course_utils.grading.worker import main; main()"
_ENVIRONMENT = {
    "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "USER": "student", "LOGNAME": "student", "MPLBACKEND": "Agg",
    "PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false",
    # One thread: limits of address space count every thread's stack and arena, and a class is graded side by side.
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2",
}  # fmt: skip
_READ_DEVICES = ("/dev/urandom", "/dev/random", "/dev/zero", "/proc/cpuinfo", "/proc/meminfo", "/proc/self/status")
_MIN_LANDLOCK = 4  # from then on TCP can be forbidden

NO_SANDBOX = """\
제출물을 가두어 실행할 방법이 이 컴퓨터에 없습니다. 제출물은 남이 쓴 프로그램이므로 그대로 실행하지 않습니다.
리눅스에서는 'sudo apt-get install bubblewrap'(배포판에 따라 dnf, pacman, zypper)으로 설치한 뒤 다시 실행해 주십시오.
윈도에서는 WSL 안에서, macOS에서는 리눅스 가상 머신이나 컨테이너 안에서 채점해 주십시오.
믿을 수 있는 제출물만 있다면 --no-sandbox를 붙여 가두지 않고 채점할 수 있습니다."""
NO_WINDOWS = "윈도에서는 채점할 수 없습니다. WSL(Windows Subsystem for Linux)을 설치하고 그 안에서 실행해 주십시오."


@dataclass
class Worker:
    """A started worker. ``setup``: what it must be told first. ``folder``: its files here, None inside bubblewrap."""

    process: subprocess.Popen
    setup: dict[str, Any]
    errors: Any
    folder: Path | None = None

    def last_words(self) -> str:
        """The end of what the worker wrote to stderr before it took orders: why it did not start."""
        self.errors.seek(0)
        return self.errors.read(100_000).decode("utf-8", "replace")[-2000:]

    def kill(self) -> None:
        """End it and everything it started, at once; nothing is left, neither processes nor files."""
        try:
            if self.folder is None:
                self.process.kill()  # bubblewrap's own end takes its whole process namespace with it
            else:
                os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.errors):
            try:
                pipe.close()
            except OSError:  # unsent orders to a worker that is gone
                pass
        if self.folder is not None:
            _remove(self.folder)


@dataclass(frozen=True)
class Sandbox:
    """How workers are started.

    ``name``: "bubblewrap", "landlock" or "none". ``weaknesses``: what it cannot stop, in Korean, for the report.
    """

    name: str
    program: str = ""
    options: frozenset[str] = frozenset()
    weaknesses: tuple[str, ...] = ()
    visible: Visible = field(default_factory=visible_files)

    def start(self, limits: Limits, socket_folder: Path | None = None) -> Worker:
        """Start a worker. ``socket_folder``: a folder with Unix sockets that it may connect to, at the same path.

        Raises:
            OSError: the program cannot be started.
        """
        if self.name == "bubblewrap":
            return self._start_bubblewrap(limits, socket_folder)
        return self._start_plain(limits, socket_folder)

    def _start_bubblewrap(self, limits: Limits, socket_folder: Path | None) -> Worker:
        folders = {"work": WORK, "temporary": "/tmp"}
        environment = _ENVIRONMENT | {"HOME": WORK, "TMPDIR": "/tmp", "MPLCONFIGDIR": "/tmp/matplotlib"}
        inner = [self.visible.python, *_OPTIONS, "-c", _START, "/course"]
        command = bubblewrap_command(self.program, self.options, self.visible, limits, environment, socket_folder)
        setup = self._setup(limits, folders) | {"own_world": True}
        # An empty environment: the first process inside is bubblewrap itself, and its environment can be read there.
        return _launch([*command, *inner], {}, setup, None)

    def _start_plain(self, limits: Limits, socket_folder: Path | None) -> Worker:
        folder = Path(tempfile.mkdtemp(prefix="grading-")).resolve()
        for name in ("work", "temporary", "temporary/matplotlib", "course"):
            (folder / name).mkdir()
        for path in self.visible.font_lists:
            (folder / "temporary" / "matplotlib" / Path(path).name).symlink_to(path)
        (folder / "course" / "course_utils").symlink_to(self.visible.course)
        work, temporary = str(folder / "work"), str(folder / "temporary")
        environment = _ENVIRONMENT | {"HOME": work, "TMPDIR": temporary, "MPLCONFIGDIR": f"{temporary}/matplotlib"}
        command = [self.visible.python, *_OPTIONS, "-c", _START, str(folder / "course")]
        setup = self._setup(limits, {"work": work, "temporary": temporary}) | {"own_world": False}
        if self.name == "landlock":
            setup["landlock"] = self._allowed(folder)
            setup["sockets"] = "unix" if socket_folder else "none"
        try:
            return _launch(command, environment, setup, folder)
        except BaseException:
            _remove(folder)
            raise

    def _setup(self, limits: Limits, folders: dict[str, str]) -> dict[str, Any]:
        filtered = self.name != "none" and call_filter.available()
        return {"limits": limits.for_worker(), "packages": list(self.visible.packages), "filter": filtered, **folders}

    def _allowed(self, folder: Path) -> dict[str, list[str]]:
        seen = self.visible
        read, listed = [*seen.kept, *seen.font_lists, *_READ_DEVICES], [str(folder / "course")]
        for path in (*seen.files, seen.course):
            allowed, folders = expanded(path, seen.hidden)
            read += allowed
            listed += folders
        listed.append(str(Path(seen.course) / "grading"))
        write = [str(folder / "work"), str(folder / "temporary"), "/dev/null"]
        return {"read": read, "listed": listed, "write": write}


def choose_sandbox(allow_none: bool = False, only: str = "") -> Sandbox:
    """The strongest sandbox that really works here; it is tried out, because a kernel may forbid what is installed.

    ``allow_none``: the instructor wants no sandbox. ``only``: take this one, "bubblewrap" or "landlock".

    Raises:
        CourseError: none works.
    """
    if sys.platform == "win32":
        raise CourseError(NO_WINDOWS)
    if allow_none:
        return Sandbox("none", weaknesses=("제출물을 가두지 않고 실행했습니다.",))
    reasons = []
    for name, find in (("bubblewrap", _bubblewrap), ("landlock", _landlock)):
        sandbox = find() if only in ("", name) else None
        reason = _trial(sandbox) if sandbox else ""
        if sandbox and not reason:
            return sandbox
        if reason:
            reasons.append(f"{name}: {reason}")
    raise CourseError("\n".join([NO_SANDBOX, *reasons]))


def _bubblewrap() -> Sandbox | None:
    program = shutil.which("bwrap")
    if not sys.platform.startswith("linux") or not program:
        return None
    told = subprocess.run([program, "--help"], capture_output=True, text=True, env={}, check=False)
    known = frozenset(word for word in ("--size", "--disable-userns") if word in told.stdout + told.stderr)
    weak = [] if "--size" in known else ["제출물이 쓰는 파일의 크기를 하나씩만 제한합니다(bubblewrap 0.7 미만)."]
    if not call_filter.available():
        weak.append("이 컴퓨터에서는 제출물이 새 프로세스를 만드는 것을 막지 못합니다. 채점이 끝나면 모두 없어집니다.")
    return Sandbox("bubblewrap", os.path.realpath(program), known, tuple(weak))


def _landlock() -> Sandbox | None:
    version = landlock.abi()
    if version < _MIN_LANDLOCK or not call_filter.available():
        return None
    weak = (
        "Landlock으로 가두었습니다. 쓰는 파일의 합, 파일 이름을 살피는 일, API를 쓰는 연습 문제에서 다른 유닉스 소켓에 "
        "접속하는 일은 막지 못합니다. bubblewrap을 설치하면 모두 막습니다."
    )
    return Sandbox("landlock", weaknesses=(weak,))


def _trial(sandbox: Sandbox) -> str:
    """Why the sandbox does not work; empty when it does. A file of ours must be out of sight, its own within."""
    from course_utils.grading.worker_link import WorkerLink

    with tempfile.NamedTemporaryFile("w", suffix=".secret") as secret:
        secret.write("secret")
        secret.flush()
        code = f"open('own.txt', 'w').write('x')\ntry:\n    open({secret.name!r}).read()\n    seen = 'seen'\n" \
               "except OSError:\n    seen = 'hidden'"  # fmt: skip
        try:
            with WorkerLink(sandbox, Limits()) as link:
                report = link.run_cells([code])[0]
                outcome = link.value(["seen"])
        except (CourseError, OSError) as error:
            return str(error)
    if report.status != "ok" or outcome.value != "hidden":
        return f"시험해 보니 제대로 가두지 못합니다 ({report.status}, {outcome.value})."
    return ""


def _launch(command: list[str], environment: dict[str, str], setup: dict[str, Any], folder: Path | None) -> Worker:
    errors = tempfile.TemporaryFile()  # noqa: SIM115  closed with the worker
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment, bufsize=0,
            cwd=folder or "/", start_new_session=True, close_fds=True,
        )  # fmt: skip
    except BaseException:
        errors.close()
        raise
    return Worker(process, setup, errors, folder)


def _remove(folder: Path) -> None:
    """Remove a worker's folder, also where its program took rights away."""
    for place, _, _ in os.walk(folder):
        try:
            os.chmod(place, 0o700)
        except OSError:
            pass
    shutil.rmtree(folder, ignore_errors=True)
