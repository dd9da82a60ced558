"""Several processes of one collector, side by side on one port, and the parent that keeps them.

Each has a listening socket of its own in one SO_REUSEPORT group, so that the kernel deals
connections out evenly: players stay connected for hours, and processes that share one socket take
most of a rush each for itself (measured with four: 2, 2, 23 and 373 of 400). The parent opens all
of these sockets and never closes them while it serves: what waits in the queue of a process that
was killed waits for its successor, where the kernel would else reset it.

The parent forks, with everything loaded and nothing connected, so that a successor is there within
a fraction of a second. It takes no connection itself.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

log = logging.getLogger("xueshi.collector")

ENDINGS = {signal.SIGTERM, signal.SIGINT}
NEWS = {*ENDINGS, signal.SIGCHLD}
STEADY_S = 30.0       # who has lived so long is replaced at once
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0
END_PATIENCE_S = 15.0   # a process's own stop takes 10 s at most (cli.py)

Serve = Callable[[socket.socket], None]


@dataclass(slots=True)
class Seat:
    """A place for one process after the other. `due`: when the next one starts, as time.monotonic
    tells; `failures`: how many in a row did not live long.
    """

    listening: socket.socket
    due: float = 0.0
    pid: int | None = None
    began: float = 0.0
    failures: int = 0

    def ended(self, now: float) -> float:
        """Its process is gone; seconds until the next one."""
        self.failures = 0 if now - self.began >= STEADY_S else self.failures + 1
        self.pid, self.due = None, now + pause_s(self.failures)
        return self.due - now


def pause_s(failures: int) -> float:
    """How long to wait after so many short lives in a row; after the first not at all."""
    if failures <= 1:
        return 0.0
    return float(min(FIRST_PAUSE_S * 2 ** min(failures - 2, 10), LONGEST_PAUSE_S))


class Team:
    """`serve` runs in each process until that is told to stop (SIGTERM), and gets its socket."""

    def __init__(self, listening: Sequence[socket.socket], serve: Serve) -> None:
        self._seats = [Seat(one) for one in listening]
        self._serve = serve
        # Nobody ever writes: its end tells the processes that their parent is gone.
        self._life, self._held = os.pipe()

    def run(self) -> None:
        """Returns when SIGTERM or SIGINT came and every process has ended."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, NEWS)
        try:
            while not self._is_told_to_end():
                self._reap()
        finally:
            self._end()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _is_told_to_end(self) -> bool:
        """Start whoever is due, and wait for news, or for the next start."""
        now = time.monotonic()
        for seat in self._seats:
            if seat.pid is None and seat.due <= now:
                self._start(seat)
        waits = [seat.due - now for seat in self._seats if seat.pid is None]
        news = signal.sigtimedwait(NEWS, min(waits)) if waits else signal.sigwaitinfo(NEWS)
        return news is not None and news.si_signo in ENDINGS

    def _start(self, seat: Seat) -> None:
        seat.began = time.monotonic()
        seat.pid = os.fork()
        if seat.pid == 0:
            self._be_one(seat)

    def _be_one(self, mine: Seat) -> None:
        """The whole life of a process; it never returns into the parent's code."""
        code = 1
        try:
            os.close(self._held)
            for seat in self._seats:
                if seat is not mine:
                    seat.listening.close()
            threading.Thread(target=_outlive_nobody, args=(self._life,), daemon=True).start()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, NEWS)
            self._serve(mine.listening)
            code = 0
        except BaseException:
            log.exception("a process of the collector failed")
        finally:
            os._exit(code)

    def _reap(self) -> None:
        for place, seat in enumerate(self._seats, 1):
            if (status := _ended(seat.pid)) is not None:
                pause = seat.ended(time.monotonic())
                log.warning("process %d of %d %s; the next one starts %s", place, len(self._seats),
                            _told(status), f"in {pause:g} s" if pause else "now")

    def _end(self) -> None:
        """First nobody can connect any more; then each answers what it has begun."""
        for seat in self._seats:
            seat.listening.close()
        living = {seat.pid for seat in self._seats if seat.pid is not None}
        for pid in living:
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + END_PATIENCE_S
        while living and (left := deadline - time.monotonic()) > 0:
            living = {pid for pid in living if _ended(pid) is None}
            if living:
                signal.sigtimedwait({signal.SIGCHLD}, min(left, 0.5))
        for pid in living:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _ended(pid: int | None) -> int | None:
    """What waitpid says of a child that has ended; None if it lives, or there is none."""
    if pid is None:
        return None
    done, status = os.waitpid(pid, os.WNOHANG)
    return status if done else None


def _told(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was killed by {signal.Signals(-code).name}"


def _outlive_nobody(life: int) -> None:
    """A process whose parent was killed ends in order, and so frees the port."""
    with suppress(OSError):
        os.read(life, 1)
    os.kill(os.getpid(), signal.SIGTERM)
