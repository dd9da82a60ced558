"""An alarm about the share of refused events, which stops nothing.

Two kinds are told apart, each with an alarm of its own: input that cannot be used, where
something is broken, and claims that are not believed, where somebody cheats or a clock is wrong.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from pipeline.schemas.rejections import Reason
from pipeline.settings import Settings

SLICES = 60            # of the time looked at
REPEAT_MS = 60_000     # how often an alarm that lasts is said again
MOST_REASONS = 4


class Kind(Enum):
    """What is wrong, and the reasons that mean it."""

    BROKEN = "input is broken"
    DISBELIEVED = "claims are not believed"

    @property
    def reasons(self) -> frozenset[Reason]:
        return DISBELIEVED if self is Kind.DISBELIEVED else frozenset(Reason) - DISBELIEVED


DISBELIEVED = frozenset({
    Reason.TOO_SCATTERED, Reason.NO_TIME_LEFT, Reason.TOO_OLD, Reason.TOO_MANY_ATTEMPTS})


class Counted(Protocol):
    """A refusal: a worker's `Refused`, or a `Rejection`."""

    @property
    def reason(self) -> Reason: ...
    @property
    def count(self) -> int: ...


@dataclass(slots=True)
class Slice:
    """What came in a part of the time looked at. `at`: its beginning, epoch ms."""

    at: int
    taken: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)


@dataclass(slots=True)
class Window:
    """The events of the last `span_ms`, to a sixtieth of it."""

    span_ms: int
    taken: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)
    _slices: deque[Slice] = field(default_factory=deque)

    def note(self, refused: Iterable[Counted], taken: int, now: int) -> None:
        piece = self._slice(now)
        piece.taken += taken
        self.taken += taken
        for one in refused:
            piece.refused[one.reason] += one.count
            self.refused[one.reason] += one.count

    def _slice(self, now: int) -> Slice:
        """The newest; a clock that was set back does not reorder them."""
        if not self._slices or now >= self._slices[-1].at + self.span_ms // SLICES:
            self._slices.append(Slice(now))
        return self._slices[-1]

    def forget(self, now: int) -> None:
        """Leave out what is older than the time looked at."""
        while self._slices and self._slices[0].at <= now - self.span_ms:
            old = self._slices.popleft()
            self.taken -= old.taken
            self.refused -= old.refused

    def of(self, reasons: frozenset[Reason]) -> Counter[Reason]:
        """How many events were refused for each of these reasons."""
        return Counter({reason: n for reason, n in self.refused.items() if reason in reasons})

    @property
    def events(self) -> int:
        return self.taken + self.refused.total()


@dataclass(slots=True)
class Alarm:
    """One kind's alarm over a window. It begins above `share`, where at least `least` events were
    refused, and is over below half of either, so that it does not flap. Instants in epoch ms.
    """

    kind: Kind
    where: str
    share: float
    least: int
    began_at: int | None = None
    _said_at: int = 0

    def news(self, window: Window, now: int) -> str | None:
        """The line to be logged now, if any."""
        refused = window.of(self.kind.reasons)
        if self.began_at is None:
            return self._begin(refused, window, now)
        if refused.total() < self.least / 2 or refused.total() < self.share / 2 * window.events:
            return self._end(refused, window, now)
        return self._say(refused, window, now) if now - self._said_at >= REPEAT_MS else None

    def _begin(self, refused: Counter[Reason], window: Window, now: int) -> str | None:
        if refused.total() < self.least or refused.total() <= self.share * window.events:
            return None
        self.began_at = now
        return self._say(refused, window, now)

    def _say(self, refused: Counter[Reason], window: Window, now: int) -> str:
        self._said_at = now
        return (f"ALARM rejections: {self.where}: {self.kind.value}: {_figures(refused, window)}; "
                "look at `xueshi rejections count`")

    def _end(self, refused: Counter[Reason], window: Window, now: int) -> str:
        lasted_s = (now - (self.began_at or now)) // 1000
        self.began_at = None
        return (f"ALARM OVER rejections: {self.where}: {self.kind.value}: "
                f"{_figures(refused, window)}; it lasted {lasted_s // 60} min {lasted_s % 60} s")


def _figures(refused: Counter[Reason], window: Window) -> str:
    share = 100 * refused.total() / max(1, window.events)
    most = ", ".join(f"{reason} {n:,}" for reason, n in refused.most_common(MOST_REASONS))
    return (f"{share:.1f} % of {window.events:,} events in the last {window.span_ms // 1000} s "
            f"refused" + (f" ({most})" if most else ""))


@dataclass(slots=True)
class Alarms:
    """The alarms of one place where events are judged, such as an agent."""

    window: Window
    alarms: tuple[Alarm, ...]

    @classmethod
    def of(cls, settings: Settings, where: str) -> "Alarms":
        """`where` stands in the log lines: "watching", "loader"."""
        share, least = settings.rejection_alarm_share, settings.rejection_alarm_events
        return cls(Window(settings.rejection_alarm_seconds * 1000),
                   tuple(Alarm(kind, where, share, least) for kind in Kind))

    def note(self, refused: Iterable[Counted], taken: int, now: int) -> None:
        """These were refused, and `taken` events were not, at `now` (epoch ms)."""
        self.window.note(refused, taken, now)

    def news(self, now: int) -> list[str]:
        """Lines to be logged as warnings now: an alarm begins, lasts (once a minute), or is over.

        To be asked about every second, also when nothing comes.
        """
        return list(self._news(now))

    def _news(self, now: int) -> Iterator[str]:
        self.window.forget(now)
        for alarm in self.alarms:
            if (line := alarm.news(self.window, now)) is not None:
                yield line
