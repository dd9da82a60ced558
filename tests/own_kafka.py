"""A Kafka of the tests' own behind a proxy: to be stopped, cut off, slowed down and starved."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from chaos import phantom
from chaos.broker import Broker
from chaos.proxy import advertising, proxying
from pipeline.broker import ports, topics
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class OwnKafka:
    """A broker, and how tests use it."""

    broker: Broker

    def start(self) -> None:
        """Start it, or start it again; brokers that others start meanwhile are none of ours."""
        with advertising(self.broker.proxy):
            self.broker.start()

    @contextmanager
    def topics(self, settings: Settings) -> Iterator[Settings]:
        """The settings with this Kafka, and topics of their own there."""
        made = settings.model_copy(update={
            "kafka_bootstrap_servers": self.broker.bootstrap,
            "topic_prefix": f"test-{uuid.uuid4().hex[:12]}.",
        })
        topics.create(self.broker.bootstrap, made)
        yield made
        topics.delete(self.broker.bootstrap, made.topic_prefix)


@pytest.fixture(scope="module")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnKafka]:
    """Started once for all tests of a module; idle until the end it would take time of others."""
    from tests.conftest import GIVEN_KAFKA

    if GIVEN_KAFKA is not None:
        pytest.skip("stops and starts a Kafka of its own, and here one is given")
    with proxying(ports.free()[0]) as proxy:
        own = OwnKafka(Broker(tmp_path_factory.mktemp("own"), proxy))
        own.start()
        phantom.register(own.broker.home)
        try:
            yield own
        finally:
            own.broker.stop()
