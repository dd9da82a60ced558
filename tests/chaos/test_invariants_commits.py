"""Positions that go back, and commits that run ahead of what is flushed, are found."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from audit.evidence import Stored
from chaos.changelog import Entry, entries
from chaos.invariants.commits import Commit, Flushed, ahead, backward, flushed
from chaos.invariants.group_log import coordinator, of_group
from tests.chaos.summer import Summer
from tests.generated.profile import examples


def history(made: Summer, topic: str, partition: int = 0) -> list[Entry]:
    return list(entries(one for one in made.topics[topic].records if one.partition == partition))


def flushes(*positions: tuple[int, int], first: int = 0) -> list[Entry]:
    """Records of progress as (at, position of telemetry)."""
    return [Entry(0, first + n, at, None, {"positions": {"telemetry": position}})
            for n, (at, position) in enumerate(positions)]


def test_positions_are_read_from_the_changelog(one_summer: Summer) -> None:
    places = flushed(history(one_summer, "watching-changelog", 1))
    last = one_summer.topics["telemetry"].ends[1]
    assert places["telemetry", 1].flushes[-1][1] == last
    assert len(places["telemetry", 1].flushes) > 10
    assert list(backward(places)) == []
    two = flushed(history(one_summer, "crediting-changelog", 1))
    assert two.keys() == {("enrolments", 1), ("completions", 1)}


def test_a_position_that_goes_back_is_found() -> None:
    """As a worker that slept would bring about if it were not fenced."""
    places = flushed(flushes((1, 10), (2, 25), (3, 20), (4, 26)))
    [broken] = backward(places)
    assert broken.what == "position 20 was flushed at 3 after 25"


@examples(100)
@given(st.lists(st.integers(0, 30), max_size=12))
def test_every_step_back_is_found_and_nothing_else(positions: list[int]) -> None:
    places = flushed(flushes(*enumerate(positions)))
    behind = [n for n, position in enumerate(positions) if position < max(positions[:n + 1])]
    assert len(list(backward(places))) == len(behind)


def committed(*ats: tuple[int, int]) -> list[Commit]:
    return [Commit("telemetry", 0, offset, at) for at, offset in ats]


def test_a_commit_that_runs_ahead_is_found_also_in_the_middle() -> None:
    places = flushed(flushes((10, 5), (20, 9)))
    assert list(ahead(committed((5, 0), (10, 5), (15, 3), (20, 9), (99, 9)), places)) == []
    early = committed((5, 1), (15, 6), (25, 10))
    assert [broken.what.split(" when")[0] for broken in ahead(early, places)] == [
        "1 was committed at 5,", "6 was committed at 15,", "10 was committed at 25,"]


def test_a_commit_of_what_was_never_flushed_is_found() -> None:
    assert len(list(ahead([Commit("completions", 3, 1, 99)], flushed(flushes((1, 50)))))) == 1


def test_what_compaction_took_cannot_be_judged_but_all_after_it() -> None:
    places = flushed(flushes((10, 50), (20, 90), first=1000))
    assert list(ahead(committed((5, 40), (10, 50), (25, 90)), places)) == []
    assert len(list(ahead(committed((12, 51)), places))) == 1


@examples(200)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), max_size=8),
       st.tuples(st.integers(-1, 25), st.integers(0, 30)))
def test_a_commit_is_held_against_what_was_flushed_by_then(
    steps: list[tuple[int, int]], commit: tuple[int, int]
) -> None:
    made, position = [], 0
    for at, more in sorted(steps):
        position += more
        made.append((at, position))
    safe = max((position for at, position in made if at <= commit[0]), default=0)
    places = {("telemetry", 0): Flushed(whole=True, flushes=made)}
    assert bool(list(ahead(committed(commit), places))) == (commit[1] > safe)


def offset_commit(group: str, topic: str, partition: int, offset: int, version: int = 1) -> Stored:
    texts = b"".join(struct.pack(">h", len(text)) + text.encode() for text in (group, topic))
    key = struct.pack(">h", version) + texts + struct.pack(">i", partition)
    return Stored(7, 0, 55, key, struct.pack(">hqih", 3, offset, -1, 0) + struct.pack(">q", 55))


def test_commits_are_read_from_the_groups_own_log() -> None:
    mine = offset_commit("p.worker", "p.telemetry", 3, 42)
    records = [mine, offset_commit("other", "p.telemetry", 3, 99), mine._replace(value=None),
               Stored(7, 1, 1, struct.pack(">h", 2) + b"\x00\x08p.worker", b"members")]
    assert list(of_group(records, "p.worker", "p.")) == [Commit("telemetry", 3, 42, 55)]


def test_a_group_is_on_the_partition_that_java_says() -> None:
    """Hashes that are known: one of them negative, of which Kafka takes the absolute value."""
    assert coordinator("", 50) == 0
    assert coordinator("hello", 50) == 99_162_322 % 50
    assert coordinator("Hello World", 50) == 862_545_276 % 50
