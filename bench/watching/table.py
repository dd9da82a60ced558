"""The runs as a table, and as values to keep."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from bench.figures import spread
from bench.watching.track import Run

LIBRARIES = ("aiokafka", "faust-streaming", "orjson", "pydantic", "lz4", "uvloop")
COLUMNS: Mapping[str, tuple[Callable[[Run], float], str]] = {
    "events per CPU-second": (lambda run: run.events_per_cpu_s, ",.0f"),
    "wall, s": (lambda run: run.cost.wall_s, ",.1f"),
    "most memory, MiB": (lambda run: run.cost.memory_mb, ",.0f"),
    "repeats": (lambda run: run.repeats, ",.0f"),
}


def table(runs: Sequence[Run]) -> str:
    """Markdown: median (lowest–highest) of each figure, a line an engine, the fastest first.
    What is void is in no figure, and is told below.
    """
    by_engine = {name: [run for run in runs if run.engine == name and run.fault is None]
                 for name in dict.fromkeys(run.engine for run in runs)}
    measured = sorted((some for some in by_engine.values() if some),
                      key=lambda some: -median(run.events_per_cpu_s for run in some))
    head = ["engine", *COLUMNS, "events", "runs"]
    lines = [_line(head), _line(["---"] * len(head)), *map(_row, measured)]
    void = [f"void: {run.engine}: {run.fault}" for run in runs if run.fault is not None]
    return "\n".join([*lines, *([""] if void else []), *void])


def _row(runs: Sequence[Run]) -> str:
    figures = (spread([figure(run) for run in runs], form) for figure, form in COLUMNS.values())
    return _line([runs[0].engine, *figures, f"{runs[0].events:,}", str(len(runs))])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def told(run: Run) -> dict[str, Any]:
    """All that was measured in a run."""
    cost = run.cost
    return {
        "engine": run.engine, "events": run.events, "repeats": run.repeats, "fault": run.fault,
        "events_per_cpu_s": round(run.events_per_cpu_s), "wall_s": round(cost.wall_s, 2),
        "user_s": round(cost.user_s, 2), "system_s": round(cost.system_s, 2),
        "memory_mb": round(cost.memory_mb), "exit_code": cost.code,
        "cpu_until_ready_s": round(cost.until_ready_s, 2),
    }
