"""A sheet of a visit as a file to take away: exactly what the page shows, all pages of it."""

from collections.abc import Callable
from itertools import chain
from threading import BoundedSemaphore
from urllib.parse import quote

from starlette.responses import Response

from warehouse.dashboard.errors import BusyError, UnknownError
from warehouse.dashboard.export import About, Chunks, as_csv
from warehouse.dashboard.name_lists import name_list
from warehouse.dashboard.sending import Sending
from warehouse.dashboard.sheet import Sheet
from warehouse.dashboard.visit import Visit
from warehouse.dashboard.workbook import as_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LARGE_ROWS = 10_000  # fewer are sent in half a second, and need no turn
MOST_AT_ONCE = 4     # large files on their way: each holds its sorted rows in memory
PATIENCE_S = 10.0

FORMS: dict[str, tuple[Callable[[Sheet, About], Chunks], str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"), "xlsx": (as_xlsx, XLSX),
}


class Turns:
    """Lets so many large files be on their way at once."""

    def __init__(self) -> None:
        self._free = BoundedSemaphore(MOST_AT_ONCE)

    def take(self, rows: int) -> Callable[[], None]:
        """A turn for a file of so many rows, and how to give it back: once.

        Raises:
            BusyError: none comes soon.
        """
        if rows < LARGE_ROWS:
            return lambda: None
        if not self._free.acquire(timeout=PATIENCE_S):
            raise BusyError
        return self._free.release


def download(
    visit: Visit, sheet: Sheet, where: tuple[str, str], form: str, turns: Turns
) -> Response:
    """The sheet as a file. `where`: name and code of what it is about; `form`: csv or xlsx.

    Raises:
        UnknownError: another form.
        BusyError: too many large files are on their way.
    """
    if form not in FORMS:
        raise UnknownError
    write, media_type = FORMS[form]
    about = About(" ".join(where), visit.chosen.programme.name, visit.as_of,
                  visit.publication_id, _in_words(visit))
    give_back = turns.take(sheet.found)
    chunks = write(sheet, about)
    try:
        first = next(chunks)  # what goes wrong with the query has an answer of its own
    except BaseException:
        give_back()
        raise
    headers = {"Content-Disposition": _disposition(visit, sheet, where, form)}

    def end() -> None:
        chunks.close()
        give_back()

    return Sending(chain([first], chunks), headers, media_type, end)


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
