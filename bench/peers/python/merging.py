"""The pure part of the job, shared by all engines here: unions of stretches, until a view is full.

A view is a flat list: `[missing, start, end, start, end, …]` in media milliseconds, the
stretches sorted and apart, `missing` what the union still lacks; empty once it is full.
"""

from collections.abc import Hashable, Iterable
from typing import TypeVar

View = list[int]
Key = TypeVar("Key", bound=Hashable)

FULL: View = []
FORGIVEN_MS = 2000


def needed_of(durations: dict[str, int]) -> dict[str, int]:
    """Milliseconds that the union of a resource needs."""
    return {resource: duration - FORGIVEN_MS for resource, duration in durations.items()}


def take(views: dict[Key, View], needed: dict[str, int],
         events: Iterable[tuple[Key, str, int, int]]) -> list[Key]:
    """The keys whose view became full by these events (key, resource, start, end), in order.

    One loop with nothing called in its usual case: a stretch that goes on where the last
    one ended. Empty stretches and unknown resources change nothing.
    """
    full = []
    get = views.get
    for key, resource, start, end in events:
        view = get(key)
        if view is None:
            if start >= end or resource not in needed:
                continue
            view = views[key] = [needed[resource] - end + start, start, end]
        elif not view:
            continue
        elif view[-2] <= start <= (last := view[-1]):
            if end <= last:
                continue
            view[-1] = end
            view[0] -= end - last
        elif start < end:
            join(view, start, end)
        if view[0] <= 0:
            views[key] = FULL
            full.append(key)
    return full


def join(view: View, start: int, end: int) -> None:
    """Add a stretch, start < end, wherever it lies."""
    first = 1
    while first < len(view) and view[first + 1] < start:
        first += 2
    after, known = first, 0
    while after < len(view) and view[after] <= end:
        known += view[after + 1] - view[after]
        after += 2
    if after > first:
        start, end = min(start, view[first]), max(end, view[after - 1])
    view[first:after] = start, end
    view[0] -= end - start - known
