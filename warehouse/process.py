"""The loader and the publisher as processes of the operating system: how each of them ends."""

import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import NoReturn

import click

log = logging.getLogger(__name__)

ENDINGS = (signal.SIGTERM, signal.SIGINT)
LEAVING_S = 8.0


@contextmanager
def process(name: str) -> Iterator[Event]:
    """Run the block as all that is left to do in this process: nothing comes after it.

    Yields an event that SIGTERM and SIGINT set: the work at hand is finished first. What has
    not finished LEAVING_S later ends as it stands, which loses nothing. Exit code 0, or, with
    the reason as the last line, that of a ClickException, or 1.
    """
    stop = Event()
    Thread(target=_end, args=(_signals(), stop, name), daemon=True).start()
    try:
        yield stop
    except click.ClickException as error:
        _leave(error.exit_code, error.format_message())
    except Exception as error:
        log.error("unexpected", exc_info=error)
        _leave(1, f"{name} ends: {type(error).__name__}: {error}. It can be started again")
    _leave(0)


def _signals() -> int:
    """A pipe's end that has a byte for each signal: a handler of Python's runs wherever the main
    thread is, also inside `stop.wait`, whose lock `stop.set` would then wait for without end.
    """
    news, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    for number in ENDINGS:
        signal.signal(number, lambda *_: None)  # or it would end us, or raise
    return news


def _end(signals: int, stop: Event, name: str) -> None:
    """The first signal counts; more of them do no harm."""
    while os.read(signals, 1)[0] not in ENDINGS:
        pass
    stop.set()
    time.sleep(LEAVING_S)
    log.warning("%s is still busy %.0f s after it was told to stop: it leaves as it is, nothing "
                "is lost", name, LEAVING_S)
    _leave(0)


def _leave(code: int, last_line: str | None = None) -> NoReturn:
    """Without the interpreter's own end: threads that a Kafka client leaves after a failed
    connection make it long, and make DuckDB's bindings complain after the last line.
    """
    with suppress(OSError):  # the log's disk may be full
        if last_line is not None:
            click.echo(f"Error: {last_line}", err=True)
        logging.shutdown()
        sys.stdout.flush()
    os._exit(code)
