"""Attempts to read what is not theirs, and to get it out through what a learner is shown."""

from __future__ import annotations

import os
from pathlib import Path

from attack_notebooks import ABSTRACT, FILE, KEY, Attack, answers, cell_attack, given_out, write_notebook

# Everything found is raised and returned by the answers and printed: the feedback shows errors, values and printing.
TELL = """
def tell(found):
    global told
    told = str(found)[:1500]
    print(told)
told = 'nothing'
""" + answers("print(told)\nraise LookupError(told)")
TRY = "try:\n    tell({})\nexcept BaseException as error:\n    pass"


def _reading(name: str, expression: str) -> Attack:
    return cell_attack(f"secret_{name}", TELL, f"import os, socket, glob, ctypes\n{TRY.format(expression)}")


def secret_attacks(world: Path, port: int) -> list[Attack]:
    """``world``: the instructor's folder with ``secret.txt``, ``socket`` and the submissions; ``port``: a server's."""
    secret, neighbour = str(world / "secret.txt"), str(world / "submitted" / "good_00" / KEY.folder / FILE)
    connect = "[s for s in [socket.socket({})] if not s.connect({})][0].recv(99)"

    def linked_data(folder: Path) -> None:
        write_notebook(given_out(), folder)
        (folder / "data.txt").symlink_to(secret)
        _reading("x", "open('data.txt').read() + open('../data.txt').read()").write(folder)

    def linked_notebook(folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / FILE).symlink_to(neighbour)

    def linked_folder(folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.symlink_to(Path(neighbour).parent)

    return [
        _reading("file", f"open({secret!r}).read()"),
        _reading(
            "everywhere", "[open(d + '/secret.txt').read() for d, _, f in os.walk('/tmp') if 'secret.txt' in f][0]"
        ),
        _reading("environment", "dict(os.environ)"),
        _reading("environment_of_others", "[open(p, 'rb').read() for p in glob.glob('/proc/[0-9]*/environ')]"),
        _reading("environment_of_the_first", "open('/proc/1/environ').read()"),
        _reading("environment_of_the_parent", "open(f'/proc/{os.getppid()}/environ').read()"),
        _reading("root_of_others", f"open('/proc/1/root' + {secret!r}).read()"),
        _reading("grader_root", f"open('/proc/{os.getpid()}/root' + {secret!r}).read()"),
        _reading("neighbour", f"open({neighbour!r}).read()"),
        _reading("class_seed", f"open({str(world / 'grades' / 'class_seed.txt')!r}).read()"),
        _reading("loopback", connect.format("", ("127.0.0.1", port))),
        _reading("unix_socket", connect.format("socket.AF_UNIX", repr(str(world / "socket")))),
        _reading("abstract_socket", connect.format("socket.AF_UNIX", repr(ABSTRACT))),
        _reading("open_files", "[os.pread(n, 999, 0) for n in range(3, 60) if os.path.exists(f'/proc/self/fd/{n}')]"),
        _reading("shared_memory", "[open(p).read() for p in glob.glob('/dev/shm/*')]"),
        _reading("traced_parent", "ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) or 1 / 0"),
        _reading("passwords", "open('/etc/shadow').read()"),
        _reading("link_made_inside", f"(os.symlink({secret!r}, 'l'), open('l').read())[1]"),
        _reading("hard_link_made_inside", f"(os.link({secret!r}, 'h'), open('h').read())[1]"),
        Attack("secret_linked_data", linked_data),
        Attack("secret_linked_notebook", linked_notebook, 0, ("refused", "")),
        Attack("secret_linked_folder", linked_folder, 0, ("refused", "")),
    ]
