"""Rejections must be exactly those that follow from the topics."""

from collections import Counter
from typing import Any

import orjson
import pytest

from audit.evidence import Stored
from chaos.invariants.arrival import lost
from chaos.invariants.broken import Broken
from chaos.invariants.refusals import Place, found, inexact, judged, unpublished
from chaos.unreadable import UnreadableError
from pipeline.schemas.packed import values
from pipeline.schemas.rejections import Reason, Rejection
from tests.chaos.summer import Summer


def logs(made: Summer) -> tuple[list[Stored], list[Stored]]:
    return made.topics["telemetry"].records, made.topics["rejections"].records


@pytest.fixture(scope="module")
def expected(one_summer: Summer) -> Counter[Place]:
    return judged("telemetry", logs(one_summer)[0], one_summer.catalogue).expected


def check(expected: Counter[Place], rejections: list[Stored]) -> list[Broken]:
    return list(inexact(expected, Counter(), found(rejections, "p.")))


def test_rule_19_every_refusal_is_there_and_no_other(
    one_summer: Summer, expected: Counter[Place]
) -> None:
    _, rejections = logs(one_summer)
    assert check(expected, rejections) == []
    assert check(expected, [*rejections, *rejections[::2]]) == [], "repeats change nothing"
    by_reason: Counter[str] = Counter()
    for place, count in expected.items():
        by_reason[place[3]] += count
    assert min(by_reason[r] for r in ("no_time_left", "malformed", "too_scattered")) > 10


def test_a_refusal_that_is_missing_or_invented_is_found(
    one_summer: Summer, expected: Counter[Place]
) -> None:
    _, rejections = logs(one_summer)
    for number in range(0, len(rejections), 9):
        if orjson.loads(rejections[number].value or b"").get("part"):
            continue
        without = rejections[:number] + rejections[number + 1:]
        assert len(check(expected, without)) == 1
    row = orjson.loads(rejections[0].value or b"")
    invented = [{**row, "offset": 10**6}, {**row, "reason": "too_old"}, {**row, "partition": 1},
                {**row, "topic": "completions"}, {**row, "session_id": "another"}]
    for other in invented:
        assert len(check(expected, [*rejections, _record(other)])) == 1, other


def _record(row: dict[str, Any]) -> Stored:
    return Stored(0, 0, 0, b"k", orjson.dumps(row))


def test_a_refusal_whose_repeat_says_otherwise_is_found(
    one_summer: Summer, expected: Counter[Place]
) -> None:
    _, rejections = logs(one_summer)
    row = orjson.loads(rejections[0].value or b"")
    assert check(expected, [*rejections, _record({**row, "at": 99})]) == [], "decided anew"
    [broken] = check(expected, [*rejections, _record({**row, "count": 7})])
    assert broken.what == "a repeat says otherwise"


def test_a_large_refusal_counts_once_in_all_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.schemas.rejections.PART_BYTES", 10)
    large = Rejection(reason=Reason.MALFORMED, topic="ledger", partition=1, offset=2, at=3,
                      count=4, raw=bytes(range(45)))
    parts = [Stored(0, 0, 0, b"k", part.to_json()) for part in large.split()]
    assert len(parts) == 5
    assert found([*parts, *parts], "").by_place == {("ledger", 1, 2, "malformed"): 4}
    assert found([*parts, *parts], "").broken == []
    row = orjson.loads(parts[3].value or b"")
    assert len(found([*parts, _record({**row, "raw": "AAAA"})], "").broken) == 1


def test_what_collectors_refuse_is_counted_by_reason() -> None:
    row = {"reason": "malformed", "topic": "collector:s1", "partition": -1, "offset": 5}
    said = found([_record(row), _record(row), _record({**row, "offset": 6})], "p.")
    assert said.at_the_door == {("collector", "malformed"): 2}
    assert list(inexact(Counter(), Counter(said.at_the_door), said)) == []
    one_less = Counter({("collector", "malformed"): 1})
    [broken] = inexact(Counter(), one_less, said)
    assert broken.what == "2 events are refused as malformed, not 1"


def test_planted_records_are_told_by_their_key_and_topics_lose_their_prefix() -> None:
    records = [Stored(2, 5, 0, b"planted:malformed:3", b"\xff"), Stored(2, 6, 0, b"t", b"{}")]
    log = judged("ledger", records)
    assert log.expected == {("ledger", 2, 5, "malformed"): 3}
    assert log.planted == {("ledger", "malformed"): 3}
    row = {"reason": "malformed", "topic": "p.ledger", "partition": 2, "offset": 5, "count": 3}
    assert list(inexact(log.expected, Counter(), found([_record(row)], "p."))) == []


def test_telemetry_that_nobody_planted_and_is_none_is_found(one_summer: Summer) -> None:
    with pytest.raises(UnreadableError, match="partition 1, offset 4"):
        judged("telemetry", [Stored(1, 4, 0, None, b"garbage")], one_summer.catalogue)


def test_published_refusals_must_be_those_of_the_topic_and_its_own_garbage() -> None:
    row = {"reason": "no_time_left", "topic": "telemetry", "partition": 2, "offset": 5, "count": 3}
    refused = found([_record(row)], "")
    refused.at_the_door["collector", "malformed"] += 2
    garbage = Counter({("rejections", "malformed"): 4})
    right = {"no_time_left": 3, "malformed": 6}
    assert list(unpublished(refused, garbage, right)) == []
    for wrong in ({**right, "malformed": 5}, {"malformed": 6}, {**right, "too_old": 1}):
        assert len(list(unpublished(refused, garbage, wrong))) == 1


def test_every_event_that_is_there_is_noted(one_summer: Summer) -> None:
    telemetry, _ = logs(one_summer)
    log = judged("telemetry", telemetry, one_summer.catalogue)
    first = next(one for one in telemetry if one.key is None)
    columns = values(first.value or b"")
    assert set(zip(columns["session_id"], columns["seq"], strict=True)) <= log.present
    assert list(lost(log.present, replace_one(log.present))) != []


def replace_one(present: set[tuple[str, int]]) -> set[tuple[str, int]]:
    return set(sorted(present)[1:])
