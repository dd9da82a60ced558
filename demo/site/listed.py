"""The list of videos as a teacher sees it, with how far they are (rule 26)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from learner.said import Progress
from learner.view import MARKS
from learner.wording import hours, length, place
from pipeline.rules.programme import Catalogue, Course, Programme, Resource


@dataclass(frozen=True, slots=True)
class Video:
    """`mark`, `state`: rule 26; `worth`: hours; `quizzes`: what there is to answer, and where."""

    id: str
    title: str
    length: str
    worth: str
    quizzes: str
    mark: str
    state: str


@dataclass(frozen=True, slots=True)
class Group:
    """A course's videos. `required`: hours."""

    name: str
    required: str
    videos: tuple[Video, ...]


@dataclass(frozen=True, slots=True)
class Training:
    """A programme."""

    name: str
    minutes: str
    groups: tuple[Group, ...]


def trainings(catalogue: Catalogue, progress: Progress | None) -> list[Training]:
    """Every programme with its videos. `progress` None: nothing is known of the teacher yet."""
    return [Training(one.name, length(one.seconds_per_hour * 1000),
                     tuple(_groups(one, _states(one, progress))))
            for one in catalogue.programmes.values()]


def _states(of: Programme, progress: Progress | None) -> dict[str, str]:
    return {resource.resource_id: resource.state
            for one in (progress.programmes if progress else []) if one.programme_id == of.id
            for course in one.courses for resource in course.resources}


def _groups(of: Programme, states: Mapping[str, str]) -> Iterator[Group]:
    for course in of.courses:
        yield Group(course.name, hours(course.required_seconds, of.seconds_per_hour),
                    tuple(_videos(of, course, states)))


def _videos(of: Programme, course: Course, states: Mapping[str, str]) -> Iterator[Video]:
    for one in course.resources:
        if one.kind == "video":
            mark, state = MARKS[states.get(one.id, "not_started")]
            yield Video(one.id, one.title, length(one.duration_ms),
                        hours(one.credit_seconds, of.seconds_per_hour), _quizzes(one), mark, state)


def _quizzes(of: Resource) -> str:
    where = "、".join(place(quiz.at_ms) for quiz in of.quizzes)
    return f"测试题在 {where}" if where else "没有测试题"
