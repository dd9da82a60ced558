"""So many events a second, and not more; how many can be changed at any time."""

import asyncio
import threading
import time
from dataclasses import dataclass, field

LOOK_S = 0.1


@dataclass(slots=True)
class Pace:
    """`rate`: events a second; None: no limit. What could not be sent in time is caught up."""

    rate: float | None
    begun: float = field(default_factory=time.monotonic)
    events: int = 0
    _before: float = 0.0  # events that were due when it began

    def due_in_s(self, events: int) -> float:
        """Seconds to wait before `events` more may be sent; they count as sent."""
        ticket, self.events = self.events, self.events + events
        return self._left_s(ticket)

    def change(self, rate: float | None) -> None:
        """Go on with another rate from now on; those who wait already do, too."""
        now = time.monotonic()
        due = self._before + (now - self.begun) * self.rate if self.rate else self.events
        self._before, self.begun, self.rate = min(due, self.events), now, rate

    async def wait(self, events: int) -> None:
        """Return when `events` more may be sent."""
        ticket, self.events = self.events, self.events + events
        while left := self._left_s(ticket):
            await asyncio.sleep(min(left, LOOK_S))

    def wait_here(self, events: int, stopping: threading.Event) -> None:
        """The same in a thread; returns at once when `stopping` is set."""
        ticket, self.events = self.events, self.events + events
        while (left := self._left_s(ticket)) and not stopping.is_set():
            stopping.wait(min(left, LOOK_S))

    def _left_s(self, ticket: int) -> float:
        rate = self.rate
        due = self.begun + (ticket - self._before) / rate if rate else 0.0
        return max(0.0, due - time.monotonic())
