"""Landlock: the Linux kernel keeps a process to a list of files, without root and without another program.

Source: the kernel's Documentation/userspace-api/landlock.rst and include/uapi/linux/landlock.h.
"""

from __future__ import annotations

import ctypes
import os
import sys

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_PATH_RULE = 1
_WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE, _IOCTL = 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15
_RIGHTS_OF_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_EXECUTE, _MAKE_DEVICES = 1 << 0, (1 << 6) | (1 << 11)
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_TCP_ABI, _SCOPE_ABI = 4, 6
_TCP, _SCOPES = 0b11, 0b11  # bind and connect; abstract Unix sockets and signals
_NO_NEW_PRIVILEGES = 38
_CAPABILITIES_VERSION = 0x20080522


class _Rules(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64)]


class _Capabilities(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("process", ctypes.c_int)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"  # Python 3.14 wants it said; older ones take no notice
    _fields_ = [("rights", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def abi() -> int:
    """The kernel's Landlock version, from 1 on; 0 where there is none or it is switched off."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, _libc().syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1)))


def restrict(read: list[str], listed: list[str], write: list[str]) -> int:
    """Keep this process and its children to these paths, for good. Returns the kernel's Landlock version.

    ``read``: files and folders that may be read; ``listed``: folders whose names alone may be listed; ``write``:
    folders in which everything is allowed but devices and programs. TCP is forbidden from version 4 on, signals to
    other processes and abstract Unix sockets from version 6 on. Paths that do not exist are left out.

    Raises:
        OSError: the kernel refused.
    """
    version = abi()
    rights = max((bits for needed, bits in _RIGHTS_OF_ABI.items() if needed <= version), default=0)
    rules = _Rules(rights, _TCP if version >= _TCP_ABI else 0, _SCOPES if version >= _SCOPE_ABI else 0)
    size = 8 if version < _TCP_ABI else 16 if version < _SCOPE_ABI else 24
    libc = _libc()
    descriptor = _checked(libc.syscall(_CREATE, ctypes.byref(rules), ctypes.c_size_t(size), ctypes.c_uint32(0)))
    try:
        allowed = rights & ~_MAKE_DEVICES & ~_EXECUTE
        for paths, granted in ((read, _READ_FILE | _READ_DIR), (listed, _READ_DIR), (write, allowed)):
            for path in paths:
                _allow(libc, descriptor, path, granted)
        _checked(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
        _checked(libc.syscall(_RESTRICT, ctypes.c_int(descriptor), ctypes.c_uint32(0)))
    finally:
        os.close(descriptor)
    return version


def drop_capabilities() -> None:
    """Give up root's rights for good, also those that are about no file (clock, modules, restart).

    Raises:
        OSError: the kernel refused.
    """
    header = _CapabilityHeader(_CAPABILITIES_VERSION, 0)
    _checked(_libc().capset(ctypes.byref(header), ctypes.byref((_Capabilities * 2)())))


def _allow(libc: ctypes.CDLL, rules: int, path: str, granted: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rights = granted if os.path.isdir(path) else granted & _FILE_RIGHTS
        if rights:
            beneath = _Beneath(rights, place)
            _checked(libc.syscall(_ADD, ctypes.c_int(rules), ctypes.c_int(_PATH_RULE), ctypes.byref(beneath),
                                  ctypes.c_uint32(0)))  # fmt: skip
    finally:
        os.close(place)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
