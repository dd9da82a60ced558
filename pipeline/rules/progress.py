"""Rules 25 and 26: what a teacher is shown of a programme. Never by colour alone."""

from enum import StrEnum
from typing import Any

from pipeline.rules.completion import Coverage, tail_missing
from pipeline.rules.credit import Account, CourseStanding, done_at, standing
from pipeline.rules.intervals import missing, total
from pipeline.rules.programme import Course, Listing, Programme, Resource
from pipeline.rules.watching import Video, Viewer


class Mark(StrEnum):
    """The state of a resource (rule 26); a video whose quiz is open is started."""

    NOT_STARTED = "○"
    STARTED = "◐"
    DONE = "✔"


STATES = {Mark.NOT_STARTED: "not_started", Mark.STARTED: "started", Mark.DONE: "done"}


def colour(credited: int, required: int) -> str:
    """Red while credited < required, blue from then on (rule 25)."""
    return "red" if credited < required else "blue"


def amounts(learned: int, credited: int, required: int) -> dict[str, Any]:
    """Learned, credited and required seconds with their colour and the same said in words."""
    reached = credited >= required
    return {
        "learned_seconds": learned,
        "credited_seconds": credited,
        "required_seconds": required,
        "colour": colour(credited, required),
        "reached": reached,
        "text": "已达到认定学时" if reached else "未达到认定学时",
    }


def programme_progress(programme: Programme, viewer: Viewer, account: Account) -> dict[str, Any]:
    """One programme as the progress page shows it; moments in epoch milliseconds or null."""
    now = standing(programme, account)
    return {
        "programme_id": programme.id,
        "name": programme.name,
        "seconds_per_hour": programme.seconds_per_hour,
        **amounts(now.learned, now.credited, programme.required_seconds),
        "recognised_seconds": now.recognised,
        "enrolled_at": now.enrolled_at,
        "started_at": now.started_at,
        "completed_at": now.completed_at,
        "courses": [
            _course(programme, course, row, viewer, account)
            for course, row in zip(programme.courses, now.courses, strict=True)
        ],
    }


def _course(
    programme: Programme, course: Course, row: CourseStanding, viewer: Viewer, account: Account
) -> dict[str, Any]:
    done = done_at(programme, course, account)
    return {
        "course_id": course.id,
        "name": course.name,
        **amounts(row.learned, row.credited, row.required),
        "resources": [
            _resource(programme, resource, viewer.videos.get(resource.id), done.get(resource.id))
            for resource in course.resources
        ],
    }


def _resource(
    programme: Programme, resource: Resource, video: Video | None, done: int | None
) -> dict[str, Any]:
    coverage = video.coverage.get(programme.id) if video else None
    done = done if done is not None or coverage is None else coverage.done_at
    mark = mark_of(coverage, done)
    return {
        "resource_id": resource.id,
        "kind": resource.kind,
        "title": resource.title,
        "credit_seconds": resource.credit_seconds,
        "mark": str(mark),
        "state": STATES[mark],
        "done_at": done,
        "watch_time_ms": video.watched_ms if video else 0,
        **(_open_ends(resource, coverage or Coverage()) if mark is not Mark.DONE else {}),
    }


def done_in(listing: Listing, coverage: Coverage | None, account: Account) -> int | None:
    """When the resource was done in the programme, by the account or, just now, by the watching."""
    done = done_at(listing.programme, listing.course, account).get(listing.resource.id)
    return done if done is not None or coverage is None else coverage.done_at


def mark_of(coverage: Coverage | None, done: int | None) -> Mark:
    """The resource's state; `done`: when it was."""
    if done is not None:
        return Mark.DONE
    return Mark.STARTED if coverage else Mark.NOT_STARTED


def _open_ends(resource: Resource, coverage: Coverage) -> dict[str, Any]:
    """Why there is no credit yet: what is unwatched, unanswered, or to be watched again."""
    return {
        "covered_ms": total(coverage.covered),
        "missing_ms": missing(coverage.covered, 0, resource.duration_ms),
        "quizzes_open": [q.id for q in resource.quizzes if q.id not in coverage.passes],
        "tail_missing_ms": {
            q.id: tail_missing(coverage, resource, q)
            for q in resource.quizzes if q.id in coverage.passes
        },
    }
