"""Heartbeats by the record: columns of one length, checked and heard in one pass.

This is where nearly all of a worker's time goes, so it is compiled (docs/adr/0026) and holds
nothing but loops over plain lists; what each heartbeat means is decided in `viewing` and
`watching`.
"""

from collections.abc import Callable
from typing import Any, final

from pipeline.rules.crowd import Crowd
from pipeline.rules.programme import Catalogue
from pipeline.rules.viewing import NOWHERE, Viewing
from pipeline.rules.watching import Heartbeat, Milestone

Find = Callable[[str], Viewing | None]
"""A teacher's viewing, to be changed; None where the teacher does not belong here."""


@final
class Columns:
    """Heartbeats in their order of arrival, a list a field; positions and times in milliseconds."""

    def __init__(
        self, received_at: list[int], teacher_id: list[str], resource_id: list[str],
        session_id: list[str], opened_at: list[int], seq: list[int], start: list[int],
        end: list[int], rate: list[int],
    ) -> None:
        self.received_at = received_at
        self.teacher_id = teacher_id
        self.resource_id = resource_id
        self.session_id = session_id
        self.opened_at = opened_at
        self.seq = seq
        self.start = start
        self.end = end
        self.rate = rate

    def some(self, rows: list[int]) -> "Columns":
        """The heartbeats of these row numbers."""
        return Columns(
            [self.received_at[row] for row in rows], [self.teacher_id[row] for row in rows],
            [self.resource_id[row] for row in rows], [self.session_id[row] for row in rows],
            [self.opened_at[row] for row in rows], [self.seq[row] for row in rows],
            [self.start[row] for row in rows], [self.end[row] for row in rows],
            [self.rate[row] for row in rows])

    def row(self, number: int) -> list[object]:
        """The values of one heartbeat, in the order of the columns."""
        return [self.received_at[number], self.teacher_id[number], self.resource_id[number],
                self.session_id[number], self.opened_at[number], self.seq[number],
                self.start[number], self.end[number], self.rate[number]]

    def beat(self, number: int) -> Heartbeat:
        """One heartbeat, as the rules take it."""
        return Heartbeat(self.resource_id[number], self.session_id[number],
                         self.opened_at[number], self.seq[number], self.received_at[number],
                         self.start[number], self.end[number], self.rate[number])


UNREADABLE = "unreadable"
NOT_HERE = "not here"


@final
class Note:
    """What there is to say of a heartbeat that did more than go on: its verdict, or that one of its
    ids is none (UNREADABLE), or that its teacher does not belong here (NOT_HERE).
    """

    def __init__(self, row: int, said: str, news: list[Milestone]) -> None:
        self.row = row
        self.said = said
        self.news = news


def whole_numbers(column: list[Any], lowest: int, highest: int) -> bool:
    """Whether all are integers, in that range."""
    for value in column:
        if not isinstance(value, int) or isinstance(value, bool):
            return False
        if not lowest <= value <= highest:
            return False
    return True


def texts(column: list[Any]) -> bool:
    """Whether all are strings."""
    for value in column:  # noqa: SIM110  # all(…) of a generator is several times slower compiled
        if not isinstance(value, str):
            return False
    return True


def hear_all(
    columns: Columns, catalogue: Catalogue, crowd: Crowd, find: Find,
    is_id: Callable[[str], bool], changed: list[str],
) -> list[Note]:
    """Hear every heartbeat in its order; notes on those that did more than go on where the last
    one ended.

    `crowd` are the teachers in memory, `find` looks elsewhere for one. `is_id` is asked about ids
    that nothing has checked yet. Teachers who were unchanged and are not any more go to `changed`.
    """
    notes: list[Note] = []
    clock = catalogue.clock
    teacher_id, session_id = columns.teacher_id, columns.session_id
    resource_id = columns.resource_id
    received_at, opened_at, seq = columns.received_at, columns.opened_at, columns.seq
    start, end, rate = columns.start, columns.end, columns.rate
    for row in range(len(teacher_id)):
        viewing = crowd.playing(hash(teacher_id[row]))
        if viewing is not None and viewing.goes_on(
                clock, resource_id[row], hash(session_id[row]), opened_at[row], seq[row],
                received_at[row], start[row], end[row], rate[row]):
            if not viewing.changed:
                viewing.changed = True
                changed.append(teacher_id[row])
        else:
            notes.append(_heard(columns, row, catalogue, crowd, find, is_id, changed))
    return notes


def _heard(
    columns: Columns, row: int, catalogue: Catalogue, crowd: Crowd, find: Find,
    is_id: Callable[[str], bool], changed: list[str],
) -> Note:
    """One heartbeat by all the rules."""
    teacher_id, beat = columns.teacher_id[row], columns.beat(row)
    news: list[Milestone] = []
    viewing = crowd.get(teacher_id)
    if not _is_readable(teacher_id, beat, catalogue, viewing, is_id):
        return Note(row, UNREADABLE, news)
    if viewing is None:
        viewing = find(teacher_id)
        if viewing is None:
            return Note(row, NOT_HERE, news)
    verdict = viewing.hear(catalogue, beat, news)
    if viewing.limit != NOWHERE:
        crowd.plays(hash(teacher_id), viewing)
    if not viewing.changed:
        viewing.changed = True
        changed.append(teacher_id)
    return Note(row, verdict, news)


def _is_readable(
    teacher_id: str, beat: Heartbeat, catalogue: Catalogue, viewing: Viewing | None,
    is_id: Callable[[str], bool],
) -> bool:
    """Whether all its ids are such; what is known was checked when it came first."""
    if beat.resource_id not in catalogue.listings and not is_id(beat.resource_id):
        return False
    if viewing is None:
        return is_id(teacher_id) and is_id(beat.session_id)
    return beat.session_id in viewing.viewer.sessions or is_id(beat.session_id)
