"""The filter of system calls by itself: what a process may still do when DuckDB's own locks are
broken.
"""

import subprocess
import sys

import pytest

BEGIN = """
import ctypes, os, signal, socket, subprocess, sys, threading
from warehouse.sandbox import seccomp
libc = ctypes.CDLL(None, use_errno=True)
passwd = os.open("/etc/passwd", os.O_RDONLY)
seccomp.die_with_parent()
seccomp.confine()
def called(number, *arguments):
    if libc.syscall(number, *arguments) == -1:
        raise OSError(ctypes.get_errno(), "")
try:
    {attempt}
except OSError as error:
    os.write(1, b"refused" if error.errno == 1 else str(error).encode())
except RuntimeError as error:
    os.write(1, b"refused" if "thread" in str(error) else str(error).encode())
else:
    os.write(1, b"done")
os._exit(0)
"""

REFUSED = {
    "to open a file": "open('/etc/passwd')",
    "to open one by openat2": "called(437, -100, b'/etc/passwd', b'\\0' * 24, 24)",
    "to make a file": "os.open('/tmp/stolen', os.O_CREAT | os.O_WRONLY)",
    "to list a folder": "os.listdir('/')",
    "to see whether there is a file": "os.stat('/etc/passwd')",
    "to remove a file": "os.unlink('/tmp/stolen')",
    "to rename a file": "os.rename('/tmp/a', '/tmp/b')",
    "to make a link": "os.symlink('/etc/passwd', '/tmp/stolen')",
    "to change folder": "os.chdir('/')",
    "to get out of its root": "os.chroot('/')",
    "to run a program": "os.execv('/bin/true', ['true'])",
    "to fork": "os.fork()",
    "to make a thread": "threading.Thread(target=print).start()",
    "to open a socket": "socket.socket()",
    "to open a local socket": "socket.socket(socket.AF_UNIX)",
    "to make a pair of sockets": "socket.socketpair()",
    "to make a pipe": "os.pipe()",
    "to kill others": "os.kill(os.getppid(), 0)",
    "to kill a thread of others": "called(234, os.getppid(), os.getppid(), 0)",
    "to become root again": "os.setuid(0)",
    "to trace others": "called(101, 16, os.getppid(), 0, 0)",
    "to read others' memory": "called(310, os.getppid(), 0, 0, 0, 0, 0)",
    "to raise its limits": "called(302, 0, 9, b'\\xff' * 16, 0)",
    "to take a file descriptor of others": "called(438, 1, 1, 0)",
    "to mount": "called(165, b'a', b'/', b'tmpfs', 0, 0)",
    "to load a kernel module": "called(175, 0, 0, 0)",
    "to use io_uring": "called(425, 8, b'\\0' * 120)",
    "to use BPF": "called(321, 0, b'\\0' * 64, 64)",
    "to use shared memory": "called(29, 1, 4096, 0)",
    "to use userfaultfd": "called(323, 0)",
    "to make a file in memory": "os.memfd_create('x')",
    "to duplicate a file descriptor": "os.dup(1)",
    "to control a device": "called(16, 1, 0x5413, b'\\0' * 64)",
}


def outcome(attempt: str) -> tuple[str, int]:
    ended = subprocess.run(
        [sys.executable, "-I", "-c", BEGIN.replace("{attempt}", attempt)],
        capture_output=True, text=True, check=False, timeout=30)
    assert "Traceback" not in ended.stderr, ended.stderr
    return ended.stdout, ended.returncode


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")
@pytest.mark.parametrize("attempt", REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused(attempt: str) -> None:
    assert outcome(attempt) == ("refused", 0)


def test_what_calculating_needs_is_left() -> None:
    attempt = "bytearray(10**7); os.write(1, os.read(passwd, 5)); os.lseek(passwd, 0, 0)"
    assert outcome(attempt) == ("root:done", 0)


def test_calls_by_another_table_kill() -> None:
    """x32: the same calls under other numbers, which a list of x86-64's numbers does not know."""
    assert outcome("called(0x40000000 + 2, b'/etc/passwd', 0)") == ("", -31)
