"""Rules 20 to 24: places, people, and what arrives late."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.rules import regions
from pipeline.rules.credit import Account, Standing, enrol, mark_done, standing
from pipeline.rules.programme import Programme
from pipeline.schemas.base import Record
from pipeline.schemas.models import MODELS, json_schema
from pipeline.schemas.roster import School, Teacher
from pipeline.settings import Settings
from tests.spec.story import course, moment, programme, video
from tests.warehouse.helpers import DAY, NOON, Log, region, school, snapshot_of, teacher, verified
from tests.warehouse.helpers import story as ledger_of
from warehouse.publisher import publish_once
from warehouse.report import Report, report

ALL = (("learned", "ideals", 5400, 5400), ("learned", "cases", 2700, 2700))
COMPLETED = (("enrolled",), ("started",), *ALL, ("completed",))
REGIONS = (region("110000", "北京市"), region("110100", "市辖区"), region("110101", "东城区"))


def reported(folder: Path, roster: Iterable[Record], ledger: Iterable[Record] = (),
             region_code: str = "110101") -> Report:
    """The report after these records arrived, in this order, and were published."""
    settings = Settings(var_dir=folder)
    log = Log()
    snapshot_of(settings, [*log.roster(*roster), *log.ledger(*ledger)], at=NOON + 60 * DAY)
    publish_once(settings)
    return report(settings.published_dir, region_code)


@pytest.mark.parametrize(("code", "level", "above"), [
    ("440000", "province", []),
    ("440300", "city", ["440000"]),
    ("440304", "county", ["440000", "440300"]),
])
def test_rule_20_six_digits_province_city_county(
    code: str, level: str, above: list[str]
) -> None:
    assert (regions.level(code), list(regions.ancestors(code))) == (level, above)


@pytest.mark.parametrize("code", ["44", "4403", "44030", "4403040", "044030", "44O304", ""])
def test_rule_20_a_school_belongs_to_a_code_of_six_digits(code: str) -> None:
    with pytest.raises(ValidationError):
        School(school_id="s", region=code, name="学校")


def test_rule_20_a_bureau_sees_how_many_sit_in_other(tmp_path: Path) -> None:
    other = School(school_id="other", region="110101", name="其他", other=True)
    made = reported(tmp_path, [
        *REGIONS, school("s1", "110101", "一小"), other,
        teacher("ann", "s1"), teacher("bob", "other"), teacher("cui", "other")])
    assert [(row.name, row.stages["on_roster"]) for row in made.rows] == [
        ("一小", 1), ("其他", 2), ("合计", 3)]


def rules(before_enrolment: bool) -> Programme:
    made = programme(course(video(), required=60), through=("earlier",))
    return replace(made, credit_before_enrolment=before_enrolment)


@pytest.mark.parametrize(("enrolled", "default", "strict"), [
    # done on 20 July; credited by default, and where ⚙ credit_before_enrolment is off
    ({}, 0, 0),
    ({"summer": "2023-07-19 08:00"}, 60, 60),
    ({"summer": "2023-07-21 08:00"}, 60, 0),
    # who enrolled in the earlier programme need not enrol again
    ({"earlier": "2023-06-05 08:00"}, 60, 60),
    ({"earlier": "2023-07-21 08:00", "summer": "2023-07-30 08:00"}, 60, 0),
    ({"another": "2023-06-05 08:00"}, 0, 0),
])
def test_rule_21_learning_before_enrolment(
    enrolled: dict[str, str], default: int, strict: int
) -> None:
    for before_enrolment, credited in ((True, default), (False, strict)):
        now = _stands(rules(before_enrolment), enrolled)
        assert now.learned == 60, "learning is recorded whoever the teacher is"
        assert (now.credited, now.recognised) == (credited, credited)


def _stands(some: Programme, enrolled: dict[str, str]) -> Standing:
    account = Account()
    mark_done(account, "summer", "video", moment("2023-07-20 08:00"))
    for programme_id, text in enrolled.items():
        enrol(account, programme_id, moment(text))
    return standing(some, account)


MOVED = (teacher("ann", "old", at=1000), teacher("ann", "new", at=2000))
DECIDED = (verified("ann", True, at=3000), verified("ann", False, at=4000),
           verified("ann", True, at=5000))
SCHOOLS = (school("old", "110101", "旧校"), school("new", "110101", "新校"))


@pytest.mark.parametrize("roster", [
    [*REGIONS, *SCHOOLS, *MOVED, *DECIDED],
    [*reversed(DECIDED), *reversed(MOVED), *SCHOOLS, *REGIONS],
    [MOVED[1], DECIDED[2], *REGIONS, MOVED[0], DECIDED[0], SCHOOLS[1], DECIDED[1], SCHOOLS[0]],
], ids=["in order", "backwards", "mixed"])
def test_rule_22_roster_and_verification_in_any_order(
    roster: list[Record], tmp_path: Path
) -> None:
    made = reported(tmp_path, roster, ledger_of("ann", *COMPLETED))
    assert [(row.name, row.stages["completed"], row.stages["verified"]) for row in made.rows] == [
        ("新校", 1, 1), ("旧校", 0, 0), ("合计", 1, 1)]


def test_rule_22_a_revoked_verification_takes_the_certificate_back(tmp_path: Path) -> None:
    made = reported(tmp_path, [*REGIONS, *SCHOOLS, *MOVED, *DECIDED[:2]],
                    ledger_of("ann", *COMPLETED))
    assert made.rows[-1].stages["completed"] == 1
    assert made.rows[-1].stages["certificate"] == 0


@pytest.mark.parametrize(("completed", "verifications", "certificates"), [
    (False, [], 0),
    (True, [], 0),
    (False, [verified("ann", at=NOON)], 0),
    (True, [verified("ann", at=NOON - DAY)], 1),          # verified first
    (True, [verified("ann", at=NOON + DAY)], 1),          # completed first
    (True, [verified("ann", at=NOON + 55 * DAY)], 1),     # after the window has closed
    (True, [verified("ann", False)], 0),
])
def test_rule_23_a_certificate_needs_completion_and_verification(
    completed: bool, verifications: list[Record], certificates: int, tmp_path: Path
) -> None:
    steps = COMPLETED if completed else COMPLETED[:3]
    made = reported(tmp_path, [*REGIONS, *SCHOOLS, MOVED[0], *verifications],
                    ledger_of("ann", *steps))
    assert made.rows[-1].stages["certificate"] == certificates


def test_rule_24_no_record_has_room_for_a_phone_and_only_the_roster_for_a_name() -> None:
    """By a name nobody is known: it is for the lists of those who may see names."""
    for name in MODELS:
        fields = set(json_schema(name)["properties"])
        assert not fields & {"phone", "mobile", "tel", "email", "id_card", "person", "full_name"}
    assert set(json_schema("Teacher")["properties"]) == {
        "v", "kind", "teacher_id", "school_id", "at", "registered", "name", "stage",
        "subject"}


@pytest.mark.parametrize("id_", ["张老师", "+86 138 0000 0000", "138 0000 0000", "", "a" * 65])
def test_rule_24_an_id_is_neither_a_name_nor_a_written_phone_number(id_: str) -> None:
    """Whether an id of digits alone is a phone number, the platform must see to."""
    with pytest.raises(ValidationError):
        Teacher(teacher_id=id_, school_id="s", at=0)
