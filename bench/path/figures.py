"""Figures of all parts as one table, and as JSON to keep."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from bench.figures import spread

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
                lines.append(f"| {part} | {title} | {spread(values, form)} | {len(values)} |")
    return "\n".join(lines)


def as_rows(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The runs as they are kept."""
    return [{"part": run.part, **{title: round(value, 3) for title, value in run.figures.items()}}
            for run in runs]
