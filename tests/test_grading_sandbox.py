"""What a program in each sandbox can see, change and use: nothing but itself."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sandboxed import NAMES, QUICK, this_sandbox

import course_utils
from course_utils.errors import CourseError
from course_utils.grading import landlock
from course_utils.grading import sandbox as sandbox_module
from course_utils.grading.sandbox import NO_SANDBOX, Sandbox, choose_sandbox
from course_utils.grading.visible_files import expanded, visible_files
from course_utils.grading.worker_link import WorkerLink

ROOT = Path(course_utils.__file__).resolve().parent.parent

# Runs inside. Each line: a name and an expression; what it gives, or the name of the exception.
PROBES = {
    "fork": "os.fork()",
    "program": "subprocess.run(['/bin/true'])",
    "replace itself": "os.execv('/bin/true', ['true'])",
    "answer key": "open(ROOT + '/answer_key/task.py').read()",
    "answer key listed": "os.listdir(ROOT + '/answer_key')",
    "answer key imported": "__import__('answer_key')",
    "sheets": "os.listdir(course_utils.__path__[0] + '/assets/checks')[0] and "
    "open(course_utils.__path__[0] + '/assets/checks/ex04.json').read()",
    "grader imported": "__import__('course_utils.grading.worker_link')",
    "outside file": "open(OUTSIDE).read()",
    "outside file changed": "open(OUTSIDE, 'a')",
    "outside rights": "os.chmod(OUTSIDE, 0)",
    "outside removed": "os.remove(OUTSIDE)",
    "shadow": "open('/etc/shadow').read()",
    "environment of others": "[open(f'/proc/{p}/environ').read() for p in (1, os.getppid())]",
    "kernel settings": "open('/proc/sys/kernel/core_pattern', 'r+')",
    "package changed": "open(course_utils.__file__, 'a')",
    "new file in package": "open(course_utils.__path__[0] + '/x.py', 'w')",
    "new file in a mask": "open(course_utils.__path__[0] + '/assets/checks/x', 'w')",
    "new file in python": "open(os.__file__ + 'x', 'w')",
    "shared memory file": "open('/dev/shm/x', 'w')",
    "memory file": "os.memfd_create('x')",
    "loopback": "socket.create_connection(('127.0.0.1', PORT), 1)",
    "datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT)) and 1 / REACHED",
    "parent killed": "os.kill(os.getppid(), 9)",
    "grader killed": "os.kill(GRADER, 9)",
    "all killed": "os.kill(-1, 9)",
    "much memory": "bytearray(1 << 30)",
    "shared memory": "mmap.mmap(-1, 3 << 30)",
    "private memory": "mmap.mmap(-1, 1 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)",
    "memory as a stack": "mmap.mmap(-1, 3 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x100)",
    "large file": "open('large', 'wb').write(bytes(17 << 20))",
    "new namespace": "[][libc.unshare(0x10000000)]",
    "input": "input()",
}
CODE = """
import ctypes, mmap, os, socket, subprocess, threading
import course_utils
libc = ctypes.CDLL(None)
seen = {{}}
REACHED = 1
for name, expression in {probes!r}.items():
    try:
        seen[name] = "DONE " + repr(eval(expression))[:100]
    except BaseException as error:
        seen[name] = type(error).__name__
