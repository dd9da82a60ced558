"""Disk full: no file of the process may grow any more (RLIMIT_FSIZE), for a while, however
often it is started again meanwhile. Writes then fail as they do where no space is left.
"""

import contextlib
import random
import resource
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psutil

from chaos.faults.fault import Inject, NotLandedError
from chaos.group import Members
from chaos.stage import WORKERS, Stage, wait_until

FULL_ON_S = (1.0, 4.0)
TELL_S = 60.0
LOOK_S = 0.05
REJOIN_S = 90.0
TOO_LARGE = "File too large"  # EFBIG, as "No space left on device" is ENOSPC
LOG_BYTES = 64 * 1024  # what the log may still grow by, so that the process can say why it ends


def full(name: str) -> Inject:
    """The fault that a process which writes files cannot: it must end for it, and say why."""

    def inject(stage: Stage, rng: random.Random) -> list[str]:
        stage.supervisor.wait_begun(name)
        since, begun = len(stage.supervisor.ends), time.monotonic()
        with _no_growth(stage, [name], LOG_BYTES) as limited:
            wait_until("told", lambda: _complaints(stage, name, since) != [], TELL_S)
            time.sleep(rng.uniform(*FULL_ON_S))
        told, ended = _complaints(stage, name, since), len(stage.supervisor.ends) - since
        return [f"files of pids {sorted(limited)} could not grow for"
                f" {time.monotonic() - begun:.1f} s; {ended} processes ended",
                f"{name}: {told[0][:250]}"]

    return inject


def _complaints(stage: Stage, name: str, since: int) -> list[str]:
    """What it has said of the full disk, in its last line or in the log of its present life."""
    last = [one.last_line for one in stage.supervisor.ends[since:] if one.name == name]
    return [line for line in [*last, *stage.supervisor.log(name).splitlines()]
            if TOO_LARGE in line]


def workers_full(stage: Stage, rng: random.Random) -> list[str]:
    """No worker can write a byte, one is killed and must come back; they keep all in Kafka."""
    before = stage.settled()
    names = stage.of(WORKERS)
    name = rng.choice(names)
    with _no_growth(stage, names, 0) as limited:
        time.sleep(2 * LOOK_S)
        stage.supervisor.kill(name, "SIGKILL while no byte can be written")
        stage.group.wait("complete again", lambda now: _renewed(before, now), REJOIN_S)
        written = len(stage.supervisor.log(name))
        stage.supervisor.kill(name, "SIGKILL, so that its log begins anew")
    if written:
        raise NotLandedError(f"{name} has written {written} bytes")
    return [f"pids {sorted(limited)} could write nothing; {name} came back without a line of log"
            " and took its partitions"]


def _renewed(before: Members, now: Members) -> bool:
    """As many members as before, one of them new, and none without partitions."""
    return (now.stable and len(now.owned) == len(before.owned) and all(now.owned.values())
            and now.owned.keys() != before.owned.keys())


@contextmanager
def _no_growth(stage: Stage, names: Sequence[str], room: int) -> Iterator[set[int]]:
    """While the block runs, files of these processes, and of those that follow them, may grow to
    `room` bytes more than their log has. Yields their pids.
    """
    if not hasattr(psutil.Process, "rlimit"):
        raise NotLandedError("only Linux can limit a process that runs already")
    limited: set[int] = set()
    over = threading.Event()

    def keep() -> None:
        while not over.wait(LOOK_S):
            for name in names:
                pid = stage.supervisor.pid(name)
                if pid is not None and pid not in limited:
                    _limit(pid, len(stage.supervisor.log(name)) + room)
                    limited.add(pid)

    thread = threading.Thread(target=keep, name="disk-full", daemon=True)
    thread.start()
    try:
        yield limited
    finally:
        over.set()
        thread.join()
        for pid in limited:
            _limit(pid, resource.RLIM_INFINITY)


def _limit(pid: int, size: int) -> None:
    """The largest that a file of the process may become, in bytes."""
    with contextlib.suppress(psutil.NoSuchProcess):
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        psutil.Process(pid).rlimit(psutil.RLIMIT_FSIZE, (size, hard))
