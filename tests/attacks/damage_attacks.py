"""Attempts at other people's files and processes, and programs that break down or never end."""

from __future__ import annotations

from pathlib import Path

from attack_notebooks import FILE, KEY, MARK, ROOT, TASKS, Attack, answers, cell_attack

TWO = TASKS[:2]  # right answers before the breakdown; their points stay
LATER = [TASKS[4]]  # the one answer that breaks down, where every answer would only cost more time
FORK = "import os, time\ntry:\n    for _ in range({}):\n        if os.fork() == 0: {}\nexcept OSError:\n    pass"
SLEEPERS = FORK.format(30, "os.setsid(); time.sleep(600); os._exit(0)")


def _writing(name: str, expression: str) -> Attack:
    return cell_attack(f"writes_{name}", f"import os, shutil, glob\ntry:\n    {expression}\nexcept OSError:\n    pass")


def file_attacks(world: Path) -> list[Attack]:
    """Attempts to write; see ``secret_attacks`` for ``world``."""
    neighbour = str(world / "submitted" / "good_00" / KEY.folder / FILE)
    results = str(world / "grades")
    targets = [str(world), "/tmp", "/var/tmp", "/dev/shm", str(Path.home()), str(ROOT), str(ROOT / "course_utils")]
    return [
        _writing("neighbour", f"open({neighbour!r}, 'w').write('{{}}')"),
        _writing("all_neighbours", f"[os.remove(p) for p in glob.glob({str(world)!r} + '/submitted/*/*/*.ipynb')]"),
        _writing("neighbour_rights", f"os.chmod({neighbour!r}, 0)"),
        _writing("results", f"[open(p, 'w').write('{{}}') for p in glob.glob({results!r} + '/results/*')]"),
        _writing("results_removed", f"shutil.rmtree({results!r})"),
        _writing("secret", f"open({str(world / 'secret.txt')!r}, 'a').write('x')"),
        _writing("answer_key", f"open({str(ROOT / 'answer_key' / MARK)!r}, 'w').write('x')"),
        _writing("configuration", f"open({str(ROOT / MARK)!r} + '.py', 'w').write('x')"),
        _writing("site_packages", f"import numpy; open(os.path.dirname(numpy.__file__) + '/{MARK}.pth', 'w')"),
        cell_attack("writes_everywhere", f"for d in {targets!r}:\n    try:\n        open(d + '/{MARK}', 'w')\n"
                    "    except OSError:\n        pass"),
        cell_attack("writes_in_a_call", answers(f"open({str(world / MARK)!r}, 'w')\nreturn 0")),
    ]  # fmt: skip


def call_attack(name: str, body: str, after: str = "") -> Attack:
    """Two answers are right, a later one breaks down; the right ones keep their points."""
    return cell_attack(name, f"{answers(body, LATER)}\n{after}", solve=TWO)


