"""What all parts stand on: a Kafka of their own, folders, keys, and a crowd of teachers."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from bench.own_kafka import own_kafka
from bench.path.crowd import Crowd
from demo.environment import fresh
from pipeline.broker import ports, topics
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings

PROGRAMME = "2023-summer"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. `credited`: teachers of crediting; `teachers`: of loader, publisher
    and pages, 23 ledger entries each; `requests`: of each page; `rate`: posts a second of the
    end-to-end stream, None for half of what is found to be the highest; `seconds`: of a
    run of the stream, `windows`: how many runs it has once it has warmed up; `recovered`: teachers
    whose state is read back.
    """

    credited: int = 12_000
    teachers: int = 100_000
    requests: int = 200
    rate: float | None = None
    seconds: float = 60.0
    windows: int = 1
    recovered: int = 1_000_000


@dataclass
class Ground:
    """`base`: settings with a Kafka and secrets; `broker`: its process id if it is ours; `stack`:
    what is taken away at the end; `kept`: by name, settings of what one part leaves to others.
    """

    base: Settings
    kafka: str
    broker: int | None
    size: Size
    stack: ExitStack
    kept: dict[str, Settings] = field(default_factory=dict)

    def settings(self, part: str) -> Settings:
        """Settings of one part: its topics, folder and ports are nobody else's."""
        collector_port, worker_port = ports.free()
        return self.base.model_copy(update={
            "topic_prefix": f"path-{uuid.uuid4().hex[:8]}.", "collector_port": collector_port,
            "worker_port": worker_port, "var_dir": fresh(self.base.var_dir / part)})

    @cached_property
    def crowd(self) -> Crowd:
        """Those whose ledger is loaded, published and shown."""
        return self.crowd_of(self.size.teachers)

    def crowd_of(self, teachers: int) -> Crowd:
        programme = load_catalogue(self.base.programmes_dir).programmes[PROGRAMME]
        return Crowd(programme, teachers, self.base.partitions)


@contextmanager
def standing(size: Size) -> Iterator[Ground]:
    """The ground, with the Kafka that the settings name or a local one that ends with the block."""
    with own_kafka("path") as (settings, broker), ExitStack() as stack:
        yield Ground(settings, settings.kafka_bootstrap_servers or "", broker, size, stack)


@contextmanager
def with_topics(settings: Settings, kafka: str) -> Iterator[None]:
    """All topics of the settings, for as long as the block runs."""
    topics.create(kafka, settings)
    try:
        yield
    finally:
        topics.delete(kafka, settings.topic_prefix)
