"""The SQL box: a stranger's query, run by a child process that can reach one file and nothing
else, within hard limits of memory, time, rows and bytes.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore, Timer

from warehouse.sandbox.reading import Answer, BusyError, QueryError, answer
from warehouse.sandbox.wire import Job

CHILD = [sys.executable, "-I", "-B", "-m", "warehouse.sandbox.child"]
MOST_SQL = 20_000  # characters
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` of the wall clock, all in all; `memory_mib` beyond the bare process."""

    seconds: float = 30.0
    memory_mib: int = 1024
    rows: int = 10_000
    bytes: int = 16 * MIB


@dataclass(frozen=True, slots=True)
class Source:
    """The published files, and what of them is to be seen.

    `names`: the file of names in the same folder, None for who may not see them. `prefix`: of the
    regions to copy out of them with the statements `copies`, first for the one and then for the
    other; None for the whole files.
    """

    path: Path
    names: Path | None = None
    prefix: str | None = None
    copies: tuple[str, str] = ("", "")


class Box:
    """Runs at most `slots` queries at once. Safe to use from several threads."""

    def __init__(self, limits: Limits, slots: int) -> None:
        self._limits = limits
        self._slots = BoundedSemaphore(slots)

    def run(self, source: Source, sql: str) -> Answer:
        """The answer; it takes `seconds` at most.

        Raises:
            QueryError: there is none, and why.
        """
        if len(sql) > MOST_SQL:
            raise QueryError(f"查询语句过长，最多 {MOST_SQL} 个字符。")
        if not self._slots.acquire(blocking=False):
            raise BusyError("正在运行的查询已达上限，请稍后再试。")
        try:
            return self._run(source, sql)
        finally:
            self._slots.release()

    def _run(self, source: Source, sql: str) -> Answer:
        job = _job(source, self._limits)
        said = (job.line() + sql).encode(errors="replace")
        # Twice what the child allows itself: more would not be from the child that was started.
        written, status = _talk(said, self._limits.seconds, 2 * job.bytes + MIB)
        # Where the child cannot hide the folder from itself, its words are hidden here.
        return answer(written.replace(job.folder.encode(), b""), status, self._limits.seconds)


def _job(source: Source, limits: Limits) -> Job:
    return Job(
        folder=str(source.path.parent.resolve()), file=source.path.name,
        names=source.names.name if source.names else None, prefix=source.prefix,
        copies=list(source.copies),
        memory_mib=limits.memory_mib, cpu_seconds=max(1, round(limits.seconds)),
        rows=limits.rows, bytes=limits.bytes,
    )


def _talk(said: bytes, seconds: float, most: int) -> tuple[bytes, int]:
    """What a new child wrote, `most` bytes of it, and its end: 0, or minus the signal's number.

    It has no environment, no open file but the pipes, and is killed after `seconds`.
    """
    with subprocess.Popen(
        CHILD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={}, cwd="/", start_new_session=True,
    ) as child:
        watchdog = Timer(seconds, child.kill)
        watchdog.start()
        try:
            return _said(child, said, most), child.wait()
        finally:
            watchdog.cancel()


def _said(child: subprocess.Popen[bytes], said: bytes, most: int) -> bytes:
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(said)
        child.stdin.close()
    except BrokenPipeError:  # it ended before it had read all; how, its status says
        pass
    written = child.stdout.read(most)
    child.kill()
    return written
