"""The hostile corpus at the collector's door."""

import asyncio
import json

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.collector.sorting import Sorter
from pipeline.collector.tokens import Play
from pipeline.collector.wire import encode
from pipeline.rules.programme import Catalogue
from pipeline.schemas.telemetry import TelemetryBatch
from pipeline.settings import Settings
from tests import hostile
from tests.collector.conftest import make_catalogue
from tests.collector.memory import Memory
from tests.collector.serving import serving


def answered(
    offline: Settings, catalogue: Catalogue, body: bytes
) -> tuple[httpx.Response, Memory]:
    memory = Memory(offline)

    async def ask() -> httpx.Response:
        async with serving(offline, catalogue, memory) as client:
            return await client.post((await client.open())["token"], body)

    return asyncio.run(ask()), memory


def no_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


@pytest.mark.parametrize("case", hostile.HTTP_BODIES, ids=lambda case: case.name)
def test_rule_19_hostile_body_is_refused_clearly_and_no_good_event_is_lost(
    offline: Settings, catalogue: Catalogue, case: hostile.HttpBody
) -> None:
    response, memory = answered(offline, catalogue, case.body)
    assert response.status_code == case.status
    answer = json.loads(response.content, parse_constant=no_constant)
    assert answer["accepted"] == case.good == memory.events()
    assert tuple(answer["errors"][0]["loc"]) == case.loc
    assert len(response.content) < 2000
    kept = case.status == 422 or case.good
    assert len(memory.rejections()) == (1 if kept else 0)


def test_rule_19_what_is_refused_is_kept_as_it_was_sent(
    offline: Settings, catalogue: Catalogue
) -> None:
    bad = hostile.beat(to=float("nan"))
    _, memory = answered(offline, catalogue, hostile.post(bad, hostile.beat()))
    (kept,) = memory.rejections()
    assert kept.reason == "malformed"
    assert str(json.loads(kept.raw)) == str(bad)
    assert (kept.teacher_id, kept.resource_id) == (hostile.TEACHER, hostile.RESOURCE)
    assert kept.topic == f"collector:{kept.session_id}"
    assert kept.detail == "to: Input should be a finite number"


@pytest.mark.parametrize(("event", "reason"), [
    (hostile.beat(to=0.0), "bad_stretch"),
    (hostile.beat(to=700.0), "bad_stretch"),
    (hostile.quiz(quiz_id="no-quiz"), "unknown_quiz"),
    (hostile.quiz(quiz_id=hostile.OTHER_QUIZ), "unknown_quiz"),
    (hostile.beat(seq=0), "malformed"),
])
def test_rule_19_reason_code(
    offline: Settings, catalogue: Catalogue, event: dict[str, object], reason: str
) -> None:
    _, memory = answered(offline, catalogue, hostile.post(event))
    assert [kept.reason for kept in memory.rejections()] == [reason]


def test_rule_19_a_retry_is_the_same_rejection_and_another_event_is_another(
    catalogue: Catalogue,
) -> None:
    def identity(*events: object, at: int) -> list[tuple[str, int, int, str]]:
        play = Play("t", hostile.RESOURCE, "s", 0, 2**40)
        return [(kept.topic, kept.partition, kept.offset, kept.reason)
                for kept in Sorter(catalogue, play, at).sort(hostile.post(*events), 500).rejections]

    bad, other = hostile.beat(to=-1.0), hostile.beat(to=-2.0)
    (first,) = identity(bad, at=1)
    assert identity(hostile.beat(), bad, at=2) == [first]
    assert identity(other, at=1) != [first]


def test_a_bad_event_has_all_its_faults_named_one_a_field(
    offline: Settings, catalogue: Catalogue
) -> None:
    bad = hostile.beat(**{"from": -1, "to": "x", "rate": float("nan")})
    response, _ = answered(offline, catalogue, hostile.post(hostile.beat(), bad))
    assert [(entry["loc"], entry["type"]) for entry in response.json()["errors"]] == [
        (["events", 1, "from"], "greater_than_equal"),
        (["events", 1, "to"], "float_type"),
        (["events", 1, "rate"], "finite_number"),
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner,
                                                                max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(["type", "seq", "from", "to", "rate", "quiz_id", "answers"])
EVENTS = JSON | st.builds(
    lambda event, changes: event | changes,
    st.sampled_from([hostile.beat(), hostile.quiz()]),
    st.dictionaries(FIELDS, JSON | st.floats(0, 1000) | st.integers(0, 10), max_size=2),
)


@given(events=st.lists(EVENTS, min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_whatever_events_are_posted_each_is_taken_or_refused_and_the_rest_is_valid(
    events: list[object],
) -> None:
    body = json.dumps({"events": events}).encode("utf-8", "surrogatepass")
    play = Play(hostile.TEACHER, hostile.RESOURCE, hostile.SESSION, hostile.OPENED_AT, 2**42)
    post = Sorter(make_catalogue(), play, hostile.RECEIVED_AT).sort(body, 500)
    TelemetryBatch.read(encode(post.rows, post.quizzes))
    for kept in post.rejections:
        kept.to_json()
    if any(entry["type"] == "not_json" for entry in post.errors):
        assert (post.accepted, len(post.rejections)) == (0, 1)
    else:
        assert post.accepted + len(post.rejections) == len(events)
    assert {entry["loc"][1] for entry in post.errors if entry["loc"][0] == "events"} <= set(
        range(len(events)))


@given(st.binary(max_size=200))
@example(b'{"events":[{"":"","":0}]}')
@settings(max_examples=100)
def test_whatever_bytes_are_posted_they_are_refused_and_kept(body: bytes) -> None:
    play = Play(hostile.TEACHER, hostile.RESOURCE, hostile.SESSION, hostile.OPENED_AT, 2**42)
    post = Sorter(make_catalogue(), play, hostile.RECEIVED_AT).sort(body, 500)
    assert (post.accepted, post.status) == (0, 422)
    of_the_body = len(post.errors[0]["loc"]) == 1  # else bytes that happen to hold events
    assert post.rejections[0].raw == body if of_the_body else post.rejections
