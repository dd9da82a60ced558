"""Rule 14: killed at any step of a flush and started again, an agent loses and doubles nothing.

The world that outlives the worker is compared with that of a worker that nobody killed.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import orjson
from hypothesis import event, given
from hypothesis import strategies as st

from audit.reference.log import Entry
from pipeline.agents.crediting import BOOK_CODEC, Crediting
from pipeline.agents.shard import PROGRESS
from pipeline.agents.stored import decode
from pipeline.agents.viewer_codec import viewer_codec
from pipeline.agents.watching import Watching
from pipeline.rules import credit
from pipeline.rules.credit import Account, standing
from pipeline.rules.programme import Catalogue
from pipeline.schemas.completions import Completion
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.ledger import LedgerEntry
from tests.agents.records import STRANGER, TEACHERS, mixed
from tests.agents.working import REJECTIONS, Fate, outlive
from tests.agents.world import World
from tests.generated.catalogues import catalogues
from tests.generated.lives import live, moves
from tests.generated.profile import examples

GARBAGE = (b"\xff", b'{"v":2}', None)
choices = st.lists(st.integers(0, 11), max_size=200).map(tuple)
fates = st.builds(Fate, st.lists(st.integers(0, 30), min_size=1, max_size=6).map(tuple), choices)


@st.composite
def telemetry(draw: st.DrawFn, catalogue: Catalogue) -> list[bytes | None]:
    """What several teachers sent, with garbage between, and with somebody else's teacher."""
    logs = {t: sessions_of(t, live(catalogue, draw(moves(honest=False))))
            for t in (*TEACHERS[:3], STRANGER)}
    records: list[bytes | None] = list(mixed(
        logs, draw(st.lists(st.integers(0, 3), max_size=60)),
        draw(st.lists(st.integers(1, 6), max_size=30))))
    for garbage in draw(st.lists(st.sampled_from(GARBAGE), min_size=1, max_size=2)):
        records.insert(draw(st.integers(0, len(records))), garbage)
    return records


def sessions_of(teacher: str, log: list[Entry]) -> list[Entry]:
    """The server makes session ids that no two teachers share."""
    return [replace(entry, session_id=f"{teacher}-{entry.session_id}") for entry in log]


def states(world: World) -> dict[str, object]:
    """What is durable of each teacher."""
    progress = decode(world.changelog[PROGRESS])
    assert progress["whole"] == progress["positions"], "left in order: all is written"
    buckets = [decode(value) for key, value in world.changelog.items() if key != PROGRESS]
    return {teacher: state for body in buckets for teacher, state in body["teachers"].items()}


def values(world: World, topic: str) -> list[bytes]:
    return [record.value for record in world.arrived if record.topic == topic]


def rejected(world: World) -> dict[tuple[object, ...], dict[str, object]]:
    """Rejections by identity. A repeat may differ in `at`, the moment of refusing, only."""
    found: dict[tuple[object, ...], dict[str, object]] = {}
    for value in values(world, REJECTIONS):
        body = {k: v for k, v in orjson.loads(value).items() if k != "at"}
        identity = tuple(body.get(name) for name in
                         ("topic", "partition", "offset", "reason", "session_id"))
        assert found.setdefault(identity, body) == body, "a repeat says something else"
    return found


@examples()
@given(st.data(), catalogues(), fates)
def test_rule_14_killed_anywhere_watching_decides_the_same(
    data: st.DataObject, catalogue: Catalogue, fate: Fate
) -> None:
    inputs = {"telemetry": data.draw(telemetry(catalogue))}
    take = Watching(catalogue, "completions", Counter()).take
    codec = viewer_codec(catalogue.clock)
    killed = outlive(take, codec, inputs, fate, takes_turns=True)
    whole = outlive(take, codec, inputs, Fate())
    assert killed.committed == whole.committed == {"telemetry": len(inputs["telemetry"])}
    assert states(killed) == states(whole)
    assert decided(killed) == decided(whole)
    assert rejected(killed) == rejected(whole)
    event("something done" if b'"done"' in b"".join(values(whole, "completions")) else "no done")
    event("sent again" if len(killed.arrived) > len(whole.arrived) else "sent once")


