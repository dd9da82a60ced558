"""A report as metrics."""

from collections.abc import Iterable, Iterator, Mapping

from pipeline.lag.figures import Line
from pipeline.lag.groups import Partition
from pipeline.lag.observing import Log
from pipeline.lag.states import State
from pipeline.lag.watch import Report
from pipeline.metrics.catalogue import lag
from pipeline.metrics.metric import Sample


def samples(report: Report, logs: Mapping[Partition, Log]) -> Iterator[Sample]:
    """All of it; `logs` by (full topic name, partition)."""
    yield Sample(lag.LOOKED_AT, report.at / 1000)
    for (topic, partition), log in logs.items():
        yield Sample(lag.EARLIEST, log.first, (topic, str(partition)))
        yield Sample(lag.LATEST, log.end, (topic, str(partition)))
    for line in report.lines:
        yield from _line(line)
    for total in report.totals:
        yield Sample(lag.SUM_LAG, total.records, (total.group,))
        yield Sample(lag.MOST_LAG_SECONDS, total.seconds, (total.group,))
        most = max(line.records for line in report.lines
                   if line.seen.place.group == total.group)
        yield Sample(lag.MOST_LAG, most, (total.group,))
    yield from _freshness(report)


def _line(line: Line) -> Iterable[Sample]:
    group, topic, partition = line.seen.place
    where = (group, topic, str(partition))
    yield Sample(lag.OFFSET, line.seen.committed, where)
    yield Sample(lag.LAG, line.records, where)
    yield Sample(lag.LAG_SECONDS, line.seconds, where)
    for state in State:
        yield Sample(lag.STATE, float(state is line.state), (*where, state))


def _freshness(report: Report) -> Iterable[Sample]:
    fresh = report.freshness
    stages = {"decided": fresh.decided, "loaded": fresh.loaded, "published": fresh.published,
              "event_to_warehouse": fresh.warehouse, "event_to_published": fresh.readers}
    return [Sample(lag.FRESHNESS, seconds, (stage,))
            for stage, seconds in stages.items() if seconds is not None]
