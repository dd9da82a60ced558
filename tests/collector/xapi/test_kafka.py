"""Real collectors beside each other, and a real Kafka: what of a player's evening is on it."""

import httpx
import orjson
import pytest

from pipeline.broker import ports
from pipeline.collector.xapi.verbs import Verb
from pipeline.rules.programme_file import load_catalogue
from pipeline.rules.watching import Verdict
from pipeline.schemas.telemetry import TelemetryBatch
from pipeline.settings import Settings
from tests.collector.processes import RESOURCE, Running, running
from tests.collector.serving import KEY
from tests.collector.test_transports import read
from tests.collector.xapi.speaking import (
    JSON,
    PREFIX,
    VERSION,
    actor,
    basic,
    judged,
    paused,
    played,
    statement,
    video,
)

TEACHER = "teacher-1"
ABOUT = {"object": {"id": PREFIX + RESOURCE}, "actor": actor(TEACHER)}


def post(collector: Running, secret: str, *said: object) -> httpx.Response:
    return collector.http.post("/xapi/statements", content=orjson.dumps(said), headers={
        **VERSION, **JSON, "Authorization": basic(secret)})


def stored(settings: Settings) -> list[TelemetryBatch]:
    topic = settings.topic("telemetry")
    return [TelemetryBatch.read(value)
            for _, value, _ in read(str(settings.kafka_bootstrap_servers), topic)]


@pytest.mark.kafka
def test_rule_14_an_evening_at_two_collectors_one_of_them_restarted(settings: Settings) -> None:
    port, _ = ports.free()
    beside = settings.model_copy(update={"collector_port": port})
    evening = [
        played(0), paused(3, "0[.]3"), played(3), video(Verb.SEEKED, time_from=4, time_to=6),
        paused(8, "0[.]3[,]3[.]4[,]6[.]8"),
        video(Verb.TERMINATED, time=8, played_segments="0[.]3[,]3[.]4[,]6[.]8"),
    ]
    with running(beside) as second:
        with running(settings) as first:
            first.until_ready()
            token = first.open(TEACHER)
            for one in evening[:3]:
                assert post(first, token, one | ABOUT).status_code == 200
        second.until_ready()
        for one in evening[3:]:
            assert post(second, token, one | ABOUT).status_code == 200
        with running(settings) as restarted:  # the player sends again what it is not sure of
            restarted.until_ready()
            assert post(restarted, token, *(one | ABOUT for one in evening)).status_code == 200
    verdicts, _, _ = judged(stored(settings), load_catalogue(settings.programmes_dir))
    assert verdicts.count(Verdict.ACCEPTED) == 3  # six seconds fit into the slack of rule 16
    assert set(verdicts) == {Verdict.ACCEPTED, Verdict.REPEATED}


@pytest.mark.kafka
def test_rule_10_answers_of_the_platform_reach_the_teachers_partition(settings: Settings) -> None:
    handed = statement(Verb.ANSWERED, f"{PREFIX}teaching-02/quizzes/q1", actor=actor(TEACHER),
                       result={"response": "1[.]C[,]2[.]B[,]2[.]C[,]3[.]B[,]3[.]D[,]4[.]A[,]4[.]D"})
    with running(settings) as collector:
        collector.until_ready()
        for _ in range(2):
            assert post(collector, KEY, handed).status_code == 200
    (batch,) = stored(settings)
    (quiz,) = batch.quizzes
    assert (quiz.teacher_id, quiz.resource_id, quiz.quiz_id) == (TEACHER, "teaching-02", "q1")
    assert quiz.answers == {"1": "C", "2": ["B", "C"], "3": ["B", "D"], "4": ["A", "D"]}

