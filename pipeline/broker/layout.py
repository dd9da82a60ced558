"""How each topic of the catalogue is to be laid out on a broker, and how one found differs."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.schemas.topics import TOPICS, Topic
from pipeline.settings import Settings

# The largest record is a rejection that carries, in base64, a batch that itself is near 1 MiB.
MAX_RECORD_BYTES = 4 * 1024 * 1024

# What a worker must read when it takes a partition over: little more than the state itself, as
# the newest segment is never compacted, and others are once a third of them is outdated.
COMPACTION = {"segment.bytes": str(32 * 1024 * 1024), "min.cleanable.dirty.ratio": "0.3"}


@dataclass(frozen=True, slots=True)
class Layout:
    """What is asked of one topic on the broker."""

    partitions: int
    replication: int
    config: Mapping[str, str]


def wanted(settings: Settings) -> dict[str, Layout]:
    """The catalogue under the settings' prefix: full topic name → layout."""
    return {settings.topic(topic.name): _layout(topic, settings) for topic in TOPICS}


def _layout(topic: Topic, settings: Settings) -> Layout:
    config = {
        "cleanup.policy": topic.cleanup,
        "retention.ms": str(topic.retention_ms),
        "max.message.bytes": str(MAX_RECORD_BYTES),
        "compression.type": "producer",
        # Retention counts from when Kafka took a record, and a clock that runs ahead cannot get
        # it refused: a simulation's time, or a wrong clock, must not decide what is kept.
        "message.timestamp.type": "LogAppendTime",
        # With three replicas one machine may be down and "acknowledged" still means on two.
        "min.insync.replicas": "2" if settings.replication >= 3 else "1",
    }
    if topic.cleanup == "compact":
        config |= COMPACTION
    return Layout(topic.partitions or settings.partitions, settings.replication, config)


def differences(asked: Layout, found: Layout | None) -> list[str]:
    """In words, what of `found` is not as `asked`; only the configuration asked for counts."""
    if found is None:
        return ["missing"]
    pairs = [
        ("partitions", asked.partitions, found.partitions),
        ("replicas", asked.replication, found.replication),
        *((key, value, found.config.get(key)) for key, value in asked.config.items()),
    ]
    return [f"{key} is {is_}, should be {should}" for key, should, is_ in pairs if is_ != should]
