"""What readers of the published files see, as if the publisher were a group of Kafka's."""

from pydantic import ValidationError

from pipeline.lag.groups import Group, publisher_group
from pipeline.lag.observing import Standing
from pipeline.settings import Settings
from warehouse.errors import WarehouseError
from warehouse.manifest import Manifest, read_manifest
from warehouse.store import is_locked


def manifest(settings: Settings) -> Manifest | None:
    """The last good publication's; None where there is none on this machine."""
    try:
        return read_manifest(settings.published_dir)
    except (WarehouseError, ValidationError):
        return None


def standing(settings: Settings, made: Manifest | None) -> dict[Group, Standing]:
    """The publisher's group, {} without a publication."""
    if made is None:
        return {}
    committed = {(one.topic, one.partition): one.next_offset for one in made.offsets}
    owner = "publisher" if is_locked(settings.published_dir / "publisher.lock") else ""
    group = publisher_group(settings)
    return {group: Standing(committed, dict.fromkeys(committed, owner))}
