"""Rejections as records: whole, each once, selected, counted, and safe to look at."""

import json
import random
from collections.abc import Iterable
from typing import Any

import pytest

from audit.evidence import Stored
from audit.rejections import shown
from audit.rejections.counting import Tally, as_json, as_text
from audit.rejections.records import Found, Once, found, whole
from audit.rejections.selection import Place, PlaceError, Wanted, parse
from audit.rejections.words import MEANING
from pipeline.schemas.rejections import PART_BYTES, Reason, Rejection
from pipeline.schemas.replays import Replay

AT = 1_690_000_000_000  # 2023-07-22 12:26:40 in Asia/Shanghai
DAY_MS = 86_400_000


def refused(offset: int = 7, reason: Reason = Reason.UNKNOWN_RESOURCE, **more: Any) -> Rejection:
    return Rejection(**{"reason": reason, "topic": "telemetry", "partition": 3, "offset": offset,
                        "at": AT, **more})


def on_topic(rejections: Iterable[Rejection | bytes | None]) -> list[Found]:
    """As they are found on the topic of a deployment whose prefix is `x.`."""
    values = [one.to_json() if isinstance(one, Rejection) else one for one in rejections]
    return [found(Stored(0, number, AT + 5, None, value), "x.")
            for number, value in enumerate(values)]


def test_rule_19_a_large_rejection_travels_in_parts_and_is_whole_again() -> None:
    raw = random.Random(1).randbytes(2 * PART_BYTES + 1)
    large = refused(8, raw=raw)
    parts = large.split()
    assert [len(part.raw) for part in parts] == [PART_BYTES, PART_BYTES, 1]
    killed = parts[:2]  # its writer was killed, and began again; others wrote in between
    stream = [refused(1), *killed, parts[0], refused(2), *parts[1:], refused(3), *parts]
    back = list(whole(on_topic(stream)))
    assert [one.rejection.offset for one in back] == [1, 2, 8, 3, 8]
    assert [one.number for one in back] == [0, 4, 3, 7, 8]
    assert {one.rejection for one in back if one.rejection.offset == 8} == {large}


def test_the_largest_raw_that_is_not_split() -> None:
    exact = refused(raw=b"x" * PART_BYTES)
    assert exact.split() == [exact]
    assert len(exact.to_json()) < 3 * 2**20


def test_rule_14_repeats_after_a_crash_are_the_same_rejection() -> None:
    once = Once()
    claim = refused(teacher_id="t1", resource_id="r1", session_id="s1")
    others = [claim.model_copy(update=change) for change in (
        {"offset": 8}, {"partition": 2}, {"topic": "ledger"}, {"reason": Reason.BAD_STRETCH},
        {"teacher_id": "t2"}, {"resource_id": "r2"}, {"session_id": "s2"})]
    again = claim.model_copy(update={"at": AT + 9})
    new = [once.is_new(one.identity) for one in (claim, *others, again, *others)]
    assert new == [True] * 8 + [False] * 8
    assert once.repeats == 8


def test_garbage_on_the_topic_itself_is_refused_at_its_own_place() -> None:
    garbage, tombstone = on_topic([b"\xff", None])
    assert garbage.rejection.reason is Reason.MALFORMED
    assert (garbage.rejection.topic, garbage.rejection.offset) == ("rejections", 0)
    assert garbage.rejection.raw == b"\xff"
    assert garbage.rejection.at == AT + 5
    assert tombstone.rejection.reason is Reason.TOMBSTONE


@pytest.mark.parametrize(("topic", "is_called"), [
    ("telemetry", "telemetry"), ("x.ledger", "ledger"), ("y.ledger", "y.ledger"),
    ("collector:s1", "collector:s1"),
])
def test_a_topic_is_called_by_its_short_name(topic: str, is_called: str) -> None:
    [one] = on_topic([refused(topic=topic)])
    assert one.rejection.topic == is_called


@pytest.mark.parametrize(("text", "place"), [
    ("telemetry/3/1042", Place("telemetry", 3, 1042)),
    ("x.telemetry/3/1042", Place("telemetry", 3, 1042)),
    ("17", Place("rejections", 0, 17)),
    ("#17", Place("rejections", 0, 17)),
    ("rejections/0/17", Place("rejections", 0, 17)),
    ("collector:a/b/-1/99", Place("collector:a/b", -1, 99)),
])
def test_a_place_is_read(text: str, place: Place) -> None:
    assert parse(text, "x.") == place


@pytest.mark.parametrize("text", ["", "telemetry", "telemetry/3", "a/b/c", "nope/1/2", "-1", "1.5"])
def test_what_is_no_place_is_said(text: str) -> None:
    with pytest.raises(PlaceError, match=r"is no place|nothing is refused out of"):
        parse(text, "x.")


