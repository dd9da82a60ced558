"""A case: a folder that says what goes into a query and what must come out of it."""

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from warehouse.sql import query

HERE = Path(__file__).parent
NULL = r"\N"  # as in PostgreSQL's COPY: an empty cell is an empty text

Published = Literal["province", "national", "names"]
Database = Literal["warehouse", "landing", "publishing"] | Published


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _nulls(said: dict[str, Any]) -> dict[str, Any]:
    """TOML has no null."""
    return {name: None if value == NULL else value for name, value in said.items()}


Values = Annotated[dict[str, Any], AfterValidator(_nulls)]


class Nested(_Model):
    """A query inside another one, as {due} of certificate_days."""

    query: str
    fields: dict[str, "str | Nested"] = {}


class Told(_Model):
    """What case.toml says; see test_queries.py."""

    about: Annotated[str, Field(min_length=20)]
    database: Database
    beside: dict[str, Published] = {}
    into: Literal["temp", "edition", "named", "out"] | None = None
    rules: list[Annotated[int, Field(ge=1, le=28)]] = []
    fields: dict[str, str | Nested] = {}
    parameters: Values = {}
    variables: Values = {}


class Rows(NamedTuple):
    """A CSV file or what a table has: every value as text."""

    columns: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Case:
    """`folder` is <query>/<case>."""

    folder: Path
    told: Told

    @property
    def query(self) -> str:
        return self.folder.parent.name

    @property
    def id(self) -> str:
        rules = ",".join(map(str, self.told.rules))
        return f"{self.query}/{self.folder.name}" + (f"-rule-{rules}" if rules else "")

    @property
    def sql(self) -> str:
        return filled(Nested(query=self.query, fields=self.told.fields))

    def inputs(self) -> dict[str, Rows]:
        """What stands in each table before, by its name."""
        return {path.stem: read(path) for path in sorted(self.folder.glob("*.csv"))
                if path.name != "expect.csv"}

    @property
    def is_script(self) -> bool:
        """Whether the query makes or changes tables; then `expected_tables`, else `expected`."""
        return (self.folder / "expect").is_dir()

    @property
    def expected(self) -> Rows:
        return read(self.folder / "expect.csv")

    def expected_tables(self) -> dict[str, Rows]:
        """What must stand in each table afterwards, by its name."""
        return {path.stem: read(path) for path in sorted((self.folder / "expect").glob("*.csv"))}


def filled(nested: Nested) -> str:
    """The query's text with its {fields}."""
    fields = {name: field if isinstance(field, str) else filled(field)
              for name, field in nested.fields.items()}
    return query(nested.query).format(**fields) if fields else query(nested.query)


def read(path: Path) -> Rows:
    """The rows of a CSV file below its line of names."""
    with path.open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file, strict=True)
    assert all(len(row) == len(columns) for row in rows), f"{path}: {len(columns)} cells a line"
    return Rows(columns, rows)


def folders() -> list[Path]:
    """One a query, with its cases in it."""
    return sorted(path for path in HERE.iterdir() if path.is_dir() and path.name[0] != "_")


def cases() -> Iterator[Case]:
    """Every case of every query."""
    for folder in folders():
        for path in sorted(folder.glob("*/case.toml")):
            told = tomllib.loads(path.read_text(encoding="utf-8"))
            yield Case(path.parent, Told.model_validate(told))
