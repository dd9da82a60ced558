"""From what is done to what is credited, naively: the third way beside workers and simulator.

Reads the programme files as the simulator does and shares no code with the workers' rules.
"""

from collections.abc import Iterable, Iterator, Set

from chaos.copies.figures import Figures, Key
from simulator.catalogue import Catalogue, Course, Programme

Enrolled = Set[tuple[str, str]]
"""(teacher, programme)"""
Done = Set[tuple[str, str, str]]
"""(teacher, programme, resource): completed in the programme's own window."""


def credit(catalogue: Catalogue, enrolled: Enrolled, done: Done) -> Figures:
    """Learned, credited, recognised, done and counted of everybody who is named (3, 5, 12, 13)."""
    figures: Figures = {}
    for teacher in sorted({*(t for t, _ in enrolled), *(t for t, _, _ in done)}):
        for programme in catalogue.programmes.values():
            figures |= _in_programme(programme, teacher, enrolled, done)
    return figures


def _in_programme(programme: Programme, teacher: str, enrolled: Enrolled, done: Done) -> Figures:
    figures: Figures = {}
    through = (programme.id, *programme.enrolled_through)
    is_enrolled = any((teacher, one) in enrolled for one in through)
    complete = is_enrolled
    for course in programme.courses:
        learned = sum(video.credit_seconds for video in course.videos
                      if _counts(course, programme, teacher, video.id, done))
        credited = min(learned, course.required_seconds) if is_enrolled else 0
        complete = complete and credited == course.required_seconds
        figures[Key("learned", teacher, programme.id, course.id)] = learned
        figures[Key("credited", teacher, programme.id, course.id)] = credited
    credited = sum(n for key, n in figures.items() if key.what == "credited")
    figures[Key("recognised", teacher, programme.id, "")] = credited if complete else 0
    return figures


def _counts(course: Course, programme: Programme, teacher: str, video: str, done: Done) -> bool:
    return ((teacher, programme.id, video) in done
            or (teacher, course.shared_with or "", video) in done)


def done_figures(catalogue: Catalogue, done: Done) -> Figures:
    """`done` and `counted`, of videos only: texts are worth nothing, and the truth has none."""
    videos = {video.id for p in catalogue.programmes.values() for video in p.videos}
    own = [one for one in done if one[2] in videos]
    return {**{Key("done", *one): 1 for one in own},
            **{Key("counted", *one): 1 for one in carried_over(catalogue, own)}}


def carried_over(catalogue: Catalogue, done: Iterable[tuple[str, str, str]]) -> Iterator[
        tuple[str, str, str]]:
    """What is done, and once more where another programme counts it as well (rule 5)."""
    heirs: dict[tuple[str, str], list[str]] = {}
    for programme in catalogue.programmes.values():
        for course in programme.courses:
            for video in course.videos:
                heirs.setdefault((course.shared_with or "", video.id), []).append(programme.id)
    for teacher, programme_id, video_id in done:
        yield teacher, programme_id, video_id
        for heir in heirs.get((programme_id, video_id), ()):
            yield teacher, heir, video_id
