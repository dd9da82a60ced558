"""Let this process do nothing from now on but calculate, and read and write what is open.

Linux only: a filter of system calls (seccomp) that names the few which are left. Everything else
fails with EPERM, above all to open a file, to make a process or a thread, and to use a network.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
SECCOMP_SET_MODE_FILTER, FILTER_FLAG_TSYNC = 1, 1
RET_ALLOW, RET_ERRNO_EPERM, RET_KILL_PROCESS = 0x7FFF0000, 0x00050001, 0x80000000

# Classic BPF: load a word, jump if equal, jump if at least, return.
LOAD, IF_EQUAL, IF_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
OFFSET_NUMBER, OFFSET_ARCHITECTURE = 0, 4
X32_BIT = 0x40000000  # x86-64's second table of the same calls under other numbers

# Numbers from Linux's own tables: x86-64's arch/x86/entry/syscalls/syscall_64.tbl, and the
# generic one, which aarch64 uses. None: that machine has no such call.
CALLS: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "fstat": (5, 80), "lseek": (8, 62),
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "pread64": (17, 67), "sched_yield": (24, 124), "mremap": (25, 216), "madvise": (28, 233),
    "nanosleep": (35, 101), "getpid": (39, 172), "exit": (60, 93), "gettimeofday": (96, 169),
    "getrusage": (98, 165), "sigaltstack": (131, 132), "gettid": (186, 178), "time": (201, None),
    "futex": (202, 98), "sched_getaffinity": (204, 123), "restart_syscall": (219, 128),
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "clock_nanosleep": (230, 115),
    "exit_group": (231, 94), "getrandom": (318, 278), "rseq": (334, 293),
}
MACHINES = {"x86_64": (0, 0xC000003E, 317), "aarch64": (1, 0xC00000B7, 277)}


class ConfinementError(Exception):
    """This machine cannot confine a process so."""


def confine() -> None:
    """Take effect at once, on all threads, and for good.

    Raises:
        ConfinementError: the machine is not Linux on x86-64 or aarch64, or its kernel refuses.
    """
    if sys.platform != "linux" or platform.machine() not in MACHINES:
        raise ConfinementError(f"no filter of system calls for {sys.platform}")
    column, architecture, seccomp = MACHINES[platform.machine()]
    numbers = [both[column] for both in CALLS.values()]
    program = _program(architecture, [number for number in numbers if number is not None])
    _control(PR_SET_NO_NEW_PRIVS, 1)
    _install(seccomp, program)


def die_with_parent() -> None:
    """The kernel ends this process when the thread that started it ends; nobody may trace it."""
    _control(PR_SET_PDEATHSIG, 9)
    _control(PR_SET_DUMPABLE, 0)


def _program(architecture: int, numbers: Iterable[int]) -> bytes:
    """Another architecture's call kills; a listed one is allowed; all others give EPERM."""
    steps = [
        (LOAD, 0, 0, OFFSET_ARCHITECTURE),
        (IF_EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, RET_KILL_PROCESS),
        (LOAD, 0, 0, OFFSET_NUMBER),
        (IF_AT_LEAST, 0, 1, X32_BIT),
        (RETURN, 0, 0, RET_KILL_PROCESS),
    ]
    for number in numbers:
        steps += [(IF_EQUAL, 0, 1, number), (RETURN, 0, 0, RET_ALLOW)]
    steps.append((RETURN, 0, 0, RET_ERRNO_EPERM))
    return b"".join(struct.pack("HBBI", *step) for step in steps)


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def _install(call: int, program: bytes) -> None:
    filter_ = _Filter(len(program) // 8, program)
    libc = ctypes.CDLL(None, use_errno=True)
    failed = libc.syscall(
        ctypes.c_long(call), ctypes.c_ulong(SECCOMP_SET_MODE_FILTER),
        ctypes.c_ulong(FILTER_FLAG_TSYNC), ctypes.byref(filter_))
    if failed:
        raise ConfinementError(f"seccomp: {os.strerror(ctypes.get_errno())}")


def _control(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    if libc.prctl(ctypes.c_int(option), ctypes.c_ulong(value), zero, zero, zero):
        raise ConfinementError(f"prctl: {os.strerror(ctypes.get_errno())}")
