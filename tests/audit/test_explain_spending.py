"""Who spent a teacher's time, read off the real rules from outside (rule 16)."""

from collections import Counter

from audit.explain.records import Logged
from audit.explain.replay import Replay, replay
from audit.explain.spending import Play, Spending
from audit.explain.stretches import united
from pipeline.rules.intervals import total
from pipeline.rules.programme import Catalogue
from pipeline.rules.programme_file import load_catalogue
from pipeline.rules.watching import Verdict
from pipeline.settings import Settings
from simulator.bulk import arrivals
from simulator.world import make_world
from tests.audit.telling import logged
from tests.simulator.deciding import of_arrival
from tests.spec.story import BEGIN, Claim, Open, Step, Wait, Watch, course, programme, tell, video

BOTH = programme(course(video(seconds=900), video(id="other", seconds=900)))


def lived(steps: list[Step]) -> Replay:
    story = tell(steps, BOTH)
    return replay(story.catalogue, logged(story), "video", {})


def test_time_goes_to_the_play_that_spent_it() -> None:
    spent = lived([Watch(0, 60), Watch(60, 90), Watch(0, 30, of="other"), Watch(90, 120)])
    assert spent.timeline.spendings == [
        Spending(BEGIN, BEGIN + 90_000, Play("video", "pc/video")),
        Spending(BEGIN + 90_000, BEGIN + 120_000, Play("other", "pc/other")),
        Spending(BEGIN + 120_000, BEGIN + 150_000, Play("video", "pc/video")),
    ]


def test_what_fills_the_free_time_between_others_is_in_pieces() -> None:
    steps: list[Step] = [Open("late"), Wait(100), Watch(0, 50), Wait(100),
                         Claim(0, 180, on="late", of="video")]
    assert [(one.start - BEGIN, one.end - BEGIN, one.play.session_id)
            for one in lived(steps).timeline.spendings] == [
        (0, 100_000, "late/video"), (100_000, 150_000, "pc/video"),
        (150_000, 230_000, "late/video")]


def test_a_shortage_says_what_was_needed_and_what_was_free() -> None:
    steps: list[Step] = [Open("a"), Wait(100), Claim(0, 80, of="other"), Watch(0, 60, of="other"),
                         Claim(0, 150, on="a")]
    (refused,) = [one for one in lived(steps).judged if one.verdict is Verdict.NO_TIME_LEFT]
    assert refused.shortage is not None
    assert (refused.shortage.earliest, refused.shortage.latest) == (BEGIN, BEGIN + 170_000)
    assert refused.shortage.needed == 150_000
    assert refused.shortage.free == 110_000
    assert [one.end - one.start for one in refused.shortage.taken] == [60_000]


def test_rule_16_over_a_whole_summer_of_honest_people_and_cheats() -> None:
    """All time that the rules know as spent is somebody's, nobody's twice, and whoever is refused
    needed more than was free.
    """
    catalogue = load_catalogue(Settings().programmes_dir)
    lives: dict[str, list[Logged]] = {}
    for arrival in arrivals(make_world(Settings(), teachers=60, seed=7, heartbeats=15_000)):
        for teacher_id, event in of_arrival(arrival):
            lives.setdefault(teacher_id, []).append(Logged(0, 0, event))
    refused = sum(_checked(catalogue, events) for events in lives.values())
    assert refused > 300


def _checked(catalogue: Catalogue, events: list[Logged]) -> int:
    """How much of the resource that the teacher spent most events on had no time left."""
    (resource_id, _), = Counter(one.event.resource_id for one in events).most_common(1)
    played = replay(catalogue, events, resource_id, {})
    shortages = [one.shortage for one in played.judged if one.shortage is not None]
    assert all(0 <= one.free < one.needed for one in shortages)
    spent = united((piece.start, piece.end) for piece in played.timeline.spendings)
    assert spent == played.viewer.spent
    assert total(spent) == sum(piece.end - piece.start for piece in played.timeline.spendings)
    return len(shortages)
