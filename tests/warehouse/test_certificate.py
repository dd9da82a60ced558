"""Rules 13, 22, 23: whose certificate it is, from when, and what a check of its number says."""

import random
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr

from pipeline.schemas.base import Record
from pipeline.schemas.ledger import LedgerEntry, LedgerKind
from pipeline.schemas.roster import Teacher
from pipeline.settings import Settings
from tests.warehouse.country import ALL, REGIONS, SCHOOLS, country
from tests.warehouse.helpers import (
    CATALOGUE,
    DAY,
    HOUR,
    NOON,
    Log,
    entry,
    programme,
    rows,
    snapshot_of,
    story,
    teacher,
    verified,
    warehouse,
)
from warehouse.certificate import checking
from warehouse.certificate.cli import certificate, certificate_check
from warehouse.certificate.entitlement import day_of, due_at
from warehouse.certificate.issuing import certificate as due
from warehouse.certificate.number import code, written
from warehouse.errors import WarehouseError
from warehouse.manifest import read_manifest
from warehouse.publisher import publish_once
from warehouse.reader import open_published
from warehouse.sql import query

SECRET = "certificate-secret-of-the-tests-0123"
KEY = SECRET.encode()
WHOLE = story("amy", ("enrolled",), ("started",), *ALL, ("completed",))
CLOSED = NOON + 60 * DAY  # long after the window
HOLD = {"adjustment_id": "a1", "by": "admin-1", "reason": "核实中"}


