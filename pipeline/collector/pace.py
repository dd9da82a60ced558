"""How fast somebody may do something: a steady rate, and a burst on top of it."""

FEW = 1_000
MOST = 200_000


Turn = tuple[float, float]
"""The next theoretical arrival time, and how long to wait; 0 if it may be now."""


def turn(due: float, now: int, interval_ms: float, burst: float, cost: float = 1) -> Turn:
    """Whether what costs `cost` may be done at `now`; times in milliseconds (GCRA).

    `due` is when all would be back at rest; each unit of cost moves it on by `interval_ms`,
    and it may run ahead of `now` by `burst` of them. What costs more than the burst counts as the
    whole burst: it has to wait for rest, and not for ever.
    """
    cost = min(cost, burst)
    if due <= now:
        return now + cost * interval_ms, 0
    if due > now + burst * interval_ms:  # only a clock that was set back can bring that about
        due = now
    wait_ms = due - now - (burst - cost) * interval_ms
    return (due, wait_ms) if wait_ms > 0 else (due + cost * interval_ms, 0)


class Pace:
    """Everybody's turns. Forgotten is only who is at rest, and so loses and gains nothing by it:
    nobody can push others out, or win a new burst, by coming under many names.

    It remembers who came since the last turning of a page, and on the page before; a page is
    turned when the longest wait has gone by and there are more than `few` on it. Only if there
    are `most` it is turned before that: then some may have a burst more than is theirs.
    """

    def __init__(
        self, per_second: float, burst: float, few: int = FEW, most: int = MOST
    ) -> None:
        self._interval_ms = 1000 / per_second
        self._burst = burst
        self._few, self._most = few, most
        self._page: dict[str, float] = {}
        self._page_before: dict[str, float] = {}
        self._turned_at = 0

    def wait_ms(self, who: str, now: int, cost: float = 1) -> float:
        """0 if they may at `now` (epoch ms), which counts; else how long to wait."""
        if len(self._page) >= self._few:
            self._turn_page(now)
        due = self._page.get(who)
        if due is None:
            due = self._page_before.get(who, 0.0)
        due, wait_ms = turn(due, now, self._interval_ms, self._burst, cost)
        self._page[who] = due
        return wait_ms

    def _turn_page(self, now: int) -> None:
        is_old = abs(now - self._turned_at) >= self._burst * self._interval_ms
        if is_old or len(self._page) >= self._most:
            self._page_before, self._page, self._turned_at = self._page, {}, now
