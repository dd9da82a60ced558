"""Rule 16: every teacher has one wall clock, and no moment of it can be spent twice."""

from pipeline.rules.intervals import Spans

HUNDRED_PER_CENT = 100


def cost(media_ms: int, rate: int, max_rate: int) -> int:
    """Wall milliseconds that `media_ms` spend at `rate` per cent, rounded up (16, 17).

    Faster than `max_rate` is paid at that rate.
    """
    return -(-media_ms * HUNDRED_PER_CENT // min(rate, max_rate))


def room(spent: Spans, earliest: int, latest: int, wall_ms: int) -> int | None:
    """Until when all is spent if `wall_ms` of the free time in [earliest, latest) are: the free
    time nearest to `earliest` goes first. None where there is less of it.

    Two devices that were used one after the other so fit in whatever order their posts arrive
    (ADR 3).
    """
    moment = _when_free_for(spent, earliest, latest, wall_ms)
    return moment if moment <= latest else None


def _when_free_for(spent: Spans, earliest: int, latest: int, wall_ms: int) -> int:
    """The moment by which `wall_ms` free milliseconds have gone by since `earliest`."""
    moment = earliest + wall_ms
    for start, end in _overlapping(spent, earliest):
        if start >= moment or moment > latest:
            break
        moment += end - max(start, earliest)
    return moment


def _overlapping(spent: Spans, earliest: int) -> list[tuple[int, int]]:
    """The spent stretches that end after `earliest`, as pairs, in order."""
    first = len(spent)
    while first and spent[first - 1] > earliest:
        first -= 2
    return list(zip(spent[first::2], spent[first + 1 :: 2], strict=True))
