"""Figures as a table, and as values to keep."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from bench.collector.measure import Figures
from bench.figures import spread

LIBRARIES = ("uvicorn", "uvloop", "httptools", "starlette", "aiokafka", "orjson", "pydantic")


class Run(NamedTuple):
    """One collector process's life: at the highest load, and at half of it."""

    source: str
    full: Figures
    half: Figures


Figure = Callable[[Run], float]
ROWS: Mapping[str, tuple[Figure, str]] = {
    "posts per CPU-second of the collector, highest load": (
        lambda run: run.full.posts_per_cpu_s, ",.0f"),
    "posts per CPU-second of the collector, half load": (
        lambda run: run.half.posts_per_cpu_s, ",.0f"),
    "posts per second (wall), highest load": (lambda run: run.full.posts_per_s, ",.0f"),
    "posts per second (wall), half load": (lambda run: run.half.posts_per_s, ",.0f"),
    "p50 at half load, ms": (lambda run: run.half.found.latencies_ms[0], ".1f"),
    "p99 at half load, ms": (lambda run: run.half.found.latencies_ms[1], ".1f"),
    "p50 at the highest load, ms": (lambda run: run.full.found.latencies_ms[0], ".1f"),
    "p99 at the highest load, ms": (lambda run: run.full.found.latencies_ms[1], ".1f"),
    "most memory, MiB": (lambda run: run.half.memory_mb, ",.0f"),
    "cores the collector used, highest load": (
        lambda run: run.full.cpu_s / run.full.found.seconds, ".2f"),
    "cores Kafka used": (lambda run: run.full.kafka_cpu_s / run.full.found.seconds, ".2f"),
    "cores the generator used": (
        lambda run: run.full.found.cpu_s / run.full.found.seconds, ".2f"),
}


def table(runs: Sequence[Run]) -> str:
    """Markdown: median (lowest–highest) of each figure, a column a source."""
    by_source = {name: [run for run in runs if run.source == name]
                 for name in dict.fromkeys(run.source for run in runs)}
    lines = ["| | " + " | ".join(by_source) + " |", "| --- |" + " --- |" * len(by_source)]
    for title, (figure, form) in ROWS.items():
        cells = (spread([figure(run) for run in some], form) for some in by_source.values())
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def told(run: Run) -> dict[str, Any]:
    """All that was measured in a run."""
    return {"source": run.source,
            **{title: round(figure(run), 3) for title, (figure, _) in ROWS.items()},
            "statuses": run.full.found.statuses}
