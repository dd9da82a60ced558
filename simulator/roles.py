"""The parts that teachers play. Which one is decided by the teacher's number alone."""

from enum import StrEnum


class Role(StrEnum):
    """What becomes of the teacher in the main programme stands beside each."""

    FINISHER = "finisher"            # reaches every course's hours: 结业
    NEARLY = "nearly"                # every course but one: nothing is recognised
    PARTIAL = "partial"              # some videos, some of them in vain
    CARRY_OVER = "carry_over"        # brings completed resources along from the earlier programme
    LATE_ENROLLED = "late_enrolled"  # learns first, enrols at the end (rule 21)
    UNENROLLED = "unenrolled"        # learns, never enrols: credited 0
    OUTSIDER = "outsider"            # watches before the window opens and after it closed
    STRADDLER = "straddler"          # one half before the window opens, the other inside
    LAST_MINUTE = "last_minute"      # opens before the close, ends within the late arrival
    CHEAT = "cheat"                  # zero in every course
    ABSENT = "absent"                # enrolled, never plays
    UNREGISTERED = "unregistered"    # on the roster only


HEAVY = frozenset({Role.FINISHER, Role.NEARLY, Role.LATE_ENROLLED, Role.UNENROLLED,
                   Role.CARRY_OVER})
"""Roles that watch for hours and hours."""

QUOTAS = (
    (Role.PARTIAL, 19), (Role.CHEAT, 9), (Role.FINISHER, 5), (Role.CARRY_OVER, 4),
    (Role.LATE_ENROLLED, 2), (Role.NEARLY, 2), (Role.UNENROLLED, 2), (Role.LAST_MINUTE, 2),
    (Role.ABSENT, 2), (Role.OUTSIDER, 1), (Role.STRADDLER, 1), (Role.UNREGISTERED, 1),
)
CYCLE = sum(quota for _, quota in QUOTAS)
STRIDE = 19  # has no factor in common with CYCLE: neighbours in the list get different roles

_IN_ROW = tuple((role, place) for role, quota in QUOTAS for place in range(quota))


def role_of(index: int) -> Role:
    """The role of teacher number `index`, 0, 1, 2 …: every CYCLE of them holds all roles."""
    return _IN_ROW[index * STRIDE % CYCLE][0]


def turn_of(index: int) -> int:
    """How many teachers of the same role come before in a fixed count: 0, 1, 2 …

    Those who take turns at something, as cheats at their cheats, all get their turn.
    """
    role, place = _IN_ROW[index * STRIDE % CYCLE]
    return index // CYCLE * dict(QUOTAS)[role] + place
