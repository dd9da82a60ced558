"""From what was observed of each partition over a while to the figures that are shown. Pure."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.lag.states import Observation, State, state, worst


class Place(NamedTuple):
    """A partition of a topic (full name) as a group reads it."""

    group: str
    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found of a place. `oldest_at`: timestamp of the first record that the group has not
    committed, epoch ms; None where nothing is behind. `owner` "" means nobody.
    """

    place: Place
    at: int
    committed: int
    end: int
    oldest_at: int | None
    owner: str

    @property
    def observation(self) -> Observation:
        return Observation(self.at, self.committed, self.end, bool(self.owner))


@dataclass(frozen=True, slots=True)
class Line:
    """One place's figures. `rate`: records a second that the group commits; None where one look
    was all there is. `eta_s`: seconds until nothing is behind; None where it does not get less.
    """

    seen: Seen
    records: int
    seconds: float
    rate: float | None
    eta_s: float | None
    state: State


@dataclass(slots=True)
class History:
    """The last observations of every place, `window_ms` of them."""

    window_ms: int
    patience_ms: int
    _windows: dict[Place, deque[Observation]] = field(default_factory=dict)

    def lines(self, found: Iterable[Seen]) -> list[Line]:
        """Note what was found now, and judge it."""
        return [self._line(seen) for seen in found]

    def _line(self, seen: Seen) -> Line:
        window = self._windows.setdefault(seen.place, deque())
        window.append(seen.observation)
        # One older than the window is kept, so that the window is whole.
        while len(window) > 2 and window[1].at <= seen.at - self.window_ms:
            window.popleft()
        return Line(seen, max(0, seen.end - seen.committed), seconds_behind(seen), rate(window),
                    eta_s(window), state(window, self.patience_ms))


def seconds_behind(seen: Seen) -> float:
    """Age of the oldest record that is not committed; 0 where there is none."""
    return 0.0 if seen.oldest_at is None else max(0, seen.at - seen.oldest_at) / 1000


def rate(window: Sequence[Observation]) -> float | None:
    """Records a second; a group that went back has none below 0."""
    first, last = window[0], window[-1]
    if last.at <= first.at:
        return None
    return max(0, last.committed - first.committed) * 1000 / (last.at - first.at)


def eta_s(window: Sequence[Observation]) -> float | None:
    """Seconds until nothing is behind, if records come and are dealt with as in the window."""
    first, last = window[0], window[-1]
    if last.lag <= 0:
        return 0.0
    less = first.lag - last.lag
    return last.lag * (last.at - first.at) / less / 1000 if less > 0 else None


@dataclass(frozen=True, slots=True)
class Total:
    """One group: records behind, the worst of its partitions' seconds and states; `eta_s` is None
    where one of them does not get less.
    """

    group: str
    records: int
    seconds: float
    rate: float | None
    eta_s: float | None
    state: State


def totals(lines: Sequence[Line]) -> list[Total]:
    """One a group, in the order in which they come."""
    groups = dict.fromkeys(line.seen.place.group for line in lines)
    return [_total(group, [line for line in lines if line.seen.place.group == group])
            for group in groups]


def _total(group: str, lines: list[Line]) -> Total:
    rates = [line.rate for line in lines if line.rate is not None]
    etas = [line.eta_s for line in lines if line.eta_s is not None]
    return Total(
        group, sum(line.records for line in lines), max(line.seconds for line in lines),
        sum(rates) if rates else None, max(etas) if len(etas) == len(lines) else None,
        worst([line.state for line in lines]))
