"""What a PromQL expression asks for, read out of its text: enough of it for our own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.metrics.catalogue import METRICS
from pipeline.metrics.metric import Kind, Metric

TARGET = {"job", "instance"}            # Prometheus puts them to everything it scrapes
OWN = {"up": TARGET, "ALERTS": {"alertname", "alertstate", "severity"}}   # Prometheus' own
WORDS = {"and", "or", "unless", "bool"}
GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
SELECTOR = re.compile(r"(?<![\w.])([a-zA-Z_]\w*)\s*(\{[^}]*\})?(?!\s*\(|\w)")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
# What the catalogue does not list: the deployment's names, and what HTTP defines.
OPEN = {*TARGET, "group", "topic", "partition", "status", "route", "alertstate"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A metric in an expression, and what its labels are compared with."""

    metric: str
    matchers: tuple[tuple[str, str, str], ...]


def asked(expr: str) -> Iterator[Asked]:
    """Every metric of the expression."""
    bare = re.sub(r"\[[^\]]*\]|\boffset\s+\w+", " ", GROUPING.sub(" ", expr))
    for name, braces in SELECTOR.findall(bare):
        if name not in WORDS:
            yield Asked(name, tuple(MATCHER.findall(braces)))


def grouped(expr: str) -> set[str]:
    """Every label that the expression groups by."""
    return {label.strip() for labels in GROUPING.findall(expr) for label in labels.split(",")}


def labels_of(name: str) -> set[str] | None:
    """Those that a series of this name has; None if nobody serves it."""
    if name in OWN:
        return OWN[name]
    for metric in METRICS:
        if name in _series(metric):
            return {*metric.labels, *TARGET, *(["le"] if name.endswith("_bucket") else [])}
    return None


def _series(metric: Metric) -> set[str]:
    if metric.kind is not Kind.HISTOGRAM:
        return {metric.name}
    return {f"{metric.name}_{part}" for part in ("bucket", "sum", "count")}


def metric_of(name: str) -> Metric | None:
    return next((metric for metric in METRICS if name in _series(metric)), None)


def faults(expr: str) -> Iterator[str]:
    """What the expression asks for and nobody serves."""
    found = list(asked(expr))
    for one in found:
        labels = labels_of(one.metric)
        if labels is None:
            yield f"no metric {one.metric}"
            continue
        wrong = {label for label, _, _ in one.matchers} | grouped(expr)
        yield from (f"{one.metric} has no {label}" for label in sorted(wrong - labels))
        yield from _unknown_values(one)
    if not found:
        yield "asks for nothing"


def _unknown_values(one: Asked) -> Iterator[str]:
    """Values of labels that the catalogue lists and this is none of."""
    metric = metric_of(one.metric)
    for label, _, text in one.matchers:
        if metric is not None and label not in OPEN:
            known = set(re.findall(r"\w+", metric.labels[label]))
            yield from (f"{label} is never {value}" for value in text.split("|")
                        if value not in known)
