"""The watching agent: telemetry in, completions out (rules 8 to 19).

`take` is all of it that decides; Faust only brings the records (see partitions.py).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from pipeline.agents.decoding import COLUMNS, batch_rows, decode_batch
from pipeline.agents.rejecting import Refused
from pipeline.agents.shard import Outcome, Shard
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
from pipeline.schemas.completions import Completion
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.rejections import Reason
from pipeline.schemas.telemetry import QuizEvent, TelemetryBatch


@dataclass(slots=True)
class Claims:
    """Refused events of one record, by reason and play session, as rows."""

    rows: dict[tuple[str, str, str, str], list[list[object]]] = field(default_factory=dict)

    def add(self, reason: str, teacher_id: str, resource_id: str, session_id: str,
            row: list[object]) -> None:
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

    def take(self, shard: Shard[Viewer], topic: str, raw: bytes | None) -> list[Refused]:
        """Decide on every event of one record; outcomes go to the shard's outbox."""
        batch, refused = decode_batch(raw)
        if batch is None:
            return refused
        claims = Claims()
        self._heartbeats(shard, batch, claims)
        for quiz in batch.quizzes:
            self._quiz(shard, quiz, claims)
        claimed = list(claims.refused())
        events = len(batch.seq) + len(batch.quizzes)
        shard.taken += events - sum(one.count for one in claimed)
        return [*refused, *claimed]

    def _heartbeats(
        self, shard: Shard[Viewer], batch: TelemetryBatch, claims: Claims
    ) -> None:
        for row in batch_rows(batch):
            at, teacher_id, resource_id, session_id, opened_at, seq, start, end, rate = row
            viewer = self._viewer(shard, teacher_id, claims, row[1:4], list(row))
            if viewer is None:
                continue
            beat = Heartbeat(resource_id, session_id, opened_at, seq, at, start, end, rate)
            news: list[Milestone] = []
            verdict = hear(viewer, self.catalogue, beat, news)
            self._settle(shard, teacher_id, verdict, news)
            if verdict not in TAKEN:
                claims.add(verdict, teacher_id, resource_id, session_id, list(row))

    def _quiz(self, shard: Shard[Viewer], quiz: QuizEvent, claims: Claims) -> None:
        ids = (quiz.teacher_id, quiz.resource_id, quiz.session_id)
        row: list[object] = [quiz.model_dump(mode="json")]
        viewer = self._viewer(shard, quiz.teacher_id, claims, ids, row)
        if viewer is None:
            return
        handed = QuizAnswers(quiz.resource_id, quiz.session_id, quiz.opened_at, quiz.seq,
                             quiz.received_at, quiz.quiz_id, quiz.answers)
        news: list[Milestone] = []
        verdict = hand_in(viewer, self.catalogue, handed, news)
        self._settle(shard, quiz.teacher_id, verdict, news)
        if verdict not in TAKEN:
            claims.add(verdict, *ids, row)

    def _viewer(
        self, shard: Shard[Viewer], teacher_id: str, claims: Claims,
        ids: tuple[str, str, str], row: list[object],
    ) -> Viewer | None:
        if partition_of(teacher_id, shard.partitions) != shard.partition:
            claims.add(Reason.WRONG_PARTITION, *ids, row)
            return None
        return shard.touch(teacher_id)

    def _settle(
        self, shard: Shard[Viewer], teacher_id: str, verdict: Verdict, news: list[Milestone]
    ) -> None:
        self.counts[verdict] += 1
        for one in news:
            record = Completion.model_construct(
                v=1, teacher_id=teacher_id, programme_id=one.programme_id,
                resource_id=one.resource_id, status=one.status, at=one.at,
            )
            shard.outcomes.append(Outcome(self.completions, teacher_id, record.to_json()))


TAKEN = frozenset({Verdict.ACCEPTED, Verdict.REPEATED})

__all__ = ["COLUMNS", "Claims", "Watching"]
