"""A seccomp filter: system calls that no exercise needs fail in the worker, whichever sandbox is round it.

No new process may be started and no program run. So one process is all there is: the memory limit holds for the whole
submission (root is not held by a limit on processes), and nothing can be left running. Only itself may be signalled.
Source: the kernel's Documentation/userspace-api/seccomp_filter.rst; call numbers from its tables.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _FOURTH_ARGUMENT = 0, 4, 16, 40  # in struct seccomp_data; low halves
_CLONE_THREAD, _UNIX = 0x10000, 1
_SECCOMP, _FILTER, _NO_NEW_PRIVILEGES = 22, 2, 38
_X32 = 0x40000000
_SHARED, _NO_FILE, _GROWS = 0x01, 0x20, 0x100  # flags of mmap

# For each call its number on x86_64 and on aarch64; 0 where the processor has no such call.
# Never: programs and processes, looking into others, namespaces and mounts, memory that no limit counts, io_uring (it
# goes round this filter), and corners of the kernel in which faults are often found.
_NEVER = {
    "fork": (57, 0), "vfork": (58, 0), "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "pidfd_send_signal": (424, 424), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "tkill": (200, 130), "memfd_create": (319, 279), "memfd_secret": (447, 447),
    "shmget": (29, 194), "io_uring_setup": (425, 425), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
}  # fmt: skip
# Where the files and the message queues are the machine's own: Landlock does not look at rights, owners and times.
_OWN_WORLD = {
    "chmod": (90, 0), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, 0),
    "fchown": (93, 55), "lchown": (94, 0), "fchownat": (260, 54), "utime": (132, 0), "utimes": (235, 0),
    "futimesat": (261, 0), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "setxattrat": (463, 463),
    "removexattrat": (466, 466), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
}  # fmt: skip
_LOOKED_AT = {"clone": (56, 220), "clone3": (435, 435), "kill": (62, 129), "tgkill": (234, 131), "socket": (41, 198)}
_MAP = (9, 222)
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}


class _Step(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte), ("k", ctypes.c_uint32)]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.POINTER(_Step))]


def available() -> bool:
    """Whether the filter is written for this machine's processor and system."""
    return sys.platform.startswith("linux") and sys.maxsize > 2**32 and os.uname().machine in _MACHINES


def install(own_world: bool, sockets: str) -> bool:
    """Put the filter on this process for good. Returns False where ``available()`` is False.

    ``own_world``: whether files, network and the rest are this sandbox's own already. If not, ``sockets`` says which
    may be made: "unix" or "none".

    Raises:
        OSError: the kernel refused.
    """
    if not available():
        return False
    steps = _steps(own_world, sockets)
    program = _Program(len(steps), (_Step * len(steps))(*steps))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(_SECCOMP, _FILTER, ctypes.byref(program), 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return True


def _steps(own_world: bool, sockets: str) -> list[_Step]:
    architecture, column = _MACHINES[os.uname().machine]
    steps = [_Step(_LOAD, 0, 0, _ARCHITECTURE), _Step(_EQUAL, 1, 0, architecture), _give(_KILL)]
    steps += [_Step(_LOAD, 0, 0, _NUMBER), _Step(_AT_LEAST, 0, 1, _X32), _fail(errno.EPERM)]
    for numbers in (_NEVER if own_world else _NEVER | _OWN_WORLD).values():
        if numbers[column]:
            steps += _rule(numbers[column], [_fail(errno.EPERM)])
    number = {name: numbers[column] for name, numbers in _LOOKED_AT.items()}
    steps += _rule(number["clone3"], [_fail(errno.ENOSYS)])  # the C library then takes clone, whose flags show here
    steps += _rule(number["clone"], _only_if(_ANY_BIT, _CLONE_THREAD))
    steps += _rule(_MAP[column], _counted_memory())
    for name in ("kill", "tgkill"):
        steps += _rule(number[name], _only_if(_EQUAL, os.getpid()))
    if not own_world:
        steps += _rule(number["socket"], _only_if(_EQUAL, _UNIX) if sockets == "unix" else [_fail(errno.EPERM)])
    return [*steps, _give(_ALLOW)]


def _rule(number: int, block: list[_Step]) -> list[_Step]:
    return [_Step(_EQUAL, 0, len(block), number), *block]


def _only_if(test: int, value: int) -> list[_Step]:
    return [_Step(_LOAD, 0, 0, _FIRST_ARGUMENT), _Step(test, 0, 1, value), _give(_ALLOW), _fail(errno.EPERM)]


def _counted_memory() -> list[_Step]:
    """Only memory that the limit counts: no stacks of one's own, nothing shared that is no file."""
    steps = [_Step(_LOAD, 0, 0, _FOURTH_ARGUMENT), _Step(_ANY_BIT, 2, 0, _GROWS), _Step(_ANY_BIT, 0, 2, _NO_FILE)]
    return [*steps, _Step(_ANY_BIT, 0, 1, _SHARED), _fail(errno.ENOMEM), _give(_ALLOW)]


def _give(verdict: int) -> _Step:
    return _Step(_RETURN, 0, 0, verdict)


def _fail(number: int) -> _Step:
    return _give(_FAIL | number)
