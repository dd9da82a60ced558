"""Rule 10 ⚙ `quiz_attempts`: how often a teacher's answers to one quiz are looked at.

Within any 24 hours, by receive time (rule 15), at most `limit` hand-ins are looked at; one more
is not, right or wrong. Only those that were looked at count against the limit, so nobody is
locked out for ever. Moments are epoch milliseconds, in any order, as sessions may overtake one
another: whoever stays within the limit is looked at in every order of arrival (rule 14).
"""

from collections.abc import Iterable, Sequence

DAY_MS = 24 * 3600 * 1000


def has_room(looked_at: Iterable[int], at: int, limit: int) -> bool:
    """Whether a hand-in received `at` leaves no 24 hours with more than `limit` (≥ 1)."""
    near = sorted([at, *(moment for moment in looked_at if abs(moment - at) < DAY_MS)])
    return all(last - first >= DAY_MS for first, last in zip(near, near[limit:], strict=False))


def next_room(looked_at: Sequence[int], now: int, limit: int) -> int:
    """The first moment from `now` on at which one more would be looked at."""
    later = sorted(moment + DAY_MS for moment in looked_at if moment + DAY_MS > now)
    return next(at for at in (now, *later) if has_room(looked_at, at, limit))


def lately(looked_at: Iterable[int], now: int) -> int:
    """How many were looked at in the 24 hours up to `now`."""
    return sum(now - DAY_MS < moment <= now for moment in looked_at)


def room(looked_at: Iterable[int], now: int, limit: int) -> int:
    """How many hand-ins received `now` would be looked at, one after the other."""
    moments = list(looked_at)
    for used in range(limit):
        if not has_room(moments, now, limit):
            return used
        moments.append(now)
    return limit
