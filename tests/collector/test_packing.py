"""Rows in, records out: none lost, none twice, in order, and never too much in one record."""

import asyncio
from collections import deque
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.collector import packing
from pipeline.collector.packing import KafkaAwayError, Lane, Parcel, QueueFullError, take
from pipeline.collector.wire import Row, encode
from pipeline.schemas.telemetry import TelemetryBatch
from tests import hostile

SIZES = st.integers(1, 300_000)


def rows(first: int, count: int) -> list[Row]:
    return [(hostile.RECEIVED_AT, "t", "r", "s", hostile.OPENED_AT, seq, 0, 1, 100)
            for seq in range(first, first + count)]


def parcels(shapes: list[tuple[int, int]]) -> list[Parcel]:
    """A parcel for each (events, bytes); all rows are numbered through."""
    made, seq = [], 1
    for count, size in shapes:
        made.append(Parcel(rows(seq, count), [], size))
        seq += count
    return made


class Records:
    """Takes records; each takes as long as the next of `delays`, or fails as `failing` says."""

    def __init__(self, delays: list[int] | None = None, failing: set[int] | None = None) -> None:
        self.values: list[bytes] = []
        self.failed: list[bytes] = []
        self.under_way = 0
        self._delays = deque(delays or [])
        self._failing = failing or set()

    async def send(self, value: bytes) -> None:
        assert self.under_way == 0, "a lane has one record under way at a time"
        self.under_way += 1
        for _ in range(self._delays.popleft() if self._delays else 0):
            await asyncio.sleep(0)
        self.under_way -= 1
        number = len(self.values) + len(self.failed)
        (self.failed if number in self._failing else self.values).append(value)
        if number in self._failing:
            raise RuntimeError("Kafka says no")

    def seqs(self, values: list[bytes]) -> list[list[int]]:
        return [TelemetryBatch.read(value).seq for value in values]


@given(
    shapes=st.lists(st.tuples(st.integers(1, 900), SIZES), min_size=1, max_size=20),
    gaps=st.lists(st.integers(0, 3), min_size=20, max_size=20),
    delays=st.lists(st.integers(0, 5), max_size=20),
    failing=st.sets(st.integers(0, 20), max_size=3),
)
@settings(max_examples=60, deadline=None)
def test_rows_in_are_rows_out_in_order_and_only_a_failed_record_fails_its_posts(
    shapes: list[tuple[int, int]], gaps: list[int], delays: list[int], failing: set[int]
) -> None:
    records = Records(delays, failing)

    async def drive() -> list[Parcel]:
        lane, made = Lane(records.send, 0), parcels(shapes)
        for parcel, gap in zip(made, gaps, strict=False):
            lane.put(parcel)
            for _ in range(gap):
                await asyncio.sleep(0)
        await asyncio.gather(*(parcel.acknowledged for parcel in made), return_exceptions=True)
        await lane.finish()
        return made

    made = asyncio.run(drive())
    safe = [row[5] for parcel in made if parcel.acknowledged.exception() is None
            for row in parcel.rows]
    lost = [row[5] for parcel in made if parcel.acknowledged.exception() is not None
            for row in parcel.rows]
    assert [seq for record in records.seqs(records.values) for seq in record] == safe
    assert [seq for record in records.seqs(records.failed) for seq in record] == lost
    assert all(len(record) <= packing.MAX_EVENTS for record in records.seqs(records.values))


@given(st.lists(st.tuples(st.integers(0, 900), SIZES), max_size=30))
def test_a_record_takes_what_fits_and_no_less(shapes: list[tuple[int, int]]) -> None:
    async def split() -> list[list[Parcel]]:
        waiting = deque(parcels(shapes))
        return [take(waiting, 2000, 512_000) for _ in shapes if waiting]

    taken = asyncio.run(split())
    assert [parcel.size for record in taken for parcel in record] == [size for _, size in shapes]
    for record, following in pairwise(taken):
        assert sum(p.events for p in record) + following[0].events > 2000 or (
            sum(p.size for p in record) + following[0].size > 512_000)
    for record in taken:
        assert len(record) == 1 or (sum(p.events for p in record) <= 2000
                                    and sum(p.size for p in record) <= 512_000)


def test_what_arrives_within_the_linger_goes_out_as_one_record() -> None:
    records = Records()

    async def drive() -> None:
        lane, made = Lane(records.send, 0.05), parcels([(1, 100)] * 3)
        for parcel in made:
            lane.put(parcel)
            await asyncio.sleep(0.005)
        await asyncio.gather(*(parcel.acknowledged for parcel in made))

    asyncio.run(drive())
    assert records.seqs(records.values) == [[1, 2, 3]]


def test_a_post_that_gave_up_is_left_out_of_later_records() -> None:
    """It was answered 503 and will be sent again; its rows twice would be harmless, but waste."""
    records = Records()

    async def drive() -> None:
        lane, (first, second) = Lane(records.send, 0), parcels([(1, 100), (1, 100)])
        lane.put(first)
        lane.put(second)
        first.acknowledged.cancel()
        await second.acknowledged

    asyncio.run(drive())
    assert records.seqs(records.values) == [[2]]


def test_more_than_may_wait_is_refused_until_something_has_gone() -> None:
    half = packing.MAX_WAITING_BYTES // 2

    async def drive() -> None:
        hold = asyncio.Event()

        async def send(_: bytes) -> None:
            await hold.wait()

        lane, made = Lane(send, 0), parcels([(1, half)] * 3)
        lane.put(made[0])
        lane.put(made[1])
        with pytest.raises(QueueFullError):
            lane.put(made[2])
        hold.set()
        await lane.finish()
        lane.put(made[2])
        await made[2].acknowledged

    asyncio.run(drive())


def test_a_failure_names_its_cause() -> None:
    async def drive() -> None:
        lane, (parcel,) = Lane(Records(failing={0}).send, 0), parcels([(1, 1)])
        lane.put(parcel)
        with pytest.raises(KafkaAwayError, match="Kafka says no"):
            await parcel.acknowledged

    asyncio.run(drive())


def test_a_record_without_heartbeats_has_empty_columns() -> None:
    batch = TelemetryBatch.read(encode([], [hostile.quiz_row()]))
    assert batch.seq == []
    assert batch.quizzes[0].quiz_id == hostile.QUIZ
