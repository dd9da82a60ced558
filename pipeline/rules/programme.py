"""A programme as data (rule 7): its courses, resources, window, and every ⚙ setting.

Made from `programmes/*.toml` by `programme_file.load_catalogue`, which checks all of it;
nothing here is checked again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal


class ProgrammeError(Exception):
    """Programme files cannot be used. `problems`: one line each, "file: key path: reason"."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is read: `choices` are texts by what is handed in for them. `several`: more
    than one may be chosen, which is said here and not seen from the key.
    """

    text: str
    choices: Mapping[str, str]
    several: bool


@dataclass(frozen=True, slots=True)
class Quiz:
    """A quiz at `at_ms` of its video. `key`: the right choice, or choices, by question (10).

    `wording` has all of the key's questions, in its order, or none: then the platform has it.
    """

    id: str
    at_ms: int
    key: Mapping[str, str | tuple[str, ...]]
    wording: Mapping[str, Question] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resource:
    """A video or a text. Completing it is worth `credit_seconds`, 0 for a text (4, 6).

    A text's `duration_ms` is the time a careful reader takes; reading is reported like
    playing, and "done" means all of it.
    """

    id: str
    kind: Literal["video", "text"]
    title: str
    duration_ms: int
    credit_seconds: int
    quizzes: tuple[Quiz, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """A course and the credit it requires (rules 2, 3).

    `shared_with` is the id of the earlier programme whose completions count here too, and
    which this course has its name and resources from (rule 5).
    """

    id: str
    name: str
    required_seconds: int
    shared_with: str | None
    resources: tuple[Resource, ...]

    @property
    def offered_seconds(self) -> int:
        """What completing all of its resources is worth."""
        return sum(resource.credit_seconds for resource in self.resources)


@dataclass(frozen=True, slots=True)
class Window:
    """[opens_at, closes_at) in epoch milliseconds, and how late a started session counts (1)."""

    opens_at: int
    closes_at: int
    late_arrival_ms: int


@dataclass(frozen=True, slots=True)
class Clock:
    """What a teacher's one wall clock allows (rules 16, 17). `max_rate` in per cent."""

    max_rate: int
    offline_grace_ms: int
    slack_ms: int


@dataclass(frozen=True, slots=True)
class Programme:
    """One training; the rule numbers stand beside the keys in `programmes/*.toml`.

    `quiz_attempts`: of one quiz, so many hand-ins within any 24 hours are looked at (rule 10);
    None: all of them.
    """

    id: str
    name: str
    window: Window
    courses: tuple[Course, ...]
    clock: Clock
    seconds_per_hour: int
    credit_before_enrolment: bool
    enrolled_through: tuple[str, ...]
    gap_tolerance_ms: int
    tail_tolerance_ms: int
    quiz_rule: Literal["passed", "completed"]
    pass_mark: float
    ranking: bool
    quiz_attempts: int | None = None

    @property
    def required_seconds(self) -> int:
        """What the whole programme requires (rule 2)."""
        return sum(course.required_seconds for course in self.courses)


@dataclass(frozen=True, slots=True)
class Listing:
    """A resource in its place: what it counts for, once."""

    programme: Programme
    course: Course
    resource: Resource


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every programme at once (rule 7). They agree on `clock` and on every common resource.

    Keys are ids. `listings` has every programme that lists the resource in a course, shared
    courses included, in the order of `programmes` (rule 12).
    """

    programmes: Mapping[str, Programme]
    clock: Clock
    resources: Mapping[str, Resource]
    listings: Mapping[str, tuple[Listing, ...]]

    @classmethod
    def of(cls, programmes: Iterable[Programme]) -> "Catalogue":
        """The catalogue of one programme or more, which must agree with each other."""
        by_id = {programme.id: programme for programme in programmes}
        listings: dict[str, tuple[Listing, ...]] = {}
        for listing in _listings(by_id.values()):
            listings[listing.resource.id] = (*listings.get(listing.resource.id, ()), listing)
        return cls(
            programmes=by_id,
            clock=next(iter(by_id.values())).clock,
            resources={id_: places[0].resource for id_, places in listings.items()},
            listings=listings,
        )


def _listings(programmes: Iterable[Programme]) -> Iterator[Listing]:
    for programme in programmes:
        for course in programme.courses:
            for resource in course.resources:
                yield Listing(programme, course, resource)
