"""Buckets: what is touched is written once, and comes back as it was."""

import lz4.block
import pytest

from pipeline.agents.shard import PROGRESS, Codec, Outcome, Shard
from pipeline.agents.stored import MOVING, StateError, decode, encode
from pipeline.schemas.partitioning import bucket_of

COUNTS: Codec[list[int]] = Codec(new=lambda: [0], dump=list, load=list)
TEACHERS = [f"t{n}" for n in range(20)]
FIRST, SECOND = ("t0", next(t for t in TEACHERS if bucket_of(t, 4, 2) != bucket_of("t0", 4, 2)))
FOUR = [FIRST, SECOND, FIRST, SECOND]


def shard(table: dict[bytes, bytes] | None = None) -> Shard[list[int]]:
    return Shard(3, 4, 2, COUNTS, {} if table is None else table)


def count(one: Shard[list[int]], *teachers: str) -> None:
    for teacher in teachers:
        one.touch(teacher)[0] += 1


def write(one: Shard[list[int]], count: int = 9) -> dict[bytes, bytes]:
    """As a flush does."""
    records = one.encode_some(count)
    one.table.update(records)
    return records


def test_a_bucket_is_one_record_however_many_teachers_were_touched() -> None:
    one = shard()
    count(one, *TEACHERS)
    records = write(one)
    assert set(records) == {b"0", b"1"}
    for number in (0, 1):
        body = decode(records[b"%d" % number])
        assert set(body["teachers"]) == {t for t in TEACHERS if bucket_of(t, 4, 2) == number}
    assert write(one) == {}, "clean until touched again"


def test_the_buckets_that_are_unwritten_for_longest_have_their_turn() -> None:
    one = shard()
    for offset, teacher in enumerate(FOUR):
        one.positions["in"] = offset
        count(one, teacher)
    first, second = bucket_of(FOUR[0], 4, 2), bucket_of(FOUR[1], 4, 2)
    assert decode(one.encode_progress([]))["whole"] == {"in": 0}
    assert [*write(one, 1)] == [b"%d" % first]
    assert decode(one.encode_progress([])) == {
        "v": 3, "positions": {"in": 3}, "whole": {"in": 1}, "outcomes": []}
    count(one, FOUR[0])
    assert [*write(one, 1)] == [b"%d" % second], "it changed later than the other one"
    assert decode(one.encode_progress([]))["whole"] == {"in": 3}


def test_what_was_decided_and_is_in_no_bucket_is_decided_again_and_nothing_else() -> None:
    one = shard()
    for offset, teacher in enumerate(FOUR):
        one.positions["in"] = offset
        count(one, teacher)
    one.positions["in"] = 4
    stored = {**one.encode_some(1), PROGRESS: one.encode_progress([])}
    again = shard(stored)
    assert (again.positions, again.decided) == ({"in": 1}, {"in": 4})
    for offset, teacher in [*enumerate(FOUR)][1:]:
        again.positions["in"] = offset
        assert again.is_decided("in")
        if again.lacks(teacher, "in"):
            count(again, teacher)
    again.positions["in"] = 4
    again.caught_up()
    assert not again.is_decided("in")
    assert [again.peek(t) for t in FOUR] == [one.peek(t) for t in FOUR] == [[2]] * 4


def test_state_positions_and_what_was_to_be_sent_come_back() -> None:
    one = shard()
    count(one, "t1", "t1", "t2")
    one.positions["telemetry"] = 42
    outcomes = [Outcome("out", "t1", '{"name":"学时"}'.encode()), Outcome("out", "t2", b"{}")]
    stored = write(one)
    again = shard({PROGRESS: one.encode_progress(outcomes), **stored})
    assert [again.peek("t1"), again.peek("t2"), again.peek("t3")] == [[2], [1], None]
    assert (again.positions, again.outcomes) == ({"telemetry": 42}, outcomes)


def test_cold_buckets_are_dropped_and_come_back_from_the_table() -> None:
    one = shard()
    count(one, *TEACHERS)
    write(one)
    count(one, "t1")
    one.drop_cold(keep=1)
    assert set(one.resident) == set(one.dirty) == {bucket_of("t1", 4, 2)}, (
        "what is not written stays")
    assert dict(one.live.items()).keys() == {t for t in TEACHERS if bucket_of(t, 4, 2) in one.dirty}
    assert [one.peek(teacher) for teacher in TEACHERS] == [
        [2] if teacher == "t1" else [1] for teacher in TEACHERS]


def test_teachers_who_are_not_in_memory_stay_in_their_bucket() -> None:
    one = shard()
    count(one, *TEACHERS)
    write(one)
    one.drop_cold(keep=0)
    count(one, "t1")
    assert [*one.live.items()] == [("t1", [2])]
    (value,) = write(one).values()
    expected = {t: [1 + (t == "t1")] for t in TEACHERS
                if bucket_of(t, 4, 2) == bucket_of("t1", 4, 2)}
    assert decode(value)["teachers"] == expected


def test_looking_at_a_teacher_changes_nothing() -> None:
    one = shard()
    assert one.peek("t1") is None
    assert (dict(one.live.items()), one.resident, one.dirty) == ({}, {}, {})


@pytest.mark.parametrize("stored", [
    lz4.block.compress(b'{"v":99}'), lz4.block.compress(b'{"teachers":{}}'),
    lz4.block.compress(b"[]"), b"", b"{}", b'{"v":3,"teachers":{}}',
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
    written = {**write(old), PROGRESS: old.encode_progress([Outcome("out", "t1", b"{}")])}
    monkeypatch.setattr("pipeline.agents.stored.STATE_VERSION", 5)
    named: Codec[dict[str, int]] = Codec(
        new=dict, dump=dict, load=dict,
        upgrades={3: lambda counts: counts[0], 4: lambda count: {"count": count}})
    new = Shard(3, 4, 2, named, dict(written))
    assert new.outcomes == [Outcome("out", "t1", b"{}")]
    assert new.peek("t1") == {"count": 2}
    new.touch("t1")["count"] += 1
    (again,) = new.encode_some(1).values()
    assert decode(again) == {"v": 5, "at": {}, "teachers": {"t1": {"count": 3}}}
    with pytest.raises(StateError, match="state version 3; this build reads 5"):
        Shard(3, 4, 2, COUNTS, dict(written))
    monkeypatch.undo()
    with pytest.raises(StateError, match="state version 5; this build reads 3"):
        shard({b"%d" % bucket_of("t1", 4, 2): again}).peek("t1")


def test_a_partition_that_is_being_moved_to_is_not_taken_up() -> None:
    with pytest.raises(StateError, match="xueshi repartition --finish"):
        shard({PROGRESS: MOVING})


def test_the_refusal_names_both_versions() -> None:
    with pytest.raises(StateError, match="state version 99; this build reads 3"):
        decode(lz4.block.compress(b'{"v":99}'))
    assert decode(encode({"a": 1})) == {"v": 3, "a": 1}
