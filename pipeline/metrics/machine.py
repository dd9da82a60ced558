"""What every process can say of itself and of its machine."""

import shutil
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

import psutil

from pipeline.metrics.board import Read
from pipeline.metrics.catalogue import common
from pipeline.metrics.metric import Process, Sample

LEVELS = ("WARNING", "ERROR", "CRITICAL")


def log_lines(counts: Mapping[str, int]) -> Read:
    """`counts` by level."""
    return lambda: [Sample(common.LOG_LINES, counts.get(level, 0), (level,)) for level in LEVELS]


def machine(process: Process, folder: Path) -> Read:
    """`folder`: XUESHI_VAR_DIR, which may not be there yet."""
    own, build = psutil.Process(), version("xueshi")

    def read() -> Iterator[Sample]:
        yield Sample(common.BUILD, 1, (process, build))
        yield from _process(own)
        if process in common.KEEPS_DATA:
            yield from _disk(folder)

    return read


def _process(own: psutil.Process) -> Iterator[Sample]:
    with own.oneshot():
        times = own.cpu_times()
        yield Sample(common.START, own.create_time())
        yield Sample(common.CPU, times.user + times.system)
        yield Sample(common.MEMORY, own.memory_info().rss)
        yield Sample(common.FILES, own.num_fds())
        yield Sample(common.MOST_FILES, own.rlimit(psutil.RLIMIT_NOFILE)[0])
        yield Sample(common.THREADS, own.num_threads())


def _disk(folder: Path) -> Iterator[Sample]:
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    usage = shutil.disk_usage(there)
    yield Sample(common.DISK_FREE, usage.free)
    yield Sample(common.DISK_SIZE, usage.total)
