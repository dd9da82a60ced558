"""Run a case, and tell in words what is not as expected."""

from duckdb import DuckDBPyConnection

from tests.queries.case import Case, Rows
from tests.queries.comparing import as_text, differences, is_ordered, made_in_order
from tests.queries.database import Layout, columns, current, fill, made


def faults(case: Case, layouts: dict[str, Layout], sql: str | None = None) -> list[str]:
    """What differs, a readable text for each table; nothing if all is as expected. `sql`: another
    text than the case's own.
    """
    text = case.sql if sql is None else sql
    with made(case.told, layouts) as db:
        for table, given in case.inputs().items():
            fill(db, table, given)
        if case.is_script:
            return _script_faults(db, case, text)
        db.execute(text, case.told.parameters)
        return _select_faults(db, case)


def _select_faults(db: DuckDBPyConnection, case: Case) -> list[str]:
    names = [column[0] for column in db.description]
    types = [f"{column[0]} is a HUGEINT" for column in db.description
             if str(column[1]) == "HUGEINT"]
    found = Rows(names, [[as_text(value) for value in row] for row in db.fetchall()])
    return types + differences("the rows", case.expected, found, is_ordered(case.sql))


def _script_faults(db: DuckDBPyConnection, case: Case, text: str) -> list[str]:
    """Also what was changed and no file expects; a table that is new was empty before."""
    before = contents(db, case)
    db.execute(text)
    after = contents(db, case)
    expected = case.expected_tables()
    missing = [f"there is no table {table}" for table in expected.keys() - after.keys()]
    different = [fault for table, rows in expected.items() if table in after
                 for fault in differences(table, rows, _only(after[table], rows.columns),
                                          made_in_order(case.sql, table))]
    return _too_wide(db, case) + missing + different + [
        f"{table} is changed, and not in expect/: {rows.rows}" for table, rows in after.items()
        if table not in expected and rows.rows != before.get(table, Rows([], [])).rows]


def _too_wide(db: DuckDBPyConnection, case: Case) -> list[str]:
    """Sums and counts are BIGINT in what is published: not every reader knows a HUGEINT."""
    return [f"{column.table}.{column.name} is a HUGEINT"
            for column in columns(db, case.told.into or current(db)) if column.type == "HUGEINT"]


def contents(db: DuckDBPyConnection, case: Case) -> dict[str, Rows]:
    """What stands in the tables that a script may make or change: those `into` which it writes,
    or else the database's own. `columns`, if the case has it: what these tables are made of.
    """
    database = case.told.into or current(db)
    layout = columns(db, database)
    tables: dict[str, list[str]] = {}
    for column in layout:
        tables.setdefault(column.table, []).append(column.name)
    found = {table: _table(db, f"{database}.{table}", names) for table, names in tables.items()}
    if "columns" in case.expected_tables():
        found["columns"] = _columns(layout, tables)
    return found


def _columns(layout: Layout, tables: dict[str, list[str]]) -> Rows:
    return Rows(["table", "place", "column", "type"], [
        [c.table, str(1 + tables[c.table].index(c.name)), c.name, c.type] for c in layout])


def _table(db: DuckDBPyConnection, table: str, names: list[str]) -> Rows:
    rows = db.execute(f"FROM {table}").fetchall()
    return Rows(names, [[as_text(value) for value in row] for row in rows])


def _only(rows: Rows, wanted: list[str]) -> Rows:
    """The columns that a file of expect/ names, of those there are."""
    places = [rows.columns.index(name) for name in wanted if name in rows.columns]
    return Rows([rows.columns[at] for at in places],
                [[row[at] for at in places] for row in rows.rows])
