"""Published files with teachers of the summer programme."""

from pipeline.schemas.base import Record
from pipeline.settings import Settings
from tests.learner.people import CATALOGUE, NOON, SUMMER
from tests.warehouse.helpers import (
    Log,
    land_all,
    region,
    school,
    story,
    teacher,
    verified,
    warehouse,
)
from warehouse.publisher import publish_once
from warehouse.snapshot import snapshots


def finished(teacher_id: str) -> list[Record]:
    """Every course has exactly what it requires."""
    courses = [("learned", one.id, one.required_seconds, one.required_seconds)
               for one in CATALOGUE.programmes[SUMMER].courses if one.required_seconds]
    steps = (("enrolled",), ("started",), *courses, ("completed",))
    return [one.model_copy(update={"programme_id": SUMMER}) for one in story(teacher_id, *steps)]


def publish(settings: Settings, *who: str, checked: tuple[str, ...] = (),
            done: tuple[str, ...] = (), log: Log | None = None, at: int = NOON) -> None:
    """`who` is on the roster, `checked` are verified, `done` have completed.

    Publishing again needs the same `log`: what the warehouse has by its offset it has.
    """
    log = log or Log()
    records = log.roster(
        region("110000", "北京市"), region("110100", "市辖区"), region("110101", "东城区"),
        school("bj1", "110101"), *(teacher(id_, "bj1") for id_ in who),
        *(verified(id_) for id_ in checked))
    records += log.ledger(*(entry for id_ in done for entry in finished(id_)))
    with warehouse(settings, CATALOGUE) as db, snapshots(settings, db) as copies:
        land_all(db, records, at)
        copies.take(at)
    publish_once(settings)
