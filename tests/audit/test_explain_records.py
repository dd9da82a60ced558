"""From the bytes on the topics to what is about one teacher: nothing missed, nothing mixed up."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import orjson
import pytest
from pydantic_core import to_json

from audit.evidence import Stored
from audit.explain.explanation import Explanation, explain
from audit.explain.gather import scan
from audit.explain.records import (
    Damaged,
    Evidence,
    Extent,
    Logged,
    adjustments,
    enrolments,
    is_on_roster,
    may_name,
    read,
    refused_seqs,
    rejections,
)
from chaos.hostile import KafkaValue
from pipeline.agents.rejecting import Place, rejected
from pipeline.agents.shard import Shard
from pipeline.agents.viewer_codec import viewer_codec
from pipeline.agents.watching import Watching
from pipeline.collector.sorting import Sorter
from pipeline.collector.tokens import Play
from pipeline.rules.credit import Account
from pipeline.rules.programme import Catalogue
from pipeline.rules.watching import Heartbeat, QuizAnswers
from pipeline.schemas.adjustments import Hold
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.rejections import Reason, Rejection
from pipeline.schemas.roster import Teacher, Verification
from tests.audit.telling import NOW, finding
from tests.hostile import KAFKA_VALUES, QUIZ, RESOURCE, TEACHER
from tests.spec.story import of_video, quiz, video

FILM = of_video(video(quiz(720), seconds=900))


def record(value: bytes | None, offset: int = 7) -> Stored:
    return Stored(3, offset, 1_000, None, value)


def batch(*teachers: str, **columns: Any) -> bytes:
    """One heartbeat a teacher, columns as given, and a quiz of the first one."""
    n = len(teachers)
    quizzes = [{"v": 1, "received_at": 5, "teacher_id": teachers[0], "resource_id": "video",
                "session_id": "s", "opened_at": 1, "seq": 99, "quiz_id": "q", "answers": {}}]
    return orjson.dumps({
        "v": 1, "received_at": [5] * n, "teacher_id": teachers, "resource_id": ["video"] * n,
        "session_id": ["s"] * n, "opened_at": [1] * n, "seq": list(range(1, n + 1)),
        "from": [0] * n, "to": [10] * n, "rate": [100] * n, "quizzes": quizzes, **columns})


def test_a_teachers_heartbeats_come_before_their_quizzes_as_workers_take_them() -> None:
    events, damages = read(record(batch("t1", "t2", "t1")), "t1", "video")
    assert [type(one.event) for one in events] == [Heartbeat, Heartbeat, QuizAnswers]
    assert [one.event.seq for one in events] == [1, 3, 99]
    assert {(one.partition, one.offset) for one in events} == {(3, 7)}
    assert damages == []


@pytest.mark.parametrize("teacher", ["t", "t11", "1", "video", "s", "teacher_id", "nobody"])
def test_who_only_looks_like_it_is_not_the_teacher(teacher: str) -> None:
    assert read(record(batch("t1", "t2")), teacher, "video") == ([], [])


def test_beside_a_bad_row_the_good_ones_are_read_and_the_bad_one_is_told() -> None:
    raw = batch("t1", "t1", "t2", seq=[1, -1, -1])
    events, damages = read(record(raw), "t1", "video")
    assert [one.event.seq for one in events] == [1, 99]
    assert damages == [Damaged(1_000, Reason.MALFORMED, 1)]
    assert read(record(raw), "t1", "another")[1] == []


@pytest.mark.parametrize(("raw", "reason"), [
    (b'{"v":1,"teacher_id":["t1"],"resource_id":["video"]', Reason.MALFORMED),
    (batch("t1", v=2), Reason.UNKNOWN_VERSION),
])
def test_a_record_that_cannot_be_read_is_told_once(raw: bytes, reason: Reason) -> None:
    assert read(record(raw), "t1", "video") == ([], [Damaged(1_000, reason, 1)])


NOTHING_OF_THEIRS = {"a version that is a text", "a null quiz beside a heartbeat",
                     "more than a batch may hold", "packed beside a null quiz",
                     "more packed than a record may hold"}
"""All rows that name somebody are good."""


@pytest.mark.parametrize("case", KAFKA_VALUES, ids=lambda case: case.name)
def test_hostile_records_harm_nothing_and_are_told_where_they_name_the_two(
    case: KafkaValue
) -> None:
    stored = record(case.value)
    events, damages = read(stored, TEACHER, RESOURCE)
    assert len(events) >= case.good
    catalogue = Catalogue.of([of_video(video(quiz(500, QUIZ), id=RESOURCE, seconds=600))])
    found = Evidence(TEACHER, RESOURCE, tuple(events), tuple(damages))
    told = {refusal.reason for refusal in explain(catalogue, found, NOW).seen.refusals}
    is_named = all(may_name(case.value or b"", id_) for id_ in (TEACHER, RESOURCE))
    assert told == ({case.reason} if is_named and case.name not in NOTHING_OF_THEIRS else set())
    assert not [*enrolments([stored], TEACHER), *rejections([stored], TEACHER),
                *adjustments([stored], TEACHER)]
    assert not is_on_roster(stored, TEACHER)


def test_the_extent_says_what_was_looked_through() -> None:
    raw = batch("t1")
    events, _, extent = scan([record(raw, 4), record(None, 5)], "t1", "video", None, 6)
    assert len(events) == 2
    assert extent == Extent(2, len(raw), 4, 1_000, None)
    assert not extent.whole
    assert scan([record(raw, 0)], "t1", "video", None, 1)[2].whole
    assert not scan([record(raw, 0)], "t1", "video", 5, 1)[2].whole
    assert scan([], "t1", "video", None, 0)[2].whole, "nothing was ever received"
    assert not scan([], "t1", "video", None, 9)[2].whole, "all of it has been deleted"


def test_enrolments_are_the_teachers_own() -> None:
    mine = Enrolment(teacher_id="t1", programme_id="summer", at=5)
    theirs = mine.model_copy(update={"teacher_id": "t2", "programme_id": "t1"})
    stored = [record(one.to_json()) for one in (mine, theirs)]
    assert list(enrolments([*stored, record(b'{"teacher_id":"t1"}')], "t1")) == [mine]


def test_the_roster_knows_a_teacher_by_either_kind_of_record() -> None:
    for one in (Teacher(teacher_id="t1", school_id="s1", at=5),
                Verification(teacher_id="t1", verified=True, at=5)):
        assert is_on_roster(record(one.to_json()), "t1")
        assert not is_on_roster(record(one.to_json()), "s1")
        assert not is_on_roster(record(one.to_json()), "teacher_id")


def on_record(reason: Reason = Reason.NO_TIME_LEFT, topic: str = "telemetry", partition: int = 0,
              offset: int = 0, **fields: Any) -> Rejection:
    return Rejection(**{"reason": reason, "topic": topic, "partition": partition,
                        "offset": offset, "at": 9, "teacher_id": "t1", "resource_id": "video",
                        "session_id": "s", **fields})


def test_rejections_are_the_teachers_own_and_each_is_known_once() -> None:
    mine, theirs = on_record(), on_record(teacher_id="t2", session_id="t1")
    other = on_record(resource_id="other")
    stored = [record(one.to_json()) for one in (mine, theirs, mine, other)]
    assert list(rejections(stored, "t1")) == [mine, other]
    assert [r.count for r in explained([], mine, other).seen.refusals] == [1]


def explained(events: Iterable[Logged], *found: Rejection, damaged: tuple[Damaged, ...] = ()
              ) -> Explanation:
    return explain(Catalogue.of([FILM]), Evidence(
        "t1", "video", tuple(events), damaged, rejections=found), NOW)


FASTER = Logged(0, 4, Heartbeat("video", "s", 1, 1, 2, 0, 900_000, 100))


def test_what_the_workers_have_on_record_is_the_replays_and_not_told_twice() -> None:
    one = explained([FASTER], on_record(offset=4))
    assert [(r.source, r.count) for r in one.seen.refusals] == [("log", 1)]
    assert one.check == (1, 1, 0, 0)


def test_what_only_the_workers_know_is_told_as_well() -> None:
    one = explained([FASTER], on_record(Reason.WRONG_PARTITION, partition=2, offset=8, count=3))
    assert [(r.source, r.reason, r.count) for r in one.seen.refusals] == [
        ("log", Reason.NO_TIME_LEFT, 1), ("record", Reason.WRONG_PARTITION, 3)]
    assert one.check == (1, 3, 1, 3)


def test_what_could_not_be_read_is_a_refusal_too() -> None:
    (one,) = explained([], damaged=(Damaged(5, Reason.MALFORMED, 2),)).seen.refusals
    assert (one.source, one.reason, one.count, one.first_at) == ("log", Reason.MALFORMED, 2, 5)


@pytest.mark.parametrize(("event", "reason"), [
    ({"type": "heartbeat", "seq": 1, "from": 900.0, "to": 0.0, "rate": 1.0}, Reason.BAD_STRETCH),
    ({"type": "heartbeat", "seq": 1, "from": 950.0, "to": 990.0, "rate": 1.0}, Reason.BAD_STRETCH),
    ({"type": "heartbeat", "seq": "1", "from": 0, "to": 9, "rate": 1.0}, Reason.MALFORMED),
    ({"type": "quiz", "seq": 1, "quiz_id": "none", "answers": {}}, Reason.UNKNOWN_QUIZ),
])
def test_rule_19_what_the_collector_refused_is_told(event: dict[str, Any], reason: Reason) -> None:
    """By the real collector's sorting; its retries are one refusal."""
    sorter = Sorter(Catalogue.of([FILM]), Play("t1", "video", "s", 1, 9_000), received_at=50)
    post = to_json({"events": [event, {**event, "newer": 1}]})
    refused = [one for _ in range(2) for one in sorter.sort(post, 10).rejections]
    stored = [record(one.to_json()) for one in refused]
    one = explained([], *rejections(stored, "t1"))
    (refusal,) = one.seen.refusals
    assert (refusal.reason, refusal.source, refusal.count) == (reason, "collector", 2)
    assert (refusal.session_id, refusal.first_at) == ("s", 50)
    assert refusal.details
    assert finding(one).states == ("all_refused",)
    assert one.check == (0, 0, 0, 0)


