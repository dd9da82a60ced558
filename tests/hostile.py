"""A corpus of hostile input, shared by all layers' tests: malformed, or well-formed but insane.

HTTP_BODIES are for `POST /v1/events` with the token of a play of RESOURCE, a video of
DURATION_S seconds with one quiz, QUIZ, in a programme whose gap tolerance is 2 s.
KAFKA_VALUES are values of `telemetry` records (chaos/hostile.py). Where good events stand
beside bad ones, `good` says how many: none of them may be lost.
"""

import json
from dataclasses import dataclass
from typing import Any

from chaos.hostile import HUGE, NESTED, Subject, telemetry_values

RESOURCE = "video-1"
OTHER_RESOURCE = "video-2"
DURATION_S = 600
QUIZ = "video-1-quiz"
OTHER_QUIZ = "video-2-quiz"
TEACHER = "teacher-1"
SESSION = "session-1"

OPENED_AT = 1_690_000_000_000
SUBJECT = Subject(TEACHER, SESSION, RESOURCE, QUIZ, DURATION_S * 1000, OPENED_AT)
RECEIVED_AT = SUBJECT.received_at

batch, quiz_row = SUBJECT.batch, SUBJECT.quiz_row

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class HttpBody:
    """A body, the status it must get, and where the answer must say the fault is."""

    name: str
    body: bytes
    status: int
    loc: Place
    good: int = 0


def beat(**changes: Any) -> dict[str, Any]:
    """A heartbeat as players send it."""
    return {"type": "heartbeat", "seq": 1, "from": 0.0, "to": 15.0, "rate": 1.0} | changes


def quiz(**changes: Any) -> dict[str, Any]:
    """Quiz answers as players send them."""
    return {"type": "quiz", "seq": 2, "quiz_id": QUIZ, "answers": {"1": "A"}} | changes


def post(*events: Any, **envelope: Any) -> bytes:
    """A body; Python's json writes NaN and Infinity as they are."""
    return json.dumps({"events": events, **envelope}).encode()


