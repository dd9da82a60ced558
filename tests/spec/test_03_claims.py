"""Rules 15 to 19: what a heartbeat may claim."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pipeline.agents.watching import TAKEN
from pipeline.rules.programme import Catalogue, Resource
from pipeline.rules.watching import Heartbeat, QuizAnswers, Verdict, Viewer
from pipeline.schemas.rejections import Reason
from pipeline.schemas.telemetry import QuizEvent, TelemetryBatch
from tests.spec.story import (
    HOUR,
    Again,
    Answer,
    Claim,
    Online,
    Open,
    Step,
    Wait,
    Watch,
    of_video,
    quiz,
    tell,
    video,
)

FILM = video(quiz(0), seconds=2 * HOUR)

OK, NO_TIME, AGAIN = Verdict.ACCEPTED, Verdict.NO_TIME_LEFT, Verdict.REPEATED


def verdicts(steps: Sequence[Step]) -> list[str]:
    return tell(steps, of_video(FILM)).verdicts


def test_rule_15_no_event_has_room_for_the_clients_own_time() -> None:
    server = {"received_at", "opened_at"}
    for model in (TelemetryBatch, QuizEvent):
        assert {name for name in model.model_fields if name.endswith("_at")} == server
    for event in (Heartbeat, QuizAnswers):
        assert {name for name in event.__annotations__ if name.endswith("_at")} == server


@pytest.mark.parametrize(("steps", "expected"), [
    # What was really played fits, at any pace of reporting.
    ([Watch(0, 15), Watch(15, 30), Watch(30, 31)], [OK, OK, OK]),
    ([Watch(0, 3600)], [OK]),
    # Who pauses has time left; who has just opened has the slack of 10 seconds.
    ([Open("pc"), Wait(15), Claim(0, 15)], [OK]),
    ([Open("pc"), Wait(15), Claim(0, 25)], [OK]),
    ([Open("pc"), Wait(15), Claim(0, 25.001)], [NO_TIME]),
    # The slack is there once, not for each heartbeat.
    ([Open("pc"), Wait(15), Claim(0, 25), Claim(25, 25.001)], [OK, NO_TIME]),
    ([Claim(0, 10), Watch(10, 20), Claim(20, 20.001)], [OK, OK, NO_TIME]),
    # All or nothing: no part of a stretch that is too long is taken, and no time is spent on it.
    ([Open("pc"), Wait(15), Claim(0, 60), Claim(0, 25)], [NO_TIME, OK]),
    # A whole film posted in a second.
    ([Claim(0, 7200)], [NO_TIME]),
    ([Claim(0, 15), Claim(15, 30), Claim(30, 45)], [NO_TIME, NO_TIME, NO_TIME]),
    # Ten tabs at once earn what one earns.
    ([*[Open(f"tab {n}") for n in range(10)], Wait(60),
      *[Claim(60 * n, 60 * n + 60, on=f"tab {n}") for n in range(10)]], [OK, *[NO_TIME] * 9]),
    # Time before the player was opened is not its time.
    ([Wait(3600), Claim(0, 15)], [NO_TIME]),
    # Offline for up to two hours: what was kept is taken when it arrives,
    ([Watch(0, 3600, offline=True), Watch(3600, 7200, offline=True), Online("pc")], [OK, OK]),
    # but not what lies further back than that.
    ([Watch(0, 3600, offline=True), Watch(3600, 7200, offline=True), Wait(3600), Online("pc")],
     [OK, OK]),
    ([Watch(0, 7200, offline=True), Watch(0, 60, offline=True), Online("pc")], [OK, NO_TIME]),
    # Two devices, used one after the other, fit in either order of arrival.
    ([Watch(0, 1800, on="tablet", offline=True), Watch(1800, 3600, on="pc"), Online("tablet")],
     [OK, OK]),
    # Quiz answers take no time.
    ([Claim(0, 10), Answer(), Answer()], [OK, OK, OK]),
])
def test_rule_16_every_teacher_has_one_wall_clock(
    steps: list[Step], expected: list[str]
) -> None:
    assert verdicts(steps) == expected


def test_rule_16_a_replayed_recording_earns_nothing_new() -> None:
    steps: list[Step] = [Watch(0, 60), *[Claim(0, 60, on=f"copy {n}") for n in range(3)]]
    story = tell(steps, of_video(FILM))
    assert story.verdicts == [OK, NO_TIME, NO_TIME, NO_TIME]
    assert story.watch_time() == 60


@pytest.mark.parametrize(("media", "rate", "wall", "fits"), [
    (60, 1.0, 60, True), (60, 1.0, 59.999, False),
    (60, 2.0, 30, True), (60, 2.0, 29.999, False),
    (60, 1.5, 40, True), (60, 1.5, 39.999, False),
    (60, 0.5, 120, True), (60, 0.5, 119.999, False),
    # Faster than max_rate is accepted, at the price of max_rate.
    (60, 4.0, 30, True), (60, 4.0, 29.999, False),
    (60, 16.0, 30, True), (60, 16.0, 29.999, False),
])
def test_rule_17_the_price_of_a_rate(media: float, rate: float, wall: float, fits: bool) -> None:
    """10 seconds of every price are the slack's."""
    steps: list[Step] = [Open("pc"), Wait(wall - 10), Claim(0, media, rate=rate)]
    assert verdicts(steps) == [OK if fits else NO_TIME]


