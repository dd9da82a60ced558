"""One difference or change: a line for people, or a JSON object a line for machines."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from audit.rebuild.comparing import Difference
from audit.rebuild.what_if import Change

BEIJING = timezone(timedelta(hours=8))


def difference_line(one: Difference) -> str:
    """For people: `t1 p/course: credited 5400 s by the log, 0 s in the workers' table`."""
    figure = one.figure
    place = "/".join(filter(None, (figure.programme_id, figure.place)))
    return (f"{one.teacher_id} {place}: {figure.what} {_value(figure.what, one.rebuilt)}"
            f" by the log, {_value(figure.what, one.live)} {TABLES[one.table]}")


TABLES = {"workers": "in the workers' table", "published": "in the published files"}


def _value(what: str, value: int | None) -> str:
    if what.endswith("_at"):
        return "never" if value is None else _moment(value)
    return f"{value or 0} {'ms' if what.endswith('_ms') else 's'}"


def _moment(epoch_ms: int) -> str:
    """Local time in China, exact to the millisecond."""
    moment = datetime.fromtimestamp(epoch_ms // 1000, UTC) + timedelta(milliseconds=epoch_ms % 1000)
    return moment.astimezone(BEIJING).isoformat(timespec="milliseconds")


def difference_json(one: Difference) -> str:
    """For machines. Seconds that are missing are 0, moments that are missing null."""
    figure = one.figure
    missing = None if figure.what.endswith("_at") else 0
    return _json("difference", {
        "teacher_id": one.teacher_id, "programme_id": figure.programme_id, "place": figure.place,
        "what": figure.what, "table": one.table,
        "rebuilt": missing if one.rebuilt is None else one.rebuilt,
        "live": missing if one.live is None else one.live,
    })


def change_line(one: Change) -> str:
    """For people, only what would change: `t1 p: credited 0 → 60 s credited in c 0 → 60 s`."""
    named = (("credited", one.credited), ("learned", one.learned), ("recognised", one.recognised))
    parts = [f"{what} {_both(both)}" for what, both in named if both[0] != both[1]]
    if one.courses:
        courses = ", ".join(f"{course} {_both(both)}" for course, both in one.courses.items())
        parts.append(f"credited in {courses}")
    if one.completed[0] != one.completed[1]:
        parts.append("completed" if one.completed[1] else "no longer completed")
    return f"{one.teacher_id} {one.programme_id}: {', '.join(parts)}"


def _both(both: tuple[int, int]) -> str:
    return f"{both[0]} → {both[1]} s"


def change_json(one: Change) -> str:
    """For machines; every pair is [before, after]."""
    return _json("change", one._asdict())


def _json(kind: str, body: Mapping[str, Any]) -> str:
    return json.dumps({"kind": kind, **body}, ensure_ascii=False)
