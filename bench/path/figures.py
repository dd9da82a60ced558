"""Figures of all parts as one table, and as JSON to keep."""

import math
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import psutil

LIBRARIES = ("aiokafka", "duckdb", "faust-streaming", "kafka-python", "orjson", "pydantic",
             "starlette", "uvicorn", "uvloop")
Figures = Mapping[str, float]
Forms = Mapping[str, str]
"""How each figure of a part is written, in the order of the table: title → format."""


class Run(NamedTuple):
    """What one run of a part came to."""

    part: str
    figures: Figures


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that `share` (above 0, up to 1) of all values do not exceed.

    Raises:
        ValueError: there are no values.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values to take a percentile of")
    return ordered[math.ceil(share * len(ordered)) - 1]


def table(runs: Sequence[Run], forms: Mapping[str, Forms]) -> str:
    """Markdown: median (lowest–highest) of each figure of each part that has run."""
    lines = ["| part | figure | median (lowest–highest) | runs |", "| --- | --- | --- | --- |"]
    for part, titles in forms.items():
        some = [run.figures for run in runs if run.part == part]
        for title, form in titles.items():
            if values := [figures[title] for figures in some if title in figures]:
                lines.append(f"| {part} | {title} | {cell(values, form)} | {len(values)} |")
    return "\n".join(lines)


def cell(values: Sequence[float], form: str) -> str:
    return f"{median(values):{form}} ({min(values):{form}}–{max(values):{form}})"


def as_json(runs: Sequence[Run], told: Mapping[str, Any], now: int) -> dict[str, Any]:
    """All that was measured; `told`: what was asked for, `now`: epoch milliseconds."""
    return {
        "date": datetime.fromtimestamp(now / 1000, UTC).date().isoformat(),
        "machine": machine(),
        "versions": {"python": platform.python_version(),
                     **{name: version(name) for name in LIBRARIES}},
        "asked": dict(told),
        "runs": [{"part": run.part, **{t: round(value, 3) for t, value in run.figures.items()}}
                 for run in runs],
    }


def machine() -> dict[str, Any]:
    names = [line.partition(":")[2].strip()
             for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
             if line.startswith("model name")]
    return {"cpu": names[0] if names else platform.machine(), "cores": psutil.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30), "linux": platform.release()}
