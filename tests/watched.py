"""Processes that outlive no test."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Timer
from typing import Any

LONGEST_S = 60.0


@contextmanager
def watched(
    command: Sequence[str], longest_s: float = LONGEST_S, **more: Any
) -> Iterator[subprocess.Popen[str]]:
    """The command as a process; killed at the end if it still runs, and at the latest after
    `longest_s`, so that a test that waits for it fails. `more`: for Popen.
    """
    with subprocess.Popen(command, text=True, **more) as process:
        watchdog = Timer(longest_s, process.kill)
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            process.kill()