def decided(world: World) -> dict[str, list[bytes]]:
    """Each teacher's completions in order, repeats left out: they must not differ."""
    found: dict[str, list[bytes]] = {}
    told: dict[tuple[str, str, str, str], bytes] = {}
    for value in values(world, "completions"):
        one = Completion.model_validate_json(value)
        identity = (one.teacher_id, one.programme_id, one.resource_id, one.status)
        if identity not in told:
            told[identity] = value
            found.setdefault(one.teacher_id, []).append(value)
        assert told[identity] == value, "a repeat says something else"
    return found


@st.composite
def decisions(draw: st.DrawFn, catalogue: Catalogue) -> dict[str, list[bytes | None]]:
    """Completions and enrolments of several teachers, one or the other sent twice."""
    programmes = st.sampled_from([*catalogue.programmes])
    teachers = st.sampled_from([*TEACHERS[:3], STRANGER])
    times = st.integers(0, 20)
    completions = draw(st.lists(st.builds(
        Completion, teacher_id=teachers, programme_id=programmes,
        resource_id=st.sampled_from([*catalogue.resources]),
        status=st.sampled_from(["started", "done", "done"]), at=times), max_size=20))
    enrolments = draw(st.lists(st.builds(
        Enrolment, teacher_id=teachers, programme_id=programmes, at=times), max_size=6))
    return {"completions": [*map(Completion.to_json, in_order(completions)), b"{}"],
            "enrolments": [b"[]", *map(Enrolment.to_json, enrolments)]}


def in_order(some: Iterable[Completion]) -> list[Completion]:
    """The watching agent decides them in the order of their moments."""
    return sorted(some, key=lambda one: one.at)


@examples()
@given(st.data(), catalogues(), fates)
def test_rules_13_14_killed_anywhere_crediting_keeps_one_ledger(
    data: st.DataObject, catalogue: Catalogue, fate: Fate
) -> None:
    """Which of the two topics is read first may differ in every life; the ledger may not."""
    inputs = data.draw(decisions(catalogue))
    world = outlive(Crediting(catalogue, "ledger").take, BOOK_CODEC, inputs, fate)
    assert world.committed == {topic: len(records) for topic, records in inputs.items()}
    books = loaded(world)
    for teacher in TEACHERS[:3]:
        account = account_of(teacher, inputs)
        for programme in catalogue.programmes.values():
            shown = totals(books.get((teacher, programme.id), []))
            now = standing(programme, account)
            assert shown == {c.course_id: (c.learned, c.credited) for c in now.courses
                             if (c.learned, c.credited) != (0, 0)}
    assert not any(teacher == STRANGER for teacher, _ in books)
    refused = rejected(world).values()
    assert Counter(one["reason"] for one in refused)["malformed"] == 2
    event("an entry sent again" if len(values(world, "ledger")) > sum(map(len, books.values()))
          else "sent once")


def loaded(world: World) -> dict[tuple[str, str], list[LedgerEntry]]:
    """What a loader takes: by number, no repeat that differs, never a gap on the way."""
    books: dict[tuple[str, str], list[LedgerEntry]] = {}
    for value in values(world, "ledger"):
        entry = LedgerEntry.model_validate_json(value)
        book = books.setdefault((entry.teacher_id, entry.programme_id), [])
        if entry.seq <= len(book):
            assert book[entry.seq - 1] == entry, "a repeat says something else"
        else:
            assert entry.seq == len(book) + 1, "a gap"
            book.append(entry)
    return books


def totals(book: list[LedgerEntry]) -> dict[str, tuple[int, int]]:
    return {e.course_id: (e.learned, e.credited) for e in book if e.course_id is not None}


def account_of(teacher: str, inputs: dict[str, list[bytes | None]]) -> Account:
    """The teacher's account from all inputs at once."""
    account = Account()
    for raw in inputs["completions"][:-1]:
        one = Completion.model_validate_json(raw or b"")
        if one.teacher_id == teacher and one.status == "done":
            credit.mark_done(account, one.programme_id, one.resource_id, one.at)
    for raw in inputs["enrolments"][1:]:
        enrolment = Enrolment.model_validate_json(raw or b"")
        if enrolment.teacher_id == teacher:
            credit.enrol(account, enrolment.programme_id, enrolment.at)
    return account
