"""Hostile records: each is refused with its reason, and nothing crashes (rule 19)."""

import json
import random
from typing import Any

import pytest

from pipeline.schemas.rejections import PART_BYTES, Reason, Rejection, joined
from tests.warehouse.helpers import NAMES, NOON, Log, Sent, entry, refusal, teacher
from warehouse.batch import Batch


def changed(record: Any, **fields: Any) -> bytes:
    return json.dumps({**json.loads(record.to_json()), **fields}).encode()


ENTRY = entry("t1", 1, "started")
DEEP = b"[" * 100_000
BAD_LEDGER = {
    "garbage": (b"\xff\xfe garbage", Reason.MALFORMED),
    "empty": (b"", Reason.MALFORMED),
    "deep": (DEEP, Reason.MALFORMED),
    "not an object": (b"[1, 2]", Reason.MALFORMED),
    "nan": (b'{"seq": NaN}', Reason.MALFORMED),
    "tombstone": (None, Reason.TOMBSTONE),
    "version 2": (changed(ENTRY, v=2), Reason.UNKNOWN_VERSION),
    "version of 5000 digits": (b'{"v":' + b"9" * 5000 + b"}", Reason.MALFORMED),
    "version as text": (changed(ENTRY, v="1"), Reason.MALFORMED),
    "unknown kind": (changed(ENTRY, kind="promoted"), Reason.MALFORMED),
    "unknown field": (changed(ENTRY, phone="1"), Reason.MALFORMED),
    "text number": (changed(ENTRY, seq="1"), Reason.MALFORMED),
    "seq 0": (changed(ENTRY, seq=0), Reason.MALFORMED),
    "seq beyond a bigint": (changed(ENTRY, seq=2**70), Reason.MALFORMED),
    "seconds negative": (changed(ENTRY, seconds=-1), Reason.MALFORMED),
    "at beyond all calendars": (changed(ENTRY, at=10**18), Reason.MALFORMED),
    "learned without course": (changed(ENTRY, kind="learned"), Reason.MALFORMED),
    "started with course": (changed(ENTRY, course_id="c"), Reason.MALFORMED),
    "lone surrogate": (b'{"teacher_id":"\\ud800"}', Reason.MALFORMED),
}


@pytest.mark.parametrize(("raw", "reason"), BAD_LEDGER.values(), ids=BAD_LEDGER.keys())
def test_rule_19_a_bad_ledger_record_is_refused_whole(raw: bytes | None, reason: Reason) -> None:
    batch = Batch(NAMES)
    batch.take(Sent(NAMES.ledger, 3, 77, b"t1", raw), NOON)
    [refused] = batch.refused
    assert (refused.reason, refused.raw) == (reason, raw or b"")
    assert (refused.topic, refused.partition, refused.offset) == (NAMES.ledger, 3, 77)
    assert batch.offsets == {(NAMES.ledger, 3): 78}
    # The rejection itself can be sent and read.
    assert Rejection.model_validate_json(refused.to_json()) == refused


BAD_ROSTER = {
    "unknown kind": changed(teacher("t1", "s1"), kind="pupil"),
    "other version": changed(teacher("t1", "s1"), v=7),
    "region of 5 digits": b'{"kind":"region","region":"11010","name":"x"}',
    "name of 101 letters": changed(teacher("t1", "s1"), kind="region", name="x" * 101),
}


@pytest.mark.parametrize("raw", BAD_ROSTER.values(), ids=BAD_ROSTER.keys())
def test_a_bad_roster_record_is_refused_beside_good_ones(raw: bytes) -> None:
    log, batch = Log(), Batch(NAMES)
    for message in log.roster(teacher("t1", "s1"), raw, teacher("t2", "s1")):
        batch.take(message, NOON)
    assert [r.offset for r in batch.refused] == [1]
    assert [row[0] for row in batch.rows["incoming_teachers"]] == ["t1", "t2"]


@pytest.mark.parametrize("key", [None, b"", b"teacher", b"teacher:", b"pupil:7", b"\xff:1"])
def test_a_tombstone_without_a_proper_key_is_refused(key: bytes | None) -> None:
    batch = Batch(NAMES)
    batch.take(Sent(NAMES.roster, 0, 0, key, None), NOON)
    assert [r.reason for r in batch.refused] == [Reason.TOMBSTONE]


def test_garbage_among_the_rejections_becomes_a_row_and_is_not_sent_again() -> None:
    log, batch = Log(), Batch(NAMES)
    for message in log.rejections(b"garbage", refusal(5), changed(refusal(6), count=2**80), None):
        batch.take(message, NOON)
    assert batch.refused == []
    kept = [(row[0], row[2], row[3]) for row in batch.rows["incoming_rejections"]]
    assert kept == [
        (NAMES.rejections, 0, "malformed"), ("t.telemetry", 5, "malformed"),
        (NAMES.rejections, 2, "malformed"), (NAMES.rejections, 3, "tombstone"),
    ]


def test_rule_19_of_a_huge_record_all_is_kept_and_the_warehouse_has_the_beginning() -> None:
    value = random.Random(7).randbytes(4 * 1024 * 1024)
    batch, back = Batch(NAMES), Batch(NAMES)
    batch.take(Sent(NAMES.ledger, 0, 0, None, value), NOON)
    [refused] = batch.refused
    parts = refused.split()
    assert joined(parts).raw == value
    for offset, part in enumerate(parts):
        assert len(part.to_json()) < 3 * 1024 * 1024
        back.take(Sent(NAMES.rejections, 0, offset, None, part.to_json()), NOON)
    assert [row[-1] for row in back.rows["incoming_rejections"]] == [value[:PART_BYTES]]
    assert back.refused == []