HTTP_BODIES = (
    HttpBody("garbage bytes", b"\x00\xff\xfe\x80garbage", 422, ("body",)),
    HttpBody("nothing", b"", 422, ("body",)),
    HttpBody("half of a post", post(beat())[:-10], 422, ("body",)),
    HttpBody("invalid UTF-8", b'{"events":["\xff\xfe"]}', 422, ("body",)),
    HttpBody("half a surrogate pair", b'{"events":["\\ud800"]}', 422, ("body",)),
    HttpBody("a byte order mark", b"\xef\xbb\xbf" + post(beat()), 422, ("body",)),
    HttpBody("nested without end", NESTED, 422, ("body",)),
    HttpBody("a number of 5,000 digits", b'{"events":[' + b"9" * 5000 + b"]}", 422, ("body",)),
    HttpBody("null", b"null", 422, ("body",)),
    HttpBody("a list", b"[]", 422, ("body",)),
    HttpBody("a string", b'"events"', 422, ("body",)),
    HttpBody("NaN alone", b"NaN", 422, ("body",)),
    HttpBody("no events", b"{}", 422, ("events",)),
    HttpBody("an empty list of events", post(), 422, ("events",)),
    HttpBody("events that are no list", b'{"events":{"0":1}}', 422, ("events",)),
    HttpBody("a resource that is no id", post(beat(), resource_id="no id"), 422, ("resource_id",)),
    HttpBody("another resource", post(beat(), resource_id=OTHER_RESOURCE), 403, ("resource_id",)),
    HttpBody("a null event", post(beat(), None), 422, ("events", 1), good=1),
    HttpBody("a list as an event", post([], beat()), 422, ("events", 0), good=1),
    HttpBody("an event without type", post({"seq": 1}), 422, ("events", 0, "type")),
    HttpBody("an unknown type", post(beat(type="credit")), 422, ("events", 0, "type")),
    HttpBody("a type that is a list", post(beat(type=["quiz"])), 422, ("events", 0, "type")),
    HttpBody("from NaN", post(beat(**{"from": float("nan")}), beat()), 422,
             ("events", 0, "from"), good=1),
    HttpBody("to infinity", post(beat(to=float("inf"))), 422, ("events", 0, "to")),
    HttpBody("to minus infinity", post(beat(to=-float("inf"))), 422, ("events", 0, "to")),
    HttpBody("to 1e400", post(beat()).replace(b"15.0", b"1e400"), 422, ("events", 0, "to")),
    HttpBody("to 10**400", post(beat(to=HUGE)), 422, ("events", 0, "to")),
    HttpBody("to a text", post(beat(to="15.0")), 422, ("events", 0, "to")),
    HttpBody("to true", post(beat(to=True)), 422, ("events", 0, "to")),
    HttpBody("to null", post(beat(to=None)), 422, ("events", 0, "to")),
    HttpBody("from before the start", post(beat(**{"from": -0.001})), 422, ("events", 0, "from")),
    HttpBody("a reversed stretch", post(beat(**{"from": 30.0})), 422, ("events", 0, "to")),
    HttpBody("an empty stretch", post(beat(**{"from": 15.0})), 422, ("events", 0, "to")),
    HttpBody("a stretch that rounds to nothing", post(beat(to=0.0004)), 422, ("events", 0, "to")),
    HttpBody("beyond the end by too much", post(beat(to=602.001)), 422, ("events", 0, "to")),
    HttpBody("wholly beyond the end", post(beat(**{"from": 600.0, "to": 601.0})), 422,
             ("events", 0, "from")),
    HttpBody("seq 0", post(beat(seq=0)), 422, ("events", 0, "seq")),
    HttpBody("seq -1", post(beat(seq=-1)), 422, ("events", 0, "seq")),
    HttpBody("seq 1.5", post(beat(seq=1.5)), 422, ("events", 0, "seq")),
    HttpBody("seq NaN", post(beat(seq=float("nan"))), 422, ("events", 0, "seq")),
    HttpBody("seq 10**400", post(beat(seq=HUGE)), 422, ("events", 0, "seq")),
    HttpBody("no seq", post({"type": "heartbeat", "from": 0, "to": 1, "rate": 1}), 422,
             ("events", 0, "seq")),
    HttpBody("rate 0", post(beat(rate=0)), 422, ("events", 0, "rate")),
    HttpBody("rate -1", post(beat(rate=-1)), 422, ("events", 0, "rate")),
    HttpBody("rate 16.1", post(beat(rate=16.1)), 422, ("events", 0, "rate")),
    HttpBody("rate NaN", post(beat(rate=float("nan"))), 422, ("events", 0, "rate")),
    HttpBody("an unknown quiz", post(beat(), quiz(quiz_id="no-quiz")), 422,
             ("events", 1, "quiz_id"), good=1),
    HttpBody("another resource's quiz", post(beat(), quiz(quiz_id=OTHER_QUIZ)), 403,
             ("events", 1, "quiz_id"), good=1),
    HttpBody("NUL in a quiz id", post(quiz(quiz_id="q\x001")), 422, ("events", 0, "quiz_id")),
    HttpBody("answers as a list", post(quiz(answers=["A"])), 422, ("events", 0, "answers")),
    HttpBody("an answer that is a number", post(quiz(answers={"1": 1})), 422,
             ("events", 0, "answers", "1")),
    HttpBody("an answer nested in lists", post(quiz(answers={"1": [["A"]]})), 422,
             ("events", 0, "answers", "1")),
    HttpBody("an answer of 201 characters", post(quiz(answers={"1": "A" * 201})), 422,
             ("events", 0, "answers", "1")),
    HttpBody("a question's name of 65 characters", post(quiz(answers={"x" * 65: "A"})), 422,
             ("events", 0, "answers", "x" * 64)),
    HttpBody("101 answers", post(quiz(answers={str(n): "A" for n in range(101)})), 422,
             ("events", 0, "answers")),
    HttpBody("501 events", post(*[beat()] * 501), 413, ("events",)),
    HttpBody("10,000 events", post(*[beat()] * 10_000), 413, ("body",)),
    HttpBody("5 MB", b" " * 5_000_000, 413, ("body",)),
)

KAFKA_VALUES = telemetry_values(SUBJECT)
