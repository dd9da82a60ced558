"""The watching agent: telemetry in, completions out (rules 8 to 19).

`take` is all of it that decides; the records are brought by partitions.py.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import orjson

from pipeline.agents.decoding import decode_batch
from pipeline.agents.reading import read_batch
from pipeline.agents.rejecting import Refused
from pipeline.agents.shard import Outcome, Shard
from pipeline.rules.columns import NOT_HERE, UNREADABLE, Columns, Hearing, Note, as_row
from pipeline.rules.crowd import Crowd
from pipeline.rules.programme import Catalogue
from pipeline.rules.viewing import Viewing
from pipeline.rules.watching import Milestone, QuizAnswers, Verdict
from pipeline.schemas.base import is_id
from pipeline.schemas.completions import completion_json
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.rejections import Reason
from pipeline.schemas.telemetry import QuizEvent


@dataclass(slots=True)
class Claims:
    """Refused events of one record, by reason and play session, as rows."""

    rows: dict[tuple[str, str, str, str], list[Sequence[object]]] = field(default_factory=dict)

    def add(self, reason: str, teacher_id: str, resource_id: str, session_id: str,
            row: Sequence[object]) -> None:
        self.rows.setdefault((reason, teacher_id, resource_id, session_id), []).append(row)

    def refused(self) -> Iterator[Refused]:
        for (reason, teacher_id, resource_id, session_id), rows in self.rows.items():
            yield Refused(Reason(reason), orjson.dumps(rows), len(rows), teacher_id=teacher_id,
                          resource_id=resource_id, session_id=session_id)


@dataclass(frozen=True, slots=True)
class Watching:
    """What the agent needs to decide: the programmes, and where its outcomes go."""

    catalogue: Catalogue
    completions: str
    counts: Counter[str]

    def take(self, shard: Shard[Viewing], topic: str, raw: bytes | None) -> list[Refused]:
        """Decide on every event of one record; outcomes go to the shard's outbox.

        Of a record that is decided again, only what a teacher's stored state lacks.
        """
        batch, refused = read_batch(raw)
        if batch is None:
            return refused
        if shard.is_decided(topic):
            batch = batch.only(lambda teacher_id: shard.lacks(teacher_id, topic))
        claims = Claims()
        unreadable = self._heartbeats(shard, batch.beats, claims)
        for quiz in batch.quizzes:
            self._quiz(shard, quiz, claims)
        claimed = list(claims.refused())
        shard.taken += batch.events - unreadable - sum(one.count for one in claimed)
        if unreadable:
            refused = decode_batch(raw)[1]
        return [*refused, *claimed]

    def _heartbeats(self, shard: Shard[Viewing], beats: Columns, claims: Claims) -> int:
        """Hear them all; how many have an id that is none."""
        crowd = shard.live
        assert isinstance(crowd, Crowd)  # as its codec makes it

        def find(teacher_id: str) -> Viewing | None:
            return shard.find(teacher_id) if _is_ours(shard, teacher_id) else None

        hearing = Hearing(self.catalogue, crowd, find, is_id)
        hearing.hear_all(beats)
        for viewing in hearing.changed:
            shard.mark(viewing.teacher_id)
        self._count(Verdict.ACCEPTED, hearing.accepted)
        self._count(Verdict.REPEATED, hearing.repeated)
        for note in hearing.notes:
            self._note(shard, note, claims)
        return sum(note.said == UNREADABLE for note in hearing.notes)

    def _count(self, verdict: Verdict, events: int) -> None:
        if events:  # what never came is not counted as coming 0 times
            self.counts[verdict] += events

    def _note(self, shard: Shard[Viewing], note: Note, claims: Claims) -> None:
        if note.said == UNREADABLE:
            return
        if note.said in TAKEN:
            self._tell(shard, note.teacher_id, note.news)
            return
        reason: str = Reason.WRONG_PARTITION
        if note.said != NOT_HERE:
            reason = note.said
            self.counts[note.said] += 1
        claims.add(reason, note.teacher_id, note.beat.resource_id, note.beat.session_id,
                   as_row(note.teacher_id, note.beat))

    def _quiz(self, shard: Shard[Viewing], quiz: QuizEvent, claims: Claims) -> None:
        ids = (quiz.teacher_id, quiz.resource_id, quiz.session_id)
        if not _is_ours(shard, quiz.teacher_id):
            claims.add(Reason.WRONG_PARTITION, *ids, [quiz.model_dump(mode="json")])
            return
        handed = QuizAnswers(quiz.resource_id, quiz.session_id, quiz.opened_at, quiz.seq,
                             quiz.received_at, quiz.quiz_id, quiz.answers)
        news: list[Milestone] = []
        verdict = shard.touch(quiz.teacher_id).hand_in(self.catalogue, handed, news)
        self.counts[verdict] += 1
        self._tell(shard, quiz.teacher_id, news)
        if verdict not in TAKEN:
            claims.add(verdict, *ids, [quiz.model_dump(mode="json")])

    def _tell(self, shard: Shard[Viewing], teacher_id: str, news: list[Milestone]) -> None:
        for one in news:
            value = completion_json(teacher_id, *one)
            shard.outcomes.append(Outcome(self.completions, teacher_id, value))


def _is_ours(shard: Shard[Viewing], teacher_id: str) -> bool:
    return partition_of(teacher_id, shard.partitions) == shard.partition


TAKEN = frozenset({Verdict.ACCEPTED, Verdict.REPEATED})
