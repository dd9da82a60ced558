"""Rules 22, 27 and 28, in the files that a bureau opens."""

import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings
from tests.warehouse.country import country
from tests.warehouse.helpers import DAY, NOON, Log, rows, snapshot_of, teacher, verified
from warehouse.manifest import Manifest
from warehouse.publisher import publish_once
from warehouse.render import as_json
from warehouse.report import report


def sums(settings: Settings, manifest: Manifest) -> dict[str, str]:
    """SHA-256 of each file of the publication, as it lies there now."""
    return {file.name: hashlib.sha256((settings.published_dir / file.name).read_bytes()).hexdigest()
            for file in manifest.files}


def learners(settings: Settings, manifest: Manifest, number: int) -> list[str]:
    """The teachers with progress, under their school, in one file of the publication."""
    path = settings.published_dir / manifest.files[number].name
    with duckdb.connect(path, read_only=True) as db:
        return [f"{t}@{s}" for t, s in rows(
            db, "SELECT teacher_id, school_id FROM progress ORDER BY 1")]


BEIJING, GUANGDONG = 0, 1


def test_rule_22_what_is_published_stays_and_what_is_current_moves(tmp_path: Path) -> None:
    """ann moves from Beijing to Guangdong, and loses her verification, a day later."""
    settings = Settings(var_dir=tmp_path)
    snapshot_of(settings, country())
    first = publish_once(settings)
    then = sums(settings, first)

    moved = Log(start=100).roster(teacher("ann", "dg1", at=2000), verified("ann", False, NOON + 1))
    snapshot_of(settings, moved, NOON + 2 * DAY)
    second = publish_once(settings)

    assert sums(settings, first) == then == {file.name: file.sha256 for file in first.files}
    assert learners(settings, first, BEIJING) == ["ann@bj1", "bob@bj1", "dan@bj2", "eva@bj3"]
    assert not set(sums(settings, second)) & set(then), "a name is used once"
    assert learners(settings, second, BEIJING) == ["bob@bj1", "dan@bj2", "eva@bj3"]
    assert learners(settings, second, GUANGDONG) == ["ann@dg1", "fan@dg1"]
    assert report(settings.published_dir, "china").rows[-2].stages["certificate"] == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = Settings(var_dir=tmp_path_factory.mktemp("country"))
    snapshot_of(settings, country())
    publish_once(settings)
    return settings.published_dir


@pytest.mark.parametrize(("code", "rates"), [
    # registered, enrolled, started, completed, verified, certificate: per cent of the roster,
    # rounded down
    ("bj1", [66.6, 66.6, 66.6, 66.6, 33.3, 33.3]),
    ("bj2", [100.0, 100.0, 100.0, 0.0, 0.0, 0.0]),
    ("110101", [75.0, 75.0, 75.0, 50.0, 25.0, 25.0]),
])
def test_rule_27_the_rates_are_those_of_the_roster(
    folder: Path, code: str, rates: list[float]
) -> None:
    shown = json.loads(as_json(report(folder, "110101")))["rows"]
    [row] = [row for row in shown if row["code"] == code]
    assert list(row["rates_percent"].values()) == rates


def test_rule_27_every_place_is_the_sum_of_those_below_it(folder: Path) -> None:
    for above, code in (("china", "110000"), ("110000", "110100"), ("110100", "110101")):
        [row] = [row for row in report(folder, above).rows if row.code == code]
        total = report(folder, code).rows[-1]
        assert (total.stages, total.learned, total.credited, total.recognised) == (
            row.stages, row.learned, row.credited, row.recognised)


def test_rule_28_no_ranking_unless_a_programme_file_says_so(tmp_path: Path) -> None:
    text = (Settings().programmes_dir / "2023-ethics.toml").read_text(encoding="utf-8")
    [line] = [line for line in text.splitlines() if line.startswith("ranking")]
    for written, ranking in ((None, False), ("ranking = false", False), ("ranking = true", True)):
        file = tmp_path / "2023-ethics.toml"
        file.write_text(text.replace(line, written or ""), encoding="utf-8")
        assert load_catalogue(tmp_path).programmes["2023-ethics"].ranking is ranking


@pytest.mark.parametrize("region", ["china", "110000", "110100", "110101"])
def test_rule_28_rows_stand_in_the_order_of_codes_and_carry_no_place(
    folder: Path, region: str
) -> None:
    document = json.loads(as_json(report(folder, region)))
    codes = [r["code"] for r in document["rows"] if r["kind"] in ("region", "school")]
    assert codes == sorted(codes)
    assert not any("rank" in key for row in document["rows"] for key in row)
