"""What programme files say of one another: shared courses, one clock, the same resources.

Keys of `files` are the files' paths; problems come out as "file: key path: reason" lines.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace

from pipeline.rules.programme import Course, Programme, Resource
from pipeline.rules.toml_table import suggest

Files = Mapping[str, Programme]


def disagreements(files: Files) -> Iterator[str]:
    """Where the files contradict each other, or name what is in none of them."""
    yield from _repeated_ids(files)
    yield from _different_clocks(files)
    yield from _different_resources(files)
    by_id = {programme.id: programme for programme in files.values()}
    for file, programme in files.items():
        for key, reason in (*_bad_shares(programme, by_id), *_bad_enrolments(programme, by_id)):
            yield f"{file}: {key}: {reason}"


def strangers(files: Files, known: Files) -> Iterator[str]:
    """Files that were meant to replace a programme, and whose id no known one has."""
    ids = {programme.id for programme in known.values()}
    for file, programme in files.items():
        if programme.id not in ids:
            yield (f"{file}: id: there is no programme {programme.id!r} to be read in its place; "
                   f"{suggest(programme.id, ids)}")


def _repeated_ids(files: Files) -> Iterator[str]:
    seen: dict[str, str] = {}
    for file, programme in files.items():
        first = seen.setdefault(programme.id, file)
        if first != file:
            yield f"{file}: id: {programme.id!r} is already the id in {first}"


def _different_clocks(files: Files) -> Iterator[str]:
    """A teacher has one wall clock, whatever programmes they are in (rule 16)."""
    first, model = next(iter(files.items()))
    for file, programme in files.items():
        if programme.clock != model.clock:
            yield f"{file}: clock: differs from the one in {first}; a teacher has one wall clock"


def _different_resources(files: Files) -> Iterator[str]:
    seen: dict[str, tuple[str, Resource]] = {}
    for file, programme in files.items():
        for path, resource in _resources(programme):
            first, known = seen.setdefault(resource.id, (file, resource))
            if resource != known:
                names = _difference(resource, known)
                yield f"{file}: {path}: {resource.id!r} differs in {names} from that in {first}"


def _resources(programme: Programme) -> Iterator[tuple[str, Resource]]:
    for i, course in enumerate(programme.courses):
        for j, resource in enumerate(course.resources):
            yield f"courses[{i}].resources[{j}]", resource


def _difference(one: Resource, other: Resource) -> str:
    theirs = asdict(other)
    return ", ".join(name for name, value in asdict(one).items() if value != theirs[name])


def _bad_shares(programme: Programme, by_id: Files) -> Iterator[tuple[str, str]]:
    for i, course in enumerate(programme.courses):
        if course.shared_with is None:
            continue
        key, reason = _share_fault(programme, course, by_id)
        if reason:
            yield f"courses[{i}].{key}", reason


def _share_fault(programme: Programme, course: Course, by_id: Files) -> tuple[str, str]:
    """The faulty key and what is wrong with it; an empty reason where nothing is."""
    others = by_id.keys() - {programme.id}
    if course.shared_with not in others:
        return "shared_with", _no_programme(str(course.shared_with), others)
    theirs = {c.id: c for c in by_id[course.shared_with].courses}
    if course.id not in theirs:
        hint = suggest(course.id, theirs)
        return "id", f"there is no course {course.id!r} in {course.shared_with!r}; {hint}"
    origin = theirs[course.id].shared_with
    return "shared_with", f"must name the course's own programme, {origin!r}" if origin else ""


def _bad_enrolments(programme: Programme, by_id: Files) -> Iterator[tuple[str, str]]:
    others = by_id.keys() - {programme.id}
    for i, name in enumerate(programme.enrolled_through):
        if name not in others:
            yield f"enrolled_through[{i}]", _no_programme(name, others)


def _no_programme(name: str, others: Iterable[str]) -> str:
    return f"there is no other programme {name!r}; {suggest(name, others)}"


def link(files: Files) -> dict[str, Programme]:
    """The same programmes with names and resources in their shared courses (rule 5)."""
    origins = {(programme.id, course.id): course
               for programme in files.values() for course in programme.courses}
    return {file: replace(programme, courses=tuple(
        _filled(course, origins) for course in programme.courses))
        for file, programme in files.items()}


def _filled(course: Course, origins: Mapping[tuple[str, str], Course]) -> Course:
    if course.shared_with is None:
        return course
    origin = origins[course.shared_with, course.id]
    return replace(course, name=origin.name, resources=origin.resources)


def shortcomings(files: Files) -> Iterator[str]:
    """What is wrong with linked programmes: resources twice in one, courses nobody can finish."""
    for file, programme in files.items():
        for i, course in enumerate(programme.courses):
            for resource_id, other in _also_elsewhere(course, programme.courses[:i]):
                yield f"{file}: courses[{i}]: {resource_id!r} is already in course {other!r}"
            if course.offered_seconds < course.required_seconds:
                yield f"{file}: courses[{i}].hours: requires {course.required_seconds} s, " \
                      f"but its resources are worth only {course.offered_seconds} s"


def _also_elsewhere(course: Course, earlier: tuple[Course, ...]) -> Iterator[tuple[str, str]]:
    places = {resource.id: other.id for other in earlier for resource in other.resources}
    for resource in course.resources:
        if resource.id in places:
            yield resource.id, places[resource.id]
