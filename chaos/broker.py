"""The broker of a chaos run: a real one of its own, to be stopped, frozen, cut off and starved."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafka import KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, MessageSizeTooLargeError, NotEnoughReplicasError

from chaos import phantom
from chaos.proxy import Proxy, advertising, proxying
from pipeline.broker import local, ports, server, state
from pipeline.broker.layout import MAX_RECORD_BYTES
from pipeline.broker.topics import connected, end_offsets
from pipeline.settings import Settings

PROBE_PATIENCE_MS = 5_000
SETTLE_S = 15.0
TOO_LARGE = MAX_RECORD_BYTES + 2**20


class BrokerFaultError(Exception):
    """The broker does not do what the fault asks of it."""


@dataclass(frozen=True, slots=True)
class Broker:
    """The broker in `folder`, behind `proxy`, which all its clients are led to: start it in a
    block of `advertising(proxy)`.
    """

    folder: Path
    proxy: Proxy

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.proxy.port}"

    @property
    def pid(self) -> int:
        return self._started().pid

    def start(self) -> None:
        """Start it, or start it again. Raises BrokerError if it does not come up."""
        log = self.home / server.LOG
        if log.exists():  # a start begins it anew
            log.replace(log.with_suffix(f".{time.monotonic_ns()}.log"))
        local.start(self._settings())

    def stop(self) -> int:
        """SIGTERM, and wait; its pid, 0 if there never was one."""
        started = state.recall(self.home)
        local.stop(self._settings())
        return started.pid if started else 0

    def kill(self) -> int:
        """SIGKILL, and wait; its pid."""
        process = state.process_of(self._started())
        if process is None:
            raise BrokerFaultError("the broker does not run")
        process.kill()
        process.wait(10)
        return int(process.pid)

    @contextmanager
    def frozen(self) -> Iterator[int]:
        """Stopped in its tracks (SIGSTOP) for the block; its pid."""
        pid = self.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield pid
        finally:
            os.kill(pid, signal.SIGCONT)

    def slow(self, seconds: float, stopped_s: float, running_s: float) -> int:
        """Let it run in short slices only, for so long; how many slices there were."""
        until, slices = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            with self.frozen():
                time.sleep(stopped_s)
            time.sleep(running_s)
            slices += 1
        return slices

    @contextmanager
    def late(self, seconds: float) -> Iterator[None]:
        """Every byte comes so much later, each way, for the block."""
        self.proxy.delay_s = seconds
        try:
            yield
        finally:
            self.proxy.delay_s = 0.0

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Connections stay, and no byte gets through, for the block."""
        self.proxy.stalled = True
        try:
            yield
        finally:
            self.proxy.stalled = False

    @contextmanager
    def refusing(self, topic: str) -> Iterator[str]:
        """Refuse all writes to the topic (full name) for the block, for the lack of a replica;
        yields the error with which a write was refused.

        Raises:
            BrokerFaultError: it takes writes all the same, or does not take them afterwards.
        """
        self._starve(topic)
        try:
            yield self._wait_for(topic, NotEnoughReplicasError)
        finally:
            self._feed(topic)
            self._wait_for(topic, MessageSizeTooLargeError)

    def _starve(self, topic: str) -> None:
        with connected(self.bootstrap) as admin:
            both = [1, phantom.NUMBER]
            places = self._places(topic)
            admin.alter_partition_reassignments(dict.fromkeys(places, both))
            _set_min_isr(admin, topic, 2)

    def _feed(self, topic: str) -> None:
        with connected(self.bootstrap) as admin:
            _set_min_isr(admin, topic, 1)
            admin.alter_partition_reassignments(dict.fromkeys(self._places(topic)))

    def _places(self, topic: str) -> list[TopicPartition]:
        return [TopicPartition(topic, number) for number in end_offsets(self.bootstrap, topic)]

    def _wait_for(self, topic: str, expected: type[KafkaError]) -> str:
        """Ask until a write that is far too large is refused for the expected reason. Replicas
        are counted before bytes, so nothing is ever written.
        """
        deadline = time.monotonic() + SETTLE_S
        while not isinstance(error := _refusal(self.bootstrap, topic), expected):
            if time.monotonic() > deadline:
                raise BrokerFaultError(f"{topic}: not {expected.__name__} but {error!r}")
            time.sleep(0.1)
        return type(error).__name__

    def _started(self) -> state.Started:
        started = state.recall(self.home)
        if started is None:
            raise BrokerFaultError(f"no broker was started in {self.home}")
        return started

    @property
    def home(self) -> Path:
        """Where the broker keeps its data."""
        return self.folder.absolute() / "kafka"

    def _settings(self) -> Settings:
        return Settings(var_dir=self.folder).model_copy(update={"kafka_bootstrap_servers": None})


@contextmanager
def running_broker(folder: Path) -> Iterator[Broker]:
    """A broker with its proxy, as long as the block runs.

    Raises:
        BrokerError: it does not come up.
    """
    with proxying(ports.free()[0]) as proxy, advertising(proxy):
        broker = Broker(folder, proxy)
        try:
            broker.start()
            phantom.register(broker.home)
            yield broker
        finally:
            broker.stop()


def _set_min_isr(admin: Any, topic: str, replicas: int) -> None:
    config = {"min.insync.replicas": str(replicas)}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=config)])


def _refusal(bootstrap: str, topic: str) -> KafkaError:
    """How the broker refuses a record that is larger than any topic of ours takes."""
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, acks="all", retries=0, max_request_size=2 * TOO_LARGE,
        enable_idempotence=False, request_timeout_ms=PROBE_PATIENCE_MS,
        delivery_timeout_ms=PROBE_PATIENCE_MS, max_block_ms=PROBE_PATIENCE_MS,
        allow_auto_create_topics=False)
    try:
        producer.send(topic, bytes(TOO_LARGE), partition=0).get(PROBE_PATIENCE_MS / 1000)
    except KafkaError as error:
        return error
    finally:
        producer.close(timeout=1)
    raise BrokerFaultError(f"{topic} took a record of {TOO_LARGE} bytes")
