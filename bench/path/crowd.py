"""A crowd of teachers whose summer is known: what they complete, and what it comes to.

Each teacher lives one of the country's stories (bench/country/stories.py), which say by
construction, and by no rule, what is learned and credited after each of their videos. Records come
in rounds, everybody's first one, then everybody's second one …, as teachers learn side by side.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from bench.country.stories import MOST_DAYS, STORIES, Step, stories
from pipeline.rules.programme import Programme
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.roster import Region, School, Teacher, Verification, roster_key

DAY_MS = 86_400_000
A_SCHOOL = 85        # teachers
PROVINCES = ("11", "33", "44", "50")
LEDGER = (b'{"v":1,"teacher_id":"%%b","programme_id":"%b","seq":%d,"kind":"%b","at":%%d,%b'
          b'"seconds":%d,"learned":%d,"credited":%d}')


class Placed(NamedTuple):
    """A record, and the partition it belongs to."""

    partition: int
    key: bytes
    value: bytes


class Final(NamedTuple):
    """Where somebody stands in the end: by course (learned, credited), in seconds, where anything
    was learned.
    """

    courses: dict[str, tuple[int, int]]
    completed: bool


class Sums(NamedTuple):
    """Of a ledger: how many entries, and its columns added up, in seconds; and where everybody
    stands after it: seconds learned and credited in all, and how many completed the programme.
    """

    entries: int
    seconds: int
    learned: int
    credited: int
    finally_learned: int
    finally_credited: int
    completed: int


class Crowd:
    """So many teachers in a programme, over so many partitions."""

    def __init__(self, programme: Programme, teachers: int, partitions: int) -> None:
        self.programme = programme
        self.teachers = teachers
        self._stories: list[list[Step]] = [[] for _ in range(STORIES)]
        for step in stories(programme):
            self._stories[step.story].append(step)
        ids = [f"t{number:07}" for number in range(teachers)]
        self._places = [(partition_of(one, partitions), one.encode()) for one in ids]

    @cached_property
    def _finals(self) -> list[Final]:
        return [_final(steps) for steps in self._stories]

    def final(self, teacher_id: str) -> Final:
        """What is true of the teacher in the end."""
        return self._finals[int(teacher_id[1:]) % STORIES]

    def ids(self) -> Iterator[str]:
        return (key.decode() for _, key in self._places)

    @property
    def finals(self) -> dict[str, Final]:
        """Of all who have any entry."""
        return {one: self.final(one) for one in self.ids() if self._steps(int(one[1:]))}

    def ledger(self) -> Iterator[Placed]:
        """Every entry, numbered and summed up as the crediting agent would."""
        texts = [[_entry(step) for step in steps] for steps in self._stories]
        for number, step in self._rounds():
            partition, key = self._places[number]
            text = texts[number % STORIES][step.seq - 1]
            yield Placed(partition, key, text % (key, self._at(number, step)))

    def completions(self) -> Iterator[Placed]:
        """What the watching agent would say: the start of the programme, and each video done."""
        first = next(r.id for course in self.programme.courses for r in course.resources)
        for number, step in self._rounds():
            if step.kind in ("started", "learned"):
                status = b"done" if step.kind == "learned" else b"started"
                partition, key = self._places[number]
                yield Placed(partition, key, b'{"v":1,"teacher_id":"%b","programme_id":"%b",'
                             b'"resource_id":"%b","status":"%b","at":%d}' % (
                                 key, step.programme_id.encode(),
                                 (step.resource_id or first).encode(), status,
                                 self._at(number, step)))

    def enrolments(self) -> Iterator[Placed]:
        for number, step in self._rounds():
            if step.kind == "enrolled":
                partition, key = self._places[number]
                yield Placed(partition, key, b'{"v":1,"teacher_id":"%b","programme_id":"%b",'
                             b'"at":%d}' % (key, step.programme_id.encode(),
                                            self._at(number, step)))

    def roster(self, names: dict[str, str]) -> Iterator[Placed]:
        """Regions by `names`, then schools, teachers, and nine of ten verified."""
        for record in self._roster(names):
            yield Placed(0, roster_key(record).encode(), record.to_json())

    def _roster(
        self, names: dict[str, str]
    ) -> Iterator[Region | School | Teacher | Verification]:
        seats = _seats(names)
        at = self.programme.window.opens_at - 30 * DAY_MS
        for region, name in names.items():
            yield Region(region=region, name=name)
        for number in range(-(-self.teachers // A_SCHOOL)):
            region = seats[number % len(seats)]
            yield School(school_id=_school(number), region=region,
                         name=f"{names[region]}第{number // len(seats) + 1}小学")
        for number, one in enumerate(self.ids()):
            yield Teacher(teacher_id=one, school_id=_school(number // A_SCHOOL), at=at,
                          name=f"示例教师{number}", stage="小学", subject="语文")
        for number, one in enumerate(self.ids()):
            if number % 10:
                yield Verification(teacher_id=one, verified=True, at=at + DAY_MS)

    def on_roster(self, province: str, names: dict[str, str]) -> int:
        """How many teachers of the roster are in the province, by its two digits."""
        seats = _seats(names)
        return sum(seats[number // A_SCHOOL % len(seats)].startswith(province)
                   for number in range(self.teachers))

    @property
    def sums(self) -> Sums:
        """What all of `ledger` comes to."""
        many = [len(range(story, self.teachers, STORIES)) for story in range(STORIES)]
        steps = [(n, step) for n, some in zip(many, self._stories, strict=True) for step in some]
        ends = [(n, end, end.courses.values()) for n, end in zip(many, self._finals, strict=True)]
        return Sums(
            sum(n for n, _ in steps), sum(n * step.seconds for n, step in steps),
            sum(n * step.learned for n, step in steps), sum(n * step.credited for n, step in steps),
            sum(n * learned for n, _, courses in ends for learned, _ in courses),
            sum(n * credited for n, _, courses in ends for _, credited in courses),
            sum(n * end.completed for n, end, _ in ends))

    def _rounds(self) -> Iterator[tuple[int, Step]]:
        for place in range(max(map(len, self._stories))):
            for number in range(self.teachers):
                steps = self._steps(number)
                if place < len(steps):
                    yield number, steps[place]

    def _steps(self, number: int) -> list[Step]:
        return self._stories[number % STORIES]

    def _at(self, number: int, step: Step) -> int:
        """Not all begin on the same day."""
        window = self.programme.window
        days = (window.closes_at - window.opens_at) // DAY_MS - MOST_DAYS - 1
        day = number // STORIES % days + step.day
        return window.opens_at + day * DAY_MS + step.second * 1000


def _final(steps: list[Step]) -> Final:
    courses: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for step in steps:
        if step.course_id:
            courses[step.course_id] = (step.learned, step.credited)
    return Final(dict(courses), any(step.kind == "completed" for step in steps))


def _entry(step: Step) -> bytes:
    """The entry as it stands on the wire, with holes for who and when."""
    named = b'"course_id":"%b","resource_id":"%b",' % (
        step.course_id.encode(), (step.resource_id or "").encode()) if step.course_id else b""
    return LEDGER % (step.programme_id.encode(), step.seq, step.kind.encode(), named,
                     step.seconds, step.learned, step.credited)


def _seats(names: dict[str, str]) -> list[str]:
    """Counties that have schools."""
    return [code for code in names if code[:2] in PROVINCES and not code.endswith("00")]


def _school(number: int) -> str:
    return f"s{number:05}"
