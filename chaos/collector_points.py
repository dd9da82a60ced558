"""Points of the collector at which it may be killed."""

from collections.abc import Mapping
from typing import Any

from chaos.wrapping import Install, after, before


def telemetry(_: Any, topic: str, *__: Any, **___: Any) -> bool:
    """A record of packed events, not a rejection."""
    return topic.endswith("telemetry")


POINTS: Mapping[str, Install] = {
    "collector:before-sort": before("pipeline.collector.events:Sorter.sort"),
    "collector:before-pack": before("pipeline.collector.packing:pack"),
    "collector:before-send": before("pipeline.collector.kafka:Kafka.send", telemetry),
    "collector:after-send": after("pipeline.collector.kafka:Kafka.send", telemetry),
    "collector:before-answer": after("pipeline.collector.publishing:Publisher.publish"),
}
