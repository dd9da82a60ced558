"""The programmes of an edition, and the one a page is about."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from warehouse.dashboard.door import Reading
from warehouse.dashboard.errors import UnknownError
from warehouse.figures import Programme
from warehouse.sql import query


@dataclass(frozen=True, slots=True)
class Choice:
    """A programme that can be chosen. `ranking`: the bureau lets places be ranked (rule 28)."""

    id: str
    name: str
    opens_at: datetime
    closes_at: datetime
    ranking: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """The programme of a page, and all there are."""

    programme: Programme
    choice: Choice
    choices: tuple[Choice, ...]
    day: str | None

    @property
    def ask(self) -> str:
        """What a link to another page asks for: the same programme, the same day."""
        asked = {"programme": self.programme.id, **({"day": self.day} if self.day else {})}
        return f"?{urlencode(asked)}"


def chosen(reading: Reading, wanted: str | None) -> Chosen:
    """The programme by its id; without one, that which opened last.

    Raises:
        UnknownError: there is no such programme, or none at all.
    """
    rows = {row["programme_id"]: row for row in reading.named(query("dashboard_programmes"), {})}
    if not rows:
        raise UnknownError("尚未发布任何专题，请稍后再来。")
    row = rows.get(wanted or next(iter(rows)))
    if row is None:
        raise UnknownError(f"没有这个专题。已发布：{'、'.join(r['name'] for r in rows.values())}。")
    choices = {id_: _choice(found) for id_, found in rows.items()}
    id_ = row["programme_id"]
    courses = reading.db.execute(query("dashboard_courses"), {"programme_id": id_}).fetchall()
    programme = Programme(
        id_, row["name"], row["seconds_per_hour"], row["required"],
        tuple((c, name, required) for c, name, required in courses))
    return Chosen(programme, choices[id_], tuple(choices.values()), reading.day)


def _choice(row: dict[str, object]) -> Choice:
    opens_at, closes_at = row["opens_at"], row["closes_at"]
    assert isinstance(opens_at, datetime)
    assert isinstance(closes_at, datetime)
    return Choice(str(row["programme_id"]), str(row["name"]), opens_at, closes_at,
                  row.get("ranking") is True)
