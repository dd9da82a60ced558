"""A report as a table for people and as JSON for scripts."""

from collections.abc import Mapping
from typing import Any

import orjson
from rich.console import Group as Stacked
from rich.table import Table
from rich.text import Text

from pipeline.lag.figures import Line, Total
from pipeline.lag.states import State
from pipeline.lag.watch import Report

COLOURS = {State.OK: "green", State.WARN: "yellow"}   # all others are red


def as_table(report: Report) -> Stacked:
    """Each group with its partitions that have anything to say, then the whole path."""
    table = Table(box=None, pad_edge=False)
    for name in ("group / topic", "partition"):
        table.add_column(name)
    for name in ("committed", "end", "behind", "seconds", "rate/s", "caught up in"):
        table.add_column(name, justify="right")
    table.add_column("state")
    table.add_column("owner", overflow="fold")
    for total in report.totals:
        _add(table, total, [line for line in report.lines if line.seen.place.group == total.group])
    return Stacked(table, Text(), Text(_path(report)))


def _add(table: Table, total: Total, lines: list[Line]) -> None:
    table.add_row(f"[bold]{total.group}[/]", "", "", "", str(total.records),
                  _seconds(total.seconds), _rate(total.rate), _eta(total.eta_s, total.state),
                  _state(total.state), "")
    for line in lines:
        seen = line.seen
        table.add_row(f"  {seen.place.topic}", str(seen.place.partition), str(seen.committed),
                      str(seen.end), str(line.records), _seconds(line.seconds), _rate(line.rate),
                      _eta(line.eta_s, line.state), _state(line.state), seen.owner or "-")


def _state(state: State) -> str:
    return f"[{COLOURS.get(state, 'red')}]{state}[/]"


def _seconds(seconds: float) -> str:
    return f"{seconds:,.1f}"


def _rate(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:,.1f}"


def _eta(seconds: float | None, state: State) -> str:
    """`never` says: not at this rate; while all is well that means nothing."""
    if seconds is None:
        return "-" if state is State.OK else "never"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _path(report: Report) -> str:
    fresh = report.freshness
    return (f"behind: events to decide {_age(fresh.decided)}, outcomes to load "
            f"{_age(fresh.loaded)}, last publication {_age(fresh.published)} old; "
            f"event → warehouse {_age(fresh.warehouse)}, → published {_age(fresh.readers)}")


def _age(seconds: float | None) -> str:
    return "unknown" if seconds is None else f"{seconds:,.1f} s"


def as_json(report: Report) -> str:
    """One line."""
    return orjson.dumps({
        "at": report.at,
        "state": report.state,
        "groups": [_group(total) for total in report.totals],
        "partitions": [_partition(line) for line in report.lines],
        "freshness_seconds": _fresh(report),
    }).decode()


def _group(total: Total) -> Mapping[str, Any]:
    return {"group": total.group, "state": total.state, "records": total.records,
            "seconds": total.seconds, "rate": total.rate, "eta_seconds": total.eta_s}


def _partition(line: Line) -> Mapping[str, Any]:
    seen = line.seen
    return {"group": seen.place.group, "topic": seen.place.topic,
            "partition": seen.place.partition, "committed": seen.committed, "end": seen.end,
            "records": line.records, "seconds": line.seconds, "rate": line.rate,
            "eta_seconds": line.eta_s, "owner": seen.owner or None, "state": line.state}


def _fresh(report: Report) -> Mapping[str, float | None]:
    fresh = report.freshness
    return {"decided": fresh.decided, "loaded": fresh.loaded, "published": fresh.published,
            "event_to_warehouse": fresh.warehouse, "event_to_published": fresh.readers}
