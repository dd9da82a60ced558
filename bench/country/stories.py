"""A few hundred ways through a programme, which all teachers of the country share."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from pipeline.rules.programme import Course, Programme, Resource

STORIES = 400
COMPLETED, STARTED, ENROLLED = 0.60, 0.85, 0.92  # shares of the stories that get so far
AGAIN = 0.2   # how often somebody watches on in a course that has all of its hours
MOST_DAYS = 20
MORNING_S, VIDEO_S = 8 * 3600, 40 * 60

Video = tuple[Course, Resource]


class Step(NamedTuple):
    """An entry of the ledger. `day` and `second` count from the day of enrolment, 00:00.

    `learned` and `credited`: the course's totals after it, in seconds.
    """

    programme_id: str
    story: int
    seq: int
    day: int
    second: int
    kind: str
    course_id: str | None = None
    resource_id: str | None = None
    seconds: int = 0
    learned: int = 0
    credited: int = 0


@dataclass
class _Way:
    """What was watched so far, course by course."""

    programme: Programme
    learned: dict[str, int] = field(default_factory=dict)

    def credited(self, course: Course) -> int:
        return min(course.required_seconds, self.learned.get(course.id, 0))

    def watch(self, course: Course, resource: Resource) -> None:
        self.learned[course.id] = self.learned.get(course.id, 0) + resource.credit_seconds

    @property
    def complete(self) -> bool:
        return all(self.credited(c) >= c.required_seconds for c in self.programme.courses)


def stories(programme: Programme, seed: int = 1) -> Iterator[Step]:
    """All of them: the first ones complete the programme, the last ones never enrol and so have
    no step.
    """
    random = Random(f"{programme.id} {seed}")
    for story in range(int(STORIES * ENROLLED)):
        videos = _videos(programme, random)
        if story >= STORIES * STARTED:
            videos = []
        elif story >= STORIES * COMPLETED:
            videos = videos[:random.randrange(_needed(programme, videos) or 1)]
        started = story < STORIES * STARTED
        yield from _steps(programme, story, videos, random.randint(3, MOST_DAYS), started)


def _videos(programme: Programme, random: Random) -> list[Video]:
    """Course by course in any order; extensions (rule 2) and what is beyond the cap now and
    then.
    """
    way, found = _Way(programme), []
    for course in random.sample(programme.courses, len(programme.courses)):
        for resource in course.resources:
            more = way.credited(course) < course.required_seconds or random.random() < AGAIN
            if resource.credit_seconds and more:
                way.watch(course, resource)
                found.append((course, resource))
    return found


def _needed(programme: Programme, videos: list[Video]) -> int | None:
    """How many of the videos complete the programme; None if all of them do not."""
    way = _Way(programme)
    for number, video in enumerate(videos, 1):
        way.watch(*video)
        if way.complete:
            return number
    return None


def _steps(
    programme: Programme, story: int, videos: list[Video], days: int, started: bool
) -> Iterator[Step]:
    """One story; numbered as the crediting agent would."""
    numbers = itertools.count(1)
    begin = ("enrolled", "started") if started else ("enrolled",)
    for kind in begin:
        yield Step(programme.id, story, next(numbers), 0, MORNING_S, kind)
    way, needed = _Way(programme), _needed(programme, videos)
    for number, (course, resource) in enumerate(videos, 1):
        day, second = _when(number - 1, len(videos), days)
        way.watch(course, resource)
        yield Step(programme.id, story, next(numbers), day, second, "learned", course.id,
                   resource.id, resource.credit_seconds, way.learned[course.id],
                   way.credited(course))
        if number == needed:
            yield Step(programme.id, story, next(numbers), day, second, "completed")


def _when(place: int, videos: int, days: int) -> tuple[int, int]:
    """The day, and the second of the day, of the video at that place."""
    day = place * days // videos
    first = -(-day * videos // days)  # of this day
    return day, MORNING_S + (place - first + 1) * VIDEO_S