BREAKDOWNS = [
    cell_attack("kills_parent", "import os\nos.kill(os.getppid(), 9)"),
    cell_attack("kills_everybody", "import os, signal\nfor target in (-1, 0):\n    os.kill(target, signal.SIGKILL)"),
    cell_attack("kills_all_numbers", "import os\nfor n in range(1, 40000):\n    if n != os.getpid():\n        try:\n"
                "            os.kill(n, 9)\n        except OSError:\n            pass"),
    call_attack("stops_itself", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"),
    cell_attack("sleepers_left", SLEEPERS, answers(SLEEPERS + "\nreturn 0")),
    cell_attack("programs_left", "import subprocess\ntry:\n    for _ in range(9):\n        subprocess.Popen(['sleep', "
                "'600'], start_new_session=True)\nexcept OSError:\n    pass"),
    cell_attack("fork_bomb", FORK.format(10**6, "pass")),
    cell_attack("threads", "import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, "
                "args=(600,)).start()", solve=TWO),
    cell_attack("memory_in_a_cell", "x = bytearray(3 << 30)", solve=TWO),
    call_attack("memory_in_calls", "x = []\nwhile True: x.append(bytearray(1 << 26))"),
    cell_attack("large_file", "open('x', 'wb').write(bytes(300 << 20))", solve=TWO),
    cell_attack("many_files", "for n in range(40): open(f'x{n}', 'wb').write(bytes(15 << 20))", solve=TWO),
    cell_attack("deep_folders", "import os\nfor n in range(400):\n    os.mkdir('d'); os.chdir('d')\nos.chmod('.', 0)",
                solve=TWO),
    cell_attack("prints_one_long_line", "print('x' * 100_000_000)", solve=TWO),
    cell_attack("prints_past_python", "import os\nfor _ in range(999): os.write(1, b'x' * 99999)\nos.write(2, b'x')",
                solve=TWO),
    cell_attack("endless_cell", "while True: pass", solve=TWO),
    cell_attack("endless_cell_that_catches", "while True:\n    try:\n        while True: pass\n"
                "    except BaseException: pass", solve=TWO),
    cell_attack("endless_cell_deaf_to_signals", "import signal\n"
                "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))\nwhile True: pass", solve=TWO),
    call_attack("endless_calls", "while True: pass"),
    call_attack("sleeping_calls", "import time\ntime.sleep(600)"),
    cell_attack("many_slow_cells", *["import time\ntime.sleep(0.8)"] * 30, solve=()),
    cell_attack("leaves", "import sys\nsys.exit(0)", "exit()", "raise KeyboardInterrupt", solve=TWO),
    cell_attack("ends_the_process", "import os\nos._exit(0)", solve=TWO),
    cell_attack("segmentation_fault", "import ctypes\nctypes.string_at(0)", solve=TWO),
    cell_attack("crash_in_a_later_function", f"def {TASKS[4]}(*args):\n    import os\n    os._exit(1)", solve=TWO),
    call_attack("crash_at_the_second_call", "evil.calls += 1\nimport os\nevil.calls > 1 and os._exit(1)",
                "evil.calls = 0"),
    cell_attack("recursion", "def f(): return f()\nf()", "import sys\nsys.setrecursionlimit(10**9)\nf()", solve=TWO),
    cell_attack("replaced_by_a_program", "import os\nos.execv('/bin/sh', ['sh', '-c', 'sleep 600'])", solve=TWO),
    cell_attack("at_exit", "import atexit, time\natexit.register(time.sleep, 600)", solve=TWO),
    cell_attack("channel_closed", "import os\nos.closerange(3, 256)", solve=TWO),
    cell_attack("channel_flooded", "import os\nwhile True: os.write(21, b'x' * 65536)", solve=TWO),
    call_attack("channel_flooded_with_lines", "import os\nwhile True: os.write(21, b'{}\\n' * 9999)"),
    call_attack("channel_nested", "import os\nfor n in range(99):\n    os.write(21, b'{\"id\": %d, "
                "\"outcome\": ' % n + b'[' * 9999 + b'\\n')\nreturn 0"),
    cell_attack("channel_read_empty", "import os\nwhile True: os.read(20, 9999)", solve=TWO),
    cell_attack("returns_huge_number", answers("return 10 ** 100000")),
    cell_attack("returns_cycle", answers("x = []; x.append(x); return x")),
    call_attack("returns_depth", "x = []\nfor _ in range(100000): x = [x]\nreturn x"),
    cell_attack("returns_72_megabytes", answers("return np.ones(9_000_000)")),
    call_attack("returns_without_end", "while True: yield 1"),
    call_attack("raises_huge_text", "raise ValueError('x' * 50_000_000)"),
    call_attack("raises_what_cannot_be_shown", "class Odd(Exception):\n    def __str__(self):\n"
                "        while True: pass\nraise Odd()"),
    call_attack("names_without_end", "raise type('x' * 10_000_000, (ValueError,), {})()"),
]  # fmt: skip
