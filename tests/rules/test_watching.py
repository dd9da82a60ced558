"""What a viewer's state may become, however hard somebody tries."""

import orjson
import pytest

from pipeline.agents.viewer_codec import viewer_codec
from pipeline.rules.completion import MAX_PENDING
from pipeline.rules.intervals import MAX_PIECES
from pipeline.rules.programme import Quiz
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
    return len(orjson.dumps(viewer_codec(RULES.clock).dump(viewer)))


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


def test_what_can_no_longer_matter_is_forgotten() -> None:
    film = of_video(video(seconds=7200))
    story = tell([Watch(0, 60), Wait(DAY), Claim(60, 65, on="tv"), Wait(DAY),
                  Claim(65, 70, on="tv"), Wait(DAY - 1), Watch(70, 80, on="tv")], film)
    viewer = story.viewer
    forget(viewer, film.clock)
    assert set(viewer.sessions) == {"tv/video"}
    assert min(viewer.spent) >= viewer.newest_at - MEMORY_MS - film.clock.offline_grace_ms
    assert viewer.videos["video"].coverage["summer"].covered == [0, 80_000], "this is for ever"
