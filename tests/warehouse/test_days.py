"""Frozen days: what a bureau was told for a day stays so, byte for byte (rule 22)."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipeline.settings import Settings
from tests.warehouse.country import country
from tests.warehouse.helpers import DAY, HOUR, NOON, Log, entry, rows, snapshot_of, teacher
from warehouse.cli import report as report_command
from warehouse.days import DAYS, frozen
from warehouse.errors import WarehouseError
from warehouse.manifest import Manifest, manifest_path, read_manifest
from warehouse.publications import is_whole
from warehouse.publisher import publish_once
from warehouse.report import report

# Publications of 20 July at noon and at five, of the 21st, and, after a gap, of the 24th.
MOMENTS = (NOON, NOON + 5 * HOUR, NOON + DAY, NOON + 4 * DAY)


def published_at(settings: Settings, *moments: int) -> list[Manifest]:
    """One publication each; the country first, then each time an hour more for dan."""
    made = []
    for number, at in enumerate(moments):
        more = Log(start=100 + number).ledger(
            entry("dan", 5 + number, "learned", "cases", number * 60, number * 60, 60, at))
        snapshot_of(settings, more if number else country(), at)
        made.append(publish_once(settings))
    return made


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def few(local: Settings) -> Settings:
    """Only the last publication is kept beside the days."""
    return Settings(var_dir=local.var_dir, keep_publications=1)


def test_rule_22_the_last_publication_of_a_day_is_kept_when_the_day_is_over(few: Settings) -> None:
    first, second, third = published_at(few, *MOMENTS[:3])
    assert frozen(few.published_dir) == ["2023-07-20"]  # the 21st may go on
    folder = few.published_dir / DAYS / "2023-07-20"
    kept = read_manifest(folder)
    assert (kept.publication_id, kept.as_of) == (second.publication_id, NOON + 5 * HOUR)
    assert (kept.offsets, kept.files) == (second.offsets, second.files)
    assert is_whole(folder, kept)
    assert first.publication_id not in str(contents(folder).keys())
    assert third.kept == [third.publication_id]


def test_rule_22_a_frozen_day_never_changes(few: Settings) -> None:
    published_at(few, *MOMENTS[:3])
    folder = few.published_dir / DAYS / "2023-07-20"
    then = contents(folder)
    # ann moves to Guangdong, in July, as is known only now; later days come and go.
    for number, at in enumerate((NOON + 2 * DAY, NOON + 3 * DAY, NOON + 9 * DAY)):
        snapshot_of(few, Log(start=500 + number).roster(teacher("ann", "dg1", at=2000)), at)
        publish_once(few)
    assert contents(folder) == then
    assert frozen(few.published_dir) == ["2023-07-23", "2023-07-22", "2023-07-21", "2023-07-20"]
    told = {day: report(few.published_dir, "441900", day=day).rows[-1].stages["on_roster"]
            for day in ("2023-07-20", "2023-07-22")}
    assert told == {"2023-07-20": 1, "2023-07-22": 2}


def test_a_publication_that_comes_again_does_not_replace_the_day(few: Settings) -> None:
    published_at(few, *MOMENTS[:3])
    folder = few.published_dir / DAYS / "2023-07-20"
    then = contents(folder)
    # The clock was set back: another publication of the 20th, and one after it.
    for at in (NOON + 6 * HOUR, NOON + 6 * DAY):
        snapshot_of(few, [], at)
        publish_once(few)
    assert contents(folder) == then


def test_days_without_a_publication_are_not_made_up(few: Settings) -> None:
    published_at(few, *MOMENTS)
    assert frozen(few.published_dir) == ["2023-07-21", "2023-07-20"]
    with pytest.raises(WarehouseError, match="no publication of 2023-07-22 is kept: there are"):
        report(few.published_dir, "china", day="2023-07-22")


@pytest.mark.parametrize("day", ["2023-07-21", "yesterday", "../..", ""])
def test_only_what_is_kept_is_a_day(local: Settings, day: str) -> None:
    published_at(local, NOON)
    (local.published_dir / DAYS).mkdir()
    with pytest.raises(WarehouseError, match="is kept"):
        report(local.published_dir, "china", day=day or ".")


def test_a_day_has_no_names_and_all_figures(few: Settings) -> None:
    _, second, _ = published_at(few, *MOMENTS[:3])
    assert [file.region for file in second.names] == ["110000"]
    folder = few.published_dir / DAYS / "2023-07-20"
    assert read_manifest(folder).names == []
    assert not any("安文".encode() in data for data in contents(folder).values())
    assert set(contents(folder)) == {
        "manifest.json", *(file.name for file in (*second.files, *second.counties))}


def test_nobody_may_write_what_is_published(few: Settings) -> None:
    published_at(few, *MOMENTS[:3])
    folder = few.published_dir / DAYS / "2023-07-20"
    for path in folder.iterdir():
        if path.suffix != ".json":
            assert path.stat().st_mode & 0o222 == 0, path.name


def test_killed_while_freezing_the_next_publisher_freezes_it(few: Settings) -> None:
    published_at(few, NOON)
    half = few.published_dir / DAYS / ".2023-07-20.tmp"
    half.mkdir(parents=True)
    (half / "manifest.json").write_text("{")
    assert frozen(few.published_dir) == []
    snapshot_of(few, [], NOON + DAY)
    publish_once(few)
    assert frozen(few.published_dir) == ["2023-07-20"]
    assert is_whole(few.published_dir / DAYS / "2023-07-20",
                    read_manifest(few.published_dir / DAYS / "2023-07-20"))
    assert not half.exists()


def test_a_damaged_publication_is_not_kept_for_ever(few: Settings) -> None:
    [manifest] = published_at(few, NOON)
    path = few.published_dir / manifest.files[0].name
    path.unlink()
    path.write_bytes(b"damaged")
    snapshot_of(few, [], NOON + DAY)
    publish_once(few)
    assert frozen(few.published_dir) == []


def test_the_files_are_linked_not_copied(few: Settings) -> None:
    settings = Settings(var_dir=few.var_dir, keep_publications=3)
    _, second, _ = published_at(settings, *MOMENTS[:3])
    name = second.files[0].name
    day = settings.published_dir / DAYS / "2023-07-20" / name
    assert day.samefile(settings.published_dir / name)


def test_a_day_can_be_carried_away(few: Settings, tmp_path: Path) -> None:
    """It is a folder of published files like any other."""
    published_at(few, *MOMENTS[:3])
    away = tmp_path / "away"
    shutil.copytree(few.published_dir / DAYS / "2023-07-20", away)
    assert report(away, "china").as_of_local == "2023-07-20T17:00:00+08:00"
    assert json.loads(manifest_path(away).read_text())["kept"] == [
        read_manifest(away).publication_id]


def test_the_county_file_has_everybody_on_its_roster(local: Settings) -> None:
    [manifest] = published_at(local, NOON)
    path = local.published_dir / str(getattr(manifest.county("110101"), "name", ""))
    with duckdb.connect() as db:
        found = rows(db, f"""
            SELECT teacher_id, school, region_name, subject, enrolled_at IS NOT NULL, credited,
                   [c.course_id || ' ' || c.credited for c in courses]
            FROM '{path}' ORDER BY ALL""")
    assert found == [
        ("ann", "东城一小", "东城区", "语文", True, 8100, ["ideals 5400", "cases 2700"]),
        ("bob", "东城一小", "东城区", None, True, 8100, ["ideals 5400", "cases 2700"]),
        ("cui", "东城一小", "东城区", None, False, 0, None),
        ("dan", "=1+1", "东城区", None, True, 2699, ["ideals 2699", "ethics 0"]),
    ]


def test_the_report_of_a_day_by_command(few: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    published_at(few, *MOMENTS[:3])
    monkeypatch.setenv("XUESHI_VAR_DIR", str(few.var_dir))
    told = CliRunner().invoke(report_command, ["110101", "--day", "2023-07-20", "--format", "json"])
    assert json.loads(told.output)["as_of"] == "2023-07-20T17:00:00+08:00"
    none = CliRunner().invoke(report_command, ["110101", "--day", "2023-07-21"])
    assert none.exit_code == 1
    assert "no publication of 2023-07-21 is kept: there are 2023-07-20" in none.output
