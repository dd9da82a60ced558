"""docs/reference/metrics.md, made from the catalogue."""

from collections.abc import Iterator

from pipeline.metrics.catalogue import METRICS
from pipeline.metrics.metric import EVERYWHERE, Metric, Process
from pipeline.metrics.ops import ABOVE, OWN_PORTS
from pipeline.settings import Settings

HEAD = """# Metrics and health

Every process serves `/metrics` (Prometheus' text format), `/healthz` (200 while it lives; 503 says
what hangs) and `/readyz` (200 while it can do its work; 503 says why it cannot) at
`XUESHI_OPS_HOST`, on a port of its own, apart from what it serves to others. No label has
personal data, and all have few values. Made from `pipeline/metrics/catalogue/` by `xueshi docs`.

A port of these that is taken costs the metrics and one line in the log, unless `XUESHI_OPS_PORT`
asked for it: then the process does not start.
"""


def page() -> str:
    """All of it."""
    return "\n".join([HEAD, *_ports(), *_section("Every process", EVERYWHERE), *_sections()])


def _ports() -> Iterator[str]:
    yield from ("| process | default port | ready while |", "| --- | --- | --- |")
    for process, ready in READY.items():
        yield f"| `{COMMANDS.get(process, process)}` | {_port(process)} | {ready} |"
    yield ""


COMMANDS = {Process.LAG: "lag --serve"}
READY = {
    Process.COLLECTOR: "Kafka answers and has the topics",
    Process.WORKER: "it owns partitions and has read their state back",
    Process.LOADER: "Kafka answers and takes rejections",
    Process.PUBLISHER: "the last attempt did not fail",
    Process.DASHBOARD: "something is published",
    Process.LEARNER: "a worker answers",
    Process.LAG: "Kafka answered the last look",
}


def _port(process: Process) -> int:
    settings = Settings.model_fields
    own = OWN_PORTS.get(process) or settings[f"{process}_port"].default
    return int(own) + ABOVE


def _sections() -> Iterator[str]:
    """A section for each set of processes, in the catalogue's order."""
    for processes in dict.fromkeys(metric.processes for metric in METRICS):
        if processes != EVERYWHERE:
            yield from _section(", ".join(processes).capitalize(), processes)


def _section(title: str, processes: tuple[Process, ...]) -> Iterator[str]:
    yield from (f"## {title}", "", "| metric | type | unit | labels | meaning |",
                "| --- | --- | --- | --- | --- |")
    yield from (_row(metric) for metric in METRICS if metric.processes == processes)
    yield ""


def _row(metric: Metric) -> str:
    labels = "; ".join(f"`{name}`: {values}" for name, values in metric.labels.items())
    return (f"| `{metric.name}` | {metric.kind} | {metric.unit or '–'} | {labels or '–'} "
            f"| {metric.help} |")
