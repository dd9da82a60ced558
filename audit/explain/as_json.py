"""The explanation as JSON, for machines. The shape is stable: fields may be added, none changed.

Instants are epoch milliseconds, positions and lengths media milliseconds unless said otherwise,
stretches [[from, to], …], credit whole seconds. null: there is none.

{"v": 1, "teacher_id", "now",
 "resource": {"resource_id", "kind": "video"|"text", "title", "duration_ms", "credit_seconds"},
 "watch_time_ms": the teacher's time, as progress shows it,
 "programmes": [{                           every programme that lists the resource
   "programme_id", "name", "course_id", "course_name",
   "opens_at", "closes_at", "late_until", "season": a states.Season,
   "state": the first of "states", "states": [states.State, …],
   "done", "done_at", "carried_from": programme id, "worth_seconds", "counted_seconds",
   "missing": stretches, "watched_outside_window": stretches, "missing_but_refused": stretches,
   "quizzes": [{"quiz_id", "at_ms", "questions", "required_right", "passed", "attempts",
                "attempts_outside_window", "last_right", "last_at", "tail_missing": stretches,
                "attempts_limit": within 24 hours, "attempts_used": of those up to now,
                "next_attempt_at": the last three null where nothing limits it (any more)}],
   "todo": {"watch": stretches, "quizzes": [quiz ids], "then_from_ms"},
   "decisions": [{"adjustment_id", "kind": "grant"|"withdraw"|"hold"|"opening", "seconds", "at",
                  "as_of", "by", "reason", "reversed"}],
   "enrolled_at", "completed_at", "held",
   "course": {"learned_seconds", "credited_seconds", "required_seconds"},
   "programme": {"learned_seconds", "credited_seconds", "required_seconds", "recognised_seconds"},
   "text": {"heading", "why", "todo"}}],    the same in Chinese
 "sessions": [{"session_id", "opened_at", "first_received_at", "last_received_at",
   "watched": stretches, "slowest_rate_percent", "fastest_rate_percent", "accepted", "repeated",
   "refused", "counts_in": [programme ids]}],
 "quiz_attempts": [{"quiz_id", "at_ms", "received_at", "session_id", "right", "of",
   "inside": [programme ids], "beyond": [programme ids], "passed": [programme ids]}],
 "refusals": [{"reason": a rejections.Reason, "cause": a spending.Cause, "source": "log" |
   "collector" | "record", "topic", "was_mended", "session_id", "first_at", "last_at", "count",
   "claimed": stretches, "needed_ms", "elapsed_ms": wall time,
   "taken_by": [{"resource_id", "session_id", "spent": stretches of epoch ms}],
   "limits": [{"programme_id", "quiz_id", "limit", "used", "next_at"}],
   "details": [English], "text": Chinese}],
 "evidence": {"whole", "records", "bytes", "first_offset", "first_at", "since",
   "on_roster", "refused_replayed", "refused_on_record", "only_replayed", "only_on_record"},
 "live": {"standing": a live.Standing, "detail", "differences": [{"place", "evidence", "live"}]}}
"""

from typing import Any

from audit.explain.decisions import Decided
from audit.explain.explanation import Explanation
from audit.explain.findings import Finding
from audit.explain.live import Live
from audit.explain.plays import Attempt, PlaySession
from audit.explain.refusals import Refusal
from audit.explain.sentences import heading, todo, why
from audit.explain.stretches import pairs
from audit.explain.todo import QuizStanding
from audit.explain.words import reason


def as_json(one: Explanation, live: Live) -> dict[str, Any]:
    """The explanation in the shape above."""
    return {
        "v": 1,
        "teacher_id": one.teacher_id,
        "now": one.now,
        "resource": {
            "resource_id": one.resource.id, "kind": one.resource.kind,
            "title": one.resource.title, "duration_ms": one.resource.duration_ms,
            "credit_seconds": one.resource.credit_seconds},
        "watch_time_ms": one.watch_ms,
        "programmes": [_programme(finding, one.now) for finding in one.findings],
        "sessions": [_session(session) for session in one.seen.sessions],
        "quiz_attempts": [_attempt(attempt) for attempt in one.seen.attempts],
        "refusals": [_refusal(refusal) for refusal in one.seen.refusals],
        "evidence": _evidence(one),
        "live": {"standing": live.standing, "detail": live.detail,
                 "differences": [one._asdict() for one in live.differences]},
    }


