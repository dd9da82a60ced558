"""What a whole process took: from its start, with all of its imports, to the end of its work."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import click
import psutil

from bench.collector.measure import cpu_s, peak_mb
from demo.processes import Process

LOOK_S = 0.005


class Spent(NamedTuple):
    """`cpu_s`: user and system; `memory_mb`: the most at once, MiB."""

    wall_s: float
    cpu_s: float
    memory_mb: float


def so_far(process: Process, begun: float) -> Spent:
    """What a process that goes on has spent since `begun` (time.monotonic), when it was started.

    Raises:
        ProcessError: it has ended.
    """
    process.require_running()
    found = psutil.Process(process.popen.pid)
    return Spent(time.monotonic() - begun, cpu_s([found]), peak_mb(found))


def finished(arguments: Sequence[str], environment: Mapping[str, str], output: Path) -> Spent:
    """What `xueshi ARGUMENTS` spends until its end; what it writes goes to `output`.

    Raises:
        ClickException: its exit code is not 0.
    """
    begun = time.monotonic()
    with output.open("wb") as out:
        popen = subprocess.Popen(
            [sys.executable, "-m", "pipeline", *arguments], stdin=subprocess.DEVNULL, stdout=out,
            stderr=out, env={**os.environ, **environment})
    spent = _until_it_ends(popen, begun)
    if popen.returncode != 0:
        raise click.ClickException(f"xueshi {' '.join(arguments)}: {output.read_text()[-500:]}")
    return spent


def _until_it_ends(popen: "subprocess.Popen[bytes]", begun: float) -> Spent:
    """Memory is asked again and again: what the kernel tells at the end counts the parent's too."""
    memory, process = 0.0, psutil.Process(popen.pid)
    while True:
        ended, status, used = os.wait4(popen.pid, os.WNOHANG)
        if ended:
            popen.returncode = os.waitstatus_to_exitcode(status)
            return Spent(time.monotonic() - begun, used.ru_utime + used.ru_stime, memory)
        with suppress(IndexError, OSError):  # it has just ended
            memory = peak_mb(process)
        time.sleep(LOOK_S)
