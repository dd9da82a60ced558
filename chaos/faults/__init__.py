"""Every fault by name, with the evidence that each has to bring."""

from collections.abc import Iterator

from chaos.faults import brokers, disks, kills, points, poison, workers
from chaos.faults.fault import Fault, NotLandedError

WORKER_POINTS = {
    "before-changelog": 8, "inside-changelog": 8, "after-changelog": 8, "between-outcomes": 2,
    "before-ack": 4, "between-batches": 40,
}
"""Point of a worker's flush → on which call it dies at most."""

ELSEWHERE = {
    "loader-in-transaction": ("loader", ("inside-transaction", "after-ledger", "before-commit"), 6),
    "loader-after-commit": ("loader", ("after-commit",), 6),
    "loader-in-snapshot": ("loader", (
        "before-checkpoint", "checkpoint-before-wal-flush", "checkpoint-before-wal-finish",
        "checkpoint-after-free-list", "checkpoint-before-header", "checkpoint-before-truncate",
        "before-copy", "inside-copy", "before-snapshot-rename", "after-snapshot-rename"), 1),
    "publisher-halfway": ("publisher", (
        "inside-file", "before-file-rename", "between-files", "before-manifest",
        "after-manifest"), 2),
    "collector-with-unsent": ("collector", ("before-pack", "before-send"), 8),
    "collector-with-unanswered": ("collector", ("after-send", "before-answer"), 8),
}
"""Fault → part of the path, points of it, on which call it dies at most."""

REFUSED = ("telemetry", "completions", "ledger", "rejections", "watching-changelog",
           "crediting-changelog")


def _all() -> Iterator[Fault]:
    yield from _killed()
    yield from _points()
    yield Fault("workers-wiped", "all workers killed and their local data deleted",
                workers.wiped, 14)
    yield Fault("workers-1-3-1", "one worker, then three, one again, and back",
                workers.one_three_one, 26)
    yield Fault("worker-stopped", "SIGSTOP of a worker beyond the session time-out, then SIGCONT",
                workers.stopped, 14)
    yield Fault("worker-stopped-flushing", "the same at a point of its flush",
                workers.stopped_at(("before-changelog", "inside-changelog", "after-changelog",
                                    "between-outcomes", "before-ack"), 3), 22)
    yield from _brokers()
    yield Fault("poison-corpus", "the hostile corpus in the streams of all agents and the loader",
                poison.corpus, 8)
    yield Fault("poison-oversized", "a teacher whose state does not fit into one record",
                poison.oversized, 10)
    yield Fault("disk-full-loader", "the warehouse cannot grow", disks.full("loader"), 9)
    yield Fault("disk-full-publisher", "published files cannot be written",
                disks.full("publisher"), 9)
    yield Fault("disk-full-workers", "no worker can write a byte, and one has to come back",
                disks.workers_full, 14)


def _killed() -> Iterator[Fault]:
    yield Fault("worker-killed", "kill -9 of a worker at random", kills.killed("worker"), 8)
    yield Fault("worker-killed-starting", "kill -9 of a worker again and again while it starts",
                kills.killed_starting("worker", 6.0), 16)
    yield Fault("loader-killed", "kill -9 of the loader at random", kills.killed("loader"), 3)
    yield Fault("loader-killed-starting", "kill -9 of the loader again and again while it starts",
                kills.killed_starting("loader", 3.0), 8)
    yield Fault("publisher-killed", "kill -9 of the publisher at random",
                kills.killed("publisher"), 3)
    yield Fault("collector-killed", "kill -9 of a collector at random",
                kills.killed("collector"), 3)


def _points() -> Iterator[Fault]:
    for point, calls in WORKER_POINTS.items():
        yield Fault(f"worker-{point}", f"kill -9 of a worker at {point} of its flush",
                    points.killed_at("worker", (point,), calls), 12)
    for name, (kind, some, calls) in ELSEWHERE.items():
        yield Fault(name, f"kill -9 of the {kind} at one of {', '.join(some)}",
                    points.killed_at(kind, some, calls), 8)


def _brokers() -> Iterator[Fault]:
    yield Fault("broker-stopped", "Kafka stopped by SIGTERM and started again", brokers.stopped, 18)
    yield Fault("broker-killed", "Kafka killed and started again", brokers.killed, 22)
    yield Fault("broker-frozen", "Kafka stopped (SIGSTOP) beyond the session time-out",
                brokers.frozen, 14)
    yield Fault("broker-slow", "Kafka runs in short slices only", brokers.slow, 16)
    yield Fault("broker-late", "every byte to and from Kafka comes later", brokers.late, 16)
    yield Fault("broker-silent", "no byte to or from Kafka gets through, beyond the session"
                " time-out", brokers.silent, 14)
    yield Fault("broker-cut", "all connections to Kafka are broken, several times", brokers.cut, 8)
    for topic in REFUSED:
        yield Fault(f"refused-{topic}", f"Kafka refuses all writes to {topic} for a while",
                    brokers.refusing(topic), 12)


FAULTS = {fault.name: fault for fault in _all()}

__all__ = ["FAULTS", "Fault", "NotLandedError"]
