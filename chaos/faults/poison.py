"""Poison: the hostile corpus in every stream at once, and one teacher's state without measure."""

import json
import random
import threading
from collections import Counter
from itertools import count

from audit.evidence import stored
from chaos.hostile import Subject
from chaos.load.expected import Expected
from chaos.load.planting import Planted, planted, refusals
from chaos.load.sending import sending
from chaos.stage import Stage, wait_until
from pipeline.broker import lag
from pipeline.rules.programme import Catalogue, Programme, Resource
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.partitioning import bucket_of, partition_of
from pipeline.schemas.topics import TELEMETRY, WATCHING_CHANGELOG

PATIENCE_S = 90.0
PIECES = 399  # loose pieces of one video: one fewer than are ever kept
HOUR_MS = 3_600_000


def corpus(stage: Stage, rng: random.Random) -> list[str]:
    """The whole corpus in all topics; the next records of honest teachers stand behind it."""
    catalogue = load_catalogue(stage.settings.programmes_dir)
    some = planted(stage.settings, catalogue, f"p{rng.randrange(10**6)}-", 1)
    before = _rejections(stage)
    stage.expected.append(Expected(refused=refusals(some)))
    _send(stage, some)
    wait_until("refused", lambda: _rejections(stage) - before >= _records(some),
               PATIENCE_S)
    topics = Counter(one.topic for one in some)
    return [f"{', '.join(f'{count} in {topic}' for topic, count in sorted(topics.items()))};"
            f" {_rejections(stage) - before} records on rejections since"]


def _records(some: list[Planted]) -> int:
    """What is hostile on `rejections` itself is not written there again."""
    return sum(one.topic != "rejections" for one in some)


def _rejections(stage: Stage) -> int:
    return sum(lag.ends(stage.broker.bootstrap, [stage.topic("rejections")]).values())


def _send(stage: Stage, some: list[Planted]) -> None:
    with sending(stage.broker.bootstrap, threading.Event()) as send:
        for one in some:
            send(stage.topic(one.topic), one.partition, one.key, one.value)


def oversized(stage: Stage, rng: random.Random) -> list[str]:
    """Two teachers of one bucket claim loose pieces of every video, all that are ever kept: the
    bucket's state no longer fits into one record of the changelog.
    """
    some = _neighbours(stage, f"oversized-{rng.randrange(10**6)}")
    partition = partition_of(some[0], stage.settings.partitions)
    programme = _last_programme(load_catalogue(stage.settings.programmes_dir))
    with sending(stage.broker.bootstrap, threading.Event()) as send:
        for teacher in some:
            for hour, video in enumerate(_videos(programme)):
                subject = _subject(teacher, video, programme.window.opens_at, hour)
                send(stage.topic(TELEMETRY.name), partition, None, _pieces(subject, rng))
    wait_until("written in parts", lambda: _parts(stage, partition) > 0, PATIENCE_S)
    return [f"{' and '.join(some)}: {_parts(stage, partition)} values of partition {partition} of"
            " the changelog go on in a second record"]


def _neighbours(stage: Stage, name: str) -> list[str]:
    """Two teachers that share a bucket."""
    partitions, buckets = stage.settings.partitions, stage.settings.buckets
    first: dict[tuple[int, int], str] = {}
    for number in count():
        teacher = f"{name}-{number}"
        place = partition_of(teacher, partitions), bucket_of(teacher, partitions, buckets)
        if place in first:
            return [first[place], teacher]
        first[place] = teacher
    raise AssertionError("unreachable")


def _last_programme(catalogue: Catalogue) -> Programme:
    return max(catalogue.programmes.values(), key=lambda programme: programme.window.opens_at)


def _videos(programme: Programme) -> list[Resource]:
    return [video for course in programme.courses for video in course.resources
            if video.duration_ms > 4 * PIECES]


def _subject(teacher: str, video: Resource, opens_at: int, hour: int) -> Subject:
    """A session of an hour of its own."""
    return Subject(teacher, f"s-{teacher}-{hour}", video.id, "", video.duration_ms,
                   opens_at + hour * HOUR_MS)


def _pieces(subject: Subject, rng: random.Random) -> bytes:
    """Single milliseconds of the video, no two of them side by side."""
    starts = sorted(rng.sample(range(0, subject.duration_ms - 1, 2), PIECES))
    batch = subject.batch(rows=PIECES, received_at=[subject.received_at] * PIECES)
    return json.dumps(batch | {"from": starts, "to": [at + 1 for at in starts]}).encode()


def _parts(stage: Stage, partition: int) -> int:
    """Records of the changelog that go on with a value which one record cannot hold."""
    topic = stage.topic(WATCHING_CHANGELOG.name)
    return sum(b"/" in (record.key or b"")
               for record in stored(stage.broker.bootstrap, topic, [partition]))
