"""Published files: nothing of others, nothing half, nothing that fails a check."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipeline.schemas.ledger import LedgerEntry
from pipeline.settings import Settings
from tests.warehouse.country import country
from tests.warehouse.helpers import DAY, NOON, Log, entry, rows, snapshot_of, teacher
from warehouse import quality
from warehouse.errors import WarehouseError
from warehouse.manifest import Manifest, manifest_path, read_manifest
from warehouse.publisher import checked, publish_once
from warehouse.quality import CheckFailedError


def names(settings: Settings) -> set[str]:
    return {path.name for path in settings.published_dir.iterdir()
            if path.suffix in (".duckdb", ".parquet")}


def column(path: Path, sql: str) -> list[object]:
    with duckdb.connect(path, read_only=True) as db:
        return [value for (value,) in rows(db, sql)]


def everything(path: Path) -> str:
    """Every value of every table, as text."""
    with duckdb.connect(path, read_only=True) as db:
        tables = [name for (name,) in rows(db, "SELECT table_name FROM duckdb_tables()")]
        return "\n".join(str(row) for table in tables for row in rows(db, f"FROM {table}"))


@pytest.fixture
def published(local: Settings, country_dir: Path) -> Settings:
    shutil.copytree(country_dir, local.var_dir, dirs_exist_ok=True)
    return local


def test_a_file_a_province_and_one_for_the_country(published: Settings) -> None:
    manifest = read_manifest(published.published_dir)
    assert [file.region for file in manifest.files] == ["110000", "440000", "000000"]
    assert [file.region for file in manifest.names] == ["110000"]
    assert [file.region for file in manifest.counties] == ["110101", "110102", "441900"]
    assert names(published) == {file.name for file in manifest.all_files}
    for file in manifest.all_files:
        data = (published.published_dir / file.name).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (file.sha256, file.bytes)
    assert manifest.publication_id == "20230721T120000-000001"
    assert (manifest.as_of, manifest.as_of_local) == (NOON + DAY, "2023-07-21T12:00:00+08:00")
    beijing = manifest.files[0].rows
    assert (beijing["teachers"], beijing["schools"], beijing["progress"]) == (5, 3, 4)
    offsets = {(o.topic, o.partition): o.next_offset for o in manifest.offsets}
    assert offsets == {("t.ledger", 0): 20, ("t.roster", 0): 21}


def test_a_province_file_has_nothing_of_other_provinces(published: Settings) -> None:
    manifest = read_manifest(published.published_dir)
    for file, own, others in (
        (manifest.files[0], {"ann", "bob", "cui", "dan", "eva"}, ("fan", "dg1", "东莞", "4419")),
        (manifest.files[1], {"fan"}, ("ann", "bj", "东城", "1101")),
    ):
        path = published.published_dir / file.name
        assert set(column(path, "SELECT teacher_id FROM teachers")) == own
        text = everything(path)
        for foreign in (*others, "gus", "zoe", "nowhere"):
            assert foreign not in text, foreign
        # Not even in pages that no table shows.
        assert not any(o.encode() in path.read_bytes() for o in others if o not in ("bj", "1101"))


def test_the_national_file_has_no_teacher_and_no_school(published: Settings) -> None:
    folder = published.published_dir
    text = everything(folder / read_manifest(folder).files[2].name)
    for person in ("ann", "bob", "cui", "dan", "eva", "fan", "gus", "zoe", "bj1", "东城一小"):
        assert f"'{person}'" not in text, person
    assert "东城区" in text


def test_the_manifest_names_no_teacher(published: Settings) -> None:
    manifest = read_manifest(published.published_dir)
    assert manifest.warnings == [
        "learners who are not on the roster; they are counted nationally only: 1",
        "teachers whose school is not known; they are counted nationally only: 1",
    ]


def test_old_readers_can_open_the_files(published: Settings) -> None:
    for file in read_manifest(published.published_dir).files:
        path = published.published_dir / file.name
        with duckdb.connect(path, read_only=True) as db:
            [(tags,)] = rows(db, """
                SELECT tags FROM duckdb_databases() WHERE path IS NOT NULL AND NOT internal""")
        assert tags["storage_version"].startswith("v1.0.0")
        # Bytes 12–19 of the header: DuckDB's storage version number, 64 since v0.10.
        assert int.from_bytes(path.read_bytes()[12:20], "little") == 64


def test_tables_are_sorted_by_school(published: Settings) -> None:
    path = published.published_dir / read_manifest(published.published_dir).files[0].name
    for table in ("teachers", "progress", "course_progress", "daily", "totals"):
        schools = column(path, f"SELECT school_id FROM {table}")
        assert schools == sorted(schools, key=str), table


def test_rule_22_current_progress_stands_under_the_current_school(local: Settings) -> None:
    snapshot_of(local, country())
    snapshot_of(local, Log(start=100).roster(teacher("ann", "dg1", at=2000)))
    manifest = publish_once(local)
    beijing, guangdong = (local.published_dir / file.name for file in manifest.files[:2])
    assert "ann" not in column(beijing, "SELECT teacher_id FROM progress")
    assert "ann" in column(guangdong, "SELECT teacher_id FROM progress")
    # The day stays what it was: ann completed under a school in Beijing.
    assert column(beijing, "SELECT sum(completed) FROM daily") == [2]


def findings_of(settings: Settings) -> list[str]:
    return [finding.check for finding in checked(settings)]


BAD = {
    "a total that is not the sum": (entry("dan", 5, "learned", "cases", 999, 0, 5),
                                    "ledger_equals_progress"),
    "credited beyond required": (entry("dan", 5, "learned", "cases", 9000, 9000, 9000),
                                 "credited_within_bounds"),
    "credited beyond learned": (entry("dan", 5, "learned", "cases", 100, 200, 100),
                                "credited_within_bounds"),
    "completed without the hours": (entry("dan", 5, "completed"), "recognised_on_completion"),
}


@pytest.mark.parametrize(("bad", "check"), BAD.values(), ids=BAD.keys())
def test_a_failed_check_keeps_the_last_good_publication(
    published: Settings, bad: LedgerEntry, check: str
) -> None:
    before, files = read_manifest(published.published_dir), names(published)
    snapshot_of(published, Log(start=1000).ledger(bad), NOON + 2 * DAY)
    with pytest.raises(CheckFailedError, match=f"last good publication stays: .*{check}"):
        publish_once(published)
    assert read_manifest(published.published_dir) == before
    assert names(published) == files


@pytest.mark.parametrize("entries_a_part", [3, 32_000_000], ids=["in parts", "at once"])
@pytest.mark.parametrize("table", ["ledger", "progress", "course_progress", "daily", "schools"])
def test_a_row_that_is_there_twice_is_never_published(
    local: Settings, table: str, entries_a_part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quality, "ENTRIES_A_PART", entries_a_part)
    snapshot_of(local, country())
    assert findings_of(local) == ["not_on_roster", "unknown_schools"]  # each told once
    with duckdb.connect(local.snapshot_path) as db:
        db.execute(f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1")
    meaning = "the ledger does not add up" if table == "ledger" else "are there twice"
    with pytest.raises(CheckFailedError, match=meaning):
        publish_once(local)
    assert not manifest_path(local.published_dir).exists()


def test_rule_22_a_teacher_who_would_count_twice_stops_the_publication(local: Settings) -> None:
    snapshot_of(local, country())
    with duckdb.connect(local.snapshot_path) as db:
        db.execute("INSERT INTO schools SELECT * FROM schools")  # each teacher joins two of them
    with pytest.raises(CheckFailedError, match=r"counts_equal_roster: .* counts \d+ of \d+"):
        publish_once(local)


def test_a_gap_warns_and_is_published(local: Settings) -> None:
    snapshot_of(local, country(entry("dan", 9, "learned", "cases", 50, 50, 50)))
    assert any("entries were lost" in warning for warning in publish_once(local).warnings)


def test_only_the_last_publications_are_kept(local: Settings) -> None:
    settings = Settings(var_dir=local.var_dir, keep_publications=2)
    made = []
    for day in range(4):
        snapshot_of(settings, country(), NOON + day * DAY)
        made.append(publish_once(settings))
    assert [m.sequence for m in made] == [1, 2, 3, 4]
    assert names(settings) == {file.name for m in made[2:] for file in m.all_files}
    assert read_manifest(settings.published_dir).kept == [m.publication_id for m in made[2:]]


def test_nothing_new_is_not_published_again(published: Settings) -> None:
    assert publish_once(published).sequence == 1


def test_what_a_crash_left_is_cleared_and_a_broken_manifest_replaced(
    published: Settings,
) -> None:
    folder = published.published_dir
    old = "20230101T000000-000007.duckdb"
    for debris in (f"110000-{old}", f".national-{old}.tmp"):
        (folder / debris).touch()
    snapshot_of(published, [], NOON + 2 * DAY)
    manifest = publish_once(published)
    assert manifest.sequence == 8  # a name that was used is not used again
    assert not any("000007" in path.name for path in folder.iterdir())
    manifest_path(folder).write_text("{")
    snapshot_of(published, [], NOON + 3 * DAY)
    assert publish_once(published).sequence == 9
    assert isinstance(read_manifest(folder), Manifest)


def test_without_a_snapshot_there_is_a_clear_error(local: Settings) -> None:
    with pytest.raises(WarehouseError, match="start `xueshi loader` first"):
        publish_once(local)


def test_an_empty_warehouse_is_told_from_a_missing_one(local: Settings) -> None:
    snapshot_of(local, [])
    assert [file.region for file in publish_once(local).files] == ["000000"]


def test_once_mode_ends_with_an_exit_code_and_one_line(local: Settings) -> None:
    snapshot_of(local, country(BAD["completed without the hours"][0]))
    done = subprocess.run(
        [sys.executable, "-c", "from warehouse.cli import publisher; publisher()", "--once"],
        env={**os.environ, "XUESHI_VAR_DIR": str(local.var_dir)}, capture_output=True, text=True,
        check=False)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("Error: not published, the last good publication stays")
    assert "Traceback" not in done.stderr
