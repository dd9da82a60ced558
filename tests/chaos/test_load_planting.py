"""Hostile records bring about exactly the refusals that are told of them."""

from collections import Counter
from dataclasses import replace

import pytest

from chaos.load.planting import Planted, planted, refusal_of, refusals
from pipeline.agents.crediting import BOOK_CODEC, Book, Crediting
from pipeline.agents.rejecting import Refused
from pipeline.agents.shard import Shard
from pipeline.agents.viewer_codec import viewer_codec
from pipeline.agents.watching import Watching
from pipeline.rules.programme import Catalogue
from pipeline.rules.programme_file import load_catalogue
from pipeline.rules.viewing import Viewing
from pipeline.schemas.rejections import Reason
from pipeline.settings import Settings
from tests.warehouse.helpers import Sent
from warehouse.batch import Batch, Names

SETTINGS = Settings(partitions=3, topic_prefix="p.")
LOADED = ("ledger", "roster", "rejections")


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load_catalogue(SETTINGS.programmes_dir)


@pytest.fixture(scope="module")
def catalogue(shipped: Catalogue) -> Catalogue:
    """With a limit on attempts, so that every reason can be brought about."""
    return limited(shipped, 3, 2)


def limited(catalogue: Catalogue, *limits: int | None) -> Catalogue:
    """The programmes with these limits on attempts at a quiz, in their order."""
    programmes = zip(catalogue.programmes.values(), limits, strict=True)
    return Catalogue.of(replace(one, quiz_attempts=limit) for one, limit in programmes)


@pytest.fixture(scope="module")
def records(catalogue: Catalogue) -> list[Planted]:
    return planted(SETTINGS, catalogue, "k-", rounds=2)


def test_the_agents_refuse_exactly_what_is_told(
    catalogue: Catalogue, records: list[Planted]
) -> None:
    watching: dict[int, Shard[Viewing]] = {}
    crediting: dict[int, Shard[Book]] = {}
    for number, record in enumerate(one for one in records if one.topic not in LOADED):
        if record.topic == "telemetry":
            codec = viewer_codec(catalogue.clock)
            shard = watching.setdefault(record.partition, Shard(record.partition, 3, 2, codec, {}))
            found = Watching(catalogue, "completions", Counter()).take(
                shard, record.topic, record.value)
        else:
            book = crediting.setdefault(
                record.partition, Shard(record.partition, 3, 2, BOOK_CODEC, {}))
            found = Crediting(catalogue, "ledger").take(book, record.topic, record.value)
        assert counted(found) == {str(record.reason): record.count}, f"{number}: {record}"[:300]


def counted(refused: list[Refused]) -> dict[str, int]:
    events: Counter[str] = Counter()
    for one in refused:
        events[str(one.reason)] += one.count
    return dict(events)


def test_the_loader_refuses_exactly_what_is_told(records: list[Planted]) -> None:
    for record in (one for one in records if one.topic in LOADED):
        batch = Batch(Names.of(SETTINGS))
        batch.take(Sent(SETTINGS.topic(record.topic), record.partition, 0, record.key,
                        record.value), 1)
        landed = batch.rows["incoming_rejections"] if record.topic == "rejections" else [
            (one.topic, 0, 0, one.reason, one.count) for one in batch.refused]
        assert [(row[3], row[4]) for row in landed] == [(record.reason, record.count)], record


def test_every_reason_is_among_them(records: list[Planted]) -> None:
    assert {record.reason for record in records} == set(Reason)
    assert {record.topic for record in records} == {
        "telemetry", "completions", "enrolments", "adjustments", *LOADED}


@pytest.mark.parametrize(("limits", "guesses"), [((None, None), 0), ((3, None), 4), ((None, 3), 0)])
def test_rule_10_guesses_are_planted_where_they_are_limited(
    shipped: Catalogue, limits: tuple[int | None, ...], guesses: int
) -> None:
    """The corpus is about a video in a programme of which only one is open at that moment."""
    records = planted(SETTINGS, limited(shipped, *limits), "k-", rounds=1)
    found = [one.value for one in records if one.reason == "too_many_attempts"]
    assert [(value or b"").count(b'"quiz_id"') for value in found] == [guesses] * bool(guesses)


def test_whoever_reads_the_topic_knows_them_by_their_key(records: list[Planted]) -> None:
    for record in records:
        assert refusal_of(record.key) == (record.reason, record.count)
    assert refusal_of(None) is refusal_of(b"t000001") is refusal_of(b"\xff") is None


def test_what_they_bring_about_is_summed_up(records: list[Planted]) -> None:
    sums = refusals(records)
    assert sums["telemetry", "too_scattered"] == 2 * 50
    assert sums["roster", "tombstone"] == 2
    assert sum(sums.values()) == sum(record.count for record in records)


def test_each_is_about_a_teacher_of_its_own(records: list[Planted]) -> None:
    """Else one would spend the time of another, or be its repeat."""
    telemetry = [one.value for one in records if one.topic == "telemetry" and one.value]
    about = [value for value in telemetry if b'"k-hostile-' in value]
    assert len(about) == len(set(about)) > 70
    assert not any(b"OF-CASE" in value for value in telemetry)
