"""The rules under test, run over a whole log of the reference's entries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import orjson

from audit.reference.log import Entry, Played
from audit.reference.stretches import Stretches
from pipeline.agents.viewer_codec import viewer_codec
from pipeline.rules.programme import Catalogue
from pipeline.rules.watching import Heartbeat, Milestone, QuizAnswers, Viewer, hand_in, hear


@dataclass(slots=True)
class Replayed:
    """What came out: a verdict an entry, the milestones in order, and the state."""

    viewer: Viewer = field(default_factory=Viewer)
    verdicts: list[str] = field(default_factory=list)
    news: list[Milestone] = field(default_factory=list)

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
        out.verdicts.append(take(out.viewer, catalogue, entry, out.news))
        if number in stored_after:
            out.viewer = stored(out.viewer, catalogue)
    return out


def take(viewer: Viewer, catalogue: Catalogue, entry: Entry, news: list[Milestone]) -> str:
    """One entry; the verdict."""
    if isinstance(entry, Played):
        beat = Heartbeat(entry.resource_id, entry.session_id, entry.opened_at, entry.seq,
                         entry.received_at, entry.start, entry.end, entry.rate)
        return hear(viewer, catalogue, beat, news)
    handed = QuizAnswers(entry.resource_id, entry.session_id, entry.opened_at, entry.seq,
                         entry.received_at, entry.quiz_id, entry.answers)
    return hand_in(viewer, catalogue, handed, news)


def stored(viewer: Viewer, catalogue: Catalogue) -> Viewer:
    """The viewer as it comes back from the changelog."""
    codec = viewer_codec(catalogue.clock)
    return codec.load(orjson.loads(orjson.dumps(codec.dump(viewer))))
