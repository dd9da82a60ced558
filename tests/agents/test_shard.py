"""Buckets: what is touched is written once, and comes back as it was."""

import lz4.block
import pytest

from pipeline.agents.shard import (
    MOVING,
    PROGRESS,
    Codec,
    Outcome,
    Shard,
    StateError,
    decode,
    encode,
)
from pipeline.schemas.partitioning import bucket_of

COUNTS: Codec[list[int]] = Codec(new=lambda: [0], dump=list, load=list)
TEACHERS = [f"t{n}" for n in range(20)]


def shard(table: dict[bytes, bytes] | None = None) -> Shard[list[int]]:
    return Shard(3, 4, 2, COUNTS, {} if table is None else table)


def count(one: Shard[list[int]], *teachers: str) -> None:
    for teacher in teachers:
        one.touch(teacher)[0] += 1


def test_a_bucket_is_one_record_however_many_teachers_were_touched() -> None:
    one = shard()
    count(one, *TEACHERS)
    records = one.encode_dirty()
    assert set(records) == {b"0", b"1"}
    for number in (0, 1):
        body = decode(records[b"%d" % number])
        assert set(body["teachers"]) == {t for t in TEACHERS if bucket_of(t, 4, 2) == number}
    assert one.encode_dirty() == {}, "clean until touched again"


def test_state_positions_and_what_was_to_be_sent_come_back() -> None:
    one = shard()
    count(one, "t1", "t1", "t2")
    one.positions["telemetry"] = 42
    outcomes = [Outcome("out", "t1", '{"name":"学时"}'.encode()), Outcome("out", "t2", b"{}")]
    again = shard({PROGRESS: one.encode_progress(outcomes), **one.encode_dirty()})
    assert [again.peek("t1"), again.peek("t2"), again.peek("t3")] == [[2], [1], None]
    assert (again.positions, again.outcomes) == ({"telemetry": 42}, outcomes)


def test_cold_buckets_are_dropped_and_come_back_from_the_table() -> None:
    table: dict[bytes, bytes] = {}
    one = shard(table)
    count(one, *TEACHERS)
    table.update(one.encode_dirty())
    count(one, "t1")
    one.drop_cold(keep=1)
    assert set(one.live) == one.dirty == {bucket_of("t1", 4, 2)}, "what is not written stays"
    assert [one.peek(teacher) for teacher in TEACHERS] == [
        [2] if teacher == "t1" else [1] for teacher in TEACHERS]


def test_looking_at_a_teacher_changes_nothing() -> None:
    one = shard()
    assert one.peek("t1") is None
    assert (one.live, one.dirty) == ({}, set())


@pytest.mark.parametrize("stored", [
    lz4.block.compress(b'{"v":99}'), lz4.block.compress(b'{"teachers":{}}'),
    lz4.block.compress(b"[]"), b"", b"{}", b'{"v":2,"teachers":{}}',
])
def test_state_that_cannot_be_read_is_refused(stored: bytes) -> None:
    with pytest.raises(StateError):
        shard({b"%d" % bucket_of("t1", 4, 2): stored}).peek("t1")


def test_state_of_an_earlier_version_is_read_and_written_as_the_present_one(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a build two versions on sees what this one wrote; and a build that cannot says so."""
    old = shard()
    count(old, "t1", "t1")
    written = {PROGRESS: old.encode_progress([Outcome("out", "t1", b"{}")]), **old.encode_dirty()}
    monkeypatch.setattr("pipeline.agents.shard.STATE_VERSION", 4)
    named: Codec[dict[str, int]] = Codec(
        new=dict, dump=dict, load=dict,
        upgrades={2: lambda counts: counts[0], 3: lambda count: {"count": count}})
    new = Shard(3, 4, 2, named, dict(written))
    assert new.outcomes == [Outcome("out", "t1", b"{}")]
    assert new.peek("t1") == {"count": 2}
    new.touch("t1")["count"] += 1
    (again,) = new.encode_dirty().values()
    assert decode(again) == {"v": 4, "teachers": {"t1": {"count": 3}}}
    with pytest.raises(StateError, match="state version 2; this build reads 4"):
        Shard(3, 4, 2, COUNTS, dict(written))
    monkeypatch.undo()
    with pytest.raises(StateError, match="state version 4; this build reads 2"):
        shard({b"%d" % bucket_of("t1", 4, 2): again}).peek("t1")


def test_a_partition_that_is_being_moved_to_is_not_taken_up() -> None:
    with pytest.raises(StateError, match="xueshi repartition --finish"):
        shard({PROGRESS: MOVING})


def test_the_refusal_names_both_versions() -> None:
    with pytest.raises(StateError, match="state version 99; this build reads 2"):
        decode(lz4.block.compress(b'{"v":99}'))
    assert decode(encode({"a": 1})) == {"v": 2, "a": 1}
