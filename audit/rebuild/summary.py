"""How a rebuild ends: what it came to, and what has to be known to judge it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from audit.rebuild.comparing import Comparison
from audit.rebuild.lateness import Lateness
from audit.rebuild.log import Log
from audit.rebuild.what_if import Answer


def comparison_lines(found: Comparison) -> list[str]:
    """One line a table that was compared, for people."""
    return [f"{name}: {one.teachers} teachers compared, {one.differ} differences"
            for name, one in found.tables.items() if one.teachers]


def comparison_body(found: Comparison) -> dict[str, Any]:
    """The same for machines."""
    return {**asdict(found), "differences": found.differences}


def answer_lines(answer: Answer) -> list[str]:
    """One line a programme, for people."""
    return [f"{id_}: {one.gaining} teachers would gain {one.gained} s of credit, "
            f"{one.losing} would lose {one.lost} s; {one.newly_completed} more would complete it, "
            f"{one.no_longer_completed} no longer"
            for id_, one in answer.totals.items()]


def answer_body(answer: Answer) -> dict[str, Any]:
    """The same for machines."""
    return asdict(answer)


def doubts(
    found: Comparison, late: Lateness, before: Mapping[Any, int], after: Mapping[Any, int]
) -> Iterator[str]:
    """Why the comparison may say less, or more, than is wrong. `before`, `after`: ends of the
    logs when it began and ended.
    """
    for name, one in found.tables.items():
        if one.away is not None:
            yield f"{name} not compared{' to the end' if one.teachers else ''}: {one.away}"
        if one.unlisted:
            yield f"{name}: {one.unlisted} teachers are not in it: on no roster, or of no known" \
                  " school"
    if late.undecided:
        yield f"the workers had {late.undecided} records left to decide: differences may be delay"
    if late.unpublished and "published" in found.tables:
        yield f"{late.unpublished} records were not published yet: differences may be delay"
    if grown := sum(after.values()) - sum(before.values()):
        yield f"{grown} records came in meanwhile: their teachers' differences may be delay"


def gaps(log: Log) -> Iterator[str]:
    """What the logs themselves lack, or hold in vain."""
    for (name, partition), records in log.lost.items():
        yield (f"{name} partition {partition} begins at record {records}: what was before is no "
               "longer stored, so what it earned is missing here")
    if unreadable := log.counts["unreadable"]:
        yield f"{unreadable} events or records cannot be read: the workers refuse them too"
    if strangers := log.counts["stranger"]:
        yield (f"{strangers} events or records lie on another partition than their teacher: the "
               "workers refuse them too")
