"""Which claims were refused, why, and by whom: replayed from the log, or on record."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from audit.explain.parts import play_of
from audit.explain.records import Damaged, Evidence, refused_seqs
from audit.explain.replay import Judged
from audit.explain.spending import Cause, Play, Shortage
from audit.explain.trying import Limited
from pipeline.rules.intervals import Spans, add, total
from pipeline.rules.watching import Heartbeat, Verdict
from pipeline.schemas.rejections import Reason, Rejection
from pipeline.schemas.topics import TELEMETRY

Source = Literal["log", "collector", "record"]
COLLECTOR = "collector"
MOST_DETAILS = 3


@dataclass(slots=True)
class Refusal:
    """Refused claims of one play session that have one reason. Instants are epoch ms.

    Those that were taken when they came again, after a fix, are apart from those that were not.

    source      "log": by the rules, replayed; "collector": before it reached the log;
                "record": the workers have it on record, and the log does not show it (any more)
    cause       what is behind `no_time_left`
    topic       where it was refused; "telemetry", "collector", or as of enrolments that of others
    was_mended  whether all of it was taken when it was put back
    claimed     the stretches, media ms
    needed_ms   what they take of the teacher's time together
    elapsed_ms  how much time had gone by in which they might lie
    taken       who had already spent it, epoch ms
    limits      of the last one of each quiz, by programme and quiz, what was behind
                `too_many_attempts`
    details     the machine's own words, in English
    """

    reason: Reason
    source: Source
    session_id: str | None
    first_at: int
    last_at: int
    topic: str = TELEMETRY.name
    was_mended: bool = False
    cause: Cause | None = None
    count: int = 0
    claimed: Spans = field(default_factory=list)
    needed_ms: int = 0
    elapsed: Spans = field(default_factory=list)
    taken: dict[Play, Spans] = field(default_factory=dict)
    limits: dict[tuple[str, str], Limited] = field(default_factory=dict)
    details: list[str] = field(default_factory=list)

    @property
    def is_of_player(self) -> bool:
        """Whether a player sent it, about this resource."""
        return self.topic in (TELEMETRY.name, COLLECTOR)

    @property
    def elapsed_ms(self) -> int:
        return total(self.elapsed)

    def note_time(self, at: int) -> None:
        self.first_at, self.last_at = min(self.first_at, at), max(self.last_at, at)


Taken = frozenset[tuple[str, int]]
"""Session and number of events that were taken."""


def taken(judged: Iterable[Judged]) -> Taken:
    """Which events were."""
    return frozenset((one.logged.event.session_id, one.logged.event.seq) for one in judged
                     if one.verdict is Verdict.ACCEPTED)


def replayed(judged: Sequence[Judged]) -> tuple[Refusal, ...]:
    """The refusals of the rules, in order of their first one."""
    found: dict[tuple[object, ...], Refusal] = {}
    accepted = taken(judged)
    for one in judged:
        if not one.is_refused or one.again:
            continue
        event, cause = one.logged.event, one.shortage.cause if one.shortage else None
        was_mended = (event.session_id, event.seq) in accepted
        play = play_of(event.session_id)
        group = found.setdefault((one.verdict, cause, play, was_mended), Refusal(
            Reason(one.verdict), "log", play, event.received_at, event.received_at,
            was_mended=was_mended, cause=cause))
        _note(group, one)
    return tuple(found.values())


def _note(group: Refusal, one: Judged) -> None:
    event = one.logged.event
    group.count += 1
    group.note_time(event.received_at)
    if isinstance(event, Heartbeat) and event.start < event.end:
        add(group.claimed, event.start, event.end)
    if one.shortage:
        _note_shortage(group, one.shortage, event.received_at)
    group.limits |= {(limited.programme_id, limited.quiz_id): limited for limited in one.beyond}


def _note_shortage(group: Refusal, shortage: Shortage, received_at: int) -> None:
    group.needed_ms += shortage.needed
    if shortage.earliest < received_at:
        add(group.elapsed, shortage.earliest, received_at)
    for piece in shortage.taken:
        add(group.taken.setdefault(piece.play, []), piece.start, piece.end)


class CrossCheck(NamedTuple):
    """Claims refused by the replay and on record. Equal once the workers have caught up."""

    replayed: int
    recorded: int
    only_replayed: int
    only_recorded: int


Place = tuple[int, int, str, str | None]


def recorded(
    evidence: Evidence, judged: Sequence[Judged]
) -> tuple[tuple[Refusal, ...], CrossCheck]:
    """What is on record and the replay does not have, and how the two compare."""
    here = Counter(_place_of(one) for one in judged if one.is_refused)
    relevant = [one for one in evidence.rejections
                if one.resource_id in (evidence.resource_id, None)]
    on_record = Counter({_place(one): one.count for one in relevant if _is_claim(one)})
    others = [one for one in relevant if not _is_claim(one) or _place(one) not in here]
    check = CrossCheck(here.total(), on_record.total(),
                       (here - on_record).total(), (on_record - here).total())
    return (*_grouped(others, taken(judged)), *map(_of_damage, evidence.damaged)), check


def _place_of(one: Judged) -> Place:
    place = one.logged
    return place.partition, place.offset, str(one.verdict), place.event.session_id


def _is_claim(one: Rejection) -> bool:
    """Whether a worker refused it out of `telemetry`."""
    return one.topic == TELEMETRY.name and one.resource_id is not None


def _place(one: Rejection) -> Place:
    return one.partition, one.offset, str(one.reason), one.session_id


def _grouped(rejections: Iterable[Rejection], accepted: Taken) -> Iterator[Refusal]:
    found: dict[tuple[object, ...], Refusal] = {}
    for one in rejections:
        is_collectors = one.topic.startswith(f"{COLLECTOR}:")
        topic = COLLECTOR if is_collectors else one.topic
        was_mended = _was_mended(one, accepted)
        play = one.session_id and play_of(one.session_id)
        group = found.setdefault((one.reason, topic, play, was_mended), Refusal(
            one.reason, "collector" if is_collectors else "record", play,
            one.at, one.at, topic, was_mended))
        group.count += one.count
        group.note_time(one.at)
        if one.detail not in ("", *group.details) and len(group.details) < MOST_DETAILS:
            group.details.append(one.detail)
    yield from found.values()


def _was_mended(one: Rejection, accepted: Taken) -> bool:
    events = {(one.session_id or "", seq) for seq in refused_seqs(one)}
    return bool(events) and events <= accepted


def _of_damage(one: Damaged) -> Refusal:
    return Refusal(one.reason, "log", None, one.at, one.at, count=one.rows)
