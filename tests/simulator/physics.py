"""What a stream of actions claims, checked by plain arithmetic and nothing of the pipeline."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from simulator.actions import Action, Answers, Beat, Open, Trick
from simulator.catalogue import Quiz, Resource

GRACE_MS = 2 * 3600 * 1000
MOST_SLACK_MS = 30_000


@dataclass
class Heard:
    """One event that got in, with its place in the order of arrival."""

    at: int
    opened_at: int
    event: Beat | Answers


@dataclass
class Claims:
    """All that got in, each event of a play once."""

    heard: list[Heard] = field(default_factory=list)

    @classmethod
    def of(cls, actions: Iterable[Action]) -> "Claims":
        claims, opened, seen = cls(), dict[str, int](), set[tuple[str, int]]()
        for action in actions:
            if isinstance(action, Open):
                opened[action.play] = action.at
            elif action.trick in (Trick.NONE, Trick.CLAIMED_SCORE):
                for event in action.events:
                    if (action.play, event.seq) not in seen:
                        seen.add((action.play, event.seq))
                        claims.heard.append(Heard(action.at, opened[action.play], event))
        return claims

    @property
    def beats(self) -> list[tuple[int, int]]:
        return [(h.event.start, h.event.end) for h in self.heard if isinstance(h.event, Beat)]

    def unwatched(self, video: Resource, start: int = 0) -> int:
        """Media ms in [start, end of the video) that no heartbeat covers."""
        return missing(self.beats, start, video.duration_ms)

    def passed_at(self, quiz: Quiz) -> int | None:
        """Where in the order the quiz was first answered rightly, every question of it."""
        for place, heard in enumerate(self.heard):
            event = heard.event
            if (isinstance(event, Answers) and event.quiz_id == quiz.id
                    and event.answers == quiz.key):
                return place
        return None

    def unwatched_after(self, quiz: Quiz, video: Resource) -> int | None:
        """Of what follows the quiz, how much was not watched after passing it (rule 8 c)."""
        place = self.passed_at(quiz)
        if place is None:
            return None
        return Claims(self.heard[place:]).unwatched(video, quiz.at_ms)

    def fits_real_time(self) -> bool:
        """Rule 16 at its strictest: one frontier, no slack, events in order of arrival."""
        frontier = 0
        for heard in self.heard:
            if isinstance(heard.event, Beat):
                start = max(frontier, heard.opened_at, heard.at - GRACE_MS)
                frontier = start + cost(heard.event)
                if frontier > heard.at:
                    return False
        return True

    def most_media_in_time(self) -> int:
        """Media ms that could be accepted at most: all the time that went by, and the slack."""
        times = [heard.at for heard in self.heard]
        opened = min(heard.opened_at for heard in self.heard)
        rate = max(h.event.rate for h in self.heard if isinstance(h.event, Beat))
        return (max(times) - opened + MOST_SLACK_MS) * rate // 100


def cost(beat: Beat) -> int:
    return -(-(beat.end - beat.start) * 100 // min(beat.rate, 200))


def missing(stretches: Iterable[tuple[int, int]], start: int, end: int) -> int:
    """How much of [start, end) the stretches leave out."""
    gap, at = 0, start
    for left, right in sorted(stretches):
        if left > at:
            gap += min(left, end) - min(at, end)
        at = max(at, right)
    return gap + max(0, end - at)
