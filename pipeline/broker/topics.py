"""Topics on a broker: created from the catalogue, compared with it, cleaned up."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import (
    KafkaError,
    KafkaTimeoutError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
    for_code,
)

from pipeline.broker import health, wire
from pipeline.broker.admin import admin_client
from pipeline.broker.errors import BrokerError
from pipeline.broker.layout import Layout, differences, wanted
from pipeline.settings import Settings

PATIENCE_MS = 30_000
CONNECT_PATIENCE_S = 10.0


def create(bootstrap: str, settings: Settings) -> list[str]:
    """Create what is missing and wait until it can be used; the names of what was created.

    Topics that exist are left as they are: `check` tells how they differ.

    Raises:
        BrokerError: Kafka does not answer, or refuses; the message has its reason.
    """
    with connected(bootstrap) as admin:
        names = set(admin.list_topics())
        missing = {n: layout for n, layout in wanted(settings).items() if n not in names}
        created = _create(admin, missing) if missing else []
        admin.wait_for_topics(list(wanted(settings)), timeout_ms=PATIENCE_MS)
    return created


def _create(admin: Any, missing: Mapping[str, Layout]) -> list[str]:
    request = {name: _creation(layout) for name, layout in missing.items()}
    answer = admin.create_topics(request, raise_errors=False)
    created = []
    for topic in answer["topics"]:
        if topic["error_code"] == 0:
            created.append(topic["name"])
        elif topic["error_code"] != TopicAlreadyExistsError.errno:  # another process was faster
            raise BrokerError(f"cannot create topic {topic['name']}: {_reason(topic)}")
    return created


def _creation(layout: Layout) -> dict[str, object]:
    return {
        "num_partitions": layout.partitions,
        "replication_factor": layout.replication,
        "configs": dict(layout.config),
    }


def _reason(topic: Mapping[str, Any]) -> str:
    return str(topic["error_message"] or for_code(topic["error_code"]).__name__)


def check(bootstrap: str, settings: Settings) -> list[str]:
    """How the topics on the broker differ from the catalogue, a line each; [] if they do not.

    Raises:
        BrokerError: Kafka does not answer.
    """
    with connected(bootstrap) as admin:
        found = _found(admin, wanted(settings))
    return [
        f"{name}: {difference}"
        for name, layout in wanted(settings).items()
        for difference in differences(layout, found.get(name))
    ]


def _found(admin: Any, asked: Mapping[str, Layout]) -> dict[str, Layout]:
    described = {t["name"]: t["partitions"] for t in _described(admin, list(asked))}
    if not described:
        return {}
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, name, configs=list(asked[name].config))
        for name in described
    ]
    configs = admin.describe_configs(resources, config_filter="all")["topic"]
    if hidden := sorted(name for name in described if not configs.get(name)):
        raise BrokerError(f"this user may not see how {hidden[0]} is set up: ask as one who may")
    return {
        name: Layout(len(partitions), _replicas(partitions), _values(configs[name]))
        for name, partitions in described.items()
    }


def _described(admin: Any, names: list[str]) -> list[Mapping[str, Any]]:
    return [topic for topic in admin.describe_topics(names) if topic["error_code"] == 0]


def _replicas(partitions: list[Mapping[str, Any]]) -> int:
    return min((len(partition["replica_nodes"]) for partition in partitions), default=0)


def _values(config: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {key: entry["value"] for key, entry in config.items()}


def delete(bootstrap: str, prefix: str) -> list[str]:
    """Delete every topic whose name starts with `prefix`, with all its data; their names.

    Returns when they are gone from Kafka's metadata.

    Raises:
        ValueError: the prefix is empty, which would mean everything on the broker.
        BrokerError: Kafka does not answer, or refuses.
    """
    if not prefix.strip():
        raise ValueError("an empty prefix would delete every topic of this Kafka")
    return delete_where(bootstrap, lambda name: name.startswith(prefix))


def delete_where(bootstrap: str, is_meant: Callable[[str], bool]) -> list[str]:
    """`delete`, of the topics whose names are meant.

    Raises:
        BrokerError: Kafka does not answer, or refuses.
    """
    with connected(bootstrap) as admin:
        chosen = sorted(filter(is_meant, _own(admin)))
        if chosen:
            _delete(admin, chosen)
            _wait_until_gone(admin, chosen)
    return chosen


def _own(admin: Any) -> list[str]:
    return [topic["name"] for topic in admin.describe_topics() if not topic["is_internal"]]


def _delete(admin: Any, names: list[str]) -> None:
    for topic in admin.delete_topics(names, raise_errors=False)["topics"]:
        if topic["error_code"] not in (0, UnknownTopicOrPartitionError.errno):
            raise BrokerError(f"cannot delete topic {topic['name']}: {_reason(topic)}")


def _wait_until_gone(admin: Any, names: list[str]) -> None:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while remaining := sorted({*names} & {*admin.list_topics()}):
        if time.monotonic() > deadline:
            raise BrokerError(f"still there {PATIENCE_MS} ms after deletion: {remaining}")
        time.sleep(0.02)


def end_offsets(bootstrap: str, topic: str) -> dict[int, int]:
    """Partition → offset that the next record will get; `topic` is the full name.

    Raises:
        BrokerError: Kafka does not answer, or has no such topic.
    """
    with connected(bootstrap) as admin:
        described = _described(admin, [topic])
        if not described:
            raise BrokerError(f"no topic {topic} at {bootstrap}: run `xueshi topics create`")
        ends = [TopicPartition(topic, p["partition_index"]) for p in described[0]["partitions"]]
        found = admin.list_partition_offsets(dict.fromkeys(ends, OffsetSpec.LATEST))
    return {at.partition: found[at].offset for at in sorted(ends)}


@contextmanager
def connected(bootstrap: str) -> Iterator[Any]:
    """An admin client; whatever Kafka has against us becomes one clear error."""
    address = health.reachable(bootstrap, CONNECT_PATIENCE_S)
    if address is None:
        raise BrokerError(f"no Kafka answers at {bootstrap}")
    try:
        with admin_client(address, bootstrap_timeout_ms=PATIENCE_MS,
                          request_timeout_ms=PATIENCE_MS) as admin:
            yield admin
    except KafkaTimeoutError as error:
        raise BrokerError(f"Kafka at {bootstrap}{wire.hint(bootstrap)}: {error}") from error
    except KafkaError as error:
        raise BrokerError(f"Kafka at {bootstrap}: {error}") from error
