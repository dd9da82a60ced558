"""Faults of Kafka: stopped, killed, frozen, slow, and refusing the writes of one topic."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from chaos.broker import Broker
from chaos.faults.fault import Inject, NotLandedError
from chaos.stage import Stage
from pipeline.broker import health, lag

AWAY_S = (2.0, 6.0)
SLOW_FOR_S, STOPPED_S, RUNNING_S = 12.0, 0.7, 0.2
REFUSED_FOR_S = (5.0, 10.0)
LATE_S = 0.3


def stopped(stage: Stage, rng: random.Random) -> list[str]:
    """SIGTERM, some seconds of nothing, and up again."""
    return _away(stage, rng, stage.broker.stop)


def killed(stage: Stage, rng: random.Random) -> list[str]:
    """SIGKILL in the middle of everything, and up again."""
    return _away(stage, rng, stage.broker.kill)


def _away(stage: Stage, rng: random.Random, end: Callable[[], int]) -> list[str]:
    begun, address = time.monotonic(), stage.broker.bootstrap
    pid = end()
    try:
        time.sleep(rng.uniform(*AWAY_S))
        if health.answers(address, 0.5):
            raise NotLandedError(f"Kafka still answers at {address}")
    finally:
        stage.broker.start()
    return [f"pid {pid} ended, nothing answered at {address},"
            f" back after {time.monotonic() - begun:.1f} s as pid {stage.broker.pid}"]


def frozen(stage: Stage, rng: random.Random) -> list[str]:
    """SIGSTOP for longer than the workers' session time-out, so that all of them are late."""
    seconds = stage.settings.session_timeout_seconds + rng.uniform(1, 4)
    with stage.broker.frozen() as pid:
        time.sleep(seconds)
        if health.answers(stage.settings.kafka_bootstrap_servers or "", 0.5):
            raise NotLandedError("Kafka answers although it is stopped")
    return [f"pid {pid} stood still for {seconds:.1f} s; a question got no answer"]


def slow(stage: Stage, _: random.Random) -> list[str]:
    """It runs in slices of RUNNING_S with pauses of STOPPED_S, for SLOW_FOR_S."""
    usual, slowest = _answer_s(stage.broker), 0.0
    with ThreadPoolExecutor(1) as pool:
        slices = pool.submit(stage.broker.slow, SLOW_FOR_S, STOPPED_S, RUNNING_S)
        while not slices.done():
            slowest = max(slowest, _answer_s(stage.broker))
    if slowest < max(usual, STOPPED_S / 2):
        raise NotLandedError(f"no answer took longer than {slowest:.2f} s, otherwise {usual:.2f}")
    return [f"{slices.result()} pauses of {STOPPED_S} s in {SLOW_FOR_S:.0f} s (SIGSTOP, SIGCONT);"
            f" an answer took up to {slowest:.1f} s instead of {usual:.2f} s"]


def late(stage: Stage, _: random.Random) -> list[str]:
    """Every byte between Kafka and all its clients comes LATE_S later, each way."""
    usual = _answer_s(stage.broker)
    with stage.broker.late(LATE_S):
        time.sleep(SLOW_FOR_S)
        took = _answer_s(stage.broker)
    if took < usual + LATE_S:
        raise NotLandedError(f"an answer took {took:.2f} s, and {usual:.2f} s before")
    return [f"an answer took {took:.1f} s instead of {usual:.2f} s, for {SLOW_FOR_S:.0f} s"]


def silent(stage: Stage, rng: random.Random) -> list[str]:
    """Connections stay open and no byte gets through, beyond the session time-out."""
    seconds = stage.settings.session_timeout_seconds + rng.uniform(1, 4)
    with stage.broker.silent():
        time.sleep(0.5)  # what was being handed on just then
        before = stage.broker.proxy.passed
        time.sleep(seconds)
        passed = stage.broker.proxy.passed - before
    if passed:
        raise NotLandedError(f"{passed} bytes got through")
    return [f"not a byte got through for {seconds:.1f} s, and no connection was closed"]


def cut(stage: Stage, rng: random.Random) -> list[str]:
    """All connections to Kafka are broken, several times; clients may connect anew at once."""
    cuts = []
    for _ in range(rng.randint(3, 6)):
        time.sleep(rng.uniform(0.2, 2.0))
        cuts.append(stage.broker.proxy.cut())
    if not all(cuts):
        raise NotLandedError(f"no connection was there to be broken: {cuts}")
    return [f"{' and '.join(map(str, cuts))} connections to Kafka broken"]


def _answer_s(broker: Broker) -> float:
    begun = time.monotonic()
    health.answers(broker.bootstrap, 10.0)
    return time.monotonic() - begun


def refusing(name: str) -> Inject:
    """The fault that Kafka refuses all writes to one topic for a while, and then takes them."""

    def inject(stage: Stage, rng: random.Random) -> list[str]:
        topic, seconds = stage.topic(name), rng.uniform(*REFUSED_FOR_S)
        with stage.broker.refusing(topic) as error:
            before, telemetry = _end(stage, topic), _end(stage, stage.topic("telemetry"))
            time.sleep(seconds)
            grown = _end(stage, topic) - before
            others = _end(stage, stage.topic("telemetry")) - telemetry
        if grown:
            raise NotLandedError(f"{grown} records were written to {topic} meanwhile")
        return [f"{topic}: writes got {error} for {seconds:.1f} s, its ends stood still;"
                f" telemetry grew by {others} records meanwhile"]

    return inject


def _end(stage: Stage, topic: str) -> int:
    return sum(lag.ends(stage.broker.bootstrap, [topic]).values())
