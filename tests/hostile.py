"""A corpus of hostile input, shared by all layers' tests: malformed, or well-formed but insane.

HTTP_BODIES are for `POST /v1/events` with the token of a play of RESOURCE, a video of
DURATION_S seconds with one quiz, QUIZ, in a programme whose gap tolerance is 2 s.
KAFKA_VALUES are values of `telemetry` records. Where good events stand beside bad ones,
`good` says how many: none of them may be lost.
"""

import json
from dataclasses import dataclass
from typing import Any

from pipeline.schemas.rejections import Reason

RESOURCE = "video-1"
OTHER_RESOURCE = "video-2"
DURATION_S = 600
QUIZ = "video-1-quiz"
OTHER_QUIZ = "video-2-quiz"
TEACHER = "teacher-1"
SESSION = "session-1"

OPENED_AT = 1_690_000_000_000
RECEIVED_AT = OPENED_AT + 20_000

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class HttpBody:
    """A body, the status it must get, and where the answer must say the fault is."""

    name: str
    body: bytes
    status: int
    loc: Place
    good: int = 0


@dataclass(frozen=True, slots=True)
class KafkaValue:
    """A record's value and the reason for which it, or a part of it, must be refused.

    `well_formed` values pass the schema: only a rule can object to them.
    """

    name: str
    value: bytes | None
    reason: Reason
    good: int = 0
    well_formed: bool = False


def beat(**changes: Any) -> dict[str, Any]:
    """A heartbeat as players send it."""
    return {"type": "heartbeat", "seq": 1, "from": 0.0, "to": 15.0, "rate": 1.0} | changes


def quiz(**changes: Any) -> dict[str, Any]:
    """Quiz answers as players send them."""
    return {"type": "quiz", "seq": 2, "quiz_id": QUIZ, "answers": {"1": "A"}} | changes


def post(*events: Any, **envelope: Any) -> bytes:
    """A body; Python's json writes NaN and Infinity as they are."""
    return json.dumps({"events": events, **envelope}).encode()


def batch(rows: int = 1, **columns: Any) -> dict[str, Any]:
    """A `TelemetryBatch` of one session's heartbeats, one after the other, as a dict."""
    return {
        "v": 1,
        "received_at": [RECEIVED_AT + 15_000 * n for n in range(rows)],
        "teacher_id": [TEACHER] * rows,
        "resource_id": [RESOURCE] * rows,
        "session_id": [SESSION] * rows,
        "opened_at": [OPENED_AT] * rows,
        "seq": list(range(1, rows + 1)),
        "from": [0] * rows,
        "to": [15_000] * rows,
        "rate": [100] * rows,
        "quizzes": [],
    } | columns


def quiz_row(**changes: Any) -> dict[str, Any]:
    """A `QuizEvent` as a dict."""
    return {
        "received_at": RECEIVED_AT, "teacher_id": TEACHER, "resource_id": RESOURCE,
        "session_id": SESSION, "opened_at": OPENED_AT, "seq": 2, "quiz_id": QUIZ,
        "answers": {"1": "A"},
    } | changes


def _value(**columns: Any) -> bytes:
    return json.dumps(batch(**columns)).encode()


NESTED = b"[" * 100_000 + b"]" * 100_000
HUGE = 10**400

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

