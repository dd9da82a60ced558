"""What a done resource is worth to its teacher, in one programme (rules 4, 5, 13, 21)."""

from dataclasses import replace

from audit.explain.states import State
from pipeline.rules.credit import Account, CourseStanding, Standing, done_at, standing
from pipeline.rules.programme import Listing


def done(listing: Listing, account: Account) -> tuple[int | None, str | None]:
    """When it was done, and in which other programme if not in this one (rule 5)."""
    id_, programme = listing.resource.id, listing.programme
    moment = done_at(programme, listing.course, account).get(id_)
    is_own = id_ in account.done.get(programme.id, {})
    return moment, None if moment is None or is_own else listing.course.shared_with


def course_of(listing: Listing, now: Standing) -> CourseStanding:
    """The listing's course in the standing."""
    return next(row for row in now.courses if row.course_id == listing.course.id)


def counted(listing: Listing, account: Account, moment: int | None) -> int:
    """What the resource added to its course's credit: with it less without it, leaving out
    what was done later (rule 13).
    """
    if moment is None:
        return 0
    id_ = listing.resource.id
    with_it = {programme_id: {r: at for r, at in moments.items() if (at, r) <= (moment, id_)}
               for programme_id, moments in account.done.items()}
    without = {programme_id: {r: at for r, at in moments.items() if r != id_}
               for programme_id, moments in with_it.items()}
    return _credited(listing, account, with_it) - _credited(listing, account, without)


def _credited(listing: Listing, account: Account, moments: dict[str, dict[str, int]]) -> int:
    now = standing(listing.programme, replace(account, done=moments))
    return course_of(listing, now).credited


def state(listing: Listing, account: Account, moment: int) -> State:
    """Of what was done at `moment`."""
    now = standing(listing.programme, account)
    if listing.resource.kind == "text":
        return State.TEXT_DONE
    if now.enrolled_at is None:
        return State.NOT_ENROLLED
    if not listing.course.required_seconds:
        return State.EXTENSION
    if counted(listing, account, moment):
        return State.CREDITED
    return _uncounted(listing, account, now, moment)


def _uncounted(listing: Listing, account: Account, now: Standing, moment: int) -> State:
    """Why it adds nothing to its course."""
    enrolled_at, course = now.enrolled_at or 0, course_of(listing, now)
    if not listing.programme.credit_before_enrolment and moment < enrolled_at:
        return State.BEFORE_ENROLMENT
    opening = account.openings.get(listing.programme.id, {}).get(listing.course.id)
    if opening is not None and moment < opening.as_of:
        return State.IN_OPENING
    return State.COURSE_FULL if course.credited == course.required else State.TAKEN_AWAY
