"""The teachers of one partition that are in memory, and those among them whose play goes on.

Nearly every heartbeat goes on with a play, of one teacher among ten thousands. To find that one in
a dict and to compare the ids, they would have to be made of the record's bytes first, and the
processor waits for eight places in memory or more. So plays that go on are also found by a hash of
the bytes of the teacher's id, and told from other plays by one of the session's (ADR 30, 31).
"""

from collections.abc import ItemsView
from typing import Final, final

from librt.strings import read_i64_le
from mypy_extensions import i64

from pipeline.rules.viewing import NOWHERE, Viewing

SMALLEST: Final = 64  # a power of two, as all sizes of the table
POSITIVE: Final = 2**62 - 1  # larger ones are no immediate numbers to the compiler
MIXING: Final = 0x1E37_79B9_7F4A_7C15  # odd, and its bits are in no order


def hashed(raw: bytes, at: i64, to: i64) -> i64:
    """62 bits of what stands there, also where nothing is compiled. Eight bytes must follow it."""
    mixed: i64 = to - at
    while at + 8 <= to:
        mixed = _mix(mixed ^ read_i64_le(raw, at))
        at += 8
    if at < to:
        mixed = _mix(mixed ^ (read_i64_le(raw, at) & (POSITIVE >> (62 - 8 * (to - at)))))
    return _mix(mixed)


def _mix(number: i64) -> i64:
    number = ((number ^ (number >> 31)) * MIXING) & POSITIVE
    return number ^ (number >> 29)


@final
class Crowd:
    """Viewings by teacher. One that is taken out goes on no more."""

    def __init__(self) -> None:
        self._viewings: dict[str, Viewing] = {}
        self._table: list[Viewing | None] = [None] * SMALLEST
        self._last: i64 = SMALLEST - 1
        self._free: i64 = SMALLEST // 2

    def get(self, teacher_id: str) -> Viewing | None:
        return self._viewings.get(teacher_id)

    def __getitem__(self, teacher_id: str) -> Viewing:
        return self._viewings[teacher_id]

    def __setitem__(self, teacher_id: str, viewing: Viewing) -> None:
        viewing.teacher_id = teacher_id
        self._viewings[teacher_id] = viewing

    def __delitem__(self, teacher_id: str) -> None:
        self._viewings.pop(teacher_id).limit = NOWHERE

    def items(self) -> ItemsView[str, Viewing]:
        return self._viewings.items()

    def playing(self, teacher: i64) -> Viewing | None:
        """Whose play goes on, or went on lately, by the hash of the teacher's id."""
        return self._table[self._place(teacher)]

    def plays(self, teacher: i64, session: i64, viewing: Viewing) -> None:
        """From now on `playing` finds it, with a play of that session."""
        viewing.teacher = teacher
        viewing.session = session
        place = self._place(teacher)
        is_new = self._table[place] is None
        self._table[place] = viewing
        if is_new:
            self._free -= 1
            if self._free == 0:
                self._make_room()

    def _place(self, teacher: i64) -> i64:
        """Where the teacher stands in the table, or would stand: the first free place."""
        place: i64 = teacher & self._last
        while True:
            viewing = self._table[place]
            if viewing is None or viewing.teacher == teacher:
                return place
            place = (place + 1) & self._last

    def _make_room(self) -> None:
        """Those whose play ended leave; the others fill a quarter at most."""
        playing = [one for one in self._table if one is not None and one.limit != NOWHERE]
        size: i64 = SMALLEST
        while size < 4 * len(playing):
            size *= 2
        self._table = [None] * size
        self._last = size - 1
        self._free = size // 2 - len(playing)
        for one in playing:
            self._table[self._place(one.teacher)] = one
