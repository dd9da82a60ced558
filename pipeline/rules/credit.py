"""Rules 3, 5, 12, 13, 21: from what was completed to what is learned, credited, recognised.

Everything is derived from a map of what is done, keyed by (programme, resource), and summed
afresh: nothing is counted up, so a repeat cannot count twice (rule 14).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pipeline.rules.programme import Catalogue, Course, Programme


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


class Learned(NamedTuple):
    """One amount of learning in a course, and the moment it was earned; negative: withdrawn."""

    at: int
    seconds: int


@dataclass(slots=True)
class Account:
    """All that is remembered of one teacher's credit; first keys are programme ids.

    `done[programme][resource]`, `enrolled[programme]`, `started[programme]` are moments (ms);
    `openings[programme][course]` the opening balances (rule 5); `adjustments[programme][id]`
    what people decided, `reversed[programme]` the ids of what they took back, in any order.
    """

    enrolled: dict[str, int] = field(default_factory=dict)
    started: dict[str, int] = field(default_factory=dict)
    done: dict[str, dict[str, int]] = field(default_factory=dict)
    openings: dict[str, dict[str, OpeningBalance]] = field(default_factory=dict)
    adjustments: dict[str, dict[str, Adjustment]] = field(default_factory=dict)
    reversed: dict[str, list[str]] = field(default_factory=dict)


class CourseStanding(NamedTuple):
    """Seconds learned, and credited up to what the course requires (rule 13)."""

    course_id: str
    learned: int
    credited: int
    required: int


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
    enrolled_at = _enrolled_at(programme, account)
    learned = [list(_learned(programme, course, account)) for course in programme.courses]
    rows = list(zip(programme.courses, learned, strict=True))
    is_held = any(one.kind == "hold" for one in standing_adjustments(account, programme.id))
    return Standing(
        courses=tuple(_course_standing(programme, c, e, enrolled_at) for c, e in rows),
        enrolled_at=enrolled_at,
        started_at=_started_at(programme, account),
        completed_at=None if is_held else _completed_at(programme, rows, enrolled_at),
        is_held=is_held,
    )


def affected(catalogue: Catalogue, programme_id: str) -> list[Programme]:
    """The programmes whose standing an event in this one can change: itself and its heirs (5)."""
    return [p for p in catalogue.programmes.values()
            if programme_id in (p.id, *p.enrolled_through, *(c.shared_with for c in p.courses))]


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
    taken_back = account.reversed.get(programme_id, ())
    return [one for id_, one in account.adjustments.get(programme_id, {}).items()
            if id_ not in taken_back]


def open_balance(account: Account, programme_id: str, course_id: str, one: OpeningBalance) -> None:
    """Note what an earlier system hands over (rule 5); a correction replaces what it corrects."""
    account.openings.setdefault(programme_id, {})[course_id] = one


def _keep_earliest(moments: dict[str, int], key: str, at: int) -> None:
    moments[key] = min(at, moments.get(key, at))


def _enrolled_at(programme: Programme, account: Account) -> int | None:
    """Direct enrolment, or that of a programme which makes it unnecessary (rule 21)."""
    through = (programme.id, *programme.enrolled_through)
    return min((account.enrolled[p] for p in through if p in account.enrolled), default=None)


def _started_at(programme: Programme, account: Account) -> int | None:
    """The first stretch here, or the first completion that was carried over to here (rule 5)."""
    carried = [at for course in programme.courses if course.shared_with
               for at in _done_in(course, course.shared_with, account).values()]
    own = account.started.get(programme.id)
    return min([*carried, *([] if own is None else [own])], default=None)


def _learned(programme: Programme, course: Course, account: Account) -> Iterator[Learned]:
    """What was learned in the course: here or, once, in the programme it is shared with (5)."""
    opening = account.openings.get(programme.id, {}).get(course.id)
    if opening is not None:
        yield Learned(opening.as_of, opening.seconds)
    done = done_at(programme, course, account)
    for resource in course.resources:
        at = done.get(resource.id)
        if at is not None and (opening is None or at >= opening.as_of):
            yield Learned(at, resource.credit_seconds)
    for one in standing_adjustments(account, programme.id):
        if one.course_id == course.id:
            yield Learned(one.at, one.seconds if one.kind == "grant" else -one.seconds)


def done_at(programme: Programme, course: Course, account: Account) -> dict[str, int]:
    """When each done resource of the course was done, here or carried over: a union (rule 5)."""
    moments = _done_in(course, programme.id, account)
    if course.shared_with:
        for resource_id, at in _done_in(course, course.shared_with, account).items():
            _keep_earliest(moments, resource_id, at)
    return moments


def _done_in(course: Course, programme_id: str, account: Account) -> dict[str, int]:
    done = account.done.get(programme_id, {})
    return {r.id: done[r.id] for r in course.resources if r.id in done}


def _course_standing(
    programme: Programme, course: Course, learned: list[Learned], enrolled_at: int | None
) -> CourseStanding:
    creditable = sum(one.seconds for one in _creditable(programme, learned, enrolled_at))
    return CourseStanding(
        course_id=course.id,
        learned=max(0, sum(one.seconds for one in learned)),
        credited=max(0, min(course.required_seconds, creditable)),
        required=course.required_seconds,
    )


def _creditable(
    programme: Programme, learned: list[Learned], enrolled_at: int | None
) -> list[Learned]:
    """Nothing before 报名; afterwards also what came before it, if ⚙ so set (rule 21)."""
    if enrolled_at is None:
        return []
    if programme.credit_before_enrolment:
        return learned
    return [one for one in learned if one.at >= enrolled_at]


def _completed_at(
    programme: Programme, rows: list[tuple[Course, list[Learned]]], enrolled_at: int | None
) -> int | None:
    """The moment from which every course has its required hours (rules 3, 13)."""
    if enrolled_at is None:
        return None
    moments = [_reached_at(course.required_seconds, _creditable(programme, learned, enrolled_at))
               for course, learned in rows if course.required_seconds]
    if any(moment is None for moment in moments):
        return None
    return max([enrolled_at, *(moment for moment in moments if moment is not None)])


def _reached_at(required: int, learned: list[Learned]) -> int | None:
    """The moment from which the sum is what is required; a withdrawal may end it again."""
    so_far, reached_at = 0, None
    for one in sorted(learned, key=lambda one: (one.at, -one.seconds)):  # no dip inside a moment
        so_far += one.seconds
        if so_far < required:
            reached_at = None
        elif reached_at is None:
            reached_at = one.at
    return reached_at
