"""Looks again and again: what the command, its JSON and its metrics are made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pipeline.lag import published
from pipeline.lag.figures import History, Line, Total, totals
from pipeline.lag.freshness import Freshness, freshness, judged
from pipeline.lag.groups import Group, loader_group, publisher_group, worker_group
from pipeline.lag.observing import Observer
from pipeline.lag.states import State, worst
from pipeline.settings import Settings

LEAST_PATIENCE_S = 5.0
LATE = 3    # intervals of the publisher


@dataclass(frozen=True, slots=True)
class Report:
    """All there is to say at `at` (epoch ms)."""

    at: int
    lines: Sequence[Line]
    totals: Sequence[Total]
    freshness: Freshness

    @property
    def state(self) -> State:
        return worst([line.state for line in self.lines])

    @property
    def idle(self) -> bool:
        """Nothing is behind anywhere, which needs no second look."""
        return all(line.seen.observation.lag == 0 for line in self.lines)


@dataclass(slots=True)
class Watch:
    """`names`: the groups to be shown, () for those of the path; others are asked of Kafka."""

    settings: Settings
    observer: Observer
    history: History
    names: tuple[str, ...] = field(default=())

    @classmethod
    def of(
        cls, settings: Settings, bootstrap: str, clock: Callable[[], int], window_s: float,
        names: tuple[str, ...] = (),
    ) -> "Watch":
        patience_s = max(LEAST_PATIENCE_S, 3 * settings.flush_seconds, 3 * settings.land_seconds)
        history = History(int(max(window_s, patience_s) * 1000), int(patience_s * 1000))
        return cls(settings, Observer(bootstrap, clock), history, names)

    @property
    def window_s(self) -> float:
        return self.history.window_ms / 1000

    def look(self) -> Report:
        """Raises BrokerError: Kafka does not answer, or lacks a topic."""
        made = published.manifest(self.settings)
        asked = self.names or tuple(group.name for group in self._path())
        here = published.standing(self.settings, made)
        more = {group: of for group, of in here.items() if group.name in asked}
        found = self.observer.look(self._groups(asked), more)
        lines = [self._judged(line) for line in self.history.lines(found)]
        now = self.observer.clock()
        fresh = freshness(lines, worker_group(self.settings).name,
                          loader_group(self.settings).name, made.as_of if made else None, now)
        return Report(now, lines, totals(lines), fresh)

    def _path(self) -> tuple[Group, ...]:
        return (worker_group(self.settings), loader_group(self.settings),
                publisher_group(self.settings))

    def _groups(self, names: tuple[str, ...]) -> list[Group]:
        """Those that Kafka knows."""
        known = {group.name: group for group in self._path()}
        groups = [known.get(name, Group(name)) for name in names]
        return [group for group in groups if group != publisher_group(self.settings)]

    def _judged(self, line: Line) -> Line:
        if line.seen.place.group != publisher_group(self.settings).name:
            return line
        return judged(line, LATE * self.settings.publish_seconds)
