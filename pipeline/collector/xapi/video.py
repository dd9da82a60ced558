"""What a statement of the Video Profile says of the playing. Claims only, read leniently: players
write numbers as texts, and a list with one bad entry has good ones beside it.
"""

import math
from typing import Any, NamedTuple

from pipeline.collector.xapi.shapes import Statement
from pipeline.collector.xapi.verbs import EXTENSIONS, Verb

LONGEST = 80
MOST_BAD = 3


class Listed(NamedTuple):
    """`played-segments`: the pieces in media milliseconds, and some of the entries that are
    none: a list of nonsense needs no more of them to be seen to be one.
    """

    pieces: tuple[tuple[int, int], ...]
    bad: tuple[str, ...]


class Playing(NamedTuple):
    """`at`: where it is, or was before a seek; `to`: where a seek leads; both in media
    milliseconds. `speed` in per cent. None: not said.
    """

    verb: Verb
    id: str
    at: int | None = None
    to: int | None = None
    speed: int | None = None
    listed: Listed | None = None


def playing(verb: Verb, id_: str, said: Statement) -> Playing:
    """What the statement says, with its `id_`."""
    result = (said.result and said.result.extensions) or {}
    context = (said.context and said.context.extensions) or {}
    at = "time-from" if verb is Verb.SEEKED else "time"
    return Playing(
        verb, id_,
        _position(result.get(EXTENSIONS + at)),
        _position(result.get(EXTENSIONS + "time-to")),
        _speed(context.get(EXTENSIONS + "speed")),
        _listed(result.get(EXTENSIONS + "played-segments")),
    )


def _listed(value: Any) -> Listed | None:
    """`0[.]12.5[,]14[.]21`; None where there is no list, or an empty one."""
    if not isinstance(value, str) or not value.strip():
        return None
    pieces: list[tuple[int, int]] = []
    bad: list[str] = []
    for entry in value.split("[,]"):
        bounds = [_position(bound) for bound in entry.split("[.]")]
        match bounds:
            case [int(start), int(end)] if start <= end:
                pieces.append((start, end))
            case _:
                bad.append(entry[:LONGEST])
    return Listed(tuple(pieces), tuple(bad[:MOST_BAD]))


def _position(value: Any) -> int | None:
    """Seconds as whole milliseconds, rounded to the nearest."""
    seconds = _number(value)
    return None if seconds is None or seconds < 0 else int(seconds * 1000 + 0.5)


def _speed(value: Any) -> int | None:
    """`1.5x` as 150. Rewinding plays nothing, so its speed is not one."""
    times = _number(value.strip().removesuffix("x") if isinstance(value, str) else value)
    return None if times is None or times <= 0 else min(max(int(times * 100 + 0.5), 5), 1600)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) < 1e9 else None
