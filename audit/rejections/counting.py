"""How many were refused, in groups; repeats after a crash count once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from audit.rejections.records import Found, Once, kind_of
from audit.rejections.shown import moment, safe

NOBODY = "-"

GROUPS: Mapping[str, Callable[[Found], str]] = {
    "reason": lambda one: str(one.rejection.reason),
    "topic": lambda one: kind_of(one.rejection.topic),
    "day": lambda one: moment(one.rejection.at)[:10],
    "teacher": lambda one: one.rejection.teacher_id or NOBODY,
}


class Figures(NamedTuple):
    """`rejections`: records of which something was refused; `events`: what was, in all."""

    rejections: int = 0
    events: int = 0


@dataclass(slots=True)
class Tally:
    """Figures by group, growing as rejections are read."""

    by: str
    groups: dict[str, Figures] = field(default_factory=dict)
    once: Once = field(default_factory=Once)

    def add(self, found: Iterable[Found]) -> None:
        group_of = GROUPS[self.by]
        for one in found:
            if one.rejection.part == 0 and self.once.is_new(one.rejection.identity):
                group = group_of(one)
                old = self.groups.get(group, Figures())
                self.groups[group] = Figures(old.rejections + 1,
                                             old.events + one.rejection.count)

    @property
    def total(self) -> Figures:
        return Figures(sum(f.rejections for f in self.groups.values()),
                       sum(f.events for f in self.groups.values()))

    def ordered(self) -> list[tuple[str, Figures]]:
        """Days in their order, all else by events, the most first."""
        if self.by == "day":
            return sorted(self.groups.items())
        return sorted(self.groups.items(), key=lambda row: (-row[1].events, row[0]))


def as_text(tally: Tally, most: int) -> str:
    """A table of the first `most` groups, and of all together."""
    rows = tally.ordered()
    width = max([len(tally.by), *(len(safe(group)) for group, _ in rows[:most])])
    lines = [f"{tally.by:<{width}}  {'rejections':>12}  {'events':>12}",
             *(_row(safe(group), width, figures) for group, figures in rows[:most])]
    if len(rows) > most:
        lines.append(f"… and {len(rows) - most:,} more: --limit")
    lines.append(_row("in all", width, tally.total))
    if tally.once.repeats:
        lines.append(f"{tally.once.repeats:,} repeats after a crash left out")
    return "\n".join(lines)


def _row(group: str, width: int, figures: Figures) -> str:
    return f"{group:<{width}}  {figures.rejections:>12,}  {figures.events:>12,}"


def as_json(tally: Tally) -> dict[str, Any]:
    return {
        "by": tally.by,
        "groups": {group: figures._asdict() for group, figures in tally.ordered()},
        "in_all": tally.total._asdict(),
        "repeats": tally.once.repeats,
    }
