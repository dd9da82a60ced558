"""Ends processes whose starter is gone without having ended them: killed, or with its terminal.

A process of its own that reads the starter's pipe; the pipe's end tells it. It waits for nothing
else, so it costs nothing while all goes well.
"""

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

import psutil

PATIENCE_S = 15.0
POLL_S = 0.1
DONE = "done\n"


class Leash:
    """What is held by it ends with this process, however that ends."""

    def __init__(self, popen: subprocess.Popen[str]) -> None:
        self._popen = popen

    def hold(self, pid: int) -> None:
        self._tell(f"{pid}\n")

    def let_go(self) -> None:
        """All has been ended: nothing is left to do."""
        self._tell(DONE)
        assert self._popen.stdin
        self._popen.stdin.close()
        self._popen.wait()

    def _tell(self, line: str) -> None:
        assert self._popen.stdin
        with suppress(BrokenPipeError):  # somebody killed it: then all is as without it
            self._popen.stdin.write(line)
            self._popen.stdin.flush()


@contextmanager
def leashed(at_last: Sequence[str] = (), keeps: Sequence[int] = ()) -> Iterator[Leash]:
    """A leash for the block, which must end what it holds.

    If this process is gone before, what is held is ended, the first one first, and then the
    command `at_last` is run. The open files `keeps`, such as a lock, stay open until then.
    """
    popen = subprocess.Popen(
        [sys.executable, "-m", "demo.leash", *at_last], text=True, stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        pass_fds=keeps)
    leash = Leash(popen)
    try:
        yield leash
    finally:
        leash.let_go()


def main(lines: Iterable[str], at_last: Sequence[str]) -> None:
    """The other end of the pipe."""
    held: list[psutil.Process] = []
    for line in lines:
        if line == DONE:
            return
        with suppress(psutil.NoSuchProcess):
            held.append(psutil.Process(int(line)))
    for process in held:
        _end(process)
    if at_last:
        subprocess.run(at_last, check=False)


def _end(process: psutil.Process) -> None:
    """SIGTERM, and SIGKILL if it does not go. psutil touches no other process of the same pid."""
    with suppress(psutil.NoSuchProcess):
        process.terminate()
        deadline = time.monotonic() + PATIENCE_S
        while _lives(process):
            if time.monotonic() > deadline:
                process.kill()
                return
            time.sleep(POLL_S)


def _lives(process: psutil.Process) -> bool:
    """A zombie, which nobody has asked about yet, does not."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


if __name__ == "__main__":
    main(sys.stdin, sys.argv[1:])
