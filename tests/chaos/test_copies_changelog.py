"""The changelogs' own reader reads what workers write, and tells what they would not write."""

from collections.abc import Callable, Iterable

import lz4.block
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.evidence import Stored
from chaos.changelog import Unwritten, account, decoded, entries, newest, unwritten, watcher
from chaos.unreadable import UnreadableError
from pipeline.agents import changelog as workers
from pipeline.agents.changelog import joined, parts
from pipeline.agents.crediting import BOOK_CODEC
from pipeline.agents.shard import PROGRESS, Codec, Shard
from pipeline.agents.stored import decode, encode
from pipeline.rules.intervals import total
from pipeline.rules.viewer_values import load_viewer
from tests.chaos.summer import Log, Summer, write
from tests.generated.profile import examples

Records = list[Stored]


def partition(records: Iterable[Stored], number: int) -> Records:
    return [one for one in records if one.partition == number]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], bytes]:
    """Makes values of so many parts, of ten bytes each."""
    monkeypatch.setattr(workers, "PART_BYTES", 10)

    def make(number: int) -> bytes:
        text, value = "", b""
        while len(value) < 10 * (number - 1) + 1:
            text += chr(ord("a") + len(text) * 7 % 26)
            value = encode({"teachers": {"t": text}})
        return value

    return make


def test_every_value_is_read_in_log_order(one_summer: Summer) -> None:
    for name in ("watching-changelog", "crediting-changelog"):
        for number in (0, 1):
            records = partition(one_summer.topics[name].records, number)
            found = list(entries(records))
            assert [one.offset for one in found] == [one.offset for one in records]
            assert [one.at for one in found] == [one.at for one in records]
            assert [one.bucket is None for one in found] == [
                one.key == b"progress" for one in records]
            assert {*found[-1].body} == {"v", "positions", "whole", "outcomes"}


def test_the_newest_states_are_the_workers(one_summer: Summer) -> None:
    """Decoded by the workers' own code, the other way round."""
    records = one_summer.topics["crediting-changelog"].records
    states = {t: s for n in (0, 1) for t, s in newest(entries(partition(records, n))).items()}
    books = {t: book for shard in one_summer.crediting.values() for t, book in shard.live.items()}
    assert states.keys() == books.keys()
    for teacher, book in books.items():
        found = account(states[teacher])
        assert (found.enrolled, found.done) == (book.account.enrolled, book.account.done)
        assert (found.started, found.seqs) == (book.account.started, book.seqs)
        assert BOOK_CODEC.load(states[teacher]) == book


def test_what_is_watched_is_read_as_the_workers_have_it(one_summer: Summer) -> None:
    records = one_summer.topics["watching-changelog"].records
    states = {t: s for n in (0, 1) for t, s in newest(entries(partition(records, n))).items()}
    done = covered = 0
    for state in states.values():
        found, viewer = watcher(state), load_viewer(state)
        assert found.newest_at == viewer.newest_at
        for resource, video in viewer.videos.items():
            assert found.watched_ms[resource] == video.watched_ms
            for programme, coverage in video.coverage.items():
                watched = found.watched[resource, programme]
                assert watched.done_at == coverage.done_at
                assert watched.covered_ms == total(coverage.covered)
                assert watched.after_ms == {q: total(s) for q, s in coverage.after.items()}
                done, covered = done + bool(watched.done_at), covered + bool(watched.covered_ms)
    assert min(done, covered) > 10


@examples(50)
@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none()))
def test_a_value_is_decoded_as_it_was_encoded(body: dict[str, object]) -> None:
    body = {key: value for key, value in body.items()
            if key != "v" and not (isinstance(value, int) and abs(value) > 2**62)}
    assert decoded(encode(body)) == decode(encode(body)) == {"v": 3, **body}


