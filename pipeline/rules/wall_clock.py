"""Rule 16: every teacher has one wall clock, and no moment of it can be spent twice."""

from typing import Final

from mypy_extensions import i64

from pipeline.rules.intervals import Spans

HUNDRED_PER_CENT: Final = 100


def cost(media_ms: i64, rate: i64, max_rate: i64) -> i64:
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
    bound = len(spent)
    while bound and spent[bound - 1] > earliest:  # mostly there is one stretch, or none
        bound -= 2
    while bound < len(spent) and spent[bound] < moment <= latest:
        moment += spent[bound + 1] - max(spent[bound], earliest)
        bound += 2
    return moment
