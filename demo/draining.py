"""Waiting until everything that was sent has gone all the way to the published files."""

import time
from collections.abc import Callable

from pipeline.broker import lag
from pipeline.settings import Settings
from warehouse.errors import WarehouseError
from warehouse.manifest import read_manifest

LOOK_EVERY_S = 0.5
WORKED = ("telemetry", "enrolments", "completions")
LOADED = ("ledger", "roster", "rejections")


class NotDrainedError(Exception):
    """Records are still on their way after all patience."""


def wait_until_published(
    settings: Settings, kafka: str, look: Callable[[int, int], None], patience_s: float
) -> None:
    """Wait until the workers have committed all input and all outcomes are published.

    `look(to decide, to publish)` is called with the records still on their way, and may raise
    if a process has ended.

    Raises:
        NotDrainedError: `patience_s` seconds went by without an end.
    """
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        to_decide = lag.behind(kafka, settings.topic("worker"), map(settings.topic, WORKED))
        to_publish = unpublished(settings, kafka)
        look(to_decide, to_publish)
        if to_decide == 0 == unpublished(settings, kafka):  # what was decided last counts too
            return
        time.sleep(LOOK_EVERY_S)
    raise NotDrainedError(f"after {patience_s:.0f} s {to_decide} records are not decided"
                          f" and {to_publish} not published: look into the logs")


def unpublished(settings: Settings, kafka: str) -> int:
    """Records of the loader's topics that are in no published file yet."""
    done = published_offsets(settings)
    ends = lag.ends(kafka, map(settings.topic, LOADED))
    return sum(end - done.get(place, 0) for place, end in ends.items())


def published_offsets(settings: Settings) -> dict[lag.Position, int]:
    """Next offset of every partition that the last publication has; {} before the first."""
    try:
        manifest = read_manifest(settings.published_dir)
    except WarehouseError:
        return {}
    return {(one.topic, one.partition): one.next_offset for one in manifest.offsets}
