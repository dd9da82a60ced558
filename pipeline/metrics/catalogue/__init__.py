"""Every metric of every process: from here they are served, checked and documented."""

from pipeline.metrics.catalogue import (
    collector,
    common,
    http,
    lag,
    loader,
    publisher,
    worker,
)
from pipeline.metrics.metric import Metric, Process

METRICS: tuple[Metric, ...] = (
    *common.METRICS, *http.METRICS, *collector.METRICS, *worker.METRICS, *loader.METRICS,
    *publisher.METRICS, *lag.METRICS,
)


def of(process: Process) -> tuple[Metric, ...]:
    """What the process serves."""
    return tuple(metric for metric in METRICS if process in metric.processes)
