"""Programmes and courses in the warehouse, so that published files explain themselves."""

from duckdb import DuckDBPyConnection

from pipeline.rules.programme import Catalogue, Programme
from warehouse.decode import Row
from warehouse.transaction import transaction


def load_dimensions(db: DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Bring in every programme of the catalogue; programmes no longer in it stay as they are."""
    with transaction(db):
        for programme in catalogue.programmes.values():
            _replace(db, programme)


def _replace(db: DuckDBPyConnection, programme: Programme) -> None:
    for table in ("programmes", "courses"):
        db.execute(f"DELETE FROM {table} WHERE programme_id = ?", [programme.id])
    db.execute(
        "INSERT INTO programmes VALUES (?, ?, make_timestamptz(?::BIGINT),"
        " make_timestamptz(?::BIGINT), ?, ?, ?)",
        [programme.id, programme.name, programme.window.opens_at * 1000,
         programme.window.closes_at * 1000, programme.required_seconds,
         programme.seconds_per_hour, programme.ranking],
    )
    db.executemany("INSERT INTO courses VALUES (?, ?, ?, ?, ?)", _courses(programme))


def _courses(programme: Programme) -> list[Row]:
    return [
        (programme.id, place, course.id, course.name, course.required_seconds)
        for place, course in enumerate(programme.courses, 1)
    ]
