"""Claims that must earn nothing, or no more than real time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from pipeline.collector.xapi.verbs import Verb
from pipeline.rules.programme import Catalogue
from pipeline.rules.quiz import counts_as_passed
from pipeline.rules.watching import Verdict
from pipeline.settings import Settings
from tests import hostile
from tests.collector.memory import Memory
from tests.collector.serving import Client, Clock
from tests.collector.xapi.speaking import (
    PREFIX,
    VIDEO,
    Speaker,
    actor,
    judged,
    paused,
    platform,
    played,
    speaking,
    statement,
    video,
)

QUIZ = f"{VIDEO}/quizzes/{hostile.QUIZ}"
Script = Callable[[Client, Speaker, Clock], Awaitable[Any]]


def run(
    settings: Settings, catalogue: Catalogue, script: Script, memory: Memory | None = None
) -> Memory:
    """Let the script act on a collector; what it has written."""
    carried, clock = memory or Memory(settings), Clock()

    async def act() -> None:
        async with speaking(settings, catalogue, carried, clock) as (client, player):
            await script(client, player, clock)

    asyncio.run(act())
    return carried


def answered(response: str, about: str = QUIZ, verb: str = Verb.ANSWERED,
             **more: Any) -> dict[str, Any]:
    return statement(verb, about, result={"response": response, **more})


def test_rule_10_completed_with_all_progress_earns_nothing(
    offline: Settings, catalogue: Catalogue
) -> None:
    async def script(_: Client, player: Speaker, clock: Clock) -> None:
        claim = {"completion": True, "success": True, "duration": "PT600S",
                 "score": {"scaled": 1.0}}
        done = video(Verb.COMPLETED, time=600, progress=1.0)
        done["result"] |= claim
        clock.now += 3_600_000
        for said in (done, video(Verb.TERMINATED, time=600, progress=1.0),
                     statement(Verb.PASSED, result=claim), statement(Verb.FAILED, result=claim),
                     answered("1[.]A[,]2[.]A[,]2[.]C", success=True)):
            response = await player.post(said)
            assert (response.status_code, response.headers["X-Xueshi-Events"]) == (200, "0")

    assert run(offline, catalogue, script).sent == []


def test_rule_16_a_list_of_all_the_video_earns_no_more_than_time(
    offline: Settings, catalogue: Catalogue
) -> None:
    async def script(_: Client, player: Speaker, clock: Clock) -> None:
        clock.now += 60_000
        for said in (paused(600, "0[.]600"), paused(600, "0[.]300[,]300[.]600", speed="16x"),
                     video(Verb.COMPLETED, time=600, played_segments="0[.]600.5")):
            assert (await player.post(said)).status_code == 200

    verdicts, covered, news = judged(run(offline, catalogue, script).batches(), catalogue)
    assert set(verdicts) == {Verdict.NO_TIME_LEFT}
    assert (covered, news) == (0, [])


def test_rule_17_sixteen_times_speed_is_paid_at_twice(
    offline: Settings, catalogue: Catalogue
) -> None:
    async def script(_: Client, player: Speaker, clock: Clock) -> None:
        clock.now += 60_000
        minutes = "[,]".join(f"{n * 10}[.]{n * 10 + 10}" for n in range(60))
        await player.post(paused(600, minutes, speed="16x"))

    _, covered, _ = judged(run(offline, catalogue, script).batches(), catalogue)
    assert covered == 2 * (60_000 + 10_000)  # one minute and the slack, at the highest rate


@pytest.mark.parametrize("when", ["2023-07-01T00:00:00Z", "1999-01-01T00:00:00Z",
                                  "2099-12-31T23:59:59Z"])
def test_rule_15_dated_back_or_ahead_changes_nothing(
    offline: Settings, catalogue: Catalogue, when: str
) -> None:
    said = [played(0), paused(30), paused(45, "0[.]30[,]30[.]45")]

    async def write(dates: dict[str, str]) -> Memory:
        memory, clock = Memory(offline), Clock()
        async with speaking(offline, catalogue, memory, clock) as (_, player):
            for one in said:
                clock.now += 20_000
                assert (await player.post(one | dates)).status_code == 200
        return memory

    def columns(memory: Memory) -> list[Any]:
        return [(b.received_at, b.opened_at, b.start, b.end, b.rate) for b in memory.batches()]

    plain, dated = asyncio.run(write({})), asyncio.run(write({"timestamp": when}))
    assert columns(plain) == columns(dated)
    assert columns(plain) != []


def test_a_thousand_statements_at_once_are_bounded(
    offline: Settings, catalogue: Catalogue
) -> None:
    settings = offline.model_copy(update={"max_post_bytes": 1024 * 1024})

    async def script(_: Client, player: Speaker, clock: Clock) -> None:
        many = [played(0) for _ in range(1000)]
        assert (await player.post(*many)).status_code == 413
        entries = "[,]".join(f"{n}[.]{n + 1}" for n in range(5000))
        assert (await player.post(paused(5000, entries))).status_code == 200
        assert (await player.post(paused(5000, "x[,]" * 50_000))).status_code == 200
        several = [paused(n, f"{n}[.]x") for n in range(500)]
        assert (await player.post(*several)).status_code == 200

    memory = run(settings, catalogue, script)
    assert memory.events() + len(memory.rejections()) <= 100 + 3 + 500


def test_rule_18_another_teachers_statements_are_refused_and_repeats_earn_nothing(
    offline: Settings, catalogue: Catalogue
) -> None:
    nameless = paused(15, "0[.]15") | {"actor": {"mbox": "mailto:a@example.cn"}}

    async def script(client: Client, player: Speaker, clock: Clock) -> None:
        clock.now += 15_000
        other = Speaker(client.http, (await client.open(teacher="teacher-2"))["token"])
        assert (await player.post(nameless)).status_code == 200
        assert (await other.post(paused(15, "0[.]15"))).status_code == 403
        repeat = await other.post(nameless)
        assert (repeat.status_code, repeat.headers["X-Xueshi-Events"]) == (200, "0")

    memory = run(offline, catalogue, script)
    assert {teacher for b in memory.batches() for teacher in b.teacher_id} == {hostile.TEACHER}


def test_rule_14_two_processes_and_a_restart_count_each_stretch_once(
    offline: Settings, catalogue: Catalogue
) -> None:
    """A token is good at all of them; they share nothing but Kafka."""
    said = [paused(20, "0[.]20"), paused(40, "0[.]20[,]20[.]40"),
            video(Verb.TERMINATED, time=40, played_segments="0[.]20[,]20[.]40")]
    memory, clock = Memory(offline), Clock()

    async def act() -> None:
        async with (speaking(offline, catalogue, memory, clock) as (_, first),
                    speaking(offline, catalogue, memory, clock) as (client, _)):
            second = Speaker(client.http, first.token)
            clock.now += 120_000
            for one in said:
                for process in (first, second):
                    assert (await process.post(one)).status_code == 200

    asyncio.run(act())
    verdicts, covered, _ = judged(memory.batches(), catalogue)
    assert verdicts.count(Verdict.ACCEPTED) == 2
    assert set(verdicts) == {Verdict.ACCEPTED, Verdict.REPEATED}
    assert covered == 40_000


def test_rule_16_what_an_earlier_play_counted_takes_no_time_from_this_one(
    offline: Settings, catalogue: Catalogue
) -> None:
    """A player that kept its list from last time says it all again."""
    async def script(_: Client, player: Speaker, clock: Clock) -> None:
        before = "0[.]50[,]60[.]90"
        for said in ("100[.]130", "100[.]130[,]130[.]160", "100[.]130[,]130[.]160[,]160[.]190"):
            clock.now += 30_000
            await player.post(paused(int(said.rsplit("]")[-1]), f"{before}[,]{said}"))

    memory = run(offline, catalogue, script)
    verdicts, _, _ = judged(memory.batches(), catalogue)
    starts = [start for batch in memory.batches() for start in batch.start]
    accepted = {s for s, v in zip(starts, verdicts, strict=True) if v is Verdict.ACCEPTED}
    assert accepted >= {100_000, 130_000, 160_000}


def test_rule_19_what_is_refused_is_kept_without_who_it_is(
    offline: Settings, catalogue: Catalogue
) -> None:
    async def script(_: Client, player: Speaker, clock: Clock) -> None:
        named = {"actor": actor() | {"name": "王老师"}}
        for said in (paused(9), paused(700, "650[.]700"), paused(9, "null[.]9"),
                     paused(12, "650[.]700[,]null[.]9[,]null[.]12")):
            assert (await player.post(said | named)).status_code == 200

    kept = run(offline, catalogue, script).rejections()
    assert [(one.reason, one.topic.startswith("collector:")) for one in kept] == [
        ("bad_stretch", True)] * 6
    assert len({one.identity for one in kept}) == 4  # a list says its bad entry again and again
    assert all("王".encode() not in one.raw and b"example" not in one.raw for one in kept)
    assert "beyond the end" in kept[1].detail


def test_what_is_inside_the_resource_counts_nothing(
    offline: Settings, catalogue: Catalogue
) -> None:
    async def script(_: Client, player: Speaker, clock: Clock) -> None:
        for inside in ("#t=3", "/chapters/1", "?lang=zh", "/"):
            said = paused(9, "0[.]9") | {"object": {"id": VIDEO + inside}}
            response = await player.post(said)
            assert (response.status_code, response.headers["X-Xueshi-Events"]) == (200, "0")

    assert run(offline, catalogue, script).sent == []


def test_a_resource_that_is_gone_is_kept(offline: Settings, catalogue: Catalogue) -> None:
    memory = Memory(offline)

    async def act() -> httpx.Response:
        async with speaking(offline, catalogue, memory) as (client, _):
            token = (await client.open("video-2"))["token"]
            catalogue.resources.pop("video-2")  # type: ignore[attr-defined]
            about = {"object": {"id": PREFIX + "video-2"}}
            return await Speaker(client.http, token).post(paused(9, "0[.]9") | about)

    assert asyncio.run(act()).status_code == 200
    assert [one.reason for one in memory.rejections()] == ["unknown_resource"]


def test_rule_10_the_platforms_answers_are_marked_here(
    offline: Settings, catalogue: Catalogue
) -> None:
    """By question in one post, or as one response; its own claim of success counts for nothing."""
    async def script(client: Client, _: Speaker, __: Clock) -> None:
        sender = platform(client)
        right = answered("1[.]A[,]2[.]A[,]2[.]C", success=False)
        assert (await sender.post(right)).headers["X-Xueshi-Events"] == "1"
        wrong = answered("1[.]B[,]2[.]A", verb=Verb.PASSED, success=True)
        assert (await sender.post(wrong)).headers["X-Xueshi-Events"] == "1"
        by_question = [answered("A", f"{QUIZ}/questions/1"),
                       answered("C[,]A", f"{QUIZ}/questions/2")]
        twice = [one | {"id": str(uuid4())} for one in by_question]
        for said in (by_question, by_question, [*twice, answered("B", f"{QUIZ}/questions/1"),
                                                answered("B", f"{QUIZ}/questions/2")]):
            assert (await sender.post(*said)).status_code == 200

    memory = run(offline, catalogue, script)
    handed = [quiz for batch in memory.batches() for quiz in batch.quizzes]
    programme, quiz = catalogue.programmes["programme-1"], catalogue.resources["video-1"].quizzes[0]
    assert [counts_as_passed(programme, quiz, one.answers) for one in handed] == [
        True, False, True, True, False]
    assert {(one.teacher_id, one.resource_id) for one in handed} == {(hostile.TEACHER, "video-1")}
    assert len({(one.session_id, one.seq) for one in handed}) == 5


@pytest.mark.parametrize(("said", "reason"), [
    ([answered("A", f"{QUIZ}/questions/1")], "malformed"),
    ([answered("1[.]A")], "malformed"),
    ([answered("A, C")], "malformed"),
    ([answered("1[.]A[,]2[.]" + "C" * 201)], "malformed"),
    ([answered("A", f"{VIDEO}/quizzes/q9")], "unknown_quiz"),
    ([answered("A", f"{PREFIX}video-9/quizzes/q1")], "unknown_quiz"),
])
def test_rule_19_answers_that_cannot_be_marked_are_kept(
    offline: Settings, catalogue: Catalogue, said: list[Any], reason: str
) -> None:
    async def script(client: Client, _: Speaker, __: Clock) -> None:
        response = await platform(client).post(*said)
        assert (response.status_code, response.headers["X-Xueshi-Events"]) == (200, "0")

    (kept,) = run(offline, catalogue, script).rejections()
    assert kept.reason == reason
    assert kept.teacher_id == hostile.TEACHER


def test_rule_10_passed_without_answers_is_nothing_even_from_the_platform(
    offline: Settings, catalogue: Catalogue
) -> None:
    async def script(client: Client, _: Speaker, __: Clock) -> None:
        for verb in (Verb.PASSED, Verb.FAILED, Verb.ANSWERED):
            claim = statement(verb, QUIZ, result={"success": True, "score": {"scaled": 1}})
            assert (await platform(client).post(claim)).status_code == 200

    assert run(offline, catalogue, script).sent == []
