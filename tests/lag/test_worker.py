"""A night of ops: a worker stops, lag rises, the state says STOP, it starts and catches up."""

import time
from collections.abc import Callable

import pytest

from pipeline.clock import now_ms
from pipeline.lag.figures import Total
from pipeline.lag.states import State
from pipeline.lag.watch import Report, Watch
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings
from tests.worker.feed import watch_together
from tests.worker.test_worker import worker

pytestmark = pytest.mark.kafka


def until(watch: Watch, holds: Callable[[Total], bool], patience_s: float = 60.0) -> Report:
    deadline = time.monotonic() + patience_s
    while True:
        report = watch.look()
        if holds(report.totals[0]):
            return report
        assert time.monotonic() < deadline, report.totals
        time.sleep(0.5)


def test_a_worker_that_stops_is_told_and_so_is_that_it_catches_up(settings: Settings) -> None:
    catalogue = load_catalogue(settings.programmes_dir)
    watch = Watch.of(settings, settings.kafka_bootstrap_servers or "", now_ms, 6.0,
                     (settings.topic("worker"),))

    def send(teachers: range) -> None:
        watch_together(settings, catalogue, catalogue.resources["ideals-01"],
                       [f"t{number}" for number in teachers])

    send(range(40))
    with worker(settings, settings.worker_port):
        report = until(watch, lambda total: total.records == 0)
        owners = {line.seen.owner for line in report.lines}
        assert all(owner.startswith(f"worker-{settings.worker_port}@") for owner in owners)
        assert report.state is State.OK
    send(range(40, 80))
    report = until(watch, lambda total: total.state is State.STOP, 20)
    (total,) = report.totals
    assert total.records > 40
    assert total.seconds >= 5.0
    assert total.eta_s is None
    assert {line.seen.owner for line in report.lines} == {""}
    assert report.freshness.decided == total.seconds
    with worker(settings, settings.worker_port):
        report = until(watch, lambda total: total.records == 0)
    assert (report.state, report.totals[0].seconds) == (State.OK, 0.0)
