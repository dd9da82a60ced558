"""Heartbeats by the record: columns of numbers in its own bytes, heard in one pass.

This is where nearly all of a worker's time goes, so it is compiled (docs/adr/0026), and a heartbeat
that only goes on is read where it stands, without any object made for it (docs/adr/0031). What each
heartbeat means is decided in `viewing` and `watching`.
"""

from collections.abc import Callable
from typing import final

from librt.strings import read_i16_le, read_i32_le, read_i64_le
from mypy_extensions import i64

from pipeline.rules.crowd import Crowd, hashed
from pipeline.rules.programme import Catalogue
from pipeline.rules.viewing import NOWHERE, Viewing
from pipeline.rules.watching import ACCEPTED, REPEATED, Heartbeat, Milestone

Row = tuple[int, str, str, str, int, int, int, int, int]
"""received_at, teacher_id, resource_id, session_id, opened_at, seq, from, to, rate."""

Find = Callable[[str], Viewing | None]
"""A teacher's viewing, to be changed; None where the teacher does not belong here."""


@final
class Columns:
    """Heartbeats in their order of arrival, in `raw`; positions and times in milliseconds.

    `count` of them; the other numbers are where a column begins (widths and order:
    schemas/packed.py, whose `Places` these are). `resources` are the ids that a heartbeat names by
    their number.
    """

    def __init__(
        self, raw: bytes, resources: list[str], count: i64, teacher_sizes: i64,
        session_sizes: i64, teachers: i64, sessions: i64, received_at: i64, opened_at: i64,
        seq: i64, start: i64, end: i64, rate: i64, resource: i64,
    ) -> None:
        self.raw = raw
        self.resources = resources
        self.count = count
        self._teacher_sizes = teacher_sizes
        self._session_sizes = session_sizes
        self.teachers = teachers
        self.sessions = sessions
        self._received_at = received_at
        self._opened_at = opened_at
        self._seq = seq
        self._start = start
        self._end = end
        self._rate = rate
        self._resource = resource

    def received_at(self, row: i64) -> i64:
        return read_i64_le(self.raw, self._received_at + 8 * row)

    def opened_at(self, row: i64) -> i64:
        return read_i64_le(self.raw, self._opened_at + 8 * row)

    def seq(self, row: i64) -> i64:
        return i64(read_i32_le(self.raw, self._seq + 4 * row))

    def start(self, row: i64) -> i64:
        return i64(read_i32_le(self.raw, self._start + 4 * row))

    def end(self, row: i64) -> i64:
        return i64(read_i32_le(self.raw, self._end + 4 * row))

    def rate(self, row: i64) -> i64:
        return i64(read_i16_le(self.raw, self._rate + 2 * row))

    def resource(self, row: i64) -> i64:
        """Which of `resources`."""
        return i64(read_i16_le(self.raw, self._resource + 2 * row))

    def teacher_size(self, row: i64) -> i64:
        """Bytes of the teacher's id; those of all stand in their order from `teachers` on."""
        return self.raw[self._teacher_sizes + row]

    def session_size(self, row: i64) -> i64:
        """Bytes of the play session's id; those of all stand in their order from `sessions` on."""
        return self.raw[self._session_sizes + row]

    def is_within(self, latest: i64, furthest: i64, fastest: i64) -> bool:
        """Whether all ids and numbers are there: times up to `latest`, positions up to `furthest`,
        rates up to `fastest`, each resource one of `resources`, and the ids in all their length.
        """
        teachers: i64 = self.teachers
        sessions: i64 = self.sessions
        known: i64 = len(self.resources)
        row: i64 = 0
        while row < self.count:
            if not (0 <= self.received_at(row) <= latest and 0 <= self.opened_at(row) <= latest
                    and self.seq(row) >= 1 and 1 <= self.rate(row) <= fastest
                    and 0 <= self.start(row) <= furthest and 0 <= self.end(row) <= furthest
                    and 0 <= self.resource(row) < known):
                return False
            teachers += self.teacher_size(row)
            sessions += self.session_size(row)
            row += 1
        return teachers == self.sessions and sessions == self._received_at

    def rows(self) -> list[Row]:
        """All of them, which must be within (`is_within`)."""
        found: list[Row] = []
        teacher_at: i64 = self.teachers
        session_at: i64 = self.sessions
        row: i64 = 0
        while row < self.count:
            teacher_to: i64 = teacher_at + self.teacher_size(row)
            session_to: i64 = session_at + self.session_size(row)
            beat = self.beat(row, self.resources[self.resource(row)],
                             self.raw[session_at:session_to].decode())
            found.append(as_row(self.raw[teacher_at:teacher_to].decode(), beat))
            teacher_at, session_at = teacher_to, session_to
            row += 1
        return found

    def beat(self, row: i64, resource_id: str, session_id: str) -> Heartbeat:
        """One heartbeat, as the rules take it."""
        return Heartbeat(
            resource_id, session_id, self.opened_at(row), self.seq(row), self.received_at(row),
            self.start(row), self.end(row), self.rate(row))


