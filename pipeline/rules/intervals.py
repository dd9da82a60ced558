"""Unions of stretches, as one flat sorted list of bounds: [from, to, from, to, …].

Stretches are half-open and in whole units (milliseconds, sequence numbers), so the sums
are exact. Stretches that overlap or touch are one. Bound number `i` opens a stretch where
`i` is even and closes one where it is odd, which lets bisection answer every question.
"""

from bisect import bisect_left, bisect_right

Spans = list[int]

MAX_PIECES = 400
"""Loose pieces of one video, or of a session's numbers. Nobody who watches leaves so many;
without a bound, pieces of a millisecond would make one teacher's state too big to be written."""


MAX_LOOSE = 5_000
"""Loose pieces of one teacher's numbers in all sessions together, and of their spent time: as many
as one every half minute for two days. Each play that is opened makes one of both."""


def add(spans: Spans, start: int, end: int) -> None:
    """Unite [start, end) with `spans`, in place; O(log n) to find, O(n) to move."""
    if spans and spans[-2] <= start <= spans[-1] <= end:  # mostly it goes on where the last ended
        spans[-1] = end
        return
    low = bisect_left(spans, start)
    high = bisect_right(spans, end)
    bounds = [] if low % 2 else [start]
    if not high % 2:
        bounds.append(end)
    spans[low:high] = bounds


def contains(spans: Spans, point: int) -> bool:
    """Whether `point` lies in one of the stretches."""
    if not spans or point >= spans[-1]:  # mostly it is new, and behind them all
        return False
    return bisect_right(spans, point) % 2 == 1


def scatters(spans: Spans, start: int, end: int) -> bool:
    """Whether [start, end) would be one more loose piece where there are MAX_PIECES already."""
    return len(spans) >= 2 * MAX_PIECES and is_loose(spans, start, end)


def after(spans: Spans, moment: int) -> Spans:
    """The stretches that end after `moment`."""
    return spans[bisect_right(spans, moment) // 2 * 2 :]


def is_loose(spans: Spans, start: int, end: int) -> bool:
    """Whether [start, end) neither overlaps nor touches any of the stretches."""
    if not spans or start >= spans[-1]:
        return not spans or start > spans[-1]
    low = bisect_left(spans, start)
    return low % 2 == 0 and bisect_right(spans, end) == low


def total(spans: Spans) -> int:
    """How much is covered."""
    found = 0
    for bound in range(0, len(spans), 2):
        found += spans[bound + 1] - spans[bound]
    return found


def missing(spans: Spans, start: int, end: int) -> Spans:
    """What of [start, end) is not covered; nothing where that is empty."""
    if start >= end:
        return []
    low = bisect_right(spans, start)
    high = bisect_left(spans, end)
    bounds = [start, *spans[low:high], end]
    if low % 2:
        bounds.pop(0)
    if high % 2:
        bounds.pop()
    return [bound for pair in zip(bounds[::2], bounds[1::2], strict=True)
            if pair[0] < pair[1] for bound in pair]


def length_missing(spans: Spans, start: int, end: int) -> int:
    """The total of what is missing in [start, end)."""
    left = max(0, end - start)
    for bound in range(0, len(spans), 2):
        if spans[bound] >= end:
            break
        left -= max(0, min(spans[bound + 1], end) - max(spans[bound], start))
    return left


def union(*many: Spans) -> Spans:
    """All that is in any of them."""
    out: Spans = []
    for spans in many:
        for start, end in zip(spans[::2], spans[1::2], strict=True):
            add(out, start, end)
    return out


def forget_before(spans: Spans, moment: int) -> None:
    """Drop, in place, the stretches that end at or before `moment`."""
    if spans and spans[1] <= moment:
        del spans[: bisect_right(spans, moment) // 2 * 2]
