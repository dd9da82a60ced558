"""The programme files as the simulator reads them: by itself, so that its truth is independent."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.actions import Answer


class CatalogueError(Exception):
    """The programme files hold nothing that the simulator could play."""


@dataclass(frozen=True, slots=True)
class Quiz:
    """A quiz at `at_ms` of its video, with the right answer to each question."""

    id: str
    at_ms: int
    key: Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Resource:
    """A video, or a text, which takes a careful reader `duration_ms` and credits nothing (4)."""

    id: str
    duration_ms: int
    credit_seconds: int
    quizzes: tuple[Quiz, ...]
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """`shared_with`: the earlier programme whose completions count here too (rule 5)."""

    id: str
    required_seconds: int
    shared_with: str | None
    resources: tuple[Resource, ...]

    @property
    def videos(self) -> tuple[Resource, ...]:
        return tuple(r for r in self.resources if not r.is_text)


@dataclass(frozen=True, slots=True)
class Programme:
    """[opens_at, closes_at) in epoch ms; started sessions may arrive `late_ms` later (rule 1)."""

    id: str
    opens_at: int
    closes_at: int
    late_ms: int
    enrolled_through: tuple[str, ...]
    courses: tuple[Course, ...]

    @property
    def videos(self) -> tuple[Resource, ...]:
        return tuple(video for course in self.courses for video in course.videos)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All programmes by id. `main` is the one that opens last: most of the playing is there."""

    programmes: Mapping[str, Programme]

    @property
    def main(self) -> Programme:
        return max(self.programmes.values(), key=lambda p: p.opens_at)

    @property
    def earlier(self) -> Programme | None:
        """The programme whose completions are carried over to `main`, if there is one."""
        shared = (c.shared_with for c in self.main.courses if c.shared_with)
        return self.programmes.get(next(shared, ""))

    def listing(self, resource_id: str) -> Iterator[Programme]:
        """The programmes that list the resource (rule 12)."""
        for programme in self.programmes.values():
            if any(r.id == resource_id for c in programme.courses for r in c.resources):
                yield programme


def read_catalogue(folder: Path) -> Catalogue:
    """All `*.toml` of the folder.

    Raises:
        CatalogueError: no file, one that is broken, or a rule set to what this truth is not
            built for. What exactly is wrong with a broken one, the pipeline itself tells.
    """
    try:
        files = {table["id"]: table for table in map(_read_table, sorted(folder.glob("*.toml")))}
        if not files:
            raise CatalogueError(f"{folder}: no programme file (*.toml) to simulate")
        for table in files.values():
            _check_supported(table)
        return Catalogue({id_: _programme(table, files) for id_, table in files.items()})
    except (ValueError, LookupError, TypeError, AttributeError, StopIteration) as error:
        raise CatalogueError(f"{folder}: a programme file is not valid: {error!r}") from error


def _read_table(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8-sig"))


def _check_supported(file: Mapping[str, Any]) -> None:
    """What is honest here keeps to these rules, and what is not keeps far away from them."""
    clock = file.get("clock", {})
    kept = {
        'quiz = "passed"': file.get("quiz", "passed") == "passed",
        "credit_before_enrolment = true": file.get("credit_before_enrolment", True),
        "gap_tolerance_ms ≤ 10000": file.get("gap_tolerance_ms", 2000) <= 10_000,
        "tail_tolerance_ms ≤ 10000": file.get("tail_tolerance_ms", 500) <= 10_000,
        "quiz_attempts ≥ 2 or none": file.get("quiz_attempts", 2) >= 2,
        "clock.max_rate = 2.0": clock.get("max_rate", 2.0) == 2,
        "clock.offline_grace_seconds ≥ 7200": clock.get("offline_grace_seconds", 7200) >= 7200,
        "clock.slack_seconds ≤ 30": clock.get("slack_seconds", 10) <= 30,
    }
    if broken := [rule for rule, holds in kept.items() if not holds]:
        raise CatalogueError(
            f"{file['id']}: the simulator knows the truth only for {', '.join(broken)}"
        )


def _programme(file: Mapping[str, Any], files: Mapping[str, Any]) -> Programme:
    window = file["window"]
    hour = int(file.get("seconds_per_hour", 2700))
    return Programme(
        id=file["id"],
        opens_at=round(window["opens_at"].timestamp() * 1000),
        closes_at=round(window["closes_at"].timestamp() * 1000),
        late_ms=int(window.get("late_arrival_seconds", 24 * 3600)) * 1000,
        enrolled_through=tuple(file.get("enrolled_through", ())),
        courses=tuple(_course(course, hour, files) for course in file["courses"]),
    )


def _course(table: Mapping[str, Any], hour: int, files: Mapping[str, Any]) -> Course:
    source, shared_with = table, table.get("shared_with")
    if shared_with is not None:
        source = next(c for c in files[shared_with]["courses"] if c["id"] == table["id"])
    resources = tuple(_resource(resource) for resource in source["resources"])
    return Course(table["id"], int(table["hours"]) * hour, shared_with, resources)


def _resource(table: Mapping[str, Any]) -> Resource:
    duration = int(table["duration_seconds"])
    if table["kind"] == "text":
        return Resource(table["id"], duration * 1000, 0, (), is_text=True)
    quizzes = sorted((_quiz(quiz) for quiz in table.get("quizzes", ())), key=lambda q: q.at_ms)
    return Resource(table["id"], duration * 1000, int(table.get("credit_seconds", duration)),
                    tuple(quizzes))


def _quiz(table: Mapping[str, Any]) -> Quiz:
    key = {question: tuple(right) if isinstance(right, list) else right
           for question, right in table["key"].items()}
    return Quiz(table["id"], int(table["at_seconds"]) * 1000, key)
