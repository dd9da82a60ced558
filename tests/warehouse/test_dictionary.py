"""The data dictionary says everything about the published files, and nothing else."""

import re
from pathlib import Path

import duckdb
import pytest

from pipeline.settings import ROOT, Settings
from tests.warehouse.country import country
from tests.warehouse.helpers import SUMMER, rows, snapshot_of
from warehouse.dictionary import UNITS, Kind, dictionary
from warehouse.dictionary_page import HEADINGS, schema
from warehouse.manifest import PublishedFile, read_manifest
from warehouse.publisher import publish_once

Columns = set[tuple[str, str]]


@pytest.fixture(scope="module")
def published(country_dir: Path) -> dict[Kind, tuple[Columns, list[tuple[str, str, str | None]]]]:
    """Of a file of each kind: its columns, and its comments."""
    found: dict[Kind, tuple[Columns, list[tuple[str, str, str | None]]]] = {}
    folder = Settings(var_dir=country_dir).published_dir
    manifest = read_manifest(folder)
    kinds: list[tuple[Kind, PublishedFile]] = [
        ("province", manifest.files[0]), ("national", manifest.files[-1]),
        ("names", manifest.names[0])]
    for kind, file in kinds:
        with duckdb.connect(folder / file.name, read_only=True) as db:
            said = rows(db, "SELECT table_name, column_name, comment FROM duckdb_columns() "
                            "WHERE NOT internal")
            tables = rows(db, "SELECT table_name, '', comment FROM duckdb_tables()")
        found[kind] = {(table, column) for table, column, _ in said}, [*said, *tables]
    path = folder / manifest.counties[0].name
    made = duckdb.execute("SELECT column_name FROM (DESCRIBE FROM read_parquet(?))", [str(path)])
    found["county"] = {("teachers", name) for name, in made.fetchall()}, []
    return found


@pytest.mark.parametrize("kind", HEADINGS)
def test_every_column_is_there_and_nothing_else(
    published: dict[Kind, tuple[Columns, list[tuple[str, str, str | None]]]], kind: Kind
) -> None:
    there, _ = published[kind]
    said = [(table.name, column.name)
            for table in dictionary().tables(kind) for column in table.columns]
    assert there - set(said) == set(), "say what these mean in warehouse/dictionary.toml"
    assert set(said) - there == set(), "these are published no more"
    assert len(said) == len(set(said))


@pytest.mark.parametrize("kind", ["province", "national"])
def test_the_files_say_it_themselves(
    published: dict[Kind, tuple[Columns, list[tuple[str, str, str | None]]]], kind: Kind
) -> None:
    _, comments = published[kind]
    assert all(comment for _, _, comment in comments)
    told = {(table, column): comment for table, column, comment in comments}
    assert str(told["totals", "learned"]).startswith("已学习（秒）: seconds learned")
    assert str(told["totals", ""]).split("（")[0] in ("学校汇总", "区县汇总")


@pytest.mark.parametrize("kind", HEADINGS)
def test_the_page_is_made_from_what_the_publisher_makes(
    published: dict[Kind, tuple[Columns, list[tuple[str, str, str | None]]]], kind: Kind
) -> None:
    there, _ = published[kind]
    assert {(table, column) for table, column, _ in schema(kind)} == there


def test_nothing_is_said_by_halves() -> None:
    for kind in HEADINGS:
        for table in dictionary().tables(kind):
            assert table.label, table.name
            assert table.row, table.name
            assert table.grain.startswith("one row"), table.name
            for column in table.columns:
                assert column.label, (table.name, column.name)
                assert len(column.meaning) > 8, (table.name, column.name)
                assert "|" not in column.meaning + table.grain
                assert column.unit in UNITS


def test_names_of_persons_are_marked() -> None:
    """A column of teachers called name, or like it, would be one."""
    for kind in HEADINGS:
        for table in dictionary().tables(kind):
            for column in table.columns:
                if column.name == "name" and table.name in ("names", "teachers"):
                    assert column.personal, (table.name, column.name)


def test_the_questions_in_the_analysts_guide_have_answers(local: Settings) -> None:
    guide = (ROOT / "docs" / "how-to" / "analysts.md").read_text(encoding="utf-8")
    asked = re.findall(r"```sql\n(.*?)```", guide, re.DOTALL)
    snapshot_of(local, country())
    path = local.published_dir / publish_once(local).files[0].name
    with duckdb.connect(path, read_only=True) as db:
        for text in asked:
            for statement in duckdb.extract_statements(text.replace("2023-summer", SUMMER)):
                found = db.execute(statement).fetchall()
                assert found or statement.type == duckdb.StatementType.SET, text
    assert len(asked) >= 3
