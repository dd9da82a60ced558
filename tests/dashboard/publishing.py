"""Published files for tests: the hand-made country, larger ones, and altered ones."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import duckdb

from pipeline.schemas.base import Record
from pipeline.settings import Settings
from tests.warehouse.country import country
from tests.warehouse.helpers import NOON, Log, Sent, region, school, snapshot_of, story, teacher
from warehouse.manifest import manifest_path, read_manifest
from warehouse.published import sha256
from warehouse.publisher import publish_once


def publish(settings: Settings, records: Iterable[Sent], at: int = NOON) -> Settings:
    snapshot_of(settings, records, at)
    publish_once(settings)
    return settings


def publish_country(settings: Settings) -> Settings:
    return publish(settings, country())


def alter(published: Path, region_: str, sql: str) -> None:
    """Change a published file and vouch for the change: as if the publisher had written it so."""
    manifest = read_manifest(published)
    file = manifest.file(region_)
    assert file is not None
    path = published / file.name
    changing = path.with_suffix(".changing")
    shutil.copy(path, changing)
    with duckdb.connect(changing) as db:
        db.execute(sql)
    changing.replace(path)  # whoever has the old one open keeps it
    changed = file.model_copy(update={"sha256": sha256(path), "bytes": path.stat().st_size})
    files = [changed if one == file else one for one in manifest.files]
    manifest_path(published).write_text(
        manifest.model_copy(update={"files": files}).model_dump_json(), encoding="utf-8")


def large() -> list[Sent]:
    """A county of three schools and 161 teachers at every stage; ids are not in their order."""
    log = Log()
    people = [(f"t{number * 37 % 211:03}", f"s{number % 3}", number % 5) for number in range(161)]
    places = [region("110000", "北京市"), region("110100", "市辖区"), region("110101", "东城区"),
              region("110102", "西城区")]
    schools = [school("s0", "110101"), school("s1", "110102"), school("s2", "110101")]
    roster = [teacher(id_, at, registered=stage > 0) for id_, at, stage in people]
    return log.roster(*places, *schools, *roster) + log.ledger(
        *(entry for id_, _, stage in people for entry in _story(id_, stage)))


STEPS: tuple[tuple[object, ...], ...] = (
    ("enrolled",), ("started",), ("learned", "ideals", 3000, 3000),
    ("learned", "ideals", 2400, 5400), ("learned", "cases", 2700, 2700), ("completed",))


def _story(id_: str, stage: int) -> list[Record]:
    return list(story(id_, *STEPS[:(0, 0, 1, 3, 6)[stage]]))
