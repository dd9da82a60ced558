"""How a resource stands in a programme, in one word each; and the programme's season."""

from enum import StrEnum

from pipeline.rules.programme import Window


class State(StrEnum):
    """The one thing that decides about credit now. The first eight are of a done resource."""

    CREDITED = "credited"                  # counts, at least in part
    COURSE_FULL = "course_full"            # rule 13: the course had its hours without it
    EXTENSION = "extension"                # rule 13: the course requires no hours
    NOT_ENROLLED = "not_enrolled"          # done, but nothing counts before 报名 (rule 21)
    IN_OPENING = "in_opening"              # rule 5: in the balance an earlier system handed over
    TAKEN_AWAY = "taken_away"              # by decision
    BEFORE_ENROLMENT = "before_enrolment"  # rule 21 ⚙: done before 报名, wanted after
    TEXT_DONE = "text_done"                # rule 4: worth nothing
    NOTHING_RECEIVED = "nothing_received"
    ALL_REFUSED = "all_refused"            # all that was received was refused
    OUTSIDE_WINDOW = "outside_window"      # rule 12: all of it was outside the window
    GAPS = "gaps"                          # rule 8 a: not all of it was watched
    QUIZ_NOT_TAKEN = "quiz_not_taken"      # rule 8 b
    QUIZ_FAILED = "quiz_failed"            # rule 8 b
    TAIL_NOT_WATCHED = "tail_not_watched"  # rule 8 c: not watched after the quiz was passed


class Season(StrEnum):
    """Where the present moment lies (rule 1)."""

    NOT_YET = "not_yet_open"
    OPEN = "open"
    LATE = "late_arrivals_only"  # closed; what was opened before may still arrive
    CLOSED = "closed"


DONE = frozenset({State.CREDITED, State.COURSE_FULL, State.EXTENSION, State.NOT_ENROLLED,
                  State.IN_OPENING, State.TAKEN_AWAY, State.BEFORE_ENROLMENT, State.TEXT_DONE})


def season(window: Window, now: int) -> Season:
    """Where `now` lies (rule 1)."""
    if now < window.opens_at:
        return Season.NOT_YET
    if now < window.closes_at:
        return Season.OPEN
    return Season.LATE if now < window.closes_at + window.late_arrival_ms else Season.CLOSED
