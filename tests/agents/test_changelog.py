"""The changelog on the real broker: whole or not at all, and only by its present owner."""

import asyncio
import os
from collections.abc import Coroutine
from typing import Any

import pytest
from aiokafka.errors import ProducerFenced
from hypothesis import given
from hypothesis import strategies as st

from pipeline.agents import changelog
from pipeline.agents.changelog import (
    PART_BYTES,
    Changelog,
    ChangelogError,
    FencedError,
    joined,
    parts,
    take_over,
)
from pipeline.settings import Settings

kafka = pytest.mark.kafka
PARTITION = 1


async def owner(settings: Settings) -> tuple[Changelog, dict[bytes, bytes]]:
    return await take_over(settings.kafka_bootstrap_servers or "",
                           settings.topic("watching-changelog"), PARTITION)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


@kafka
def test_rule_14_the_next_owner_reads_what_the_last_one_wrote(settings: Settings) -> None:
    async def story() -> None:
        first, found = await owner(settings)
        assert found == {}
        await first.write({b"1": b"old", b"2": b"two"})
        await first.write({b"1": b"new"})
        await first.close()
        second, found = await owner(settings)
        assert found == {b"1": b"new", b"2": b"two"}
        await second.close()

    run(story())


@kafka
def test_rule_14_an_earlier_owner_can_write_nothing_any_more(settings: Settings) -> None:
    """What a worker that was stopped for longer than the session lasts would do."""
    async def story() -> None:
        zombie, _ = await owner(settings)
        await zombie.write({b"1": b"zombie's"})
        present, found = await owner(settings)
        assert found == {b"1": b"zombie's"}
        await present.write({b"1": b"present"})
        with pytest.raises(FencedError, match="taken over by another worker"):
            await zombie.write({b"1": b"stale", b"2": b"stale"})
        await present.write({b"3": b"goes on"})
        await zombie.close()
        await present.close()
        last, found = await owner(settings)
        assert found == {b"1": b"present", b"3": b"goes on"}
        await last.close()

    run(story())


@kafka
def test_rule_14_a_write_that_was_not_finished_is_not_there(settings: Settings) -> None:
    """Killed between the records of a write and its commit."""
    async def story() -> None:
        victim, _ = await owner(settings)
        await victim.write({b"1": b"whole"})
        await victim.producer.begin_transaction()
        batch = victim.producer.create_batch()
        batch.append(key=b"1", value=b"\0half", timestamp=None)
        delivered = await victim.producer.send_batch(batch, victim.topic, partition=PARTITION)
        await delivered
        present, found = await owner(settings)
        assert found == {b"1": b"whole"}
        await present.close()
        with pytest.raises(ProducerFenced):
            await victim.producer.commit_transaction()
        await victim.close()

    run(story())


@kafka
def test_a_state_of_any_size_can_be_kept(settings: Settings) -> None:
    """No teacher's state may be too big to be written: the worker would die of it for ever."""
    huge = os.urandom(6 * 2**20 + 1)
    many = {b"%d" % number: os.urandom(300_000) for number in range(10, 40)}

    async def story() -> None:
        first, _ = await owner(settings)
        await first.write({b"1": huge, b"2": b"small", **many})
        await first.write({b"2": b"", **many})
        await first.close()
        second, found = await owner(settings)
        assert found == {b"1": huge, b"2": b"", **many}
        await second.write({b"1": b"small again"})
        await second.close()
        third, found = await owner(settings)
        assert found == {b"1": b"small again", b"2": b"", **many}
        await third.close()

    run(story())


@kafka
def test_a_write_that_kafka_does_not_confirm_ends(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        log, _ = await owner(settings)
        monkeypatch.setattr(changelog, "WRITE_PATIENCE_S", 0.0)
        with pytest.raises(ChangelogError, match="has not confirmed a write for 0 s"):
            await log.write({b"1": b"x"})
        monkeypatch.undo()
        await log.close()

    run(story())


@given(st.lists(st.dictionaries(
    st.integers(0, 3).map(lambda n: b"%d" % n),
    st.integers(0, 12).map(lambda n: bytes(range(n)))), max_size=5))
def test_values_come_together_again_whatever_was_written_before(
    writes: list[dict[bytes, bytes]]
) -> None:
    """With parts of 4 bytes; those of larger values that were there before stay on the topic."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changelog, "PART_BYTES", 4)
        written: dict[bytes, bytes] = {}
        expected: dict[bytes, bytes] = {}
        for records in writes:
            written.update(parts(records))
            expected.update(records)
        assert joined(written) == expected
        assert all(len(value) <= 5 for value in written.values())


@pytest.mark.parametrize("written", [{b"1": b"\x01first"}, {b"1": b""}])
def test_a_value_that_lacks_a_part_is_not_taken_for_whole(written: dict[bytes, bytes]) -> None:
    with pytest.raises(ChangelogError, match="b'1' lacks a part"):
        joined(written)


def test_parts_fit_a_record_of_an_unconfigured_broker() -> None:
    assert PART_BYTES < changelog.BATCH_BYTES < 2**20
