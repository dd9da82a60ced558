"""A corpus of hostile records, for chaos runs and for tests: malformed, or well-formed but insane.

Everything is about a `Subject`, so that the corpus can be told of any video. Where good events
stand beside bad ones, `good` says how many: none of them may be lost.
"""

import json
from dataclasses import dataclass
from typing import Any

from pipeline.schemas.packed import COLUMNS, packed, places
from pipeline.schemas.rejections import Reason

NESTED = b"[" * 100_000 + b"]" * 100_000
HUGE = 10**400
BEAT_MS = 15_000
LARGE_BYTES = 3_300_000   # Kafka takes such a record, but in base64 it would not


@dataclass(frozen=True, slots=True)
class KafkaValue:
    """A record's value and the reason for which it, or one event in it, must be refused.

    `well_formed` values pass the schema: only a rule can object to them.
    """

    name: str
    value: bytes | None
    reason: Reason
    good: int = 0
    well_formed: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom and what the records are about: a video of at least a minute, with a quiz of its own,
    in programmes that forgive `forgiven_ms` beyond its end, and look at `attempts` hand-ins of it
    within 24 hours; None: at all.
    """

    teacher: str
    session: str
    resource: str
    quiz: str
    duration_ms: int
    opened_at: int
    forgiven_ms: int = 2_000
    attempts: int | None = None

    @property
    def received_at(self) -> int:
        return self.opened_at + 20_000

    def batch(self, rows: int = 1, **columns: Any) -> dict[str, Any]:
        """A `TelemetryBatch` of the session's heartbeats, one after the other, as a dict."""
        return {
            "v": 1,
            "received_at": [self.received_at + BEAT_MS * n for n in range(rows)],
            "teacher_id": [self.teacher] * rows,
            "resource_id": [self.resource] * rows,
            "session_id": [self.session] * rows,
            "opened_at": [self.opened_at] * rows,
            "seq": list(range(1, rows + 1)),
            "from": [0] * rows,
            "to": [BEAT_MS] * rows,
            "rate": [100] * rows,
            "quizzes": [],
        } | columns

    def quiz_row(self, **changes: Any) -> dict[str, Any]:
        """A `QuizEvent` as a dict."""
        return {
            "received_at": self.received_at, "teacher_id": self.teacher,
            "resource_id": self.resource, "session_id": self.session,
            "opened_at": self.opened_at, "seq": 2, "quiz_id": self.quiz, "answers": {"1": "A"},
        } | changes

    def value(self, **columns: Any) -> bytes:
        """The batch as it stands on the wire."""
        return json.dumps(self.batch(**columns)).encode()

    def packed(self, **columns: Any) -> bytes:
        """The batch without quizzes, as the collector writes it."""
        batch = self.batch(**columns)
        return packed(list(zip(*(batch[name] for name in COLUMNS), strict=True)), b"[]")


def telemetry_values(s: Subject) -> tuple[KafkaValue, ...]:
    """The whole corpus for `telemetry`: of each value one event is refused, or the record."""
    return (*unreadable(), *misshapen(s), *out_of_range(s), *salvaged(s), *refused_by_rules(s),
            *badly_packed(s))


def unreadable() -> tuple[KafkaValue, ...]:
    """Records in which nothing can be read."""
    return (
        KafkaValue("a tombstone", None, Reason.TOMBSTONE),
        KafkaValue("nothing", b"", Reason.MALFORMED),
        KafkaValue("garbage bytes", b"\x00\xff\xfe\x80garbage", Reason.MALFORMED),
        KafkaValue("invalid UTF-8", b'{"v":1,"teacher_id":["\xff"]}', Reason.MALFORMED),
        KafkaValue("half a surrogate pair", b'{"v":1,"teacher_id":["\\ud800"]}', Reason.MALFORMED),
        KafkaValue("nested without end", NESTED, Reason.MALFORMED),
        KafkaValue("null", b"null", Reason.MALFORMED),
        KafkaValue("a list", b"[]", Reason.MALFORMED),
        KafkaValue("a number", b"1", Reason.MALFORMED),
        KafkaValue("NaN", b"NaN", Reason.MALFORMED),
        KafkaValue("an empty object", b"{}", Reason.MALFORMED),
        KafkaValue("megabytes of garbage", b"\xff" * LARGE_BYTES, Reason.MALFORMED),
        KafkaValue("version 2 of another shape", b'{"v":2,"rows":[]}', Reason.UNKNOWN_VERSION),
    )


