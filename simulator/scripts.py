"""What each role does all summer: a list of steps, drawn from the teacher's own dice."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from simulator import seasons
from simulator.behaviours import (
    CHEATS,
    EARNING,
    FIRST_HALF,
    FUTILE,
    HONEST,
    ORDINARY,
    READING,
    SECOND_HALF,
    Behaviour,
    any_video,
)
from simulator.catalogue import Catalogue, Course, Resource
from simulator.human import HOUR, MINUTE
from simulator.roles import Role
from simulator.seasons import Step

Pick = tuple[Resource, Behaviour]


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a script draws from. `turn` counts the teachers of this role."""

    catalogue: Catalogue
    rng: random.Random
    budget_ms: int
    turn: int

    @property
    def few(self) -> int:
        """How many videos it takes to make the point."""
        return 3 if self.budget_ms >= HOUR else 1

    def videos(self) -> list[Resource]:
        """The main programme's videos in random order."""
        return self.shuffled(filter(any_video, self.catalogue.main.videos))

    def shuffled(self, resources: Iterable[Resource]) -> list[Resource]:
        found = list(resources)
        self.rng.shuffle(found)
        return found

    def pick(self, resource: Resource, pool: Sequence[Behaviour]) -> list[Pick]:
        """The resource with one of the behaviours that fit it; nothing if none does."""
        fitting = [behaviour for behaviour in pool if behaviour.fits(resource)]
        return [(resource, self.rng.choice(fitting))] if fitting else []

    def spread(self, picks: Sequence[Pick], slots: Sequence[int]) -> list[Step]:
        """The picks in their order, each in a slot of its own; no more than there are slots."""
        chosen = sorted(self.rng.sample(slots, min(len(picks), len(slots))))
        return [Step(slot + self.rng.randrange(HOUR), *pick)
                for slot, pick in zip(chosen, picks, strict=False)]


