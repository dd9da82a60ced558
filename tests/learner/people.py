"""Teachers by what they did, and what a worker says of each: made by the rules themselves."""

from typing import Any

from pipeline.rules.completion import Coverage, Moment, pass_quiz, watch
from pipeline.rules.credit import Account, enrol, mark_done
from pipeline.rules.programme import Catalogue, Resource
from pipeline.rules.programme_file import load_catalogue
from pipeline.rules.progress import programme_progress
from pipeline.rules.resume import Asked, resource_progress
from pipeline.rules.watching import Video, Viewer
from pipeline.settings import Settings

SUMMER = "2023-summer"
ETHICS = "2023-ethics"
# 2023-07-20 12:00 in Asia/Shanghai.
NOON = 1_689_825_600_000
CATALOGUE: Catalogue = load_catalogue(Settings().programmes_dir)
EARLIER, LATER = Moment(NOON, "s", 1), Moment(NOON + 1000, "s", 9)


def resource(id_: str) -> Resource:
    return CATALOGUE.resources[id_]


def covered(id_: str, *stretches: tuple[int, int], passed: bool = False) -> Coverage:
    """Seconds that were watched, and whether its first quiz was passed afterwards."""
    one, coverage = resource(id_), Coverage()
    for start, end in stretches:
        watch(coverage, one, start * 1000, end * 1000, EARLIER)
    if passed:
        pass_quiz(coverage, one.quizzes[0], LATER)
    return coverage


def anna() -> tuple[Viewer, Account]:
    """In the middle of it: some videos done, some open for every reason."""
    open_ = {
        "teaching-01": covered("teaching-01", (0, 130), (160, 900), (930, 1500), (1520, 2707)),
        "teaching-02": covered("teaching-02", (0, 2324)),
        "teaching-04": covered("teaching-04", (0, 2520), passed=True),
        "ideals-02": covered("ideals-02", (0, 1560)),
    }
    viewer = Viewer()
    for id_, coverage in open_.items():
        listed = [one.programme.id for one in CATALOGUE.listings[id_]]
        viewer.videos[id_] = Video(coverage=dict.fromkeys(listed, coverage), watched_ms=1_000_000)
    viewer.videos["digital-01"] = Video(watched_ms=600_000)
    account = Account()
    enrol(account, SUMMER, NOON)
    for id_ in ("ideals-01", "cases-01", "cases-02", "cases-03", "cases-04", "ethics-01"):
        mark_done(account, ETHICS if id_.startswith("ethics") else SUMMER, id_, NOON)
    mark_done(account, ETHICS, "cases-01", NOON)
    return viewer, account


def bert() -> tuple[Viewer, Account]:
    """Everything is done."""
    account = Account()
    enrol(account, SUMMER, NOON)
    for course in CATALOGUE.programmes[SUMMER].courses:
        for one in course.resources:
            mark_done(account, SUMMER, one.id, NOON + 60_000)
    return Viewer(), account


def cleo() -> tuple[Viewer, Account]:
    """Has not enrolled, and watched one video."""
    account = Account()
    mark_done(account, SUMMER, "teaching-01", NOON)
    return Viewer(), account


PEOPLE = {"anna": anna, "bert": bert, "cleo": cleo}


def progress(teacher_id: str) -> dict[str, Any]:
    viewer, account = PEOPLE[teacher_id]()
    return {"teacher_id": teacher_id, "programmes": [
        programme_progress(one, viewer, account) for one in CATALOGUE.programmes.values()]}


def detail(teacher_id: str, resource_id: str) -> dict[str, Any]:
    viewer, account = PEOPLE[teacher_id]()
    return {"teacher_id": teacher_id,
            **resource_progress(CATALOGUE, Asked(resource_id, NOON), viewer, account)}
