"""What the child does to itself before it sees any SQL: limits, and nothing left to reach."""

import ctypes
import os
import resource
from pathlib import Path

CLONE_NEWUSER = 0x10000000
NOBODY = 65534
MIB = 1024 * 1024


def limit(memory_mib: int, cpu_seconds: int, statm: int) -> None:
    """Hard limits: address space over what is mapped now, processor time, no byte written to a
    file, no new process or thread, no core dump. Beyond them calls fail or the kernel kills.

    `statm`: an open /proc/self/statm, which may be out of reach by now.
    """
    mapped = int(os.read(statm, 100).split()[0])
    for name, most in (
        (resource.RLIMIT_AS, mapped * resource.getpagesize() + memory_mib * MIB),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(name, (most, most))


def enter(folder: Path) -> Path:
    """Make the folder the root of the file system where that is allowed, so that not even the
    way to the file can be learnt; otherwise only the current folder. What to call it from now.
    """
    if os.geteuid() != 0:
        # Without privileges: in a user namespace of one's own, if the machine lets one have it.
        ctypes.CDLL(None).unshare(ctypes.c_int(CLONE_NEWUSER))
    try:
        os.chroot(folder)
    except PermissionError:
        os.chdir(folder)
        return folder
    os.chdir("/")
    return Path("/")


def become_nobody() -> None:
    """Root gives up what root may."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