thread = threading.Thread(target=print)
thread.start()
open("own.txt", "w").write("x")
harmless = [open("own.txt").read(), len(os.environ), os.environ.get("GRADER_SECRET", ""), os.getcwd()]
"""


@pytest.fixture(scope="module", params=NAMES)
def seen(request, tmp_path_factory):
    """What the probes gave in a sandbox, and the other values of the cell."""
    import socket

    sandbox = this_sandbox(request.param)
    outside = tmp_path_factory.mktemp("outside") / "secret.txt"
    outside.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        names = {"ROOT": str(ROOT), "OUTSIDE": str(outside), "PORT": server.getsockname()[1], "GRADER": os.getpid()}
        code = "".join(f"{name} = {value!r}\n" for name, value in names.items()) + CODE.format(probes=PROBES)
        os.environ["GRADER_SECRET"] = "secret"
        try:
            with WorkerLink(sandbox, QUICK) as link:
                (report,) = link.run_cells([code])
                assert report.status == "ok", report
                return link.value(["seen"]).value, link.value(["harmless"]).value, outside
        finally:
            del os.environ["GRADER_SECRET"]


@pytest.mark.parametrize("name", PROBES)
def test_nothing_outside_is_reached(seen, name):
    if name == "datagram" and seen[0][name] == "DONE 1.0":
        return  # sent into its own empty network: see "loopback", which is refused
    assert not seen[0][name].startswith("DONE"), seen[0][name]
    assert seen[0][name] not in ("NameError", "SyntaxError", "ZeroDivisionError", "AttributeError")


def test_what_is_outside_stays_as_it_was(seen):
    assert seen[2].read_text() == "secret" and seen[2].stat().st_mode & 0o777 != 0
    assert not (ROOT / "course_utils" / "x.py").exists()


def test_its_own_folder_and_threads_work_and_no_secret_is_in_its_environment(seen):
    text, variables, secret, folder = seen[1]
    assert (text, secret) == ("x", "") and variables < 25
    assert not folder.startswith(str(ROOT))


def test_the_probes_succeed_without_a_sandbox(tmp_path):
    """So they can fail: a program that is not confined reads and changes what it likes."""
    outside = tmp_path / "secret.txt"
    outside.write_text("secret")
    keep = ("outside file", "outside file changed", "package listed", "program", "large file")
    probes = {name: code for name, code in PROBES.items() if name in keep}
    code = f"OUTSIDE = {str(outside)!r}\n" + CODE.format(probes=probes)
    with WorkerLink(choose_sandbox(allow_none=True), QUICK) as link:
        link.run_cells([code])
        done = link.value(["seen"]).value
    assert [name for name, result in done.items() if result.startswith("DONE")] == [
        "program", "outside file", "outside file changed"
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_libraries_of_the_course_load_within_the_limits(name):
    cell = (
        "import numpy, pandas, scipy.stats, matplotlib.pyplot, threading\nimport openai\nopenai.OpenAI(api_key='x')\n"
        "kept = numpy.ones((600, 102400))\n[threading.Thread(target=id, args=(1,)).start() for _ in range(20)]"
    )
    with WorkerLink(this_sandbox(name), sandbox_module.Limits()) as link:
        assert [r.status for r in link.run_cells([cell])] == ["ok"]


@pytest.mark.parametrize("name", NAMES)
def test_a_socket_folder_can_be_reached_and_nothing_else(name, tmp_path):
    import socket
    import threading

    with WorkerLink(this_sandbox(name), QUICK, sockets=True) as link:
        folder = link.socket_folder
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(folder / "s"))
            server.listen()

            def serve():
                with server.accept()[0] as connection:
                    connection.sendall(b"hello")

            answers = threading.Thread(target=serve)
            answers.start()
            cell = f"import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect({str(folder / 's')!r})\nv = s.recv(9)"
            link.run_cells([cell + ".decode()"])
            answers.join(5)
            assert link.value(["v"]).value == "hello"
    assert not folder.exists()


@pytest.mark.parametrize("name", [*NAMES, "none"])
def test_ending_a_worker_leaves_no_process_and_no_file(name):
    sandbox = this_sandbox(name) if name != "none" else choose_sandbox(allow_none=True)
    with WorkerLink(sandbox, QUICK) as link:
        worker = link._worker
        link.run_cells(["import os\nos.mkdir('locked')\nopen('locked/x', 'w').close()\nopen('y', 'w').close()"])
        assert worker.process.poll() is None
    assert worker.process.poll() is not None
    assert worker.folder is None or not worker.folder.exists()
    assert not _descendants(os.getpid())


def _descendants(process: int) -> list[str]:
    time.sleep(0.05)
    listed = subprocess.run(["ps", "--ppid", str(process), "-o", "pid=,args="], capture_output=True, text=True)
    return [line for line in listed.stdout.splitlines() if "course_utils.grading.worker" in line]


def test_refused_where_nothing_works(monkeypatch):
    monkeypatch.setattr(sandbox_module.shutil, "which", lambda name: None)
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    with pytest.raises(CourseError, match="bubblewrap") as caught:
        choose_sandbox()
    assert str(caught.value) == NO_SANDBOX and "--no-sandbox" in NO_SANDBOX
    assert choose_sandbox(allow_none=True).name == "none"


def test_a_bubblewrap_that_does_not_work_is_not_chosen(monkeypatch, tmp_path):
    """As on systems that forbid user namespaces: the program is there and fails."""
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'setting up uid map: Permission denied' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sandbox_module.shutil, "which", lambda name: str(broken))
    with pytest.raises(CourseError, match="Permission denied"):
        choose_sandbox(only="bubblewrap")


def test_a_sandbox_that_hides_nothing_is_not_chosen(monkeypatch):
    monkeypatch.setattr(sandbox_module, "_bubblewrap", lambda: Sandbox("none"))
    with pytest.raises(CourseError, match="제대로 가두지 못합니다"):
        choose_sandbox(only="bubblewrap")


def test_what_is_hidden_is_never_among_what_is_allowed(tmp_path):
    for name in ("a/secret/x", "a/open/y", "b/z"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    hidden = (str(tmp_path / "a" / "secret"),)
    allowed, listed = expanded(str(tmp_path), hidden)
    assert allowed == [str(tmp_path / "a" / "open"), str(tmp_path / "b")]
    assert listed == [str(tmp_path), str(tmp_path / "a")]


def test_visible_files_hold_the_interpreter_and_not_the_course_folder():
    seen = visible_files()
    assert seen.python == os.path.realpath(sys.executable)
    assert str(ROOT) not in seen.files and "/" not in seen.files and "/root" not in seen.files
    assert {Path(path).name for path in seen.hidden} >= {"grading", "answer_key"}