def _programme(one: Finding, now: int) -> dict[str, Any]:
    programme, course = one.listing.programme, one.listing.course
    window = programme.window
    return {
        "programme_id": programme.id, "name": programme.name,
        "course_id": course.id, "course_name": course.name,
        "opens_at": window.opens_at, "closes_at": window.closes_at,
        "late_until": window.closes_at + window.late_arrival_ms, "season": one.season,
        "state": one.states[0], "states": list(one.states),
        "done": one.is_done, "done_at": one.done_at, "carried_from": one.carried_from,
        "worth_seconds": one.worth, "counted_seconds": one.counted,
        "missing": pairs(one.gaps),
        "watched_outside_window": pairs(one.watched_outside),
        "missing_but_refused": pairs(one.refused_gaps),
        "quizzes": [_quiz(quiz) for quiz in one.quizzes],
        "todo": {"watch": pairs(one.todo.watch), "then_from_ms": one.todo.then_from,
                 "quizzes": [quiz.quiz_id for quiz in one.todo.quizzes]},
        "decisions": [_decided(decided) for decided in one.decisions],
        **_standing(one),
        "text": {"heading": heading(one), "why": why(one, now), "todo": todo(one, now)},
    }


def _standing(one: Finding) -> dict[str, Any]:
    standing = one.standing
    return {
        "enrolled_at": standing.enrolled_at, "completed_at": standing.completed_at,
        "held": standing.is_held,
        "course": {"learned_seconds": one.course.learned,
                   "credited_seconds": one.course.credited,
                   "required_seconds": one.course.required},
        "programme": {"learned_seconds": standing.learned,
                      "credited_seconds": standing.credited,
                      "required_seconds": one.listing.programme.required_seconds,
                      "recognised_seconds": standing.recognised},
    }


def _decided(one: Decided) -> dict[str, Any]:
    decision = one.decision
    return {
        "adjustment_id": decision.adjustment_id, "kind": decision.kind,
        "seconds": getattr(decision, "seconds", None), "at": decision.at,
        "as_of": getattr(decision, "as_of", None), "by": decision.by,
        "reason": decision.reason, "reversed": one.is_reversed,
    }


def _quiz(one: QuizStanding) -> dict[str, Any]:
    return {
        "quiz_id": one.quiz_id, "at_ms": one.at_ms, "questions": one.questions,
        "required_right": one.required, "passed": one.passed, "attempts": one.attempts,
        "attempts_outside_window": one.outside,
        "last_right": one.last.right if one.last else None,
        "last_at": one.last.received_at if one.last else None,
        "tail_missing": pairs(one.tail_missing),
        "attempts_limit": one.limited.limit if one.limited else None,
        "attempts_used": one.limited.used if one.limited else None,
        "next_attempt_at": one.limited.next_at if one.limited else None,
    }


def _session(one: PlaySession) -> dict[str, Any]:
    slowest, fastest = one.rates or (None, None)
    return {
        "session_id": one.session_id, "opened_at": one.opened_at,
        "first_received_at": one.first_at, "last_received_at": one.last_at,
        "watched": pairs(one.watched), "slowest_rate_percent": slowest,
        "fastest_rate_percent": fastest, "accepted": one.accepted, "repeated": one.repeated,
        "refused": one.refused, "counts_in": list(one.counts_in),
    }


def _attempt(one: Attempt) -> dict[str, Any]:
    return {
        "quiz_id": one.quiz_id, "at_ms": one.at_ms, "received_at": one.received_at,
        "session_id": one.session_id, "right": one.right, "of": one.of,
        "inside": list(one.inside), "beyond": list(one.beyond), "passed": list(one.passed),
    }


def _refusal(one: Refusal) -> dict[str, Any]:
    return {
        "reason": one.reason, "cause": one.cause, "source": one.source, "topic": one.topic,
        "was_mended": one.was_mended,
        "session_id": one.session_id, "first_at": one.first_at, "last_at": one.last_at,
        "count": one.count, "claimed": pairs(one.claimed), "needed_ms": one.needed_ms,
        "elapsed_ms": one.elapsed_ms,
        "taken_by": [{**play._asdict(), "spent": pairs(spent)}
                     for play, spent in one.taken.items()],
        "limits": [limited._asdict() for limited in one.limits.values()],
        "details": one.details, "text": reason(one.reason, one.cause),
    }


def _evidence(one: Explanation) -> dict[str, Any]:
    return {
        "whole": one.extent.whole, **one.extent._asdict(), "on_roster": one.on_roster,
        "refused_replayed": one.check.replayed, "refused_on_record": one.check.recorded,
        "only_replayed": one.check.only_replayed, "only_on_record": one.check.only_recorded,
    }
