"""Every named query, by folders of rows that a person can review: `<query>/<case>/`.

How to add a case: make a folder `tests/queries/<query>/<what it shows>/`. For each table that
matters put `<table>.csv` there, with only the columns that matter: their types come from the real
migrations or the real publisher; what is left out is NULL, or 0, '' or false where NULL is not
allowed; `\\N` writes NULL, an empty cell an empty text. In `case.toml` say `about` (what a wrong
query would get wrong), `database` (`warehouse`; `landing`: with staging; `publishing`: with the
tables of publication.sql; `province`, `national` or `names`: a published file; more of these
`beside`, their tables as `<name>.<table>.csv`), `rules` that it shows, and `[fields]` ({scope} and
the like; `{ query = "…" }` puts another query there), `[parameters]` and `[variables]`. What must
come out is `expect.csv` for a query, all columns of it, in order if the query has an ORDER BY; for
a script `expect/<table>.csv` for each table that it makes or changes, `into` saying where if that
is not the database itself. A file there may leave columns out if another case has them, and
`expect/columns.csv` tells the types of all. Then damage the query and see the case fail.
"""

import re

import pytest

from tests.queries.case import HERE, Case, cases, folders
from tests.queries.database import Layout, made
from tests.queries.running import contents, faults
from warehouse.sql import HERE as WAREHOUSE
from warehouse.sql import query

QUERIES = sorted(path.stem for path in (WAREHOUSE / "queries").glob("*.sql"))
CASES = list(cases())
SCRIPTS = sorted({case.query for case in CASES if case.is_script})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_rows(case: Case, layouts: dict[str, Layout]) -> None:
    found = faults(case, layouts)
    assert not found, f"{case.id}: {case.told.about}\n" + "\n".join(found)


def test_every_query_has_a_case_and_every_case_a_query() -> None:
    assert [folder.name for folder in folders()] == QUERIES
    assert sorted({case.query for case in CASES}) == QUERIES


def test_every_folder_is_a_whole_case() -> None:
    known = {case.folder for case in CASES}
    for folder in (one for of_query in folders() for one in of_query.iterdir()):
        assert folder in known, f"{folder.relative_to(HERE)} has no case.toml"
        assert (folder / "expect.csv").exists() is not (folder / "expect").exists()
        wrong = [path.name for path in folder.rglob("*.*") if path.suffix not in (".csv", ".toml")]
        assert not wrong, f"{folder.relative_to(HERE)}: {wrong}"


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_tells_its_grain_first(name: str) -> None:
    head = re.match(r"(-- .+\n)+", query(name))
    assert head, "begins with a comment"
    told = head[0].replace("\n-- ", " ")
    if name in SCRIPTS:
        assert len(told) > 20
    else:
        assert re.search(r"\b(One row( a |:)|At most one row|A page of )", told), told


@pytest.mark.parametrize("name", SCRIPTS)
def test_all_that_a_script_makes_is_expected_by_some_case(
    name: str, layouts: dict[str, Layout]
) -> None:
    own = [case for case in CASES if case.query == name]
    told: dict[str, set[str]] = {}
    for case in own:
        for table, rows in case.expected_tables().items():
            told.setdefault(table, set()).update(rows.columns)
    for table, there in _tables_after(own[0], layouts).items():
        if table in told or own[0].told.into:
            assert told.get(table, set()) == there, table


def _tables_after(case: Case, layouts: dict[str, Layout]) -> dict[str, set[str]]:
    """The columns of the tables that the script may have made or changed."""
    with made(case.told, layouts) as db:
        db.execute(case.sql)
        return {table: set(rows.columns) for table, rows in contents(db, case).items()}