KAFKA_VALUES = (
    KafkaValue("a tombstone", None, Reason.TOMBSTONE),
    KafkaValue("nothing", b"", Reason.MALFORMED),
    KafkaValue("garbage bytes", b"\x00\xff\xfe\x80garbage", Reason.MALFORMED),
    KafkaValue("half a record", _value()[:-10], Reason.MALFORMED),
    KafkaValue("invalid UTF-8", b'{"v":1,"teacher_id":["\xff"]}', Reason.MALFORMED),
    KafkaValue("half a surrogate pair", b'{"v":1,"teacher_id":["\\ud800"]}', Reason.MALFORMED),
    KafkaValue("nested without end", NESTED, Reason.MALFORMED),
    KafkaValue("null", b"null", Reason.MALFORMED),
    KafkaValue("a list", b"[]", Reason.MALFORMED),
    KafkaValue("a number", b"1", Reason.MALFORMED),
    KafkaValue("NaN", b"NaN", Reason.MALFORMED),
    KafkaValue("an empty object", b"{}", Reason.MALFORMED),
    KafkaValue("version 2", _value(v=2), Reason.UNKNOWN_VERSION),
    KafkaValue("version 2 of another shape", b'{"v":2,"rows":[]}', Reason.UNKNOWN_VERSION),
    KafkaValue("version -1", _value(v=-1), Reason.UNKNOWN_VERSION),
    KafkaValue("a version that is a text", _value(v="1"), Reason.MALFORMED, good=1),
    KafkaValue("a column too short", _value(seq=[]), Reason.MALFORMED),
    KafkaValue("a column too long", _value(rate=[100, 100]), Reason.MALFORMED),
    KafkaValue("a column that is missing", json.dumps(
        {name: column for name, column in batch().items() if name != "to"}).encode(),
        Reason.MALFORMED),
    KafkaValue("a column that is no list", _value(rate=100), Reason.MALFORMED),
    KafkaValue("a column that is null", _value(rate=None), Reason.MALFORMED),
    KafkaValue("an unknown column", _value(credit=[100]), Reason.MALFORMED),
    KafkaValue("NaN in a column", _value(to=[float("nan")]), Reason.MALFORMED),
    KafkaValue("infinity in a column", _value(to=[float("inf")]), Reason.MALFORMED),
    KafkaValue("a fraction", _value(to=[15_000.5]), Reason.MALFORMED),
    KafkaValue("a text for a number", _value(to=["15000"]), Reason.MALFORMED),
    KafkaValue("true for a number", _value(to=[True]), Reason.MALFORMED),
    KafkaValue("10**400", _value(to=[HUGE]), Reason.MALFORMED),
    KafkaValue("2**63", _value(received_at=[2**63]), Reason.MALFORMED),
    KafkaValue("a negative position", _value(**{"from": [-1]}), Reason.MALFORMED),
    KafkaValue("a negative time", _value(received_at=[-1]), Reason.MALFORMED),
    KafkaValue("seq 0", _value(seq=[0]), Reason.MALFORMED),
    KafkaValue("rate 0", _value(rate=[0]), Reason.MALFORMED),
    KafkaValue("an empty id", _value(teacher_id=[""]), Reason.MALFORMED),
    KafkaValue("NUL in an id", _value(teacher_id=["t\x001"]), Reason.MALFORMED),
    KafkaValue("a line break at an id's end", _value(teacher_id=["t1\n"]), Reason.MALFORMED),
    KafkaValue("an id of 65 characters", _value(teacher_id=["t" * 65]), Reason.MALFORMED),
    KafkaValue("an id in Chinese", _value(teacher_id=["老师"]), Reason.MALFORMED),
    KafkaValue("quizzes that are no list", _value(quizzes={}), Reason.MALFORMED),
    KafkaValue("a null quiz beside a heartbeat", _value(quizzes=[None]), Reason.MALFORMED, good=1),
    KafkaValue("a quiz whose answer is a number", _value(
        quizzes=[quiz_row(answers={"1": 1}), quiz_row()]), Reason.MALFORMED, good=2),
    KafkaValue("one bad row among good ones", _value(rows=3, seq=[1, -2, 3]), Reason.MALFORMED,
               good=2),
    KafkaValue("a reversed stretch", _value(**{"from": [30_000]}), Reason.BAD_STRETCH,
               well_formed=True),
    KafkaValue("an empty stretch", _value(**{"from": [15_000]}), Reason.BAD_STRETCH,
               well_formed=True),
    KafkaValue("a stretch beyond the end", _value(to=[602_001]), Reason.BAD_STRETCH,
               well_formed=True),
    KafkaValue("a stretch of 24 hours", _value(to=[86_400_000]), Reason.BAD_STRETCH,
               well_formed=True),
    KafkaValue("an unknown resource", _value(resource_id=["no-such"]), Reason.UNKNOWN_RESOURCE,
               well_formed=True),
    KafkaValue("an unknown quiz", _value(rows=0, quizzes=[quiz_row(quiz_id="no-quiz")]),
               Reason.UNKNOWN_QUIZ, well_formed=True),
    KafkaValue("a quiz of an unknown resource", _value(
        rows=0, quizzes=[quiz_row(resource_id="no-such")]), Reason.UNKNOWN_RESOURCE,
        well_formed=True),
    KafkaValue("more than a batch may hold", _value(rows=10_001), Reason.MALFORMED, good=10_001),
)
