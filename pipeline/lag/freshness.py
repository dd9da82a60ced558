"""How old what readers see is, from the event to the published file. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.lag.figures import Line
from pipeline.lag.states import State


@dataclass(frozen=True, slots=True)
class Freshness:
    """Seconds. `decided`: age of the oldest event that no worker has decided; `loaded`: of the
    oldest outcome that is not in the warehouse; `published`: of the last publication. None where
    it is not known.
    """

    decided: float | None
    loaded: float | None
    published: float | None

    @property
    def warehouse(self) -> float | None:
        """All that came earlier is in the warehouse; an outcome counts from its decision on."""
        if self.decided is None or self.loaded is None:
            return None
        return max(self.decided, self.loaded)

    @property
    def readers(self) -> float | None:
        """All that came earlier is published, if the path was then as it is now."""
        if self.warehouse is None or self.published is None:
            return None
        return self.warehouse + self.published


def freshness(
    lines: Sequence[Line], worker: str, loader: str, as_of: int | None, now: int
) -> Freshness:
    """`worker`, `loader`: their groups; `as_of`, `now`: epoch ms."""
    return Freshness(
        _oldest(line for line in lines if line.seen.place.group == worker),
        _oldest(line for line in lines if line.seen.place.group == loader),
        None if as_of is None else max(0, now - as_of) / 1000)


def _oldest(lines: Iterable[Line]) -> float | None:
    return max((line.seconds for line in lines), default=None)


def judged(line: Line, limit_s: float) -> Line:
    """The publisher's line with its own state: it makes a leap at a time, minutes apart, so it is
    late only where what it has not published is older than `limit_s`.
    """
    if line.state is State.REWIND:
        return line
    late = State.STALL if line.seen.owner else State.STOP
    return replace(line, state=late if line.seconds > limit_s else State.OK)
