"""Faults of workers as a group: wiped, multiplied, and stopped so long that others took over."""

import os
import random
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from chaos.faults.fault import Inject, NotLandedError
from chaos.faults.points import REACH_PATIENCE_S, become_victim
from chaos.group import Members
from chaos.stage import Stage, wait_until
from chaos.supervisor import StayedError
from pipeline.broker.lag import Position

SESSION_MARGIN_S = 60.0
END_PATIENCE_S = 30.0


def wiped(stage: Stage, _: random.Random) -> list[str]:
    """All workers killed, and everything that they kept on this machine deleted."""
    stage.settled()
    names = stage.of("worker")
    stage.supervisor.hold(*names)
    pids = [stage.supervisor.kill(name, "SIGKILL, to be wiped") for name in names]
    gone = [_wipe(stage.programs[name].folder) for name in names]
    stage.supervisor.release(*names)
    members = stage.settled()
    return [f"pids {pids} killed; {sum(gone)} files and folders of theirs deleted;"
            f" {len(members.owned)} workers share the partitions again"]


def _wipe(folder: Path) -> int:
    """Delete all that is in it; how many files and folders."""
    number = sum(1 for _ in folder.rglob("*"))
    shutil.rmtree(folder)
    folder.mkdir()
    return number


def one_three_one(stage: Stage, _: random.Random) -> list[str]:
    """1 → 3 → 1 workers, and back to as many as there were."""
    seen = [_scale(stage, number) for number in (1, 3, 1, stage.workers)]
    return [f"{', then '.join(seen)}"]


def _scale(stage: Stage, number: int) -> str:
    names = [name for name in stage.programs if name.startswith("worker-")]
    running = stage.of("worker")
    for name in running[number:]:
        stage.supervisor.remove(name)
    for name in [name for name in names if name not in running][: number - len(running)]:
        stage.supervisor.start(stage.programs[name])
    members = stage.settled()
    return f"{len(members.owned)} with {_sizes(members)} partitions of topics"


def _sizes(members: Members) -> str:
    return "+".join(str(len(owned)) for owned in members.owned.values())


def stopped(stage: Stage, rng: random.Random) -> list[str]:
    """SIGSTOP for longer than the session time-out, then SIGCONT: it must not overwrite what the
    worker that replaced it has written; it has to end.
    """
    before = stage.settled()
    name = rng.choice(stage.of("worker"))
    pid = stage.supervisor.send(name, signal.SIGSTOP, "SIGSTOP")
    return _replaced_and_continued(stage, name, pid, before)


def stopped_at(points: Sequence[str], most_calls: int) -> Inject:
    """The same, but it stands still exactly at one of these points of its flush."""

    def inject(stage: Stage, rng: random.Random) -> list[str]:
        stage.settled()
        name, point = rng.choice(stage.of("worker")), f"worker:{rng.choice(points)}"
        become_victim(stage, name, point, rng.randint(1, most_calls), by="STOP")
        pid = stage.supervisor.pid(name) or 0
        with _killed_if_it_fails(stage, name):
            before = stage.settled()
            wait_until("at its point", lambda: _stands_still(pid), REACH_PATIENCE_S)
            told = stage.supervisor.log(name).splitlines()[-1]
            return [told, *_replaced_and_continued(stage, name, pid, before)]

    return inject


@contextmanager
def _killed_if_it_fails(stage: Stage, name: str) -> Iterator[None]:
    """A worker that waits for its point, or stands still there, must not be left behind."""
    try:
        yield
    except Exception:
        stage.supervisor.kill(name, "the fault did not land")
        raise


def _stands_still(pid: int) -> bool:
    return psutil.Process(pid).status() == psutil.STATUS_STOPPED


def _replaced_and_continued(
    stage: Stage, name: str, pid: int, before: Members
) -> list[str]:
    """Whatever happens meanwhile, it is continued."""
    since = len(stage.supervisor.ends)
    try:
        evidence = _replaced(stage, before)
    finally:
        stage.supervisor.mark(name, "continued after SIGSTOP")
        os.kill(pid, signal.SIGCONT)
    return [f"{name}, pid {pid}: {evidence}", _continued(stage, name, since)]


def _replaced(stage: Stage, before: Members) -> str:
    """Wait until others own its partitions and have committed further there."""
    begun = time.monotonic()
    now = stage.group.wait("without the stopped one", lambda m: m.stable and (
        len(m.owned) == len(before.owned) - 1), SESSION_MARGIN_S)
    lost = set().union(*(owned for member, owned in before.owned.items()
                         if member not in now.owned))
    away_s = time.monotonic() - begun
    moved = _moved(stage, lost)
    return (f"out of the group after {away_s:.1f} s; others have since committed {moved} records"
            f" of the {len(lost)} partitions that it owned")


def _moved(stage: Stage, places: set[Position]) -> int:
    """Wait until some records of these places have been committed anew; how many."""
    start = stage.group.committed()

    def moved() -> int:
        now = stage.group.committed()
        return sum(now.get(place, 0) - start.get(place, 0) for place in places)

    try:
        wait_until("committed by others", lambda: moved() > 0, SESSION_MARGIN_S)
    except TimeoutError as error:
        raise NotLandedError(f"the stopped worker's partitions: {error}") from error
    return moved()


def _continued(stage: Stage, name: str, since: int) -> str:
    """It may live on only as a new member of the group."""
    try:
        ended = stage.supervisor.wait_end(name, since, END_PATIENCE_S)
    except StayedError:
        return f"continued, it did not end but joined anew: {stage.settled().state}"
    return f"continued, it ended with {ended.code}: {ended.last_line}"
