"""Whether the live tables can know all that the logs have: what differs may only be late."""

from dataclasses import dataclass

from pipeline.broker import lag
from pipeline.schemas.topics import (
    ADJUSTMENTS,
    COMPLETIONS,
    ENROLMENTS,
    LEDGER,
    ROSTER_TOPIC,
    TELEMETRY,
)
from pipeline.settings import Settings
from warehouse.errors import WarehouseError
from warehouse.manifest import read_manifest

DECIDED = (TELEMETRY.name, ENROLMENTS.name, ADJUSTMENTS.name, COMPLETIONS.name)
PUBLISHED = (LEDGER.name, ROSTER_TOPIC.name)


@dataclass(frozen=True, slots=True)
class Lateness:
    """Records that the workers have not decided yet, and that are not published yet."""

    undecided: int
    unpublished: int


def lateness(settings: Settings, bootstrap: str) -> Lateness:
    """How late both are now. Raises BrokerError."""
    undecided = lag.behind(bootstrap, settings.topic("worker"), map(settings.topic, DECIDED))
    done = _published(settings)
    ends = lag.ends(bootstrap, map(settings.topic, PUBLISHED))
    return Lateness(undecided, sum(end - done.get(place, 0) for place, end in ends.items()))


def _published(settings: Settings) -> dict[lag.Position, int]:
    try:
        manifest = read_manifest(settings.published_dir)
    except WarehouseError:
        return {}
    return {(one.topic, one.partition): one.next_offset for one in manifest.offsets}
