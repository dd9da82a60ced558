"""How much one teacher may send, in however many sessions and from however many devices.

By teacher and never by address: all of a school may share one. Each process counts on its own, so
with several of them behind one port a teacher may have as many times as much.
"""

from math import ceil

from pipeline.collector.faults import Fault, Place, refused
from pipeline.collector.pace import Pace
from pipeline.collector.room import Room
from pipeline.collector.sorting import Sorted
from pipeline.collector.tokens import Play
from pipeline.settings import Settings

REJECTION_OVERHEAD = 600   # bytes of a kept rejection besides what was sent: ids, reason, detail
TOKEN: Place = ("header", "Authorization")


class Limits:
    """What every teacher has used up so far; a dictionary looked into for each limit."""

    def __init__(self, settings: Settings) -> None:
        self.room = Room()
        self._session_posts = Pace(settings.posts_per_second, settings.posts_burst)
        self._posts = Pace(settings.teacher_posts_per_second, settings.teacher_posts_burst)
        self._events = Pace(settings.teacher_events_per_second, settings.teacher_events_burst)
        self._refused = Pace(settings.refused_bytes_per_second, settings.refused_bytes_burst)
        self._plays = Pace(settings.teacher_plays_per_minute / 60, settings.teacher_plays_burst)

    def require_turn(self, play: Play, now: int) -> None:
        """A post at `now` (epoch ms), which counts, first for its session: one that runs wild
        leaves the teacher's others their part.

        Raises:
            RefusedError: 429, too many posts of the session, or of the teacher.
        """
        wait_ms = self._session_posts.wait_ms(play.session_id, now)
        if wait_ms:
            raise _later(Fault.TOO_FAST, TOKEN, wait_ms,
                         "too many posts of this play session: send more events in each")
        wait_ms = self._posts.wait_ms(play.teacher_id, now)
        if wait_ms:
            raise _later(Fault.TEACHER_TOO_FAST, TOKEN, wait_ms,
                         "too many posts of this teacher's play sessions together")

    def require_moderate(self, play: Play, post: Sorted, now: int) -> None:
        """What a post came to, before any of it is kept.

        Raises:
            RefusedError: 429, too much of the teacher within a short time. Nothing was taken.
        """
        if post.rejections:
            kept = sum(len(one.raw) + REJECTION_OVERHEAD for one in post.rejections)
            wait_ms = self._refused.wait_ms(play.teacher_id, now, kept)
            if wait_ms:
                raise _later(Fault.TOO_MUCH_REFUSED, ("events",), wait_ms,
                             "too much of what this teacher's players send is refused: "
                             "leave out what is wrong")
        wait_ms = self._events.wait_ms(play.teacher_id, now, post.accepted)
        if wait_ms:
            raise _later(Fault.TOO_MUCH, ("events",), wait_ms,
                         "too many events of this teacher: send longer stretches")

    def require_play(self, teacher_id: str, now: int) -> None:
        """A play is opened for the teacher, which counts.

        Raises:
            RefusedError: 429, too many were opened.
        """
        wait_ms = self._plays.wait_ms(teacher_id, now)
        if wait_ms:
            raise _later(Fault.TOO_MANY_PLAYS, ("teacher_id",), wait_ms,
                         "too many plays were opened for this teacher")


def _later(fault: Fault, loc: Place, wait_ms: float, msg: str) -> Exception:
    return refused(fault, loc, msg, {"Retry-After": str(ceil(wait_ms / 1000))})
