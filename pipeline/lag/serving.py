"""`xueshi lag --serve`: looks every few seconds, and serves what it saw as metrics."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event
from typing import NoReturn

from pipeline.broker import local
from pipeline.broker.errors import BrokerError
from pipeline.clock import now_ms
from pipeline.lag.exporting import samples
from pipeline.lag.watch import Report, Watch
from pipeline.logs.setup import set_up
from pipeline.metrics.board import Board
from pipeline.metrics.catalogue import lag
from pipeline.metrics.metric import Process, Sample
from pipeline.metrics.ops import Health, ops
from pipeline.settings import Settings
from warehouse.process import process

log = logging.getLogger("xueshi.lag")


@dataclass(slots=True)
class Exporter:
    """Looks at the groups `names` (() for those of the path), whether Kafka is there or not."""

    settings: Settings
    window_s: float
    names: tuple[str, ...]
    watch: Watch | None = None
    report: Report | None = None
    why: str = "has not looked yet"

    def look(self) -> None:
        """Whatever it finds is kept; a Kafka that is away takes the figures with it."""
        try:
            if self.watch is None:
                self.watch = Watch.of(self.settings, local.running(self.settings), now_ms,
                                      self.window_s, self.names)
            self.report, why = self.watch.look(), ""
        except BrokerError as error:
            self.report, why = None, str(error)
        if why != self.why:
            log.warning(why or "Kafka answers")
        self.why = why

    def read(self) -> Iterator[Sample]:
        report, watch = self.report, self.watch
        yield Sample(lag.UP, float(report is not None))
        if report is not None and watch is not None:
            yield from samples(report, watch.observer.logs)

    def unready(self) -> list[str]:
        return [self.why] if self.why else []


def serve_for_ever(
    settings: Settings, names: tuple[str, ...], window_s: float, every_s: float
) -> NoReturn:
    """Until SIGTERM or SIGINT; ends the process."""
    lines = set_up(settings, Process.LAG, {"kafka": "CRITICAL"})
    exporter = Exporter(settings, window_s, names)
    board = Board(Process.LAG, exporter.read)
    with process("lag") as stop, ops(settings, board, Health(list, exporter.unready), lines):
        _look_for_ever(exporter, stop, every_s)
    raise AssertionError("process() ends it")


def _look_for_ever(exporter: Exporter, stop: Event, every_s: float) -> None:
    while not stop.is_set():
        exporter.look()
        stop.wait(every_s)