def finisher(draft: Draft) -> list[Step]:
    """Enough of every course, and some more with mixed luck."""
    picks = [pick for course in draft.catalogue.main.courses for pick in _enough(draft, course)]
    picks += _leisure(draft, picks, draft.budget_ms // 8)
    draft.rng.shuffle(picks)
    return draft.spread(picks, seasons.during(draft.catalogue))


def nearly(draft: Draft) -> list[Step]:
    """As a finisher, but one course is all in vain: the programme stays open (rules 3, 13)."""
    main = draft.catalogue.main
    short = draft.rng.choice([course for course in main.courses if course.required_seconds])
    picks = [pick for course in main.courses
             for pick in _enough(draft, course, FUTILE if course is short else EARNING)]
    draft.rng.shuffle(picks)
    return draft.spread(picks, seasons.during(draft.catalogue))


def partial(draft: Draft) -> list[Step]:
    """Some videos in any manner, the first in one that is sure to have its turn; some texts."""
    featured = ORDINARY[draft.turn % len(ORDINARY)]
    first = next(([(video, featured)] for video in draft.videos() if featured.fits(video)), [])
    budget = round(draft.budget_ms * draft.rng.uniform(0.3, 1.1))
    picks = first + _leisure(draft, first, budget - sum(v.duration_ms for v, _ in first))
    picks += _texts(draft)
    draft.rng.shuffle(picks)
    return draft.spread(picks, seasons.during(draft.catalogue))


def carry_over(draft: Draft) -> list[Step]:
    """Learns in the earlier programme; every other one goes on to finish the main one (5)."""
    brought = [pick for course in _shared(draft) for pick in _enough(draft, course)]
    june = draft.spread(brought, seasons.before(draft.catalogue))
    if draft.turn % 2:
        picks = _again(draft, brought)
    else:
        picks = [pick for course in draft.catalogue.main.courses if not course.shared_with
                 for pick in _enough(draft, course)]
    return june + draft.spread(picks, seasons.during(draft.catalogue))


def outsider(draft: Draft) -> list[Step]:
    """Watches everything properly, but before the window opens or after it closed (rule 12)."""
    early = [pick for video in _only_main(draft)[:draft.few] for pick in draft.pick(video, EARNING)]
    late = [pick for video in draft.videos()[:draft.few] for pick in draft.pick(video, EARNING)]
    return [*draft.spread(early, seasons.before(draft.catalogue)),
            *draft.spread(late, seasons.after(draft.catalogue))]


def straddler(draft: Draft) -> list[Step]:
    """The first half before the window opens, the second inside: half of it counts, so none."""
    videos = [video for video in _only_main(draft) if FIRST_HALF.fits(video)][:draft.few]
    halves = ([(video, half) for video in videos] for half in (FIRST_HALF, SECOND_HALF))
    slots = (seasons.before(draft.catalogue), seasons.during(draft.catalogue))
    return [step for picks, place in zip(halves, slots, strict=True)
            for step in draft.spread(picks, place)]


def last_minute(draft: Draft) -> list[Step]:
    """One video opened before the close and ended after it counts; one opened after it cannot.

    Of the second video, the first half is watched in time, the other after the close.
    """
    long = [video for video in draft.videos() if video.duration_ms >= 25 * MINUTE]
    if len(long) < 2:
        return []
    in_time, too_late = long[:2]
    closes_at = draft.catalogue.main.closes_at
    return [
        Step(closes_at - seasons.SLOT, too_late, FIRST_HALF),
        Step(closes_at - 10 * MINUTE, in_time, HONEST),
        Step(closes_at + seasons.SLOT, too_late, SECOND_HALF),
    ]


def cheat(draft: Draft) -> list[Step]:
    """One cheat, tried on several videos."""
    trick = CHEATS[draft.turn % len(CHEATS)]
    picks = [(video, trick) for video in draft.videos() if trick.fits(video)][:draft.few]
    return draft.spread(picks, seasons.during(draft.catalogue))


def idle(_: Draft) -> list[Step]:
    """Nothing at all."""
    return []


def either(draft: Draft) -> list[Step]:
    """In turn one who would have finished, and one who does something."""
    return (partial if draft.turn % 2 else finisher)(draft)


SCRIPTS: Mapping[Role, Callable[[Draft], list[Step]]] = {
    Role.FINISHER: finisher,
    Role.NEARLY: nearly,
    Role.PARTIAL: partial,
    Role.CARRY_OVER: carry_over,
    Role.LATE_ENROLLED: either,
    Role.UNENROLLED: either,
    Role.OUTSIDER: outsider,
    Role.STRADDLER: straddler,
    Role.LAST_MINUTE: last_minute,
    Role.CHEAT: cheat,
    Role.ABSENT: idle,
    Role.UNREGISTERED: idle,
}


def _enough(
    draft: Draft, course: Course, pool: Sequence[Behaviour] = EARNING
) -> list[Pick]:
    """Videos of the course that together are worth what it requires."""
    picks: list[Pick] = []
    worth = 0
    for video in draft.shuffled(filter(any_video, course.videos)):
        if worth < course.required_seconds and (pick := draft.pick(video, pool)):
            picks += pick
            worth += video.credit_seconds
    return picks


def _leisure(draft: Draft, done: Sequence[Pick], budget_ms: int) -> list[Pick]:
    """Other videos than those done, three in five of them with success."""
    taken = {resource.id for resource, _ in done}
    picks: list[Pick] = []
    for video in (v for v in draft.videos() if v.id not in taken):
        if budget_ms <= 0:
            break
        budget_ms -= video.duration_ms
        picks += draft.pick(video, EARNING if draft.rng.random() < 0.6 else FUTILE)
    return picks


def _texts(draft: Draft) -> list[Pick]:
    texts = [r for c in draft.catalogue.main.courses for r in c.resources if READING.fits(r)]
    return [(text, READING) for text in texts if draft.rng.random() < 0.1]


def _shared(draft: Draft) -> list[Course]:
    """The courses that the main programme shares, as they are required there."""
    return [course for course in draft.catalogue.main.courses if course.shared_with]


def _again(draft: Draft, brought: Sequence[Pick]) -> list[Pick]:
    """Some of what was brought along once more, in any manner: it is worth nothing more (12)."""
    return [pick for video, _ in brought if draft.rng.random() < 0.5
            for pick in draft.pick(video, ORDINARY)]


def _only_main(draft: Draft) -> list[Resource]:
    """Videos that no other programme lists."""
    return [v for v in draft.videos() if len(list(draft.catalogue.listing(v.id))) == 1]
