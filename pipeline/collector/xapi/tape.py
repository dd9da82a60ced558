"""From statements to stretches. Pure.

A list of played segments speaks for itself: every statement that has one repeats all that was
played since the player was opened, in the order of playing, so nothing of earlier statements need
be known. A player without lists says only where it is; then a stretch goes from where `played`
began to where `paused` ended, and one process must have heard both (ADR 19).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from pipeline.collector.xapi.verbs import Verb
from pipeline.collector.xapi.video import Listed, Playing

MOST_OPEN = 100
MOST_LISTED = 100
"""Of one statement's list the newest so many are looked at: what came before was in others."""

Span = tuple[int, int]

ENDING = frozenset({Verb.PAUSED, Verb.TERMINATED})


class Stretch(NamedTuple):
    """[start, end) in media milliseconds was played, it says. `key` tells it from all others of
    the play, and is the same when it is said again.
    """

    start: int
    end: int
    key: str


@dataclass(frozen=True, slots=True)
class Tape:
    """One play so far, of a player without lists. `begun`: where the stretch began that is being
    played, if one is; `closed`: what a seek or completion ended and no `paused` has confirmed yet;
    `told`: what was. Speeds in per cent.
    """

    begun: int | None = None
    closed: tuple[Span, ...] = ()
    told: tuple[Span, ...] = ()
    speed: int = 100
    fastest: int = 100


class Problem(NamedTuple):
    """Something that cannot be used. `recurs`: the player will say it in every later list."""

    msg: str
    recurs: bool = False


class Heard(NamedTuple):
    """The tape afterwards, what was played, at which rate (per cent), and what cannot be used."""

    tape: Tape
    stretches: tuple[Stretch, ...] = ()
    rate: int = 100
    problems: tuple[Problem, ...] = ()


def hear(tape: Tape | None, said: Playing) -> Heard:
    """Take one statement in. `tape` None: nothing of this play is known here."""
    now = _at_speed(tape or Tape(), said.speed)
    if said.listed is not None:
        after = replace(_moved(now, said), closed=(), fastest=now.speed)
        bad = tuple(Problem(f"played-segments has {entry!r}", True) for entry in said.listed.bad)
        return Heard(after, listed(said.listed), now.fastest, bad)
    problem = _problem(tape, now, said)
    now = _moved(_cut(now, said), said)
    if said.verb not in ENDING:
        return Heard(now, problems=problem)
    told = (*now.told, *now.closed)
    after = replace(now, closed=(), told=told[-MOST_OPEN:], fastest=now.speed)
    return Heard(after, _numbered(told)[len(now.told):], now.fastest, problem)


def listed(segments: Listed) -> tuple[Stretch, ...]:
    """The newest of the list. What was played twice stands there twice, and is two stretches."""
    spans = [(start, end) for start, end in segments.pieces if start < end]
    return _numbered(spans)[-MOST_LISTED:]


def _numbered(spans: Iterable[Span]) -> tuple[Stretch, ...]:
    """Each with its bounds and the how-manieth of these bounds it is: that is who it is."""
    times: Counter[Span] = Counter()
    stretches = []
    for start, end in spans:
        times[start, end] += 1
        stretches.append(Stretch(start, end, f"{start}:{end}:{times[start, end]}"))
    return tuple(stretches)


def _at_speed(tape: Tape, speed: int | None) -> Tape:
    """A stretch is played at the fastest of its speeds: whoever slows down loses nothing."""
    if speed is None:
        return tape
    playing = tape.begun is not None or bool(tape.closed)
    return replace(tape, speed=speed, fastest=max(tape.fastest, speed) if playing else speed)


def _moved(tape: Tape, said: Playing) -> Tape:
    """Where it is being played from after the statement."""
    match said.verb:
        case Verb.PLAYED:
            return replace(tape, begun=said.at)
        case Verb.SEEKED if tape.begun is not None:
            return replace(tape, begun=said.to)
        case Verb.COMPLETED if tape.begun is not None and said.at is not None:
            return replace(tape, begun=said.at)  # it may go on playing
        case Verb.PAUSED | Verb.TERMINATED:
            return replace(tape, begun=None)
    return tape


def _cut(tape: Tape, said: Playing) -> Tape:
    """Close the stretch that is being played where the statement says it ended."""
    ends = said.verb in ENDING or said.verb in (Verb.SEEKED, Verb.COMPLETED)
    if not ends or tape.begun is None or said.at is None or said.at <= tape.begun:
        return tape
    start, closed = tape.begun, tape.closed
    if closed and closed[-1][1] == start:  # the video was completed, and went on
        start, closed = closed[-1][0], closed[:-1]
    return replace(tape, closed=(*closed, (start, said.at))[-MOST_OPEN:])


def _problem(tape: Tape | None, now: Tape, said: Playing) -> tuple[Problem, ...]:
    if said.verb in (Verb.PLAYED, Verb.PAUSED) and said.at is None:
        return (Problem("says no time and no played-segments"),)
    if said.verb is Verb.PAUSED and tape is None:
        return (Problem("has no played-segments, and its `played` was not heard here"),)
    if said.verb is Verb.PAUSED and now.begun is not None and now.begun > (said.at or 0):
        return (Problem("ends before it began"),)
    return ()
