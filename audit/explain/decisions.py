"""What people decided about a course, or about the whole programme, of one teacher."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pipeline.agents.crediting import course_of
from pipeline.rules.programme import Catalogue, Listing
from pipeline.schemas.adjustments import (
    AnyAdjustment,
    Grant,
    Hold,
    OpeningBalance,
    Reversal,
    Withdrawal,
)


class Decided(NamedTuple):
    """A decision, and whether it was taken back."""

    decision: Grant | Withdrawal | Hold | OpeningBalance
    is_reversed: bool


def valid(catalogue: Catalogue, adjustments: Iterable[AnyAdjustment]) -> Iterator[AnyAdjustment]:
    """Those that the crediting agent heeds: of a known course, and the first of an id."""
    seen: set[tuple[str, str]] = set()
    for one in adjustments:
        key = one.programme_id, one.adjustment_id
        programme = catalogue.programmes.get(one.programme_id)
        course_id = course_of(one)
        if programme is None or key in seen or (
            course_id is not None and course_id not in {c.id for c in programme.courses}
        ):
            continue
        seen.add(key)
        yield one


def decisions(listing: Listing, adjustments: Iterable[AnyAdjustment]) -> tuple[Decided, ...]:
    """Those about the listing's course, and the holds of its programme."""
    own = [one for one in adjustments if one.programme_id == listing.programme.id]
    taken_back = {one.reverses for one in own if isinstance(one, Reversal)}
    return tuple(Decided(one, one.adjustment_id in taken_back) for one in own
                 if not isinstance(one, Reversal) and course_of(one) in (listing.course.id, None))