class Life:
    """Amy of bj1: what is told of her, in parts, each followed by a publication."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._log = Log()
        self._at = NOON + 100 * DAY
        self._waiting: list[Record] = [*REGIONS, *SCHOOLS, teacher("amy", "bj1")]

    def tell(self, *records: Record) -> None:
        """Land the records, and publish."""
        self._at += DAY
        everything = [*self._waiting, *records]
        self._waiting = []
        sent = [one for record in everything for one in (
            self._log.ledger(record) if isinstance(record, LedgerEntry)
            else self._log.roster(record))]
        snapshot_of(self.settings, sent, self._at)
        publish_once(self.settings)

    def number(self) -> str:
        return due(self.settings.published_dir, KEY, "amy").number

    def day(self) -> date:
        return due(self.settings.published_dir, KEY, "amy").day

    def lacks(self) -> str:
        with pytest.raises(WarehouseError) as caught:
            self.number()
        return str(caught.value).partition("+08:00: ")[2]

    def holds(self, number: str) -> bool | None:
        """None: never issued."""
        named = checking.check(self.settings.published_dir, KEY, number).named
        return None if named is None else named.holds


@pytest.fixture
def amy(local: Settings) -> Life:
    return Life(local)


@pytest.mark.parametrize(("completed_at", "is_verified", "verified_at", "wanted"), [
    (None, False, None, None),
    (NOON, False, None, None),
    (None, True, NOON, None),
    (NOON, False, NOON, None),
    (NOON, True, NOON + 1, NOON + 1),
    (NOON + 1, True, NOON, NOON + 1),
    (0, True, 0, 0),
    (NOON, True, CLOSED, CLOSED),
])
def test_rule_23_it_is_due_from_the_later_of_completion_and_verification(
    completed_at: int | None, is_verified: bool, verified_at: int | None, wanted: int | None
) -> None:
    assert due_at(completed_at, is_verified, verified_at) == wanted


def test_rule_23_the_day_is_chinas() -> None:
    assert day_of(NOON + 12 * HOUR - 1) == date(2023, 7, 20)
    assert day_of(NOON + 12 * HOUR) == date(2023, 7, 21)


def test_rule_23_verified_after_the_window_closed(amy: Life) -> None:
    amy.tell(*WHOLE)
    assert amy.lacks() == "the identity is not verified (审核认证)"
    amy.tell(verified("amy", at=CLOSED))
    assert amy.day() == day_of(CLOSED)


def test_rule_23_verified_before_completion(amy: Life) -> None:
    amy.tell(verified("amy", at=NOON - 3 * DAY), *WHOLE)
    assert amy.day() == day_of(NOON)
    found = due(amy.settings.published_dir, KEY, "amy")
    assert (found.hours, found.programme_name) == (Fraction(3), "暑期研修")


def test_rule_22_verification_that_is_revoked_takes_the_certificate_away(amy: Life) -> None:
    amy.tell(verified("amy", at=NOON), *WHOLE)
    number = amy.number()
    assert amy.holds(number) is True
    amy.tell(verified("amy", False, NOON + DAY))
    assert amy.lacks() == "the identity is not verified (审核认证)"
    assert amy.holds(number) is False
    amy.tell(verified("amy", at=NOON + 2 * DAY))
    assert amy.day() == day_of(NOON + 2 * DAY)
    assert amy.holds(amy.number()) is True
    assert amy.holds(number) is False


def test_rule_22_a_decision_that_comes_late_moves_the_day_and_voids_what_was_printed(
    amy: Life,
) -> None:
    amy.tell(*WHOLE, verified("amy", at=NOON + 3 * DAY))
    printed = amy.number()
    amy.tell(verified("amy", at=NOON + 5 * DAY))  # approved once more: nothing changes
    assert amy.number() == printed
    amy.tell(verified("amy", at=NOON + DAY))
    assert amy.day() == day_of(NOON + DAY)
    assert (amy.holds(printed), amy.holds(amy.number())) == (False, True)


def test_rule_13_a_hold_takes_it_away_and_its_reversal_gives_the_same_one_back(amy: Life) -> None:
    amy.tell(verified("amy", at=NOON), *WHOLE)
    number = amy.number()
    held = LedgerEntry.model_validate(
        {**entry("amy", 6, "held", at=NOON + DAY).model_dump(exclude_none=True), **HOLD})
    amy.tell(held, entry("amy", 7, "reopened", at=NOON + DAY))
    assert amy.lacks() == "completion is held by a decision, in effect until that is reversed"
    assert amy.holds(number) is False
    amy.tell(entry("amy", 8, "completed", at=NOON))
    assert amy.number() == number
    assert amy.holds(number) is True


def test_rule_22_a_move_to_another_province_keeps_the_number(amy: Life) -> None:
    amy.tell(verified("amy", at=NOON), *WHOLE)
    number = amy.number()
    amy.tell(teacher("amy", "dg1", at=NOON + DAY))
    assert amy.number() == number
    assert amy.holds(number) is True


def test_nobody_without_the_key_can_make_up_a_number(amy: Life) -> None:
    amy.tell(verified("amy", at=NOON), *WHOLE)
    assert amy.holds(written(code(b"another key", "summer", "amy", day_of(NOON)))) is None
    assert amy.holds(written(code(KEY, "summer", "amy", day_of(NOON + DAY)))) is None


class Told(NamedTuple):
    """What is told of one teacher, in the order in which it arrives."""

    id: str
    completions: list[int | None]  # None: reopened
    decisions: list[tuple[bool, int]]

    def ledger(self) -> Iterator[LedgerEntry]:
        yield from story(self.id, ("enrolled",), ("started",), *ALL)
        for seq, moment in enumerate(self.completions, 5):
            kind: LedgerKind = "reopened" if moment is None else "completed"
            yield entry(self.id, seq, kind, at=NOON if moment is None else moment)

    def roster(self) -> Iterator[Record]:
        yield Teacher(teacher_id=self.id, school_id="bj1", at=1000)
        yield from (verified(self.id, yes, at) for yes, at in self.decisions)

    def completed_at(self) -> int | None:
        return self.completions[-1] if self.completions else None

    def verified_at(self, as_of: int) -> int | None:
        """Read one decision after the other, in the order of the moments that they hold from."""
        since = None
        for yes, at in sorted(self.decisions, key=lambda one: one[1]):
            if at <= as_of:
                since = (at if since is None else since) if yes else None
        return since

    def void(self, as_of: int, holding: int | None) -> list[date]:
        days = {day_of(max(moment, at)) for moment in self.completions if moment is not None
                for yes, at in self.decisions if yes and at <= as_of}
        return sorted(days - {day_of(holding)} if holding is not None else days)


def told(number: int, chance: random.Random) -> Told:
    """Moments lie half a day apart, some of them behind the publication, some the same."""
    def moment() -> int:
        return NOON + chance.randrange(8) * 12 * HOUR

    completions: list[int | None] = []
    for _ in range(chance.randrange(4)):
        reopens = completions and completions[-1] is not None and chance.random() < .7
        completions.append(None if reopens else moment())
    decisions = [(chance.random() < .6, moment()) for _ in range(chance.randrange(5))]
    return Told(f"t{number:03}", completions, decisions)


def test_rule_23_the_published_files_say_the_same_as_the_function(local: Settings) -> None:
    chance, as_of = random.Random(23), NOON + 3 * DAY
    everybody = [told(number, chance) for number in range(400)]
    log = Log()
    snapshot_of(local, [
        *log.roster(*REGIONS, *SCHOOLS, *(one for of in everybody for one in of.roster())),
        *log.ledger(*(one for of in everybody for one in of.ledger()))], as_of)
    publish_once(local)
    wanted, void, since = {}, {}, {}
    for of in everybody:
        since[of.id] = verified_at = of.verified_at(as_of)
        moment = due_at(of.completed_at(), verified_at is not None, verified_at)
        if moment is not None:
            wanted[of.id] = moment
        if days := of.void(as_of, moment):
            void[of.id] = days
    with open_published(local.published_dir, read_manifest(local.published_dir), "110000") as db:
        assert dict(rows(db, "SELECT teacher_id, epoch_ms(verified_at) FROM teachers")) == since
        assert dict(rows(db, "SELECT teacher_id, epoch_ms(due_at) "
                             f"FROM ({query('certificate_due')})")) == wanted
        assert dict(rows(db, "SELECT teacher_id, void_certificates FROM progress "
                             "WHERE void_certificates IS NOT NULL")) == void
        assert rows(db, "SELECT sum(certificate) FROM totals") == [(len(wanted),)]
    assert min(len(wanted), len(void)) > 50


Run = Callable[..., Result]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the country, where hal also has the certificate of another programme."""
    settings = Settings(var_dir=tmp_path_factory.mktemp("certificates"))
    hal = story("hal", ("enrolled",), ("started",), *ALL, ("completed",))
    also = [one.model_copy(update={"programme_id": "spring"}) for one in hal]
    both = CATALOGUE.of([programme(), programme("spring", NOON - 90 * DAY)])
    with warehouse(settings, both):
        pass
    records = [*country(), *Log(100).roster(teacher("hal", "dg1"), verified("hal")),
               *Log(100).ledger(*hal, *also)]
    snapshot_of(settings, records)
    publish_once(settings)
    return settings.var_dir