def misshapen(s: Subject) -> tuple[KafkaValue, ...]:
    """Records whose columns are not what they should be, or of another version."""
    no_end = {name: column for name, column in s.batch().items() if name != "to"}
    return (
        KafkaValue("half a record", s.value()[:-10], Reason.MALFORMED),
        KafkaValue("version 2", s.value(v=2), Reason.UNKNOWN_VERSION),
        KafkaValue("version -1", s.value(v=-1), Reason.UNKNOWN_VERSION),
        KafkaValue("a column too short", s.value(seq=[]), Reason.MALFORMED),
        KafkaValue("a column too long", s.value(rate=[100, 100]), Reason.MALFORMED),
        KafkaValue("a column that is missing", json.dumps(no_end).encode(), Reason.MALFORMED),
        KafkaValue("a column that is no list", s.value(rate=100), Reason.MALFORMED),
        KafkaValue("a column that is null", s.value(rate=None), Reason.MALFORMED),
        KafkaValue("an unknown column", s.value(credit=[100]), Reason.MALFORMED),
        KafkaValue("quizzes that are no list", s.value(quizzes={}), Reason.MALFORMED),
    )


def out_of_range(s: Subject) -> tuple[KafkaValue, ...]:
    """One row with one value that cannot be."""
    return (
        KafkaValue("NaN in a column", s.value(to=[float("nan")]), Reason.MALFORMED),
        KafkaValue("infinity in a column", s.value(to=[float("inf")]), Reason.MALFORMED),
        KafkaValue("a fraction", s.value(to=[15_000.5]), Reason.MALFORMED),
        KafkaValue("a text for a number", s.value(to=["15000"]), Reason.MALFORMED),
        KafkaValue("true for a number", s.value(to=[True]), Reason.MALFORMED),
        KafkaValue("10**400", s.value(to=[HUGE]), Reason.MALFORMED),
        KafkaValue("2**63", s.value(received_at=[2**63]), Reason.MALFORMED),
        KafkaValue("a negative position", s.value(**{"from": [-1]}), Reason.MALFORMED),
        KafkaValue("a negative time", s.value(received_at=[-1]), Reason.MALFORMED),
        KafkaValue("seq 0", s.value(seq=[0]), Reason.MALFORMED),
        KafkaValue("rate 0", s.value(rate=[0]), Reason.MALFORMED),
        KafkaValue("an empty id", s.value(teacher_id=[""]), Reason.MALFORMED),
        KafkaValue("NUL in an id", s.value(teacher_id=["t\x001"]), Reason.MALFORMED),
        KafkaValue("a line break at an id's end", s.value(teacher_id=["t1\n"]), Reason.MALFORMED),
        KafkaValue("an id of 65 characters", s.value(teacher_id=["t" * 65]), Reason.MALFORMED),
        KafkaValue("an id in Chinese", s.value(teacher_id=["老师"]), Reason.MALFORMED),
    )


def salvaged(s: Subject) -> tuple[KafkaValue, ...]:
    """Good events beside what is refused."""
    bad_answer = s.quiz_row(answers={"1": 1})
    return (
        KafkaValue("a version that is a text", s.value(v="1"), Reason.MALFORMED, good=1),
        KafkaValue("a null quiz beside a heartbeat", s.value(quizzes=[None]), Reason.MALFORMED,
                   good=1),
        KafkaValue("a quiz whose answer is a number",
                   s.value(quizzes=[bad_answer, s.quiz_row()]), Reason.MALFORMED, good=2),
        KafkaValue("one bad row among good ones", s.value(rows=3, seq=[1, -2, 3]),
                   Reason.MALFORMED, good=2),
        KafkaValue("more than a batch may hold", s.value(rows=10_001), Reason.MALFORMED,
                   good=10_001),
    )


def refused_by_rules(s: Subject) -> tuple[KafkaValue, ...]:
    """What the schema lets through: the rules object."""
    beyond = s.duration_ms + s.forgiven_ms + 1
    no_quiz, no_resource = s.quiz_row(quiz_id="no-quiz"), s.quiz_row(resource_id="no-such")
    return tuple(KafkaValue(name, value, reason, well_formed=True) for name, value, reason in (
        ("a reversed stretch", s.value(**{"from": [30_000]}), Reason.BAD_STRETCH),
        ("an empty stretch", s.value(**{"from": [15_000]}), Reason.BAD_STRETCH),
        ("a stretch beyond the end", s.value(to=[beyond]), Reason.BAD_STRETCH),
        ("a stretch of 24 hours", s.value(to=[86_400_000]), Reason.BAD_STRETCH),
        ("an unknown resource", s.value(resource_id=["no-such"]), Reason.UNKNOWN_RESOURCE),
        ("an unknown quiz", s.value(rows=0, quizzes=[no_quiz]), Reason.UNKNOWN_QUIZ),
        ("a quiz of an unknown resource", s.value(rows=0, quizzes=[no_resource]),
         Reason.UNKNOWN_RESOURCE),
    ))


