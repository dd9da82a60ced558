"""What the child wrote, believed only as far as it has the right form."""

import json
import signal
from dataclasses import dataclass
from typing import Any

MOST_MESSAGE = 1_000  # characters of DuckDB's own words that are passed on
TOO_LARGE = "查询需要的内存超出上限，请缩小范围或先汇总。"
DIED = "查询异常终止，多半是需要的内存超出上限；请缩小范围或先汇总。"
OVERDUE = "查询超过 {seconds:g} 秒，已终止；请缩小范围或先汇总。"
BROKEN = "查询服务暂时不可用，请联系管理员。"


@dataclass(frozen=True, slots=True)
class Answer:
    """`columns`: (name, DuckDB type). Values are those of JSON; all other types are texts.
    `cut`: there were more rows or bytes than the limits allow.
    """

    columns: tuple[tuple[str, str], ...]
    rows: list[list[Any]]
    cut: bool


class QueryError(Exception):
    """The query has no answer; the message is for the analyst, in Chinese."""


class BusyError(QueryError):
    """As many queries as may run at once run already."""


class BrokenError(QueryError):
    """The fault is the server's; `detail` is for its log."""

    def __init__(self, detail: str) -> None:
        super().__init__(BROKEN)
        self.detail = detail


def answer(written: bytes, status: int, seconds: float) -> Answer:
    """The answer of a child that ended with `status` (negative: by that signal).

    Raises:
        QueryError: there is none.
    """
    lines = written.decode(errors="replace").split("\n")
    try:
        head, *rows, last = [json.loads(line) for line in lines[:-1]]
        return _checked(head, rows, last)
    except (ValueError, KeyError, TypeError):
        raise _failure(lines, status, seconds) from None


def _checked(head: Any, rows: list[Any], last: Any) -> Answer:
    columns = tuple((str(name), str(kind)) for name, kind in head["columns"])
    if not all(isinstance(row, list) and len(row) == len(columns) for row in rows):
        raise ValueError("rows of another width than the columns")
    return Answer(columns, rows, bool(last["cut"]))


def _failure(lines: list[str], status: int, seconds: float) -> QueryError:
    match _fault(lines):
        case "refused", message:
            return QueryError(message[:MOST_MESSAGE])
        case "memory", _:
            return QueryError(TOO_LARGE)
        case "setup", message:
            return BrokenError(message)
    if status in (-signal.SIGKILL, -signal.SIGXCPU):
        return QueryError(OVERDUE.format(seconds=seconds))
    return QueryError(DIED) if status < 0 else BrokenError(f"its child ended with {status}")


def _fault(lines: list[str]) -> tuple[str, str] | None:
    """What the last whole line says went wrong; an end by a signal has none."""
    try:
        last = json.loads(lines[-2])
        return last["fault"], last["message"]
    except (IndexError, ValueError, KeyError, TypeError):
        return None