@pytest.mark.parametrize(("steps", "expected"), [
    ([Watch(0, 15), Again(), Again()], [OK, AGAIN, AGAIN]),
    # A retry that arrives later, with the time for it, changes nothing either,
    ([Watch(0, 15), Wait(60), Again()], [OK, AGAIN]),
    # nor does a claim for which there was no time: it was refused, and is reported once.
    ([Claim(0, 60), Wait(60), Again()], [NO_TIME, AGAIN]),
    # Only what cannot be decided is refused again, for it uses nothing up.
    ([Claim(0, 9000), Again()], [Verdict.BAD_STRETCH, Verdict.BAD_STRETCH]),
    ([Answer(quiz="none"), Again()], [Verdict.UNKNOWN_QUIZ, Verdict.UNKNOWN_QUIZ]),
    # The same number in another session is another event.
    ([Watch(0, 15, on="a"), Watch(15, 30, on="b")], [OK, OK]),
])
def test_rule_18_session_and_number_make_an_event_unique(
    steps: list[Step], expected: list[str]
) -> None:
    """Tokens are the collector's: tests/collector/test_tokens.py, test_rule_18_*."""
    story = tell(steps, of_video(FILM))
    assert story.verdicts == expected
    assert story.watch_time() == 15 * sum(
        isinstance(step, Watch) for step in steps)


@pytest.mark.parametrize(("step", "reason"), [
    (Claim(0, 60), Reason.NO_TIME_LEFT),
    (Claim(10, 5), Reason.BAD_STRETCH),
    (Claim(5, 5), Reason.BAD_STRETCH),
    (Claim(-5, 5), Reason.BAD_STRETCH),
    (Claim(0, 7202.001), Reason.BAD_STRETCH),
    (Claim(7200, 7201), Reason.BAD_STRETCH),
    (Claim(0, 5, of="no such"), Reason.UNKNOWN_RESOURCE),
    (Answer(of="no such"), Reason.UNKNOWN_RESOURCE),
    (Answer(quiz="no such"), Reason.UNKNOWN_QUIZ),
])
def test_rule_19_what_is_refused_has_a_reason_and_leaves_no_trace(
    step: Step, reason: Reason
) -> None:
    """How it is kept: tests/agents/test_watching.py and tests/warehouse, test_rule_19_*."""
    story = tell([step], of_video(FILM))
    assert story.verdicts == [reason]
    assert story.verdicts[0] not in TAKEN
    assert (story.news, story.viewer.videos, story.viewer.spent) == ([], {}, [])


SHORTER = video(quiz(0), seconds=HOUR)


@pytest.mark.parametrize(("before", "step", "reason"), [
    (video(id="another"), Claim(0, 5), Reason.UNKNOWN_RESOURCE),
    (video(id="another"), Answer(), Reason.UNKNOWN_RESOURCE),
    (video(seconds=2 * HOUR), Answer(), Reason.UNKNOWN_QUIZ),
    (SHORTER, Claim(4000, 4005), Reason.BAD_STRETCH),
])
def test_rule_19_what_cannot_be_decided_is_taken_once_the_programme_file_is_mended(
    before: Resource, step: Step, reason: Reason
) -> None:
    story = tell([step], of_video(before))
    assert story.viewer == Viewer(), "it leaves no trace"
    story.catalogue = Catalogue.of([of_video(FILM)])
    for _ in range(2):
        story.take(Again())
    assert story.verdicts == [reason, OK, AGAIN]
    assert [m.status for m in story.news] == ["started"]


def test_rule_19_mending_the_programme_file_does_not_bring_back_time() -> None:
    story = tell([Claim(0, 60)], of_video(SHORTER))
    story.catalogue = Catalogue.of([of_video(FILM)])
    story.take(Again())
    assert story.verdicts == [NO_TIME, AGAIN]


@pytest.mark.parametrize(("behind", "verdict"), [
    (24 * HOUR, OK),
    (24 * HOUR + 0.001, Verdict.TOO_OLD),
])
def test_rule_19_what_is_more_than_a_day_behind_cannot_be_told_from_a_repeat(
    behind: float, verdict: Verdict
) -> None:
    story = tell([Answer(), Wait(behind), Answer(on="tv")], of_video(FILM))
    story.arrive(replace(story.sent[0], seq=2))
    assert story.verdicts == [OK, OK, verdict]
