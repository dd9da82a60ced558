"""The loader and the publisher as victims: processes that die at a named point."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from chaos.victim import LAST_WORDS
from pipeline.settings import ROOT, Settings
from tests.warehouse.live import environment
from tests.watched import watched


@contextmanager
def victim(
    settings: Settings, point: str, call: int = 1, *arguments: str, by: str = "KILL"
) -> Iterator[subprocess.Popen[str]]:
    """The point's part, about to die there when it is called that often, or to stand still there
    `by` STOP; it lives for a minute at most.
    """
    command = [sys.executable, "-m", "chaos.victim", "--die-at", point, "--call", str(call),
               "--by", by, point.partition(":")[0], *arguments]
    with watched(command, env=told(settings), cwd=ROOT, stderr=subprocess.PIPE) as process:
        yield process


def told(settings: Settings) -> dict[str, str]:
    if settings.kafka_bootstrap_servers is None:
        return {**os.environ, "XUESHI_VAR_DIR": str(settings.var_dir)}
    return environment(settings)


def stands_there(process: subprocess.Popen[str], point: str) -> None:
    """Wait until it stands still at the point."""
    assert process.stderr is not None
    told = LAST_WORDS.format(point=point, call=1)
    assert any(line.strip() == told for line in process.stderr), "it never came there"
    while psutil.Process(process.pid).status() != psutil.STATUS_STOPPED:
        time.sleep(0.01)


def died_there(process: subprocess.Popen[str], point: str, call: int = 1) -> list[str]:
    """Wait for its end, by SIGKILL and at that point; the lines that it left."""
    assert process.stderr is not None
    lines = process.stderr.read().splitlines()
    assert process.wait() == -signal.SIGKILL, lines
    assert lines[-1] == LAST_WORDS.format(point=point, call=call)
    return lines
