"""The rules under test, run over a whole log of the reference's entries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import orjson
from hypothesis import event

from audit.reference.log import Entry, Played
from audit.reference.stretches import Stretches
from pipeline.rules.programme import Catalogue
from pipeline.rules.viewer_values import dump_viewer, load_viewer
from pipeline.rules.viewing import Viewing
from pipeline.rules.watching import Heartbeat, Milestone, QuizAnswers, Verdict, Viewer


@dataclass(slots=True)
class Replayed:
    """What came out: a verdict an entry, the milestones in order, and the state."""

    viewing: Viewing = field(default_factory=Viewing)
    verdicts: list[str] = field(default_factory=list)
    news: list[Milestone] = field(default_factory=list)

    @property
    def viewer(self) -> Viewer:
        return self.viewing.folded()

    @property
    def done(self) -> dict[tuple[str, str], int]:
        """Moments by (programme, resource)."""
        return {(m.programme_id, m.resource_id): m.at for m in self.news if m.status == "done"}

    def watched(self, programme_id: str, resource_id: str) -> Stretches | None:
        """What is covered; None if it was never started."""
        video = self.viewer.videos.get(resource_id)
        coverage = video.coverage.get(programme_id) if video else None
        if coverage is None:
            return None
        bounds = coverage.covered
        return Stretches(tuple(zip(bounds[::2], bounds[1::2], strict=True)))


def replay(
    catalogue: Catalogue, log: Sequence[Entry], stored_after: Collection[int] = ()
) -> Replayed:
    """Take the log in; the viewer is written and read back after the entries so numbered."""
    out = Replayed()
    for number, entry in enumerate(log):
        out.verdicts.append(take(out.viewing, catalogue, entry, out.news))
        if number in stored_after:
            out.viewing = Viewing(stored(out.viewer, catalogue))
    return out


def take(viewing: Viewing, catalogue: Catalogue, entry: Entry, news: list[Milestone]) -> str:
    """One entry, as the watching agent takes it; the verdict."""
    if isinstance(entry, Played):
        return played(viewing, catalogue, entry, news)
    handed = QuizAnswers(entry.resource_id, entry.session_id, entry.opened_at, entry.seq,
                         entry.received_at, entry.quiz_id, entry.answers)
    return viewing.hand_in(catalogue, handed, news)


def played(viewing: Viewing, catalogue: Catalogue, one: Played, news: list[Milestone]) -> str:
    """A heartbeat, which goes on where the last one ended, or is looked at (rules/columns.py)."""
    resource_id, session = own_text(catalogue, one.resource_id), hash(one.session_id)
    if viewing.goes_on(catalogue.clock, resource_id, session, one.opened_at, one.seq,
                       one.received_at, one.start, one.end, one.rate):
        event("went on")
        return Verdict.ACCEPTED
    if viewing.has_heard(resource_id, session, one.seq, one.received_at, one.start, one.end):
        event("had heard")
        return Verdict.REPEATED
    beat = Heartbeat(one.resource_id, one.session_id, one.opened_at, one.seq, one.received_at,
                     one.start, one.end, one.rate)
    verdict = viewing.hear(catalogue, beat, news)
    if verdict is Verdict.ACCEPTED:
        viewing.session = session
    return verdict


def own_text(catalogue: Catalogue, resource_id: str) -> str:
    listings = catalogue.listings.get(resource_id)
    return resource_id if listings is None else listings[0].resource.id


def stored(viewer: Viewer, catalogue: Catalogue) -> Viewer:
    """The viewer as it comes back from the changelog."""
    return load_viewer(orjson.loads(orjson.dumps(dump_viewer(viewer, catalogue.clock))))
