"""A post's statements as the events that `POST /v1/events` would have made of them. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import ValidationError

from pipeline.collector import checks
from pipeline.collector.checks import ObjectionError
from pipeline.collector.faults import refused
from pipeline.collector.messages import Heartbeat
from pipeline.collector.sorting import LONGEST_DETAIL, Sorted, fingerprint
from pipeline.collector.tokens import Play
from pipeline.collector.xapi import quizzes
from pipeline.collector.xapi.faults import XapiFault
from pipeline.collector.xapi.identity import attempt_identity, stretch_identity
from pipeline.collector.xapi.tape import Problem, Stretch, Tape, hear
from pipeline.collector.xapi.video import Playing
from pipeline.rules.programme import Catalogue
from pipeline.schemas.rejections import Reason, Rejection


@dataclass(slots=True)
class Played:
    """What a play's statements came to: the tape afterwards, and stretches with their rates, each
    once, in the order of playing.
    """

    tape: Tape | None
    stretches: dict[str, tuple[Stretch, int]] = field(default_factory=dict)
    problems: list[tuple[Playing, Problem]] = field(default_factory=list)

    def take(self, said: Playing) -> None:
        heard = hear(self.tape, said)
        self.tape = heard.tape
        for stretch in heard.stretches:
            self.stretches.setdefault(stretch.key, (stretch, heard.rate))
        self.problems += [(said, problem) for problem in heard.problems]


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes events of what arrived at `received_at` (epoch ms), the only time that counts (15)."""

    catalogue: Catalogue
    received_at: int
    most_events: int

    def of_play(self, play: Play, played: Played) -> Sorted:
        """The stretches as heartbeats, the newest first: if a player lists what an earlier play
        counted already, that must not use up the time of what is new (rule 16).

        Raises:
            RefusedError: 413, more stretches than a post may have events.
        """
        if len(played.stretches) + len(played.problems) > self.most_events:
            raise refused(XapiFault.TOO_MANY_STRETCHES, ("body",),
                          f"more than {self.most_events} stretches: send less at once")
        out = Sorted()
        for stretch, rate in reversed(played.stretches.values()):
            self._take_stretch(out, play, stretch, rate)
        for said, problem in played.problems:
            self._keep(out, play, Reason.BAD_STRETCH, f"{said.verb.word}: {problem.msg}",
                       {"problem": problem.msg} if problem.recurs else
                       {"problem": problem.msg, "statement": said.id, "at": said.at})
        return out

    def of_answers(self, answered: Sequence[quizzes.Answered]) -> list[tuple[Play, Sorted]]:
        """The attempts, by teacher and resource, each as if of a play of its own."""
        return [self._attempt(attempt) for attempt in quizzes.attempts(list(answered))]

    def _take_stretch(self, out: Sorted, play: Play, claimed: Stretch, rate: int) -> None:
        session_id, seq = stretch_identity(play.session_id, claimed.key)
        beat = Heartbeat.model_construct(type="heartbeat", seq=seq, start=claimed.start / 1000,
                                         end=claimed.end / 1000, rate=rate / 100)
        try:
            resource = checks.resource_of(self.catalogue, play.resource_id)
            stretch = checks.stretch(self.catalogue, resource, beat)
        except ObjectionError as objection:
            raw = {"from": claimed.start / 1000, "to": claimed.end / 1000, "rate": rate / 100}
            self._keep(out, play, objection.reason, f"{objection.field}: {objection.msg}", raw)
        else:
            out.rows.append((self.received_at, play.teacher_id, play.resource_id, session_id,
                             play.opened_at, seq, *stretch))

    def _attempt(self, attempt: quizzes.Attempt) -> tuple[Play, Sorted]:
        session_id, seq = attempt_identity(attempt.teacher_id, attempt.resource_id, attempt.key)
        at = self.received_at
        play, out = Play(attempt.teacher_id, attempt.resource_id, session_id, at, at), Sorted()
        quiz = quizzes.quiz_of(self.catalogue, attempt.resource_id, attempt.quiz_id)
        wrong = "there is no such quiz" if quiz is None else quizzes.unanswered(quiz, attempt)
        if wrong is not None:
            reason = Reason.UNKNOWN_QUIZ if quiz is None else Reason.MALFORMED
            self._keep(out, play, reason, wrong, _handed(attempt))
            return play, out
        try:
            out.quizzes.append(self._quiz_row(play, seq, attempt))
        except ValidationError:
            self._keep(out, play, Reason.MALFORMED, "the response is too long", _handed(attempt))
        return play, out

    def _quiz_row(self, play: Play, seq: int, attempt: quizzes.Attempt) -> dict[str, Any]:
        return {
            "v": 1,
            "received_at": self.received_at,
            "teacher_id": play.teacher_id,
            "resource_id": play.resource_id,
            "session_id": play.session_id,
            "opened_at": play.opened_at,
            "seq": seq,
            "quiz_id": attempt.quiz_id,
            "answers": attempt.message(seq).answers,
        }

    def _keep(
        self, out: Sorted, play: Play, reason: Reason, detail: str, claim: dict[str, Any]
    ) -> None:
        """Keep the claim (rule 19) alone: the statement has names and addresses in it (24)."""
        raw = orjson.dumps(claim)
        out.rejections.append(Rejection(
            reason=reason,
            topic=f"collector:{play.session_id}",
            partition=-1,
            offset=fingerprint(raw),
            at=self.received_at,
            detail=f"xAPI: {detail}"[:LONGEST_DETAIL],
            teacher_id=play.teacher_id,
            resource_id=play.resource_id,
            session_id=play.session_id,
            raw=raw,
        ))


def _handed(attempt: quizzes.Attempt) -> dict[str, Any]:
    return {"quiz_id": attempt.quiz_id, "statements": attempt.ids, "answers": attempt.answers}