def test_an_enrolment_that_was_refused_is_told() -> None:
    enrolment = on_record(Reason.UNKNOWN_PROGRAMME, "enrolments", resource_id=None,
                          session_id=None)
    one = explained([], enrolment)
    assert [(r.topic, r.reason) for r in one.seen.refusals] == [
        ("enrolments", Reason.UNKNOWN_PROGRAMME)]
    assert finding(one).states == ("nothing_received",), "no player's record was refused"
    assert one.is_known
    assert one.progress == one.blank


def test_an_enrolment_in_a_programme_that_is_none_is_no_enrolment() -> None:
    strange = Enrolment(teacher_id="t1", programme_id="none", at=5)
    one = explain(Catalogue.of([FILM]), Evidence(
        "t1", "video", (), enrolments=(strange,), on_roster=False), NOW)
    assert one.seen.account == Account()
    assert not one.is_known
    played = explain(Catalogue.of([FILM]), Evidence("t1", "video", (FASTER,), on_roster=False), NOW)
    assert played.is_known


def test_rule_19_what_older_programme_files_refused_stays_refused_until_it_is_sent_again() -> None:
    """Refused by the real agent, which knew no such quiz; since then the file has been mended."""
    raw = batch("t1", **{"from": [0], "to": [900_000], "opened_at": [1], "received_at": [900_001]})
    agent = Watching(Catalogue.of([of_video(video(seconds=900))]), "completions", Counter())
    shard = Shard(0, 1, 1, viewer_codec(FILM.clock), {})
    (refused,) = agent.take(shard, "telemetry", raw)
    sent = rejected("rejections", Place("telemetry", 3, 7), 9, refused)
    (before,) = rejections([record(one.value) for one in sent], "t1")

    def outcome(*offsets: int) -> tuple[int, list[tuple[Reason, bool]]]:
        events = [one for offset in offsets for one in read(record(raw, offset), "t1", "video")[0]]
        seen = explained(events, before).seen
        return len(seen.attempts), [(one.reason, one.was_mended) for one in seen.refusals]

    assert outcome(7) == (0, [(Reason.UNKNOWN_QUIZ, False)])
    assert outcome(7, 8) == (1, [(Reason.UNKNOWN_QUIZ, True)])
    assert outcome(8) == (1, [(Reason.UNKNOWN_QUIZ, True)]), "the first has been deleted"
    assert outcome() == (0, [(Reason.UNKNOWN_QUIZ, False)])


