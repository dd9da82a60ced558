"""A sheet of a visit as a file to take away: exactly what the page shows, all pages of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from warehouse.dashboard.errors import BusyError, UnknownError
from warehouse.dashboard.export import About, as_csv, as_xlsx, chunks
from warehouse.dashboard.name_lists import name_list
from warehouse.dashboard.sheet import Sheet
from warehouse.dashboard.visit import Visit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_AT_ONCE = 2  # workbooks in the making: each keeps a core busy
PATIENCE_S = 10.0


class Workbooks:
    """Lets so many workbooks be made at once."""

    def __init__(self) -> None:
        self._free = BoundedSemaphore(MOST_AT_ONCE)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Raises BusyError if no turn comes soon."""
        if not self._free.acquire(timeout=PATIENCE_S):
            raise BusyError
        try:
            yield
        finally:
            self._free.release()


def download(
    visit: Visit, sheet: Sheet, where: tuple[str, str], form: str, workbooks: Workbooks
) -> Response:
    """The sheet as a file. `where`: name and code of what it is about; `form`: csv or xlsx.

    Raises:
        UnknownError: another form.
        BusyError: too many workbooks are being made.
    """
    about = About(" ".join(where), visit.chosen.programme.name, visit.as_of,
                  visit.publication_id, _in_words(visit))
    headers = {"Content-Disposition": _disposition(visit, sheet, where, form)}
    match form:
        case "csv":
            return StreamingResponse(as_csv(sheet, about), 200, headers, "text/csv; charset=utf-8")
        case "xlsx":
            with workbooks.one():
                file = as_xlsx(sheet, about)
            return StreamingResponse(chunks(file), 200, headers, XLSX)
    raise UnknownError


def _in_words(visit: Visit) -> str:
    asked = visit.asked
    said = [name_list(asked.list).name if asked.list else "",
            f"搜索“{asked.search}”" if asked.search else "",
            "仅“其他”学校" if asked.other else "", "仅直属" if asked.direct else ""]
    return "、".join(one for one in said if one)


def _disposition(visit: Visit, sheet: Sheet, where: tuple[str, str], form: str) -> str:
    """A name in Chinese, and one for what cannot read that."""
    stamp = visit.publication_id.partition("-")[0]
    name = f"{where[0]}_{sheet.title.replace('：', '_')}_{stamp}.{form}"
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_"
                    for letter in f"{where[1]}-{sheet.id}-{stamp}.{form}")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
