"""The teacher's events put through the real rules once more, with a note of every verdict."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from audit.explain.records import Logged, refused_seqs
from audit.explain.spending import Shortage, Timeline
from audit.explain.trying import Limited, beyond
from pipeline.rules.programme import Catalogue
from pipeline.rules.watching import (
    Heartbeat,
    Milestone,
    QuizAnswers,
    Verdict,
    Viewer,
    hand_in,
    hear,
)
from pipeline.schemas.rejections import Reason, Rejection
from pipeline.schemas.topics import TELEMETRY

UNDECIDED = frozenset({Reason.UNKNOWN_RESOURCE, Reason.UNKNOWN_QUIZ, Reason.BAD_STRETCH})
"""What the programme files of the moment decided, without a trace in the teacher's state."""

Mark = tuple[int, int, str, int]
"""Where an event stands: partition, offset, session, number."""


class Judged(NamedTuple):
    """An event with the rules' verdict.

    shortage  where no time was left for it
    again     whether the same event had been refused before for the same reason
    beyond    the programmes for which a quiz was handed in too often, with their limits
    """

    logged: Logged
    verdict: Verdict
    shortage: Shortage | None = None
    again: bool = False
    beyond: tuple[Limited, ...] = ()

    @property
    def is_refused(self) -> bool:
        return self.verdict not in (Verdict.ACCEPTED, Verdict.REPEATED)


@dataclass(slots=True)
class Replay:
    """What all events came to; `judged` has those of the asked resource, in order."""

    viewer: Viewer = field(default_factory=Viewer)
    news: list[Milestone] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    timeline: Timeline = field(default_factory=Timeline)


def undecided(rejections: Iterable[Rejection]) -> dict[Mark, Verdict]:
    """What workers refused under programme files that may have been mended since."""
    return {
        (one.partition, one.offset, one.session_id or "", seq): Verdict(one.reason)
        for one in rejections if one.topic == TELEMETRY.name and one.reason in UNDECIDED
        for seq in refused_seqs(one)
    }


def replay(
    catalogue: Catalogue, events: Iterable[Logged], resource_id: str,
    refused: Mapping[Mark, Verdict],
) -> Replay:
    """Judge every event of one teacher in the order given (rules 8 to 19), but for those that
    were `refused` without a trace: only where they are sent again have they a chance.
    """
    out = Replay()
    known: set[tuple[str, int, Verdict]] = set()
    for one in events:
        event = one.event
        earlier = refused.get((one.partition, one.offset, event.session_id, event.seq))
        judged = Judged(one, earlier) if earlier else _judge(out, catalogue, one)
        mark = (event.session_id, event.seq, judged.verdict)
        if event.resource_id == resource_id:
            out.judged.append(judged._replace(again=judged.is_refused and mark in known))
        known.add(mark)
    return out


def _judge(out: Replay, catalogue: Catalogue, one: Logged) -> Judged:
    event = one.event
    if not isinstance(event, Heartbeat):
        return _judge_answers(out, catalogue, one, event)
    before = out.viewer.spent.copy()
    verdict = hear(out.viewer, catalogue, event, out.news)
    if verdict is Verdict.ACCEPTED:
        out.timeline.note(before, out.viewer.spent, event, catalogue.clock)
    if verdict is not Verdict.NO_TIME_LEFT:
        return Judged(one, verdict)
    end = min(event.end, catalogue.resources[event.resource_id].duration_ms)
    return Judged(one, verdict, out.timeline.shortage(event, end, catalogue.clock))


def _judge_answers(
    out: Replay, catalogue: Catalogue, one: Logged, handed: QuizAnswers
) -> Judged:
    too_often = tuple(beyond(out.viewer, catalogue, handed))
    verdict = hand_in(out.viewer, catalogue, handed, out.news)
    was_new = verdict in (Verdict.ACCEPTED, Verdict.TOO_MANY_ATTEMPTS)
    return Judged(one, verdict, beyond=too_often if was_new else ())