def test_a_large_rejection_is_read_together_again() -> None:
    rows = orjson.dumps([[1, "t1", "video", "s", 1, seq, 0, 9, 100] for seq in range(1, 30)])
    cut = len(rows) // 2
    parts = [on_record(Reason.BAD_STRETCH, raw=raw, part=part, parts=2)
             for part, raw in enumerate((rows[:cut], rows[cut:]))]
    stored = [record(part.to_json()) for part in (*reversed(parts), parts[0])]
    (whole,) = rejections(stored, "t1")
    assert list(refused_seqs(whole)) == list(range(1, 30))


@pytest.mark.parametrize("raw", [b"", b"nonsense", b"{}", b"[1]", b"[[]]", b'[["a"]]', b"[[{}]]"])
def test_rows_that_are_none_refuse_nothing_by_number(raw: bytes) -> None:
    assert list(refused_seqs(on_record(raw=raw))) == []


def test_adjustments_are_the_teachers_own() -> None:
    mine = Hold(adjustment_id="a1", teacher_id="t1", programme_id="summer", by="w", reason="r",
                at=5)
    theirs = mine.model_copy(update={"teacher_id": "t2", "by": "t1"})
    stored = [record(one.to_json()) for one in (mine, theirs)]
    assert list(adjustments([*stored, record(b'{"teacher_id":"t1"}')], "t1")) == [mine]
