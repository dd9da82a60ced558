"""PromQL of the questions that come again and again, about metrics of the catalogue."""

from pipeline.metrics.metric import Metric

SPAN = "$__rate_interval"   # Grafana puts in what fits the picture and the scrape interval


def rate(metric: Metric, by: str, where: str = "") -> str:
    """A counter's pace a second, one line for each value of the labels `by`."""
    return f"sum by ({by}) (rate({_of(metric, where)}[{SPAN}]))"


def mean(metric: Metric, of: Metric) -> str:
    """How much of `metric` there is to one of `of`, over everything."""
    return f"sum(rate({metric.name}[{SPAN}])) / sum(rate({of.name}[{SPAN}]))"


def quantile(q: float, metric: Metric, by: str, where: str = "") -> str:
    """Below what the share `q` of a histogram's values stays."""
    buckets = f"{metric.name}_bucket{_braces(where)}"
    return f"histogram_quantile({q:g}, sum by (le, {by}) (rate({buckets}[{SPAN}])))"


def share(metric: Metric, by: str, where: str, bad: str) -> str:
    """Share of a counter that `bad` is of `where`; 0 where there is none of it, and no line
    where nothing was counted at all.
    """
    all_ = rate(metric, by, where)
    return f"({rate(metric, by, f'{where},{bad}')} or 0 * {all_}) / ({all_} > 0)"


def most(metric: Metric, by: str, where: str = "") -> str:
    """The largest value of a gauge."""
    return f"max by ({by}) ({_of(metric, where)})"


def total(metric: Metric, by: str, where: str = "") -> str:
    """The sum of a gauge's values."""
    return f"sum by ({by}) ({_of(metric, where)})"


def age(metric: Metric, by: str) -> str:
    """Seconds since the newest of instants."""
    return f"time() - max by ({by}) ({metric.name})"


def _of(metric: Metric, where: str) -> str:
    return metric.name + _braces(where)


def _braces(where: str) -> str:
    return f"{{{where}}}" if where else ""
