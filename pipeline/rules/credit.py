"""Rules 3, 5, 12, 13, 21: from what was completed to what is learned, credited, recognised.

Everything is derived from a map of what is done, keyed by (programme, resource), and summed
afresh: nothing is counted up, so a repeat cannot count twice (rule 14).
"""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, final

from pipeline.rules.programme import Catalogue, Course, Programme

NOTHING: Final[dict[str, int]] = {}


class OpeningBalance(NamedTuple):
    """Seconds an earlier system hands over for a course; what was done before `as_of` is in it."""

    seconds: int
    as_of: int


class Adjustment(NamedTuple):
    """What people decided: "grant" or "withdraw" `seconds` of a course, or "hold" a programme.

    While a hold stands, learning is counted as ever, but the programme is not completed, so
    nothing of it is recognised (rule 13). `course_id` is "" for a hold.
    """

    kind: Literal["grant", "withdraw", "hold"]
    course_id: str
    seconds: int
    at: int


@final
class Learned:
    """One amount of learning in a course, and the moment it was earned; negative: withdrawn."""

    def __init__(self, at: int, seconds: int) -> None:
        self.at = at
        self.seconds = seconds


@dataclass(slots=True, init=False)  # a compiled initialiser, as those of rules/watching.py
class Account:
    """All that is remembered of one teacher's credit; first keys are programme ids.

    `done[programme][resource]`, `enrolled[programme]`, `started[programme]` are moments (ms);
    `openings[programme][course]` the opening balances (rule 5); `adjustments[programme][id]`
    what people decided, `reversed[programme]` the ids of what they took back, in any order.
    """

    enrolled: dict[str, int]
    started: dict[str, int]
    done: dict[str, dict[str, int]]
    openings: dict[str, dict[str, OpeningBalance]]
    adjustments: dict[str, dict[str, Adjustment]]
    reversed: dict[str, list[str]]

    def __init__(
        self, enrolled: dict[str, int] | None = None, started: dict[str, int] | None = None,
        done: dict[str, dict[str, int]] | None = None,
        openings: dict[str, dict[str, OpeningBalance]] | None = None,
        adjustments: dict[str, dict[str, Adjustment]] | None = None,
        reversed: dict[str, list[str]] | None = None,
    ) -> None:
        self.enrolled = {} if enrolled is None else enrolled
        self.started = {} if started is None else started
        self.done = {} if done is None else done
        self.openings = {} if openings is None else openings
        self.adjustments = {} if adjustments is None else adjustments
        self.reversed = {} if reversed is None else reversed


class CourseStanding(NamedTuple):
    """Seconds learned, and credited up to what the course requires (rule 13)."""

    course_id: str
    learned: int
    credited: int
    required: int


@final
class CourseSum:
    """A course summed up: its standing, and the moment from which it has its required hours."""

    def __init__(self, standing: CourseStanding, reached_at: int | None) -> None:
        self.standing = standing
        self.reached_at = reached_at


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a teacher stands in a programme. Moments are None until they have come."""

    courses: tuple[CourseStanding, ...]
    enrolled_at: int | None
    started_at: int | None
    completed_at: int | None
    is_held: bool = False

    @property
    def learned(self) -> int:
        return sum(course.learned for course in self.courses)

    @property
    def credited(self) -> int:
        return sum(course.credited for course in self.courses)

    @property
    def recognised(self) -> int:
        """What a bureau may enter in the training record: nothing before completion (13)."""
        return self.credited if self.completed_at is not None else 0


def standing(programme: Programme, account: Account) -> Standing:
    """The teacher's standing in the programme, from scratch."""
    enrolled_at = enrolled_when(programme, account)
    sums = [sum_up(programme, course, account, enrolled_at) for course in programme.courses]
    return Standing(
        courses=tuple([one.standing for one in sums]),
        enrolled_at=enrolled_at,
        started_at=started_when(programme, account),
        completed_at=completed_when(programme, account, enrolled_at, dict(enumerate(sums))),
        is_held=is_held(programme, account),
    )


def sum_up(
    programme: Programme, course: Course, account: Account, enrolled_at: int | None
) -> CourseSum:
    """One of the programme's courses, from scratch."""
    learned = _learned(programme, course, account)
    creditable = _creditable(programme, learned, enrolled_at)
    required = course.required_seconds
    enough = _seconds(creditable)
    return CourseSum(
        CourseStanding(course.id, max(0, _seconds(learned)), max(0, min(required, enough)),
                       required),
        _reached_at(required, creditable) if enough >= required else None)


def is_held(programme: Programme, account: Account) -> bool:
    """Whether a hold stands (rule 13)."""
    for one in standing_adjustments(account, programme.id):  # noqa: SIM110  # as in rules/columns
        if one.kind == "hold":
            return True
    return False


def completed_when(
    programme: Programme, account: Account, enrolled_at: int | None, known: dict[int, CourseSum]
) -> int | None:
    """The moment from which every course has its required hours (rules 3, 13). `known`: courses
    that are summed up, by their place in the programme; the others are if it comes to that.
    """
    if enrolled_at is None or is_held(programme, account):
        return None
    for one in known.values():
        if one.standing.required and one.reached_at is None:
            return None
    completed_at = enrolled_at
    for place, course in enumerate(programme.courses):
        if course.required_seconds:
            one = known.get(place) or sum_up(programme, course, account, enrolled_at)
            if one.reached_at is None:
                return None
            completed_at = max(completed_at, one.reached_at)
    return completed_at


