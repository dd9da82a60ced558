"""The way of each completing heartbeat: when it was acknowledged, decided, credited, and stored."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import click
import orjson

from audit.evidence import Stored
from bench.path.figures import percentile
from bench.path.players import Completing

Whose = tuple[str, str]
"""Teacher and resource."""
STAGES = ("acknowledged", "completion", "ledger", "warehouse")


class Trace(NamedTuple):
    """When the post was due, and each stage reached; epoch milliseconds."""

    due: float
    acknowledged: float
    completion: float
    ledger: float
    warehouse: float


class Place(NamedTuple):
    """Where a record lies, and its stamp: epoch milliseconds."""

    partition: int
    offset: int
    at: int


def done(records: Iterable[Stored]) -> dict[Whose, Place]:
    """Of `completions`: the first that says that a resource is done."""
    return _places(records, lambda body: body["status"] == "done")


def learned(records: Iterable[Stored]) -> dict[Whose, Place]:
    """Of `ledger`: the first that says that something was learned by a resource."""
    return _places(records, lambda body: body["kind"] == "learned")


def _places(
    records: Iterable[Stored], wanted: Callable[[Mapping[str, str]], bool]
) -> dict[Whose, Place]:
    found: dict[Whose, Place] = {}
    for record in records:
        body = orjson.loads(record.value or b"{}")
        if wanted(body):
            found.setdefault((body["teacher_id"], body["resource_id"]),
                             Place(record.partition, record.offset, record.at))
    return found


def require_same(sent: Iterable[Completing], found: Mapping[str, Collection[Whose]]) -> None:
    """What was completed over HTTP is, by the name of where it was looked for, just what is there.

    Raises:
        ClickException: something is missing, or nobody has sent it.
    """
    expected = {(one.teacher_id, one.resource_id) for one in sent}
    if not expected:
        raise click.ClickException("nothing was completed: the stream is too short")
    for where, those in found.items():
        missing, extra = expected - set(those), set(those) - expected
        if missing or extra:
            raise click.ClickException(
                f"{where}: of {len(expected)} completed videos {len(missing)} are missing, and "
                f"{len(extra)} are there that nobody has watched: {sorted(missing | extra)[:3]}")


def traces(
    sent: Iterable[Completing], completions: Mapping[Whose, Place], ledger: Mapping[Whose, Place],
    committed_at: Callable[[int, int], int | None],
) -> list[Trace]:
    """`committed_at`: by partition and offset of the ledger.

    Raises:
        ClickException: it was not seen when one of them came into the warehouse.
    """
    found = []
    for one in sent:
        whose = one.teacher_id, one.resource_id
        stored = committed_at(ledger[whose].partition, ledger[whose].offset)
        if stored is None:
            raise click.ClickException(f"the loader was not seen to commit {whose}")
        found.append(Trace(one.due_at, one.acknowledged_at, completions[whose].at,
                           ledger[whose].at, stored))
    return found


def percentiles(found: Sequence[Trace]) -> dict[str, float]:
    """Seconds from the post to each stage: p50 and p99."""
    figures = {}
    for stage in STAGES:
        took = [(getattr(trace, stage) - trace.due) / 1000 for trace in found]
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            figures[f"post → {stage}, {name}, s"] = percentile(took, share)
    return figures
