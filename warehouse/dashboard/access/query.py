"""The SQL box: `/query`. What it may read is what the account may read, and the query runs in a
process that can reach nothing else (warehouse/sandbox).
"""

import csv
import io
import logging
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from pipeline.rules import regions
from warehouse.dashboard.access.account import Account, signed_in
from warehouse.dashboard.access.visitor import note
from warehouse.dashboard.edition import Edition
from warehouse.dashboard.export import harmless
from warehouse.dashboard.shelf import Days
from warehouse.dashboard.views import Views
from warehouse.dictionary import Kind, Table, dictionary
from warehouse.manifest import NATIONAL
from warehouse.sandbox.box import Box, Source
from warehouse.sandbox.reading import Answer, BrokenError, BusyError, QueryError
from warehouse.sql import query as named

log = logging.getLogger("xueshi.access")

SHOWN_ROWS = 500   # on the page; the file has all
EXAMPLE: dict[Kind, str] = {
    "province": """SELECT schools.name AS 学校, on_roster AS 在册, completed AS 结业
FROM totals JOIN schools USING (school_id)
ORDER BY schools.region, school_id
LIMIT 100""",
    "national": """SELECT regions.name AS 地区, sum(on_roster) AS 在册, sum(completed) AS 结业
FROM totals JOIN regions ON regions.region = left(totals.region, 2) || '0000'
GROUP BY ALL
ORDER BY min(totals.region)""",
}

router = APIRouter()


def analyst(account: Annotated[Account, Depends(signed_in)]) -> Account:
    """Raises HTTPException 404 for who may not: to them there is no such page."""
    if not account.may_query:
        raise HTTPException(404)
    return account


Analyst = Annotated[Account, Depends(analyst)]


@router.get("/query")
def query_page(request: Request, account: Analyst) -> Response:
    edition: Edition = _edition(request, account)
    return _page(request, edition, EXAMPLE[_kind(account)])


@router.post("/query")
def query_run(request: Request, account: Analyst) -> Response:
    edition: Edition = _edition(request, account)
    sql = _sql(request)
    try:
        return _page(request, edition, sql, answer=_answer(request, account, edition, sql))
    except QueryError as error:
        return _page(request, edition, sql, str(error), _status(error))


@router.post("/query.csv")
def query_download(request: Request, account: Analyst) -> Response:
    """The same query again, as a file."""
    edition: Edition = _edition(request, account)
    sql = _sql(request)
    try:
        answer = _answer(request, account, edition, sql)
    except QueryError as error:
        return _page(request, edition, sql, str(error), _status(error))
    name = f"query-{edition.manifest.publication_id}.csv"
    return Response(as_csv(answer), 200, {
        "Content-Disposition": f'attachment; filename="{name}"'}, "text/csv; charset=utf-8")


def _edition(request: Request, account: Account) -> Edition:
    days: Days = request.app.state.days
    return days.shelf().edition(account.region, account.sees_names)


def _sql(request: Request) -> str:
    form: dict[str, str] = request.state.form
    return form.get("sql", "").replace("\r\n", "\n").strip()


def _kind(account: Account) -> Kind:
    return "national" if account.region == NATIONAL else "province"


def _status(error: QueryError) -> int:
    return 503 if isinstance(error, BusyError | BrokenError) else 422


def _answer(request: Request, account: Account, edition: Edition, sql: str) -> Answer:
    """The SQL goes into the access log, whether or not it has an answer."""
    note(request, sql=sql, publication=edition.manifest.publication_id)
    box: Box = request.app.state.box
    try:
        answer = box.run(source(account, edition), sql)
    except BrokenError as error:
        log.error("SQL box: %s", error.detail)
        raise
    note(request, rows=len(answer.rows), cut=answer.cut)
    return answer


def source(account: Account, edition: Edition) -> Source:
    """What the account may query: its edition, which has names only for who sees them."""
    if account.region == NATIONAL or regions.level(account.region) == "province":
        return Source(edition.source, edition.names)
    copies = (named("dashboard_copy"), named("dashboard_copy_names"))
    return Source(edition.source, edition.names, regions.prefix(account.region), copies)


def _page(
    request: Request, edition: Edition, sql: str, problem: str = "", status: int = 200,
    answer: Answer | None = None,
) -> Response:
    views: Views = request.app.state.views
    return views.answer(
        "access_query.html", status, sql=sql, problem=problem, answer=answer,
        shown=answer.rows[:SHOWN_ROWS] if answer else [], tables=_tables(edition),
        publication_id=edition.manifest.publication_id, as_of=edition.manifest.as_of_local)


def _tables(edition: Edition) -> list[tuple[str, Table]]:
    """What there is to query, by the names it has in SQL."""
    kind: Kind = "national" if edition.region == NATIONAL else "province"
    own = [(table.name, table) for table in dictionary().tables(kind)]
    named = dictionary().tables("names") if edition.names else []
    return own + [(f"named.{table.name}", table) for table in named if table.name == "names"]


def as_csv(answer: Answer) -> bytes:
    """UTF-8 with a byte order mark, without which Excel shows Chinese as noise."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(name) for name, _ in answer.columns])
    writer.writerows([_cell(value) for value in row] for row in answer.rows)
    return text.getvalue().encode("utf-8-sig", errors="replace")


def _cell(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value