def enrolled_when(programme: Programme, account: Account) -> int | None:
    """Direct enrolment, or that of a programme which makes it unnecessary (rule 21)."""
    enrolled_at = account.enrolled.get(programme.id)
    for other in programme.enrolled_through:
        enrolled_at = earlier(enrolled_at, account.enrolled.get(other))
    return enrolled_at


def started_when(programme: Programme, account: Account) -> int | None:
    """The first stretch here, or the first completion that was carried over to here (rule 5)."""
    started_at = account.started.get(programme.id)
    for course in programme.courses:
        if course.shared_with and course.shared_with in account.done:
            done = account.done[course.shared_with]
            for resource in course.resources:
                started_at = earlier(started_at, done.get(resource.id))
    return started_at


def earlier(one: int | None, other: int | None) -> int | None:
    """The earlier of two moments, of which either may not have come."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def affected(catalogue: Catalogue, programme_id: str) -> list[Programme]:
    """The programmes whose standing an event in this one can change: itself and its heirs (5)."""
    return [p for p in catalogue.programmes.values()
            if p.id == programme_id or programme_id in p.enrolled_through
            or programme_id in [course.shared_with for course in p.courses]]


def mark_done(account: Account, programme_id: str, resource_id: str, at: int) -> None:
    """Note a completed resource; the earliest moment stays."""
    _keep_earliest(account.done.setdefault(programme_id, {}), resource_id, at)


def mark_started(account: Account, programme_id: str, at: int) -> None:
    """Note that the programme was started; the earliest moment stays."""
    _keep_earliest(account.started, programme_id, at)


def enrol(account: Account, programme_id: str, at: int) -> None:
    """Note an enrolment; the earliest moment stays."""
    _keep_earliest(account.enrolled, programme_id, at)


def adjust(account: Account, programme_id: str, adjustment_id: str, one: Adjustment) -> None:
    """Note what people decided; the same id again changes nothing."""
    account.adjustments.setdefault(programme_id, {}).setdefault(adjustment_id, one)


def reverse(account: Account, programme_id: str, adjustment_id: str) -> None:
    """Take an adjustment back, also one that is still on its way."""
    taken_back = account.reversed.setdefault(programme_id, [])
    if adjustment_id not in taken_back:
        taken_back.append(adjustment_id)


def standing_adjustments(account: Account, programme_id: str) -> list[Adjustment]:
    """The adjustments of a programme that were not taken back."""
    adjustments = account.adjustments.get(programme_id)
    if adjustments is None:
        return []
    taken_back = account.reversed.get(programme_id, [])
    return [one for id_, one in adjustments.items() if id_ not in taken_back]


def open_balance(account: Account, programme_id: str, course_id: str, one: OpeningBalance) -> None:
    """Note what an earlier system hands over (rule 5); a correction replaces what it corrects."""
    account.openings.setdefault(programme_id, {})[course_id] = one


def _keep_earliest(moments: dict[str, int], key: str, at: int) -> None:
    moments[key] = min(at, moments.get(key, at))


def done_at(programme: Programme, course: Course, account: Account) -> dict[str, int]:
    """When each done resource of the course was done, here or carried over: a union (rule 5)."""
    moments = _moments(programme, course, account)
    return {resource.id: at for resource, at in zip(course.resources, moments, strict=True)
            if at is not None}


def _moments(programme: Programme, course: Course, account: Account) -> list[int | None]:
    """The same as a list beside the course's resources."""
    here = account.done.get(programme.id, NOTHING)
    if course.shared_with is None or course.shared_with not in account.done:
        return [here.get(resource.id) for resource in course.resources]
    before = account.done[course.shared_with]
    return [earlier(here.get(resource.id), before.get(resource.id))
            for resource in course.resources]


def _learned(programme: Programme, course: Course, account: Account) -> list[Learned]:
    """What was learned in the course: here or, once, in the programme it is shared with (5)."""
    learned: list[Learned] = []
    openings = account.openings.get(programme.id)
    opening = None if openings is None else openings.get(course.id)
    if opening is not None:
        learned.append(Learned(opening.as_of, opening.seconds))
    for number, at in enumerate(_moments(programme, course, account)):
        if at is not None and (opening is None or at >= opening.as_of):
            learned.append(Learned(at, course.resources[number].credit_seconds))
    for one in standing_adjustments(account, programme.id):
        if one.course_id == course.id:
            learned.append(Learned(one.at, one.seconds if one.kind == "grant" else -one.seconds))
    return learned


def _creditable(
    programme: Programme, learned: list[Learned], enrolled_at: int | None
) -> list[Learned]:
    """Nothing before 报名; afterwards also what came before it, if ⚙ so set (rule 21)."""
    if enrolled_at is None:
        return []
    if programme.credit_before_enrolment:
        return learned
    return [one for one in learned if one.at >= enrolled_at]


def _seconds(learned: list[Learned]) -> int:
    so_far = 0
    for one in learned:
        so_far += one.seconds
    return so_far


def _reached_at(required: int, learned: list[Learned]) -> int | None:
    """The moment from which the sum is what is required; a withdrawal may end it again."""
    so_far = 0
    reached_at: int | None = None
    for one in sorted(learned, key=lambda one: (one.at, -one.seconds)):  # no dip inside a moment
        so_far += one.seconds
        if so_far < required:
            reached_at = None
        elif reached_at is None:
            reached_at = one.at
    return reached_at
