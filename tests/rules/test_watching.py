"""What a viewer's state may become, however hard somebody tries."""

from dataclasses import replace

import orjson
import pytest

from pipeline.rules.completion import MAX_PENDING
from pipeline.rules.intervals import MAX_LOOSE, MAX_PIECES
from pipeline.rules.programme import Catalogue, Quiz
from pipeline.rules.viewer_values import dump_viewer, load_viewer
from pipeline.rules.watching import MEMORY_MS, Heartbeat, Verdict, Viewer, forget
from tests.spec.story import (
    BEGIN,
    DAY,
    Answer,
    Claim,
    Step,
    Story,
    Wait,
    Watch,
    of_video,
    tell,
    video,
)

FILM = video(Quiz("q", 0, {"1": "A"}), seconds=7200)
RULES = of_video(FILM)
MANY = 3 * MAX_PIECES


def bombarded(seq_step: int, gap: int, *before: Step) -> Story:
    """A story with many reports of a millisecond each, which anybody has the time for."""
    story = tell([*before, Wait(3600)], RULES)
    for number in range(MANY):
        start = number * (1 + gap)
        story.arrive(Heartbeat("video", "s", BEGIN, 1 + number * seq_step, story.now,
                               start, start + 1, 100))
    return story


def stored_bytes(viewer: Viewer) -> int:
    return len(orjson.dumps(dump_viewer(viewer, RULES.clock)))


@pytest.mark.parametrize(("seq_step", "gap", "before"), [
    (1, 1, []),                                               # loose pieces of the video,
    (2, 0, []),                                               # holes in the numbers,
    (1, 1, [Watch(0, 7200), Answer(answers={"1": "A"})]),     # loose pieces behind the quiz
])
def test_rule_19_loose_pieces_are_refused_before_the_state_is_too_big(
    seq_step: int, gap: int, before: list[Step]
) -> None:
    story = bombarded(seq_step, gap, *before)
    late = story.verdicts[len(before):]
    assert late == [Verdict.ACCEPTED] * MAX_PIECES + [Verdict.TOO_SCATTERED] * (MANY - MAX_PIECES)
    assert stored_bytes(story.viewer) < 20 * MANY


@pytest.mark.parametrize("of_one_play", [True, False])
def test_rule_19_scripts_that_open_plays_or_trickle_leave_bounded_state(of_one_play: bool) -> None:
    """A play for every claim of a millisecond; and one play that claims one every five seconds,
    each of which spends a moment of its own as soon as the play is older than the grace.
    """
    story, claims = tell([Wait(3600)], RULES), 12_000
    for number in range(claims):
        story.now += 5_000
        session, opened_at = ("s", BEGIN) if of_one_play else (f"{number:032}", story.now)
        story.arrive(Heartbeat("video", session, opened_at, 1 + number, story.now, 0, 1, 100))
    refused = story.verdicts.index(Verdict.TOO_SCATTERED)
    assert refused >= MAX_LOOSE
    assert set(story.verdicts[refused:]) <= {Verdict.TOO_SCATTERED, Verdict.ACCEPTED}
    assert stored_bytes(story.viewer) < 200 * MAX_LOOSE


def test_rule_19_who_then_really_watches_is_not_refused() -> None:
    story = bombarded(1, 1)
    story.take(Wait(3600))
    for start in range(0, 7200, 15):
        story.take(Watch(start, start + 15))
    assert set(story.verdicts[MANY:]) == {Verdict.ACCEPTED}
    assert story.viewer.videos["video"].coverage["summer"].covered == [0, 7_200_000]


def test_stretches_without_holes_take_bounded_room() -> None:
    story = bombarded(1, 0)
    assert set(story.verdicts) == {Verdict.ACCEPTED}
    assert len(story.viewer.videos["video"].coverage["summer"].pending) <= MAX_PENDING
    assert stored_bytes(story.viewer) < 100_000


def guessing(attempts: int | None, hours: int) -> Story:
    """A wrong answer every hour."""
    return tell([step for _ in range(hours) for step in (Answer(answers={}), Wait(3600))],
                replace(RULES, quiz_attempts=attempts))


def test_rule_19_attempts_without_end_take_bounded_room() -> None:
    story = guessing(5, 200)
    assert story.verdicts.count("accepted") == 45, "five in 24 hours, of 200"
    forget(story.viewer, RULES.clock)
    (kept,) = story.viewer.videos["video"].coverage["summer"].attempts.values()
    assert 5 <= len(kept) <= 10


def test_rule_10_attempts_are_kept_only_where_they_are_limited_and_while_they_matter() -> None:
    unlimited = guessing(None, 5).viewer.videos["video"].coverage["summer"]
    assert unlimited.attempts == {}
    story = tell([Answer(answers={}), Wait(DAY), Answer(quiz="none"), Claim(0, 1), Wait(DAY),
                  Claim(1, 2)], replace(RULES, quiz_attempts=5))
    coverage = story.viewer.videos["video"].coverage["summer"]
    assert coverage.attempts == {"q": [BEGIN]}
    forget(story.viewer, RULES.clock)
    assert coverage.attempts == {}
    done = tell([Watch(0, 7200), Answer(answers={}), Answer(answers={"1": "A"}),
                 Watch(0, 7200)], replace(RULES, quiz_attempts=5))
    assert done.done() == {"video"}
    assert done.viewer.videos["video"].coverage["summer"].attempts == {}


def test_rule_14_state_of_before_there_were_limits_can_be_read() -> None:
    """As an earlier build wrote it, and as this one writes it where nothing is limited."""
    story = tell([Watch(0, 60), Answer(answers={})], RULES)
    old = [BEGIN + 60_000, [BEGIN, BEGIN + 60_000], {"pc/video": [BEGIN + 60_000, [1, 3]]},
           {"video": [60_000, {"summer": [[0, 60_000], {}, {},
                                          [[0, 60_000, BEGIN + 60_000, "pc/video", 1]],
                                          BEGIN + 60_000]}]}]
    assert load_viewer(orjson.loads(orjson.dumps(old))) == story.viewer
    assert orjson.loads(orjson.dumps(dump_viewer(story.viewer, RULES.clock))) == old


def test_rule_10_a_limit_that_is_lowered_holds_from_then_on() -> None:
    """What was looked at under the old one counts, and locks nobody out for longer than a day."""
    story = guessing(5, 5)
    story.catalogue = Catalogue.of([replace(RULES, quiz_attempts=2)])
    for step in (Answer(), Wait(22 * 3600), Answer(answers={}), Answer(answers={"1": "A"})):
        story.take(step)
    assert story.verdicts[5:] == ["too_many_attempts", "accepted", "too_many_attempts"]


def test_what_can_no_longer_matter_is_forgotten() -> None:
    film = of_video(video(seconds=7200))
    story = tell([Watch(0, 60), Wait(DAY), Claim(60, 65, on="tv"), Wait(DAY),
                  Claim(65, 70, on="tv"), Wait(DAY - 1), Watch(70, 80, on="tv")], film)
    viewer = story.viewer
    forget(viewer, film.clock)
    assert set(viewer.sessions) == {"tv/video"}
    assert min(viewer.spent) >= viewer.newest_at - MEMORY_MS - film.clock.offline_grace_ms
    assert viewer.videos["video"].coverage["summer"].covered == [0, 80_000], "this is for ever"
