"""The whole answer: from what is stored to one value, which `text` and `as_json` show."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from audit.explain.decisions import valid
from audit.explain.findings import Finding, Seen, find
from audit.explain.plays import attempts, sessions
from audit.explain.records import Evidence, Extent
from audit.explain.refusals import CrossCheck, recorded, replayed
from audit.explain.replay import replay, undecided
from pipeline.agents.crediting import note
from pipeline.rules.credit import Account, mark_done, mark_started
from pipeline.rules.programme import Catalogue, Resource
from pipeline.rules.progress import programme_progress
from pipeline.rules.watching import Milestone, Viewer


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one teacher has, or has not, credit for one resource, as of `now` (epoch ms).

    findings  one for each programme that lists the resource, in the order of their files
    watch_ms  the teacher's time that went to the resource (rule 11)
    titles    of all resources, by id, for the refusals' sake
    progress  what the workers' progress page should show, from the same evidence
    blank     what it shows of a teacher of whom nothing is known
    """

    teacher_id: str
    resource: Resource
    now: int
    seen: Seen
    findings: tuple[Finding, ...]
    watch_ms: int
    check: CrossCheck
    extent: Extent
    on_roster: bool
    titles: dict[str, str]
    progress: tuple[dict[str, Any], ...]
    blank: tuple[dict[str, Any], ...]
    offline_grace_ms: int

    @property
    def is_known(self) -> bool:
        """Whether anything at all is stored of the teacher."""
        enrolled = any(p["enrolled_at"] is not None for p in self.progress)
        started = bool(self.seen.viewer.sessions or self.seen.refusals)
        return self.on_roster or enrolled or started or bool(self.seen.adjustments)


def explain(catalogue: Catalogue, evidence: Evidence, now: int) -> Explanation:
    """The explanation. `evidence.resource_id` must be in the catalogue."""
    resource = catalogue.resources[evidence.resource_id]
    listings = catalogue.listings[resource.id]
    played = replay(catalogue, evidence.events, resource.id, undecided(evidence.rejections))
    on_record, check = recorded(evidence, played.judged)
    seen = Seen(
        played.viewer, account_of(catalogue, evidence, played.news),
        sessions(played.judged, listings),
        tuple(attempts(played.judged, catalogue, resource.id)),
        (*replayed(played.judged), *on_record),
        tuple(valid(catalogue, evidence.adjustments)))
    video = seen.viewer.videos.get(resource.id)
    return Explanation(
        evidence.teacher_id, resource, now, seen,
        tuple(find(listing, seen, now) for listing in listings),
        video.watched_ms if video else 0, check, evidence.extent, evidence.on_roster,
        {one.id: one.title for one in catalogue.resources.values()},
        _pages(catalogue, seen.viewer, seen.account), _pages(catalogue, Viewer(), Account()),
        catalogue.clock.offline_grace_ms)


def _pages(catalogue: Catalogue, viewer: Viewer, account: Account) -> tuple[dict[str, Any], ...]:
    return tuple(programme_progress(p, viewer, account) for p in catalogue.programmes.values())


def account_of(catalogue: Catalogue, evidence: Evidence, news: Iterable[Milestone]) -> Account:
    """The teacher's account; what names programmes that do not exist is left out."""
    account = Account()
    for one in evidence.enrolments:
        if one.programme_id in catalogue.programmes:
            note(account, one)
    for decision in valid(catalogue, evidence.adjustments):
        note(account, decision)
    for event in news:
        if event.status == "done":
            mark_done(account, event.programme_id, event.resource_id, event.at)
        else:
            mark_started(account, event.programme_id, event.at)
    return account
