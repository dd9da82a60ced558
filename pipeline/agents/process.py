"""The worker as an operating system's process: it leaves when it is told to, and in time."""

import gc
import logging
import os
import signal
from threading import Timer
from typing import Any, NoReturn

import faust

from pipeline.app import die

LEAVING_S = 9.0
YOUNG_OBJECTS = 100_000
NEVER = 1_000_000


class NotFlushedError(Exception):
    """Kafka did not take the last flush while there was time."""


class WorkerProcess(faust.Worker):
    """Runs a Faust app until SIGTERM or SIGINT; a second one changes nothing."""

    def _schedule_shutdown(self, signal: signal.Signals) -> None:
        if not self._signal_stop_time:
            _leave_anyway()
        super()._schedule_shutdown(signal)


def _leave_anyway() -> None:
    """Faust would wait for Kafka for ever; what is not flushed comes again after a start."""
    error = NotFlushedError(f"Kafka did not take the last flush within {LEAVING_S:.0f} s; "
                            "nothing is lost, the input is read again")
    timer = Timer(LEAVING_S, die, [error])
    timer.daemon = True
    timer.start()


def _leave_state_alone() -> None:
    """State is by far most of what there is, lives long and has no cycles: to look for some in
    all of it would be a pause of seconds, and to look twice at what came to stay, a tenth of
    all time. Young cycles are still found.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, NEVER, NEVER)


def run(app: faust.App, logging_config: dict[str, Any]) -> NoReturn:
    """Run the app, and end the process."""
    _leave_state_alone()
    try:
        WorkerProcess(app, loglevel="INFO", logging_config=logging_config, quiet=True,
                      redirect_stdouts=False).execute_from_commandline()
    except SystemExit as end:
        # All is written: to take millions of states down one by one would take seconds.
        logging.shutdown()
        os._exit(end.code if isinstance(end.code, int) else 0)
