"""The order of a flush; what happens between its steps is in test_crashes.py."""

import asyncio

import pytest

from pipeline.agents.flushing import BUCKETS_AT_ONCE, Flusher, Outgoing, Turn
from pipeline.agents.shard import PROGRESS, Codec, Outcome, Shard
from pipeline.agents.stored import decode
from pipeline.schemas.partitioning import bucket_of
from tests.agents.world import KilledError, Process, World

TWO = ["t", next(f"t{n}" for n in range(9) if bucket_of(f"t{n}", 1, 2) != bucket_of("t", 1, 2))]
NUMBERS: Codec[list[int]] = Codec(new=list, dump=list, load=list)


class Desk:
    """A flusher over a world that dies after some steps, or never."""

    def __init__(self, steps: int | None = None) -> None:
        self.world = World()
        self.process = Process(self.world, steps, iter(()), lambda: None)
        self.shard = Shard(0, 1, 1, NUMBERS, {})
        self.flusher = Flusher(self.shard, self.process, self.process.send,
                               self.process.note, hot_buckets=5)

    def handle(self, offset: int) -> None:
        """A record that changes the state, has an outcome, and a part that is refused."""
        self.shard.touch("t").append(offset)
        self.shard.outcomes.append(Outcome("out", "t", b"%d" % offset))
        self.shard.positions["in"] = offset + 1
        self.flusher.rejections.append(Outgoing("rejections", 0, b"k", b"%d" % offset))
        self.flusher.decided()

    def flush(self) -> None:
        asyncio.run(self.flusher.flush())

    def sent(self, topic: str) -> list[bytes]:
        return [one.value for one in self.world.arrived if one.topic == topic]

    def durable(self) -> object:
        return decode(self.world.changelog[b"0"])["teachers"]["t"]


def test_all_that_was_handled_is_durable_and_noted() -> None:
    desk = Desk()
    desk.handle(0)
    desk.handle(1)
    assert not desk.flusher.idle
    desk.flush()
    assert desk.flusher.idle
    assert (desk.sent("rejections"), desk.sent("out")) == ([b"0", b"1"], [b"0", b"1"])
    assert set(desk.world.changelog) == {b"0", PROGRESS}
    assert desk.durable() == [0, 1]
    assert desk.shard.table == {b"0": desk.world.changelog[b"0"]}
    assert decode(desk.world.changelog[PROGRESS]) == {
        "v": 3, "positions": {"in": 2}, "whole": {"in": 2},
        "outcomes": [["out", "t", "0"], ["out", "t", "1"]]}
    assert desk.process.noted == {"in": 2}


@pytest.mark.parametrize(("steps", "rejections", "changelog", "outcomes"), [
    (1, 0, 0, 0),                                      # a rejection is handed over
    (2, 1, 0, 0),                                      # and arrives
    (3, 1, 0, 0),                                      # a transaction is begun
    (4, 1, 2, 0),                                      # and committed: bucket and progress
    (6, 1, 2, 0),                                      # then the outcome is handed over
    (7, 1, 2, 1),                                      # and arrives
])
def test_each_step_of_a_flush_waits_for_the_one_before(
    steps: int, rejections: int, changelog: int, outcomes: int
) -> None:
    desk = Desk(steps)
    desk.handle(0)
    if steps < 7:
        with pytest.raises(KilledError):
            desk.flush()
    else:
        desk.flush()
    found = (len(desk.sent("rejections")), len(desk.world.changelog), len(desk.sent("out")))
    assert found == (rejections, changelog, outcomes)
    assert desk.process.noted == ({"in": 1} if steps == 7 else {}), "only at the end"


def test_what_is_handled_during_a_flush_waits_for_the_next() -> None:
    desk = Desk()
    desk.handle(0)
    late = iter([1])

    def meanwhile() -> None:
        for offset in late:
            desk.handle(offset)

    desk.process.meanwhile = meanwhile
    desk.flush()
    assert desk.process.noted == {"in": 1}
    assert desk.durable() == [0]
    assert decode(desk.world.changelog[PROGRESS])["positions"] == {"in": 1}
    assert desk.sent("out") == [b"0"]
    desk.flush()
    assert desk.process.noted == {"in": 2}
    assert desk.durable() == [0, 1]
    assert desk.sent("out") == [b"0", b"1"]


def test_a_partition_that_was_let_go_of_is_not_written_any_more() -> None:
    desk = Desk(steps=0)
    desk.handle(0)
    asyncio.run(desk.flusher.close())
    desk.flush()
    assert desk.world == World()


def test_a_flush_writes_a_share_of_what_changed_and_all_is_written_in_the_end() -> None:
    turn = Turn(seconds=10)
    left, written = 95, []
    for _ in range(10):
        written.append(turn.due(left, 1.0))
        left -= written[-1]
    assert written == [10] * 9 + [5], "evenly, and within the ten seconds"
    assert (turn.due(0, 1.0), turn.rate) == (0, 0)
    assert turn.due(3, 1.0) == 1


def test_more_that_changes_makes_the_share_larger() -> None:
    turn = Turn(seconds=10)
    assert [turn.due(100, 1.0), turn.due(200, 1.0), turn.due(100, 1.0)] == [10, 20, 20]


@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_a_turn_no_longer_than_a_flush_takes_all(seconds: float) -> None:
    assert Turn(seconds).due(95, 1.0) == 95


def test_no_flush_takes_longer_because_the_last_one_did() -> None:
    """With more to write than the worker can, each would have more due than the one before."""
    turn = Turn(seconds=10)
    assert [turn.due(10**6, elapsed) for elapsed in (0.1, 1.0, 9.0, 30.0)] == [BUCKETS_AT_ONCE] * 4
    assert Turn().due(10**6, 1.0) == 10**6, "what is written all at once is all that is durable"


def test_what_had_no_turn_is_written_when_the_partition_is_let_go_of() -> None:
    desk = Desk()
    desk.flusher.turn = Turn(seconds=10**9)
    desk.shard.buckets = 2
    for teacher in TWO:
        desk.shard.touch(teacher)
    desk.handle(0)
    desk.flush()
    assert desk.flusher.idle is False
    assert len(desk.world.changelog) == 2, "one bucket and the progress"
    asyncio.run(desk.flusher.write_rest(until=0))
    assert desk.shard.dirty, "there was no time"
    asyncio.run(desk.flusher.write_rest(until=10**12))
    assert desk.flusher.idle
    progress = decode(desk.world.changelog[PROGRESS])
    assert progress["whole"] == progress["positions"] == {"in": 1}


def test_what_was_only_refused_is_safe_too_when_the_partition_is_let_go_of() -> None:
    desk = Desk()
    desk.shard.positions["in"] = 1
    desk.flusher.rejections.append(Outgoing("rejections", 0, b"k", b"0"))
    desk.flusher.decided()
    asyncio.run(desk.flusher.write_rest(until=10**12))
    assert (desk.flusher.idle, desk.process.noted) == (True, {"in": 1})
    assert desk.sent("rejections") == [b"0"]