def badly_packed(s: Subject) -> tuple[KafkaValue, ...]:
    """Packed records, which are not JSON but what the collector writes (schemas/packed.py)."""
    three = s.packed(rows=3)
    at = places(three)
    no_resource = three[:at.resource] + b"\1\0" + three[at.resource + 2:]
    return (
        KafkaValue("half a packed record", three[:len(three) // 2], Reason.MALFORMED),
        KafkaValue("a version and nothing else", three[:1], Reason.MALFORMED),
        KafkaValue("packed in version 3", b"\3" + three[1:], Reason.UNKNOWN_VERSION),
        KafkaValue("more packed than there is", three[:1] + b"\xff" * 16 + three[17:],
                   Reason.MALFORMED),
        KafkaValue("a packed resource that is not there", no_resource, Reason.MALFORMED),
        KafkaValue("a packed id longer than it is", three.replace(
            bytes([len(s.teacher)] * 3), bytes([len(s.teacher), 255, 255]), 1), Reason.MALFORMED),
        KafkaValue("a packed id in no encoding", three.replace(
            s.teacher.encode(), b"\xff" * len(s.teacher), 1), Reason.MALFORMED),
        KafkaValue("packed beside no JSON", three[:-1], Reason.MALFORMED),
        KafkaValue("packed beside a null", three[:-2] + b"null", Reason.MALFORMED),
        KafkaValue("packed beside a null quiz", three[:-2] + b"[null]", Reason.MALFORMED, good=3),
        KafkaValue("a packed seq of 0", s.packed(rows=3, seq=[1, 0, 3]), Reason.MALFORMED, good=2),
        KafkaValue("a packed time before 1970", s.packed(rows=3, opened_at=[-1, 0, 0]),
                   Reason.MALFORMED, good=2),
        KafkaValue("a packed id that is none", s.packed(rows=3, session_id=["a", "no id", "b"]),
                   Reason.MALFORMED, good=2),
        KafkaValue("more packed than a record may hold", s.packed(rows=10_001), Reason.MALFORMED,
                   good=10_001),
        KafkaValue("a packed stretch that is reversed", s.packed(**{"from": [30_000]}),
                   Reason.BAD_STRETCH, well_formed=True),
    )


def other_values(teacher: str, programme: str) -> dict[str, tuple[KafkaValue, ...]]:
    """Poison for the other topics, by short name. What names somebody is about `teacher`."""
    known = {"v": 1, "teacher_id": teacher, "programme_id": programme, "at": 1}
    unheard_of = known | {"programme_id": "no-such"}
    done = {"resource_id": "no-such", "status": "done"}
    learned = known | {"seq": 1, "kind": "learned"}
    grant = known | {"adjustment_id": "a", "by": "b", "reason": "c", "kind": "grant",
                     "course_id": "no-such", "seconds": 1}
    return {
        "completions": (*_unreadable_json(), *_refused(
            ("an unknown programme", unheard_of | done, Reason.UNKNOWN_PROGRAMME),
            ("an unknown resource", known | done, Reason.UNKNOWN_RESOURCE),
            ("an unknown status", known | done | {"status": "credited"}, Reason.MALFORMED))),
        "enrolments": (*_unreadable_json(), *_refused(
            ("an unknown programme", unheard_of, Reason.UNKNOWN_PROGRAMME),
            ("a moment before 1970", known | {"at": -1}, Reason.MALFORMED))),
        "adjustments": (*_unreadable_json(), *_refused(
            ("an unknown kind", known | {"kind": "gift"}, Reason.MALFORMED),
            ("an unknown course", grant, Reason.UNKNOWN_COURSE),
            ("a grant by nobody", grant | {"by": ""}, Reason.MALFORMED))),
        "ledger": (*_unreadable_json(), *_refused(
            ("learned in no course", learned, Reason.MALFORMED),
            ("number 0", known | {"seq": 0, "kind": "started"}, Reason.MALFORMED))),
        "roster": (*_unreadable_json(), *_refused(
            ("an unknown kind", {"kind": "ministry", "id": "1"}, Reason.MALFORMED),
            ("a region of 7 digits", {"v": 1, "kind": "region", "region": "1101011",
                                      "name": "x"}, Reason.MALFORMED))),
        "rejections": (*_unreadable_json(), *_refused(
            ("an unknown reason", {"v": 1, "reason": "because", "topic": "telemetry",
                                   "partition": 0, "offset": 0, "at": 1}, Reason.MALFORMED))),
    }


def _unreadable_json() -> tuple[KafkaValue, ...]:
    return (
        KafkaValue("a tombstone", None, Reason.TOMBSTONE),
        KafkaValue("garbage bytes", b"\x00\xff\xfe\x80garbage", Reason.MALFORMED),
        KafkaValue("NaN", b"NaN", Reason.MALFORMED),
        KafkaValue("an empty list", b"[]", Reason.MALFORMED),
        KafkaValue("an empty object", b"{}", Reason.MALFORMED),
        KafkaValue("nested without end", NESTED, Reason.MALFORMED),
        KafkaValue("version 2", b'{"v":2}', Reason.UNKNOWN_VERSION),
    )


def _refused(*rows: tuple[str, dict[str, Any], Reason]) -> tuple[KafkaValue, ...]:
    return tuple(KafkaValue(name, json.dumps(record).encode(), reason)
                 for name, record, reason in rows)
