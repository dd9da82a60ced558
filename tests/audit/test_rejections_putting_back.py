"""What a replay sends: the record as it was, or the refused rows as a batch; or why nothing."""

from collections import Counter
from pathlib import Path

import orjson
import pytest
from pydantic_core import from_json

from audit.rejections import words
from audit.rejections.putting_back import Hopeless, Sending, sending
from audit.rejections.records import Found
from audit.rejections.replaying import GROUP_BYTES, GROUP_RECORDS, Planner, groups, is_aged
from audit.rejections.trial import Trial
from chaos.hostile import KafkaValue
from pipeline.agents.rejecting import Place, rejected
from pipeline.agents.shard import Shard
from pipeline.agents.viewer_codec import viewer_codec
from pipeline.agents.watching import Watching
from pipeline.rules.programme import Catalogue
from pipeline.rules.programme_file import load_catalogue
from pipeline.rules.viewing import Viewing
from pipeline.rules.watching import MEMORY_MS
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.rejections import Reason, Rejection, joined
from pipeline.schemas.telemetry import TelemetryBatch
from pipeline.settings import Settings
from tests import hostile
from tests.worker.test_hostile import PROGRAMME

PARTITIONS = 4
HOME = partition_of(hostile.TEACHER, PARTITIONS)
SETTINGS = Settings(partitions=PARTITIONS)
AT = hostile.RECEIVED_AT + 60_000


@pytest.fixture
def complete(tmp_path: Path) -> Catalogue:
    (tmp_path / "p.toml").write_text(PROGRAMME, encoding="utf-8")
    return load_catalogue(tmp_path)


@pytest.fixture
def lacking(tmp_path: Path) -> Catalogue:
    """It does not list video-1, which everything is about."""
    folder = tmp_path / "lacking"
    folder.mkdir()
    text = PROGRAMME.replace('"video-1', '"video-3')
    (folder / "p.toml").write_text(text, encoding="utf-8")
    return load_catalogue(folder)


def fresh(catalogue: Catalogue, partition: int = HOME) -> Shard[Viewing]:
    return Shard(partition, PARTITIONS, 1, viewer_codec(catalogue.clock), {})


def take(shard: Shard[Viewing], catalogue: Catalogue, value: bytes | None) -> list[Found]:
    """What the real agent refuses of the record, as it stands on the topic."""
    refused = Watching(catalogue, "completions", Counter()).take(shard, "telemetry", value)
    place = Place("telemetry", shard.partition, 7)
    parts = [rejected("rejections", place, AT, one) for one in refused]
    return [Found(number, AT, joined([Rejection.model_validate_json(p.value) for p in some]))
            for number, some in enumerate(parts)]


def planned(catalogue: Catalogue, one: Found) -> Sending | Hopeless:
    return Planner(Trial(SETTINGS, catalogue)).plan(one).plan


def put_back(shard: Shard[Viewing], catalogue: Catalogue, found: list[Found]) -> None:
    for one in found:
        plan = planned(catalogue, one)
        assert isinstance(plan, Sending)
        assert (plan.topic, plan.partition, plan.key) == ("telemetry", shard.partition, None)
        assert take(shard, catalogue, plan.value) == []


GOOD = orjson.dumps(hostile.batch(3, quizzes=[hostile.quiz_row(seq=9)], **{
    "from": [0, 15_000, 30_000], "to": [15_000, 30_000, 45_000]}))


def test_rule_19_a_replay_after_a_fix_leaves_what_would_be_there_without_the_fault(
    lacking: Catalogue, complete: Catalogue
) -> None:
    direct, late = fresh(complete), fresh(complete)
    assert take(direct, complete, GOOD) == []
    refused = take(late, lacking, GOOD)
    assert [(one.rejection.reason, one.rejection.count) for one in refused] == [
        (Reason.UNKNOWN_RESOURCE, 4)]
    put_back(late, complete, refused)
    assert late.encode_some(9) == direct.encode_some(9)
    assert late.outcomes == direct.outcomes


def test_rule_19_rows_of_another_partition_go_to_their_own(complete: Catalogue) -> None:
    direct = fresh(complete)
    take(direct, complete, GOOD)
    [stray] = take(fresh(complete, (HOME + 1) % PARTITIONS), complete, GOOD)
    assert stray.rejection.reason is Reason.WRONG_PARTITION
    late = fresh(complete)
    put_back(late, complete, [stray])
    assert late.encode_some(9) == direct.encode_some(9)


@pytest.mark.parametrize("case", hostile.KAFKA_VALUES, ids=lambda case: case.name)
def test_rule_19_what_is_not_mended_is_not_sent(
    complete: Catalogue, case: KafkaValue
) -> None:
    shard = fresh(complete)
    refused = take(shard, complete, case.value)
    assert [one.rejection.reason for one in refused] == [case.reason]
    plan = planned(complete, refused[0])
    assert isinstance(plan, Hopeless)
    assert plan.why == words.EMPTY or plan.why.endswith(f"({case.reason})")