@pytest.mark.parametrize("value", [
    b"", b"\x00", b"{}", lz4.block.compress(b"[1"), lz4.block.compress(orjson.dumps({"v": 1})),
    lz4.block.compress(orjson.dumps({})),
])
def test_what_is_no_state_of_this_version_is_told(value: bytes) -> None:
    with pytest.raises(UnreadableError):
        decoded(value)


def test_a_large_value_is_put_together(large: Callable[[int], bytes]) -> None:
    log = Log()
    write(log, 0, {b"1": large(1), b"2": large(4), b"progress": large(2)})
    write(log, 0, {b"2": large(2)})
    found = list(entries(log.records))
    assert [one.bucket for one in found] == [1, 2, None, 2]
    assert [len(one.body["teachers"]["t"]) for one in found] == [
        len(decode(large(number))["teachers"]["t"]) for number in (1, 4, 2, 2)]


def test_compaction_may_take_old_parts_but_not_new_ones(large: Callable[[int], bytes]) -> None:
    log = Log()
    write(log, 0, {b"2": large(3)})
    write(log, 0, {b"2": large(4)})
    old_part_gone = [log.records[0], *log.records[3:]]
    assert len(list(entries(old_part_gone))) == 1
    assert len(list(entries(log.records[2:]))) == 1, "a part alone"
    with pytest.raises(UnreadableError, match="lack a part"):
        list(entries(log.records[:-1]))
    with pytest.raises(UnreadableError, match="empty value"):
        list(entries([Stored(0, 0, 0, b"1", b"")]))


@examples(100)
@given(st.lists(st.dictionaries(st.sampled_from([b"1", b"2", b"3"]), st.integers(1, 5),
                                min_size=1), min_size=1, max_size=4), st.data())
def test_whatever_compaction_leaves_the_newest_values_are_found(
    writes: list[dict[bytes, int]], data: st.DataObject
) -> None:
    """As the workers' own reader does; compaction may keep more than the newest of each key."""
    log, serial = Log(), 0
    for keys in writes:
        for key, number in keys.items():
            serial += 1
            body = encode({"teachers": {f"k{key!r}": f"{serial}-" + "xyz" * number}})
            pieces = [body[at:at + 20] for at in range(0, len(body), 20)]
            log.add(0, key, bytes([len(pieces) - 1]) + pieces[0])
            for part, piece in enumerate(pieces[1:], 1):
                log.add(0, b"%b/%d" % (key, part), piece)
    last = {one.key: one.offset for one in log.records}
    left = [one for one in log.records
            if last[one.key] == one.offset or data.draw(st.booleans())]
    values = joined({one.key or b"": one.value or b"" for one in left}).values()
    expected = {t: s for value in values for t, s in decode(value)["teachers"].items()}
    assert newest(entries(left)) == expected


def test_parts_is_what_workers_write() -> None:
    assert list(parts({b"1": b"ab"})) == [(b"1", b"\x00ab")]


def test_what_has_not_had_its_turn_is_told_by_the_newest_progress_of_each_partition() -> None:
    log, behind, done = Log(), flushing(0), flushing(1)
    for offset, teacher in enumerate(("t1", "t2", "t3")):
        for shard in (behind, done):
            shard.positions["telemetry"] = offset
            shard.touch(teacher)
            shard.positions["telemetry"] = offset + 1
    assert len(behind.dirty) == 3, "each in a bucket of their own"
    for shard, turns in ((behind, (1, 1)), (done, (1, 2))):
        for count in turns:
            write(log, shard.partition, {**shard.encode_some(count),
                                         PROGRESS: shard.encode_progress([])})
    assert unwritten(entries(partition(log.records, 0))) == [Unwritten("telemetry", 0, 2, 3)]
    assert unwritten(entries(partition(log.records, 1))) == []
    first = [one for one in partition(log.records, 1) if one.offset < 2]
    assert unwritten(entries(first)) == [Unwritten("telemetry", 1, 1, 3)]


def flushing(number: int) -> Shard[list[int]]:
    return Shard(number, 2, 512, Codec(list, lambda state: state, lambda state: state), {})
