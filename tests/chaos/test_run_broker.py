"""What faults do to a broker happens, and is over afterwards."""

import time
from collections.abc import Iterator

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaError, NotEnoughReplicasError

from chaos.broker import Broker, BrokerFaultError, running_broker
from pipeline.broker import health, lag, topics
from pipeline.settings import Settings

pytestmark = [
    pytest.mark.kafka,
    # kafka-python 3.0 leaves sockets open whose connection was refused or broken
    pytest.mark.filterwarnings("ignore:.*socket:pytest.PytestUnraisableExceptionWarning"),
]
REFUSED, OTHER = "t.ledger", "t.completions"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with running_broker(tmp_path_factory.mktemp("chaos-broker")) as running:
        topics.create(running.bootstrap, Settings(topic_prefix="t.", partitions=2))
        yield running


def write(broker: Broker, topic: str, patience_s: float = 20.0) -> None:
    """Raises KafkaError if it is refused, or not acknowledged for so long."""
    patience_ms = int(patience_s * 1000)
    producer = KafkaProducer(
        bootstrap_servers=broker.bootstrap, acks="all", retries=0,
        delivery_timeout_ms=patience_ms, request_timeout_ms=patience_ms,
        max_block_ms=patience_ms, bootstrap_timeout_ms=patience_ms)
    try:
        producer.send(topic, b"{}", partition=0).get(patience_s)
    finally:
        producer.close(timeout=1)


def length(broker: Broker, topic: str) -> int:
    return sum(lag.ends(broker.bootstrap, [topic]).values())


def test_writes_to_one_topic_are_refused_for_lack_of_replicas_and_then_taken(
    broker: Broker
) -> None:
    before = length(broker, REFUSED)
    for _ in range(2):
        with broker.refusing(REFUSED) as error:
            assert error == "NotEnoughReplicasError"
            with pytest.raises(NotEnoughReplicasError):
                write(broker, REFUSED)
            write(broker, OTHER)
        write(broker, REFUSED)
    assert length(broker, REFUSED) == before + 2, "probes are never written"


def test_it_is_away_while_stopped_or_killed_and_keeps_its_address(broker: Broker) -> None:
    before, end = length(broker, OTHER), broker.bootstrap
    for away in (broker.kill, broker.stop):
        pid = away()
        assert not health.answers(end, 1.0)
        broker.start()
        assert broker.pid != pid
        assert broker.bootstrap == end
    write(broker, OTHER)
    assert length(broker, OTHER) == before + 1


def test_bytes_come_late_or_not_at_all_or_connections_break(broker: Broker) -> None:
    with broker.late(0.3):
        begun = time.monotonic()
        write(broker, OTHER)
        assert time.monotonic() - begun > 0.6
    with broker.silent(), pytest.raises(KafkaError):
        write(broker, OTHER, patience_s=2.0)
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    producer.partitions_for(OTHER)  # its thread connects when it is asked something
    assert broker.proxy.cut() > 0
    producer.close(timeout=1)
    write(broker, OTHER)


def test_frozen_it_answers_nobody_and_goes_on_afterwards(broker: Broker) -> None:
    with broker.frozen():
        assert not health.answers(broker.bootstrap, 1.0)
    write(broker, OTHER)


def test_a_fault_that_cannot_land_says_so(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a second replica Kafka takes the write: nothing is refused."""
    monkeypatch.setattr("chaos.broker.SETTLE_S", 0.5)
    monkeypatch.setattr(Broker, "_starve", lambda *_: None)
    with (pytest.raises(BrokerFaultError, match="not NotEnoughReplicasError"),
          broker.refusing("t.roster")):
        pass