@pytest.mark.parametrize("case", hostile.KAFKA_VALUES, ids=lambda case: case.name)
def test_rule_19_whole_records_go_back_untouched_and_rows_as_a_batch(
    complete: Catalogue, case: KafkaValue
) -> None:
    [one] = take(fresh(complete), complete, case.value)
    plan = sending(one, PARTITIONS)
    if isinstance(plan, Hopeless):
        assert not case.value
    elif one.rejection.raw == case.value:
        assert plan.value == case.value
    else:
        batch = from_json(plan.value, allow_inf_nan=True)
        rows = len(batch["seq"]) + len(batch["quizzes"])
        assert rows == one.rejection.count
        assert set(batch) == {"v", "quizzes"} | set(hostile.batch())


def test_a_malformed_row_that_a_newer_build_could_read_goes_back_as_a_row() -> None:
    row = dict(zip(hostile.batch(), [0], strict=False)) | {
        name: column[0] for name, column in hostile.batch().items()
        if isinstance(column, list) and column}
    row.pop("v")
    raw = orjson.dumps([row, hostile.quiz_row()])
    one = Found(0, AT, Rejection(reason=Reason.MALFORMED, topic="telemetry", partition=HOME,
                                 offset=1, at=AT, raw=raw))
    plan = sending(one, PARTITIONS)
    assert isinstance(plan, Sending)
    batch = TelemetryBatch.read(plan.value)
    assert (batch.seq, [quiz.seq for quiz in batch.quizzes]) == ([1], [2])


def about(reason: Reason, topic: str = "telemetry", **more: object) -> Found:
    fields = {"partition": HOME, "offset": 1, "raw": GOOD, **more}
    return Found(0, AT, Rejection.model_validate(
        {"reason": reason, "topic": topic, "at": AT, **fields}))


@pytest.mark.parametrize(("one", "why"), [
    (about(Reason.NO_TIME_LEFT), words.OF_THE_RULES),
    (about(Reason.TOO_OLD), words.OF_THE_RULES),
    (about(Reason.TOO_SCATTERED), words.OF_THE_RULES),
    (about(Reason.TOO_MANY_ATTEMPTS), words.OF_THE_RULES),
    (about(Reason.UNKNOWN_QUIZ, "collector:s1", partition=-1), words.COLLECTORS),
    (about(Reason.TOMBSTONE, raw=b""), words.EMPTY),
    (about(Reason.MALFORMED, "rejections"), words.NO_REJECTION),
    (about(Reason.MALFORMED, "other-system"), words.NO_READER),
])
def test_what_a_replay_cannot_mend_is_said(complete: Catalogue, one: Found, why: str) -> None:
    assert planned(complete, one) == Hopeless(why)


ENROLMENT = b'{"teacher_id":"teacher-1","programme_id":"2023-summer","at":1}'


@pytest.mark.parametrize(("topic", "value", "is_mended"), [
    ("enrolments", ENROLMENT, True),
    ("enrolments", ENROLMENT.replace(b"summer", b"winter"), False),
    ("completions", ENROLMENT.replace(b"}", b',"resource_id":"video-1","status":"done"}'), True),
    ("completions", ENROLMENT, False),
    ("ledger", ENROLMENT.replace(b"}", b',"seq":1,"kind":"started"}'), True),
    ("ledger", ENROLMENT, False),
    ("roster", b'{"kind":"region","region":"110000","name":"x"}', True),
    ("roster", b'{"kind":"region","region":"1","name":"x"}', False),
])
def test_records_of_every_topic_are_tried_by_who_reads_them(
    complete: Catalogue, topic: str, value: bytes, is_mended: bool
) -> None:
    plan = planned(complete, about(Reason.UNKNOWN_PROGRAMME, topic, raw=value))
    assert isinstance(plan, Sending) == is_mended
    if isinstance(plan, Sending):
        assert (plan.topic, plan.partition, plan.value) == (topic, HOME, value)


def test_a_whole_record_of_another_partition_goes_to_its_teachers(complete: Catalogue) -> None:
    stray = about(Reason.WRONG_PARTITION, "enrolments", partition=(HOME + 1) % PARTITIONS,
                  raw=ENROLMENT, teacher_id="teacher-1")
    assert planned(complete, stray) == Sending("enrolments", HOME, b"teacher-1", ENROLMENT)


def test_what_was_put_back_is_noticed(complete: Catalogue) -> None:
    one = about(Reason.UNKNOWN_RESOURCE)
    known = Planner(Trial(SETTINGS, complete), {one.rejection.identity})
    assert known.plan(one).plan == Hopeless(words.AGAIN)
    assert isinstance(known.plan(about(Reason.UNKNOWN_QUIZ)).plan, Sending)


def test_events_beyond_what_is_remembered_are_noticed() -> None:
    plan = Sending("telemetry", HOME, None, GOOD)
    assert not is_aged(plan, hostile.RECEIVED_AT + MEMORY_MS)
    assert is_aged(plan, hostile.RECEIVED_AT + MEMORY_MS + 1)
    assert not is_aged(Sending("enrolments", HOME, None, ENROLMENT), AT + 10 * MEMORY_MS)


def test_groups_are_bounded_in_number_and_in_bytes() -> None:
    small, large = Sending("t", 0, None, b"x"), Sending("t", 0, None, b"x" * (GROUP_BYTES // 2))
    one = about(Reason.MALFORMED)
    sizes = [len(group) for group in groups(
        [(one, small)] * (GROUP_RECORDS + 1) + [(one, large)] * 3)]
    assert sizes == [GROUP_RECORDS, 3, 1]
