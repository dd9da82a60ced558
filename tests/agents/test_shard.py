"""Buckets: what is touched is written once, what is written is not decided again."""

from collections.abc import MutableMapping

import orjson
import pytest

from pipeline.agents.shard import (
    Codec,
    Outcome,
    Shard,
    Source,
    StateError,
    bucket_key,
    encode_outbox,
    outbox_key,
)
from pipeline.schemas.partitioning import bucket_of

COUNTS: Codec[list[int]] = Codec(new=lambda: [0], dump=list, load=list)
TEACHERS = [f"t{n}" for n in range(20)]


def shard(
    table: MutableMapping[bytes, bytes] | None = None, partition: int = 3
) -> Shard[list[int]]:
    return Shard(partition, 4, 2, COUNTS, {} if table is None else table)


def count(one: Shard[list[int]], teacher: str, offset: int, topic: str = "a") -> bool:
    state = one.touch(teacher, Source(topic, offset))
    if state is not None:
        state[0] += 1
    return state is not None


def test_a_bucket_is_one_record_however_many_teachers_were_touched() -> None:
    one = shard()
    for teacher in TEACHERS:
        count(one, teacher, 0)
    records = one.encode_dirty()
    assert set(records) == {bucket_key(3, 0), bucket_key(3, 1)}
    for number in (0, 1):
        body = orjson.loads(records[bucket_key(3, number)])
        assert set(body["teachers"]) == {t for t in TEACHERS if bucket_of(t, 4, 2) == number}
    assert one.encode_dirty() == {}, "clean until touched again"


def test_rule_14_what_is_written_with_a_bucket_is_not_decided_again() -> None:
    one = shard()
    assert count(one, "t1", 4)
    assert count(one, "t1", 4), "a record may hold several events of a teacher"
    again = shard(one.encode_dirty())
    assert [count(again, "t1", offset) for offset in (3, 4, 5)] == [False, False, True]
    assert again.peek("t1") == [3]


def test_rule_14_each_input_topic_has_its_own_offsets() -> None:
    one = shard()
    count(one, "t1", 9, "completions")
    again = shard(one.encode_dirty())
    assert count(again, "t1", 0, "enrolments")
    assert not count(again, "t1", 9, "completions")


def test_cold_buckets_are_dropped_and_come_back_from_the_table() -> None:
    table: dict[bytes, bytes] = {}
    one = shard(table)
    for teacher in TEACHERS:
        count(one, teacher, 0)
    table.update(one.encode_dirty())
    count(one, "t1", 1)
    one.drop_cold(keep=1)
    assert set(one.live) == one.dirty == {bucket_of("t1", 4, 2)}, "what is not written stays"
    assert [one.peek(teacher) for teacher in TEACHERS] == [
        [2] if teacher == "t1" else [1] for teacher in TEACHERS]


def test_looking_at_a_teacher_changes_nothing() -> None:
    one = shard()
    assert one.peek("t1") is None
    assert (one.live, one.dirty) == ({}, set())


def test_the_outbox_gives_back_only_what_its_bucket_already_has() -> None:
    one = shard()
    count(one, "t1", 5)
    table = one.encode_dirty()
    number = bucket_of("t1", 4, 2)
    outcomes = [
        Outcome(number, Source("a", 5), "out", "t1", b"{}"),
        Outcome(number, Source("a", 6), "out", "t1", b"{}"),
        Outcome(number, Source("b", 5), "out", "t1", b"{}"),
        Outcome(1 - number, Source("a", 5), "out", "t9", b"{}"),
    ]
    table[outbox_key(3)] = encode_outbox(outcomes)
    assert shard(table).unsent() == outcomes[:1]
    assert shard(table, partition=2).unsent() == [], "another partition's outbox"


def test_state_of_another_version_is_refused() -> None:
    with pytest.raises(StateError, match="state version 2; this build reads 1"):
        shard({bucket_key(3, bucket_of("t1", 4, 2)): b'{"v":2}'}).peek("t1")
