"""All invariants, over everything that a run has left in Kafka and published."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from audit.evidence import Stored, stored
from chaos.changelog import history
from chaos.copies.logs import bound
from chaos.invariants.arrival import lost, misplanted
from chaos.invariants.broken import Broken
from chaos.invariants.commits import Flushed, ahead, backward, flushed
from chaos.invariants.group_log import commits
from chaos.invariants.ledger import broken_books
from chaos.invariants.refusals import COLLECTOR, Judged, found, inexact, judged, unpublished
from chaos.invariants.states import shrunk_crediting, shrunk_watching, vanished
from chaos.load.expected import Expected, Refusals
from chaos.rows import rows
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.topics import (
    ADJUSTMENTS,
    COMPLETIONS,
    CREDITING_CHANGELOG,
    ENROLMENTS,
    LEDGER,
    REJECTIONS,
    ROSTER_TOPIC,
    TELEMETRY,
    WATCHING_CHANGELOG,
)
from pipeline.settings import Settings
from warehouse.teachers import refusals as published_refusals

REFUSING = (COMPLETIONS, ENROLMENTS, ADJUSTMENTS, LEDGER, ROSTER_TOPIC)


@dataclass(slots=True)
class Proof:
    """`broken`: [] if all hold; `counted`: how much was looked at, by name; `seconds` it took."""

    broken: list[Broken] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def check_invariants(settings: Settings, expected: Sequence[Expected]) -> Proof:
    """All invariants. `expected`: of every load of the run (`load.expected()`), when everything
    is decided and published. Whoever sends other hostile records marks them as
    `chaos.load.planting.Planted.key` does, and adds their refusals to `expected`.

    Raises:
        BrokerError, UnreadableError, WarehouseError: something cannot be read at all.
    """
    begun = time.monotonic()
    proof = Proof()
    evidence = _Evidence(settings, proof)
    evidence.input(expected)
    evidence.ledger()
    evidence.changelogs()
    proof.seconds = time.monotonic() - begun
    return proof


@dataclass(slots=True)
class _Evidence:
    """Reads, and hands on to the pure checks."""

    settings: Settings
    proof: Proof

    def input(self, expected: Sequence[Expected]) -> None:
        """What was acknowledged is there; what is refused is exactly what has to be."""
        catalogue = load_catalogue(self.settings.programmes_dir)
        telemetry = judged(TELEMETRY.name, self._stored(TELEMETRY.name), catalogue)
        others = [judged(topic.name, self._stored(topic.name)) for topic in REFUSING]
        itself = judged(REJECTIONS.name, self._stored(REJECTIONS.name))
        self._arrived(expected, [telemetry, *others, itself])
        refused = found(self._stored(REJECTIONS.name), self.settings.topic_prefix)
        at_the_door = _only(_sum(expected), COLLECTOR)
        places = sum((one.expected for one in (telemetry, *others)), Counter())
        self.proof.counted["refused events"] += sum(refused.by_place.values())
        self.proof.counted["refused events"] += sum(refused.at_the_door.values())
        self.proof.broken += inexact(places, at_the_door, refused)
        published = published_refusals(self.settings.published_dir)
        self.proof.broken += unpublished(refused, itself.planted, published)

    def _arrived(self, expected: Sequence[Expected], logs: Sequence[Judged]) -> None:
        present = set().union(*(log.present for log in logs))
        for one in expected:
            self.proof.counted["acknowledged events"] += len(one.acknowledged)
            self.proof.broken += lost(one.acknowledged, present)
        planted: Refusals = sum((log.planted for log in logs), Counter())
        wanted = _sum(expected) - _only(_sum(expected), COLLECTOR)
        self.proof.counted["planted refusals"] += sum(planted.values())
        self.proof.broken += misplanted(wanted, planted)

    def ledger(self) -> None:
        """Numbers, sums, and nothing twice; that repeats agree, the copies look after."""
        books, _ = bound(rows(stored(self._kafka, self.settings.topic(LEDGER.name))))
        self.proof.counted["ledger entries"] += sum(map(len, books.values()))
        self.proof.broken += broken_books(books)

    def changelogs(self) -> None:
        """States that only grow, positions that only go on, commits that never run ahead."""
        settings, kafka = self.settings, self._kafka
        group = list(commits(kafka, settings.topic("worker"), settings.topic_prefix))
        places: dict[tuple[str, int], Flushed] = {}
        for topic, shrunk in ((WATCHING_CHANGELOG, shrunk_watching),
                              (CREDITING_CHANGELOG, shrunk_crediting)):
            entries = list(history(kafka, settings.topic(topic.name)))
            self.proof.counted["changelog values"] += len(entries)
            self.proof.broken += [*shrunk(entries), *vanished(entries)]
            places |= flushed(entries)
        self.proof.counted["commits"] += len(group)
        if not group or not places:
            self.proof.broken.append(Broken("committed is flushed", settings.topic("worker"),
                                            "there is no commit or no flush to be judged"))
        self.proof.broken += [*backward(places), *ahead(group, places)]

    @property
    def _kafka(self) -> str:
        return self.settings.kafka_bootstrap_servers or ""

    def _stored(self, name: str) -> Iterator[Stored]:
        for record in stored(self._kafka, self.settings.topic(name)):
            self.proof.counted[f"records of {name}"] += 1
            yield record


def _sum(expected: Sequence[Expected]) -> Refusals:
    return sum((one.refused for one in expected), Counter())


def _only(refusals: Refusals, topic: str) -> Refusals:
    return Counter({key: count for key, count in refusals.items() if key[0] == topic})