@pytest.fixture
def run(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    env = {"XUESHI_VAR_DIR": str(folder), "XUESHI_CERTIFICATE_SECRET": SECRET}

    def run(command: Any, *arguments: str, **more: str) -> Result:
        return CliRunner().invoke(command, list(arguments), env={**env, **more})

    return run


def test_the_command_writes_a_page_whose_number_is_valid(run: Run, tmp_path: Path) -> None:
    made = run(certificate, "ann")
    number, _, rest = made.output.partition(": ")
    assert (made.exit_code, rest) == (0, "wrote certificate-ann.html\n")
    page = (tmp_path / "certificate-ann.html").read_text(encoding="utf-8")
    for part in (number, "暑期研修", "认定 <b>3学时</b>", "2023年7月20日", ">ann<", "安文",
                 "数据截至 2023年7月21日 12:00:00（北京时间）", "20230721T120000-000001",
                 "certificate-check"):
        assert part in page
    assert not any(outside in page for outside in ("http", "url(", "src=", "@import", "href"))
    checked = run(certificate_check, number.lower())
    assert checked.exit_code == 0
    assert checked.output == ("有效：暑期研修，教师账号 ann，2023年7月20日。"
                              "数据截至 2023年7月21日 12:00:00（北京时间）\n")


def test_of_several_certificates_one_is_named(run: Run, tmp_path: Path) -> None:
    several = run(certificate, "hal")
    assert several.exit_code == 1
    assert several.output == ("Error: hal has certificates of several programmes, say which with "
                              "--programme: summer, spring\n")
    both = [run(certificate, "hal", "--programme", one, "--output", str(tmp_path / one))
            for one in ("summer", "spring")]
    assert [made.exit_code for made in both] == [0, 0]
    assert both[0].output[:19] != both[1].output[:19]


@pytest.mark.parametrize(("arguments", "why"), [
    (["zoe"], "no published roster has a teacher zoe: look at the account id, and whether their "
              "school is on the roster of schools"),
    (["bob"], "no certificate of summer for bob as of 2023-07-21T12:00:00+08:00: "
              "the identity is not verified (审核认证)"),
    (["dan"], "no certificate of summer for dan as of 2023-07-21T12:00:00+08:00: not completed, "
              "still to be credited: 思想铸魂 1.01学时, 以案促学 1学时"),
    (["cui"], "no certificate of summer for cui as of 2023-07-21T12:00:00+08:00: "
              "not enrolled (报名) and the identity is not verified (审核认证)"),
    (["ann", "--programme", "autumn"],
     "no programme autumn is published: there are summer, spring"),
    (["ann", "--output", "no/such/folder"], "no/such/.folder.tmp: No such file or directory"),
])
def test_what_is_missing_is_one_clear_line(run: Run, arguments: list[str], why: str) -> None:
    made = run(certificate, *arguments)
    assert (made.exit_code, made.output) == (1, f"Error: {why}\n")


def test_the_check_tells_mistyped_and_never_issued_apart(run: Run) -> None:
    issued = written(code(KEY, "summer", "ann", date(2023, 7, 20)))
    mistyped = run(certificate_check, issued[:-1] + ("2" if issued[-1] != "2" else "3"))
    assert mistyped.exit_code == 1
    assert mistyped.output == "编号有误：校验字符不符。请对照证书重新输入。\n"
    never = run(certificate_check, written(code(KEY, "summer", "bob", date(2023, 7, 20))))
    assert never.exit_code == 1
    assert never.output == ("从未签发：没有此编号的证书。"
                            "数据截至 2023年7月21日 12:00:00（北京时间）\n")


def test_a_number_can_be_checked_against_the_account_on_the_page(run: Run) -> None:
    number = written(code(KEY, "summer", "ann", date(2023, 7, 20)))
    assert run(certificate_check, number, "--teacher", "ann").output.startswith("有效：")
    copied = run(certificate_check, number, "--teacher", "hal")
    assert copied.exit_code == 1
    assert copied.output.startswith("从未签发：教师账号 hal 没有此编号的证书。")
    assert "ann" not in copied.output


def test_the_check_of_one_taken_back(amy: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    amy.tell(verified("amy", at=NOON), *WHOLE)
    number = amy.number()
    amy.tell(verified("amy", False, NOON + DAY))
    monkeypatch.setenv("XUESHI_VAR_DIR", str(amy.settings.var_dir))
    monkeypatch.setenv("XUESHI_CERTIFICATE_SECRET", SECRET)
    made = CliRunner().invoke(certificate_check, [number])
    assert made.exit_code == 1
    assert made.output.startswith("已撤销：暑期研修，教师账号 amy，2023年7月20日，")


@pytest.mark.parametrize("command", [certificate, certificate_check])
def test_without_a_key_or_a_publication_one_line_says_so(
    run: Run, tmp_path: Path, command: Any
) -> None:
    number = written(0)
    nothing = run(command, number, XUESHI_VAR_DIR=str(tmp_path))
    assert nothing.exit_code == 1
    assert nothing.output == (f"Error: nothing is published in {tmp_path / 'published'}: "
                              "run `xueshi publisher --once`\n")
    keyless = CliRunner().invoke(command, [number], env={"XUESHI_CERTIFICATE_SECRET": None})
    assert keyless.exit_code == 1
    assert keyless.output == "Error: set XUESHI_CERTIFICATE_SECRET in the environment\n"


def test_the_key_is_long_and_never_shown() -> None:
    with pytest.raises(ValueError, match="at least 32"):
        Settings(certificate_secret=SecretStr("short"))
    assert SECRET not in repr(Settings(certificate_secret=SecretStr(SECRET)))
