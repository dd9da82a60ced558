"""What several parts' tests need: a real Kafka, and settings of their own."""

import fcntl
import os
import shutil
import threading
import uuid
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr

from pipeline.broker import local, ports, topics
from pipeline.settings import ROOT, Settings
from tests.own_kafka import own_kafka  # noqa: F401 - a fixture that several parts use

SHARED = ROOT / "var" / "test-kafka"

# Settings of the developer's shell must not decide what a test sees: taken out of the
# environment once, before any test, so that processes which tests start do not see them either.
GIVEN_KAFKA = os.environ.pop("KAFKA_BOOTSTRAP_SERVERS", None)
for _name in [name for name in os.environ if name.startswith("XUESHI_")]:
    del os.environ[_name]


# Tests start many brokers and ask little of each: without Java's second compiler and its parallel
# collector a start takes half the CPU. The launcher alone reads it, and says so on stderr.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


# The warehouse forces every file to the disk, for the sake of machines that lose their power. No
# test does that to this one, so their files may lie in memory, if there is plenty of it.
IN_MEMORY, PLENTY = Path("/dev/shm"), 8 * 2**30
if IN_MEMORY.is_dir() and min(
        shutil.disk_usage(IN_MEMORY).free, psutil.virtual_memory().available) > PLENTY:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))


def pytest_configure() -> None:
    """Python prefers a compiled file to its source, also to a newer one (ADR 26)."""
    rules = ROOT / "pipeline" / "rules"
    stale = [one.name for one in rules.glob("*.so")
             if one.stat().st_mtime < (rules / one.name.partition(".")[0]).with_suffix(
                 ".py").stat().st_mtime]
    if stale:
        raise pytest.UsageError(f"{', '.join(stale)} are older than their sources: make compile")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for processes for minutes begins first; short tests fill what is left of the
    time, so that no worker of several is alone in the end. Files that are neighbours are alike:
    mixed (always the same way), not all browsers run at once.
    """
    def turn(item: pytest.Item) -> tuple[bool, int]:
        file = item.nodeid.partition("::")[0]
        return item.get_closest_marker("kafka") is None, zlib.crc32(file.encode())

    items.sort(key=turn)


@pytest.fixture(scope="module", autouse=True)
def no_client_is_left() -> Iterator[None]:
    """A client of Kafka that nobody closed tries to connect for ever, and takes random numbers to
    do so, also while Hypothesis watches that nothing else than a strategy takes some.
    """
    yield
    left = [one.name for one in threading.enumerate() if one.name.startswith("kafka-")]
    assert not left, "a client was not closed"


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """Bootstrap server of a real Kafka: KAFKA_BOOTSTRAP_SERVERS, or a local one for tests.

    Test runs that go on at the same time share the local one; the last of them stops it.
    """
    if GIVEN_KAFKA:
        yield local.bootstrap(Settings(kafka_bootstrap_servers=GIVEN_KAFKA))
        return
    with _last_one_stops(SHARED):
        yield local.start(Settings(var_dir=SHARED))


@contextmanager
def _last_one_stops(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # another test run uses the broker
            return
        local.stop(Settings(var_dir=folder))
        shutil.rmtree(folder / "kafka")


@pytest.fixture(scope="module")
def delete_later(kafka: str) -> Iterator[Callable[[str], None]]:
    """Deletes the topics of a prefix while the next test runs: Kafka takes a second for it."""
    begun: list[Future[list[str]]] = []
    with ThreadPoolExecutor(1) as pool:
        yield lambda prefix: begun.append(pool.submit(topics.delete, kafka, prefix))
    for one in begun:
        one.result()


@pytest.fixture
def settings(
    kafka: str, delete_later: Callable[[str], None], tmp_path: Path
) -> Iterator[Settings]:
    made = _with_topics(kafka, tmp_path)
    yield made
    delete_later(made.topic_prefix)


@contextmanager
def own_settings(kafka: str, folder: Path) -> Iterator[Settings]:
    """Settings for longer or shorter than one test; their topics are deleted at once."""
    made = _with_topics(kafka, folder)
    yield made
    topics.delete(kafka, made.topic_prefix)


def _with_topics(kafka: str, folder: Path) -> Settings:
    """Settings with topics of their own (created), four partitions, free ports and all secrets,
    and with data under `folder`.
    """
    collector_port, worker_port = ports.free()
    made = Settings(
        kafka_bootstrap_servers=kafka,
        topic_prefix=f"test-{uuid.uuid4().hex[:12]}.",
        partitions=4,
        var_dir=folder,
        platform_key=SecretStr("platform-key-of-the-tests"),
        token_secret=SecretStr("token-secret-of-the-tests-0123456789"),
        collector_port=collector_port,
        worker_port=worker_port,
    )
    topics.create(kafka, made)
    return made
