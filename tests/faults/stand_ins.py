"""Places that a scenario puts a learner into: disks, GPUs, rights. Called in the learner's own process.

learner.before("import stand_ins; stand_ins.t4()")
"""

import ctypes
import os
import shutil
import struct

_NEW_MOUNTS, _NEW_USER = 0x00020000, 0x10000000
_CAPABILITIES_3 = 0x20080522
_PRIVATE, _RECURSIVE = 1 << 18, 1 << 14
T4_TOTAL = 15_828_320_256  # bytes, as a T4 of Colab tells them
T4_FREE = 15_676_000_000


def t4(free: int = T4_FREE) -> None:
    """torch sees one Tesla T4; nothing can really be put there."""
    from course_utils import runtime

    runtime.gpus = lambda: [runtime.Gpu(0, "Tesla T4", (7, 5), free, T4_TOTAL)]


def plenty_of_memory() -> None:
    """The scenario is about something else than this machine's main memory."""
    from course_utils import runtime

    runtime.free_cpu_memory = lambda: 64 * 10**9


def gpu_pipeline() -> None:
    """``load_pipeline`` takes the class that it takes on a GPU, though the model computes on the CPU."""
    import torch

    from course_utils import older_pipeline

    chosen = older_pipeline.pipeline_class
    older_pipeline.pipeline_class = lambda device: chosen(torch.device("cuda:0"))


def small_disk(folder: str, size: int) -> None:
    """``folder`` becomes a disk of ``size`` bytes, for this process alone: a tmpfs in a mount namespace of its own."""
    system = ctypes.CDLL(None, use_errno=True)
    users, groups = os.getuid(), os.getgid()
    if system.unshare(_NEW_MOUNTS):
        _checked(system.unshare(_NEW_MOUNTS | _NEW_USER), "unshare")
        for name, line in (("setgroups", "deny"), ("uid_map", f"0 {users} 1"), ("gid_map", f"0 {groups} 1")):
            with open(f"/proc/self/{name}", "w") as opened:
                opened.write(line)
    _checked(system.mount(b"none", b"/", None, _PRIVATE | _RECURSIVE, None), "mount")
    _checked(system.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, f"size={size}".encode()), "mount")


def unknown_quota() -> None:
    """The disk looks empty and is not: a quota, or another program that fills it meanwhile."""
    usage = shutil.disk_usage("/")._replace(free=10**12)
    shutil.disk_usage = lambda path: usage


def no_special_rights() -> None:
    """Root obeys the rights of files like everybody else (drops all capabilities)."""
    header = struct.pack("Ii", _CAPABILITIES_3, 0)
    _checked(ctypes.CDLL(None, use_errno=True).capset(header, bytes(24)), "capset")


def _checked(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
