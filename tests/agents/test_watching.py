"""What the watching agent makes of a record: completions, and claims that were refused."""

from collections import Counter
from dataclasses import replace

import orjson

from audit.reference.log import Answered, Entry, Played
from pipeline.agents.rejecting import Refused
from pipeline.agents.shard import Shard
from pipeline.agents.viewer_codec import viewer_codec
from pipeline.agents.watching import TAKEN, Watching
from pipeline.rules.programme import Catalogue, Clock, Course, Programme, Quiz, Resource, Window
from pipeline.rules.viewing import Viewing
from pipeline.rules.watching import Verdict
from pipeline.schemas.completions import Completion
from pipeline.schemas.rejections import Reason
from tests.agents.records import STRANGER, TEACHERS, packed
from tests.agents.working import PARTITION, PARTITIONS

VIDEO = Resource("video", "video", "video", 10_000, 10, (Quiz("q", 5_000, {"1": "A"}),))
PROGRAMME = Programme(
    "p", "p", Window(0, 10**9, 0), (Course("c", "c", 10, None, (VIDEO,)),),
    Clock(200, 60_000, 0), 2700, True, (), 0, 0, "passed", 1.0, False)
CATALOGUE = Catalogue.of([PROGRAMME])
ANN = TEACHERS[0]


def beat(seq: int, start: int, end: int, at: int, resource: str = "video") -> Played:
    return Played(resource, "s", 0, seq, at, start, end, 100)


class Agent:
    def __init__(self, catalogue: Catalogue = CATALOGUE) -> None:
        self.catalogue = catalogue
        self.counts: Counter[str] = Counter()
        self.shard: Shard[Viewing] = Shard(
            PARTITION, PARTITIONS, 2, viewer_codec(CATALOGUE.clock), {})

    def take(self, raw: bytes | None) -> list[Refused]:
        agent = Watching(self.catalogue, "completions", self.counts)
        return agent.take(self.shard, "telemetry", raw)

    def decided(self) -> list[tuple[str, str, int]]:
        rows = [Completion.model_validate_json(o.value) for o in self.shard.outcomes]
        return [(row.teacher_id, row.status, row.at) for row in rows]


def test_rule_8_a_whole_view_in_one_record_is_started_and_done() -> None:
    agent = Agent()
    log: list[Entry] = [beat(1, 0, 5000, 5000), Answered("video", "s", 0, 2, 5000, "q", {"1": "A"}),
                        beat(3, 5000, 10_000, 10_000)]
    assert agent.take(packed([(ANN, entry) for entry in log])) == []
    assert agent.decided() == [(ANN, "started", 5000), (ANN, "done", 10_000)]
    assert {o.key for o in agent.shard.outcomes} == {ANN}
    assert agent.counts == {Verdict.ACCEPTED: 3}


def test_rule_19_refused_rows_are_kept_by_reason_and_session() -> None:
    agent = Agent()
    claims = [beat(1, 0, 9000, 1000), beat(2, 0, 9000, 1000), beat(3, 9000, 2000, 1000),
              beat(4, 0, 500, 1000, resource="other"), beat(5, 0, 1000, 1000)]
    refused = agent.take(packed([(ANN, claim) for claim in claims]))
    assert [(one.reason, one.count, one.resource_id) for one in refused] == [
        (Reason.NO_TIME_LEFT, 2, "video"), (Reason.BAD_STRETCH, 1, "video"),
        (Reason.UNKNOWN_RESOURCE, 1, "other")]
    assert all((one.teacher_id, one.session_id) == (ANN, "s") for one in refused)
    assert orjson.loads(refused[0].raw) == [
        [1000, ANN, "video", "s", 0, seq, 0, 9000, 100] for seq in (1, 2)]
    assert agent.decided() == [(ANN, "started", 1000)]


def test_rule_19_a_quiz_that_is_refused_is_kept_whole() -> None:
    answered = Answered("video", "s", 0, 1, 1000, "none", {"1": "A"})
    (refused,) = Agent().take(packed([(ANN, answered)]))
    assert refused.reason is Reason.UNKNOWN_QUIZ
    assert orjson.loads(refused.raw)[0][0]["answers"] == {"1": "A"}


def test_rule_19_an_attempt_too_many_is_kept_whole_and_its_repeat_is_none() -> None:
    limited = Agent(Catalogue.of([replace(PROGRAMME, quiz_attempts=1)]))
    record = packed([(ANN, Answered("video", "s", 0, seq, 1000, "q", {"1": answer}))
                     for seq, answer in ((1, "B"), (2, "A"))])
    (refused,) = limited.take(record)
    assert (refused.reason, refused.count) == (Reason.TOO_MANY_ATTEMPTS, 1)
    assert (refused.teacher_id, refused.resource_id, refused.session_id) == (ANN, "video", "s")
    ((kept,),) = orjson.loads(refused.raw)
    assert (kept["seq"], kept["answers"]) == (2, {"1": "A"})
    assert limited.take(record) == []


def test_rule_18_a_repeat_is_neither_taken_nor_refused() -> None:
    agent = Agent()
    record = packed([(ANN, beat(1, 0, 1000, 1000)), (ANN, beat(2, 0, 9000, 1000))])
    assert len(agent.take(record)) == 1
    assert agent.take(record) == []
    assert agent.counts[Verdict.REPEATED] == 2


def test_a_teacher_of_another_partition_is_refused_and_left_alone() -> None:
    agent = Agent()
    (refused,) = agent.take(packed([(STRANGER, beat(1, 0, 1000, 1000))]))
    assert (refused.reason, refused.teacher_id) == (Reason.WRONG_PARTITION, STRANGER)
    assert agent.shard.peek(STRANGER) is None


def test_rule_14_a_play_goes_on_after_its_teacher_was_out_of_memory() -> None:
    agent = Agent()
    for seq in range(1, 5):
        start, end = seq * 1000 - 1000, seq * 1000
        assert agent.take(packed([(ANN, beat(seq, start, end, at=end))])) == []
        agent.shard.table.update(agent.shard.encode_some(9))
        agent.shard.drop_cold(keep=seq % 2)
        assert (agent.shard.live.get(ANN) is None) is (seq % 2 == 0)
    viewing = agent.shard.peek(ANN)
    assert viewing is not None
    assert viewing.folded().videos["video"].coverage["p"].covered == [0, 4000]
    assert agent.counts == {Verdict.ACCEPTED: 4}


def test_rule_19_every_refusal_of_the_rules_has_a_reason_code() -> None:
    assert set(map(str, set(Verdict) - TAKEN)) <= set(map(str, Reason))