SOME = [
    refused(1, teacher_id="t1"), refused(2, Reason.MALFORMED, count=10),
    refused(3, topic="collector:s1", at=AT + DAY_MS, teacher_id="t1"),
    refused(4, topic="x.ledger", at=AT + 2 * DAY_MS),
]


@pytest.mark.parametrize(("wanted", "offsets"), [
    (Wanted(), [1, 2, 3, 4]),
    (Wanted(reasons=frozenset({Reason.MALFORMED})), [2]),
    (Wanted(topic="collector"), [3]),
    (Wanted(topic="collector:s1"), [3]),
    (Wanted(topic="ledger"), [4]),
    (Wanted(teacher="t1"), [1, 3]),
    (Wanted(since=AT + DAY_MS), [3, 4]),
    (Wanted(until=AT + DAY_MS), [1, 2]),
    (Wanted(teacher="t1", until=AT + 1), [1]),
])
def test_filters(wanted: Wanted, offsets: list[int]) -> None:
    assert [one.rejection.offset for one in on_topic(SOME) if wanted.has(one)] == offsets


@pytest.mark.parametrize(("by", "groups"), [
    ("reason", [("malformed", (1, 10)), ("unknown_resource", (3, 3))]),
    ("topic", [("telemetry", (2, 11)), ("collector", (1, 1)), ("ledger", (1, 1))]),
    ("day", [("2023-07-22", (2, 11)), ("2023-07-23", (1, 1)), ("2023-07-24", (1, 1))]),
    ("teacher", [("-", (2, 11)), ("t1", (2, 2))]),
])
def test_counted_once_by(by: str, groups: list[tuple[str, tuple[int, int]]]) -> None:
    tally = Tally(by)
    large = refused(9, Reason.MALFORMED, raw=b"x" * 2 * PART_BYTES, count=5).split()
    tally.add(on_topic([*SOME, *SOME[:2]]))
    assert tally.ordered() == groups
    assert as_json(tally)["repeats"] == 2
    tally.add(on_topic(large))
    assert tally.total == (5, 18), "parts count once"
    assert as_text(tally, 1).splitlines()[-1] == "2 repeats after a crash left out"
    assert "more: --limit" in as_text(tally, 1)


def test_a_list_is_safe_to_look_at() -> None:
    [one] = on_topic([refused(detail="\x1b[2Jgone\n\u202e老师", teacher_id="t1")])
    line = shown.line(one)
    assert line.isprintable()
    assert "\\x1b[2Jgone\\n\\u202e老师" in line
    assert line.startswith("#0        2023-07-22 12:26:40  unknown_resource       1  "
                           "telemetry/3/7             t1  ")


@pytest.mark.parametrize(("raw", "dumped"), [
    (b'{"v":1,"\xe8\x80\x81":[\n\t]}', '{"v":1,"老":[\n\t]}'),
    (b"", ""),
    (b"a\x1b[2J", f"00000000  61 1b 5b 32 4a{' ' * 35}a.[2J"),
    (b"\xff" * 17, f"00000000  {'ff ' * 16} {'.' * 16}\n00000010  ff{' ' * 47}."),
])
def test_raw_bytes_are_shown_as_text_or_in_hexadecimal(raw: bytes, dumped: str) -> None:
    assert shown.dump(raw) == dumped


def test_of_many_raw_bytes_the_first_are_shown() -> None:
    assert shown.dump(b"x" * 5000).endswith("x\n… and 904 characters more: --raw FILE writes all")
    assert shown.dump(b"\xff" * 5000).endswith(".\n… and 904 bytes more: --raw FILE writes all")


def test_a_page_and_its_json_say_everything() -> None:
    claim = refused(teacher_id="t1", resource_id="r1", session_id="s1", detail="why", raw=b"\xff",
                    count=1200)
    [one] = on_topic([claim])
    replays = [Replay.of(claim, AT + 60_000, 3, 99)]
    page = shown.page(one, replays)
    for text in ("#0", "12:26:40", "telemetry/3/7", MEANING[claim.reason], "1,200", "t1", "r1",
                 "s1", "why", "2023-07-22 12:27:40 as telemetry/3/99", "1 bytes, binary", "ff "):
        assert text in page
    body = json.loads(json.dumps(shown.whole_json(one, replays)))
    assert body["raw"] == "_w=="
    assert body["replays"] == [{"at": AT + 60_000, "to": "telemetry/3/99"}]


def test_every_reason_has_its_meaning() -> None:
    assert set(MEANING) == set(Reason)