def as_row(teacher_id: str, beat: Heartbeat) -> Row:
    """The heartbeat of this teacher as a record has it."""
    return (beat.received_at, teacher_id, beat.resource_id, beat.session_id, beat.opened_at,
            beat.seq, beat.start, beat.end, beat.rate)


UNREADABLE = "unreadable"
NOT_HERE = "not here"


@final
class Note:
    """A heartbeat that brought something about, or was refused: its verdict, or that one of its ids
    is none (UNREADABLE), or that its teacher does not belong here (NOT_HERE).
    """

    def __init__(
        self, teacher_id: str, beat: Heartbeat, said: str, news: list[Milestone]
    ) -> None:
        self.teacher_id = teacher_id
        self.beat = beat
        self.said = said
        self.news = news


@final
class Hearing:
    """Hears heartbeats in their order: how many were accepted and repeated, and notes where there
    is more to say.

    `crowd` are the teachers in memory, `find` looks elsewhere for one. `is_id` is asked about ids
    that nothing has checked yet. Who was unchanged and is not any more stands in `changed`.
    """

    def __init__(
        self, catalogue: Catalogue, crowd: Crowd, find: Find, is_id: Callable[[str], bool]
    ) -> None:
        self.catalogue = catalogue
        self.crowd = crowd
        self.find = find
        self.is_id = is_id
        self.accepted: i64 = 0
        self.repeated: i64 = 0
        self.notes: list[Note] = []
        self.changed: list[Viewing] = []

    def hear_all(self, columns: Columns) -> None:
        """Hear them; most only go on where the last one ended."""
        clock, crowd, raw = self.catalogue.clock, self.crowd, columns.raw
        resources = [_known(one, self.catalogue) for one in columns.resources]
        teacher_at: i64 = columns.teachers
        session_at: i64 = columns.sessions
        row: i64 = 0
        while row < columns.count:
            teacher_to: i64 = teacher_at + columns.teacher_size(row)
            session_to: i64 = session_at + columns.session_size(row)
            teacher = hashed(raw, teacher_at, teacher_to)
            session = hashed(raw, session_at, session_to)
            resource_id = resources[columns.resource(row)]
            viewing = crowd.playing(teacher)
            if viewing is not None and viewing.goes_on(
                    clock, resource_id, session, columns.opened_at(row), columns.seq(row),
                    columns.received_at(row), columns.start(row), columns.end(row),
                    columns.rate(row)):
                self.accepted += 1
                self._mark(viewing)
            elif viewing is not None and viewing.has_heard(
                    resource_id, session, columns.seq(row), columns.received_at(row),
                    columns.start(row), columns.end(row)):
                self.repeated += 1
            else:
                teacher_id = raw[teacher_at:teacher_to].decode()
                if viewing is None or viewing.limit == NOWHERE or viewing.teacher_id != teacher_id:
                    viewing = crowd.get(teacher_id)
                self._hear(viewing, teacher_id, teacher, session,
                           columns.beat(row, resource_id, raw[session_at:session_to].decode()))
            teacher_at, session_at = teacher_to, session_to
            row += 1

    def _hear(
        self, viewing: Viewing | None, teacher_id: str, teacher: i64, session: i64,
        beat: Heartbeat,
    ) -> None:
        """One heartbeat by all the rules. `teacher` and `session` are hashes of its ids."""
        news: list[Milestone] = []
        said = self._said(viewing, teacher_id, teacher, session, beat, news)
        if said is ACCEPTED:
            self.accepted += 1
        elif said is REPEATED:
            self.repeated += 1
        if news or (said is not ACCEPTED and said is not REPEATED):
            self.notes.append(Note(teacher_id, beat, said, news))

    def _said(
        self, viewing: Viewing | None, teacher_id: str, teacher: i64, session: i64,
        beat: Heartbeat, news: list[Milestone],
    ) -> str:
        if not self._is_readable(teacher_id, beat, viewing):
            return UNREADABLE
        if viewing is None:
            viewing = self.find(teacher_id)
            if viewing is None:
                return NOT_HERE
        verdict = viewing.hear(self.catalogue, beat, news)
        if verdict is ACCEPTED and viewing.limit != NOWHERE:
            self.crowd.plays(teacher, session, viewing)
        self._mark(viewing)
        return verdict

    def _mark(self, viewing: Viewing) -> None:
        if not viewing.changed:
            viewing.changed = True
            self.changed.append(viewing)

    def _is_readable(self, teacher_id: str, beat: Heartbeat, viewing: Viewing | None) -> bool:
        """Whether all its ids are such; what is known was checked when it came first."""
        if beat.resource_id not in self.catalogue.listings and not self.is_id(beat.resource_id):
            return False
        if viewing is None:
            return self.is_id(teacher_id) and self.is_id(beat.session_id)
        return beat.session_id in viewing.viewer.sessions or self.is_id(beat.session_id)


def _known(resource_id: str, catalogue: Catalogue) -> str:
    """The catalogue's own text of an id, if it has it."""
    listings = catalogue.listings.get(resource_id)
    return resource_id if listings is None else listings[0].resource.id
