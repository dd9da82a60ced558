"""What a replay says while it works, and in the end."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import click

from audit.rejections import words
from audit.rejections.putting_back import Hopeless, Sending
from audit.rejections.records import Found, place_of
from audit.rejections.replaying import Planned, Sent, is_aged
from audit.rejections.shown import safe


@dataclass(slots=True)
class NotSent:
    """Rejections that are not put back for one reason; `first`: the place of the first one."""

    first: str
    rejections: int = 0


@dataclass(slots=True)
class Report:
    """`now` in epoch ms. Lines of what is sent go to the standard output."""

    now: int
    dry_run: bool
    rejections: int = 0
    events: int = 0
    aged: int = 0
    not_sent: dict[str, NotSent] = field(default_factory=dict)

    def hopeful(self, planned: Iterable[Planned]) -> Iterator[tuple[Found, Sending]]:
        """What can be sent; the rest is kept for the end."""
        for one, plan in planned:
            if isinstance(plan, Hopeless):
                self._keep(one, plan.why)
            else:
                yield one, plan

    def would_send(self, planned: Iterable[Planned]) -> None:
        for one, plan in self.hopeful(planned):
            self._note(one, plan)
            click.echo(f"{_what(one)}  → {plan.topic}/{plan.partition}, {len(plan.value):,} bytes")

    def sent(self, sent: Iterable[Sent]) -> None:
        for one, plan, offset, failure in sent:
            if failure:
                self._keep(one, failure)
            else:
                self._note(one, plan)
                click.echo(f"{_what(one)}  → {plan.topic}/{plan.partition}/{offset}")

    def _note(self, one: Found, plan: Sending) -> None:
        self.rejections += 1
        self.events += one.rejection.count
        self.aged += is_aged(plan, self.now)

    def _keep(self, one: Found, why: str) -> None:
        first = safe(place_of(one.rejection))
        self.not_sent.setdefault(why, NotSent(first)).rejections += 1

    def conclude(self) -> None:
        """The sums, and why the rest was not sent."""
        verb = "would send" if self.dry_run else "sent"
        click.echo(f"{verb} {self.rejections:,} rejections, {self.events:,} events")
        if self.aged:
            click.echo(f"{self.aged:,} of them have events older than a day: the rules refuse "
                       "those as too_old where the teacher has watched something since", err=True)
        for why, kept in self.not_sent.items():
            click.echo(f"not sent: {kept.rejections:,}, the first one {kept.first}: {why}",
                       err=True)

    @property
    def exit_code(self) -> int:
        return 1 if self.not_sent.keys() - {words.AGAIN} else 0


def _what(one: Found) -> str:
    r = one.rejection
    ids = " ".join(id_ for id_ in (r.teacher_id, r.resource_id, r.session_id) if id_)
    return f"{place_of(r)}  {r.reason} {r.count:,}  {ids}".rstrip()
