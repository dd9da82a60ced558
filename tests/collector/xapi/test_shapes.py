"""The corpus against the parser; and which statements of one id are the same."""

from typing import Any

import orjson
import pytest

from pipeline.collector.faults import RefusedError
from pipeline.collector.xapi.parsing import parse, parse_one
from pipeline.collector.xapi.sameness import gist
from tests.collector.xapi.corpus import BAD, GOOD, ID
from tests.collector.xapi.speaking import statement

FIXED = {"id": ID, "actor": {"mbox": "mailto:a@example.cn"}, "verb": {"id": "urn:x:did"},
         "object": {"id": "urn:x:this"}}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_statement_is_taken(name: str) -> None:
    (told,) = parse(orjson.dumps(GOOD[name]), "play", 10)
    assert told.raw == GOOD[name]
    assert told.id == GOOD[name].get("id", told.id)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_statement_is_400_and_says_where(name: str) -> None:
    content, place = BAD[name]
    with pytest.raises(RefusedError) as refused:
        parse(orjson.dumps([statement(), content]), "play", 10)
    assert refused.value.status == 400
    assert all(entry["type"] == "malformed" and entry["msg"] for entry in refused.value.errors)
    assert ("statements", 1, *place) in [
        ("statements", 1, *map(str, entry["loc"][2:])) for entry in refused.value.errors]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"\xef\xbb\xbf{}", b"NaN", b"[" * 5000,
                                  b'{"a":NaN}', b'{"a":"\\ud800"}'])
def test_what_is_no_json_is_400(body: bytes) -> None:
    with pytest.raises(RefusedError) as refused:
        parse(body, "play", 10)
    assert (refused.value.status, refused.value.errors[0]["type"]) == (400, "not_json")


def test_a_statement_without_id_gets_one() -> None:
    bare = {name: value for name, value in FIXED.items() if name != "id"}
    (first,), (second,) = (parse(orjson.dumps(bare), "play", 10) for _ in range(2))
    assert first.id != second.id
    dated = orjson.dumps(bare | {"timestamp": "2023-07-20T12:00:00Z"})
    ids = {parse(dated, whose, 10)[0].id for whose in ("play", "play", "another")}
    assert len(ids) == 2  # sent again it is the same, from another play it is not


def test_put_takes_the_id_of_its_address() -> None:
    bare = {name: value for name, value in FIXED.items() if name != "id"}
    assert parse_one(orjson.dumps(bare), ID.upper()).id == ID
    assert parse_one(orjson.dumps(FIXED | {"id": ID.upper()}), ID).id == ID


SAME: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("keys in another order", dict(reversed(FIXED.items())), FIXED),
    ("what a store assigns", FIXED, FIXED | {
        "stored": "2023-07-20T12:00:00Z", "version": "1.0.0",
        "authority": {"mbox": "mailto:x@example.cn"}}),
    ("a timestamp given since", FIXED, FIXED | {"timestamp": "2023-07-20T12:00:00Z"}),
    ("a moment in another zone", FIXED | {"timestamp": "2023-07-20T12:00:00Z"},
     FIXED | {"timestamp": "2023-07-20T20:00:00.000+08:00"}),
    ("a verb's names", FIXED, FIXED | {"verb": {"id": "urn:x:did", "display": {"zh": "x"}}}),
    ("a definition", FIXED,
     FIXED | {"object": {"id": "urn:x:this", "definition": {"type": "u:t"}}}),
    ("an activity and a list of it",
     FIXED | {"context": {"contextActivities": {"parent": {"id": "urn:x:p"}}}},
     FIXED | {"context": {"contextActivities": {"parent": [
         {"id": "urn:x:p", "definition": {"type": "u:t"}}]}}}),
    ("members in another order",
     FIXED | {"actor": {"objectType": "Group", "member": [
         {"mbox": "mailto:a@b.cn"}, {"mbox": "mailto:b@b.cn"}]}},
     FIXED | {"actor": {"objectType": "Group", "member": [
         {"mbox": "mailto:b@b.cn"}, {"mbox": "mailto:a@B.CN"}]}}),
    ("a finer duration", FIXED | {"result": {"duration": "PT1.23S"}},
     FIXED | {"result": {"duration": "PT1.2399S"}}),
    ("a registration in capitals", FIXED | {"context": {"registration": ID}},
     FIXED | {"context": {"registration": ID.upper()}}),
]
OTHER: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("another verb", FIXED, FIXED | {"verb": {"id": "urn:x:undid"}}),
    ("another moment", FIXED | {"timestamp": "2023-07-20T12:00:00Z"},
     FIXED | {"timestamp": "2023-07-20T12:00:00.001Z"}),
    ("a duration in other units", FIXED | {"result": {"duration": "PT60S"}},
     FIXED | {"result": {"duration": "PT1M"}}),
    ("another user of the domain", FIXED, FIXED | {"actor": {"mbox": "mailto:A@example.cn"}}),
    ("an extension", FIXED | {"result": {"extensions": {"urn:x:a": {"definition": 1}}}},
     FIXED | {"result": {"extensions": {"urn:x:a": {"definition": 2}}}}),
    ("a result", FIXED, FIXED | {"result": {"success": True}}),
]


@pytest.mark.parametrize(("name", "one", "other"), SAME)
def test_these_are_the_same_statement(
    name: str, one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert gist(one).matches(gist(other)), name
    assert gist(other).matches(gist(one)), name


@pytest.mark.parametrize(("name", "one", "other"), OTHER)
def test_these_are_not(name: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    assert not gist(one).matches(gist(other)), name
