"""How far a consumer group is behind the ends of its topics."""

from collections.abc import Iterable

from pipeline.broker.topics import connected, end_offsets

Position = tuple[str, int]
"""Full topic name and partition."""


def committed(bootstrap: str, group: str) -> dict[Position, int]:
    """Offsets the group has committed; {} for a group never heard of.

    Raises:
        BrokerError: Kafka does not answer.
    """
    with connected(bootstrap) as admin:
        offsets = admin.list_group_offsets({group: None})[group]
    return {(tp.topic, tp.partition): found.offset for tp, found in offsets.items()}


def ends(bootstrap: str, topics: Iterable[str]) -> dict[Position, int]:
    """The next offset of every partition of the topics (full names)."""
    return {(topic, partition): offset for topic in topics
            for partition, offset in end_offsets(bootstrap, topic).items()}


def behind(bootstrap: str, group: str, topics: Iterable[str]) -> int:
    """Records of the topics (full names) that the group has not committed yet."""
    done = committed(bootstrap, group)
    return sum(end - done.get(place, 0) for place, end in ends(bootstrap, topics).items())
