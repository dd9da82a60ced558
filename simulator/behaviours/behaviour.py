"""What a behaviour is: how a teacher goes about one video, and whether that earns its credit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from simulator.actions import Action
from simulator.catalogue import Resource
from simulator.human import HOUR, MINUTE, Human

LONGEST_STEP = 6 * HOUR
"""No behaviour takes longer on the virtual clock, from its first action to its last."""

MARGIN = 30_000
"""Who is to earn nothing leaves at least this many media milliseconds undone."""


def any_video(video: Resource) -> bool:
    return MINUTE <= video.duration_ms <= 2 * HOUR


def long_enough(video: Resource) -> bool:
    """A part that is left out of it is far longer than any tolerance."""
    return 2 * MINUTE <= video.duration_ms <= 2 * HOUR


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`act` plays the video; `earns` is the truth about it, known by construction.

    fits         which videos it can be played on
    one_session  all of it happens in the session that is opened first
    """

    name: str
    act: Callable[[Human, Resource], Iterator[Action]]
    earns: bool
    fits: Callable[[Resource], bool] = any_video
    one_session: bool = True
