"""Stretches of media time, in seconds: what was played, what was told, and what differs."""

from collections.abc import Iterable

Stretch = tuple[float, float]


def union(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Sorted, without overlaps."""
    out: list[Stretch] = []
    for start, end in sorted(stretches):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def length(stretches: Iterable[Stretch]) -> float:
    return sum(end - start for start, end in union(stretches))


def beyond(these: list[Stretch], those: list[Stretch]) -> float:
    """How much of `these` is not in `those`."""
    return length([*these, *those]) - length(those)
