"""What an engine must find in a load, or in the beginning of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from pipeline.schemas.partitioning import partition_of

Full = tuple[str, str]
"""Teacher and resource."""

Done = tuple[str, str, str]
"""Teacher, programme and resource."""

Place = TypeVar("Place", Full, Done)


class Prefix(NamedTuple):
    """The beginning of a load: how many events it has, and by partition the offset it ends before.
    """

    events: int
    ends: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Truth:
    """`full`: every full view, `done`: every resource done in a programme; with the offset of the
    record that brings it about. `prefixes`: those asked for, and the whole load last.
    """

    partitions: int
    full: dict[Full, int] = field(default_factory=dict)
    done: dict[Done, int] = field(default_factory=dict)
    prefixes: list[Prefix] = field(default_factory=list)

    @property
    def whole(self) -> Prefix:
        return self.prefixes[-1]

    def prefix(self, events: int) -> Prefix:
        """The shortest one with so many events, or all."""
        return next((one for one in self.prefixes if one.events >= events), self.whole)

    def full_in(self, prefix: Prefix) -> set[Full]:
        """The full views that the prefix has all of."""
        return self._inside(self.full, prefix)

    def done_in(self, prefix: Prefix) -> set[Done]:
        """What is done by the end of the prefix."""
        return self._inside(self.done, prefix)

    def _inside(self, found: Mapping[Place, int], prefix: Prefix) -> set[Place]:
        return {place for place, offset in found.items()
                if offset < prefix.ends[partition_of(place[0], self.partitions)]}
