"""Arithmetic on spans (pipeline/rules/intervals.py) that explaining needs, and deciding not."""

from collections.abc import Iterable, Sequence

from pipeline.rules.intervals import Spans, add, missing


def pairs(spans: Sequence[int]) -> list[tuple[int, int]]:
    """The stretches one by one."""
    return list(zip(spans[::2], spans[1::2], strict=True))


def united(many: Iterable[Sequence[int]]) -> Spans:
    """The union of all."""
    spans: Spans = []
    for one in many:
        for start, end in pairs(one):
            add(spans, start, end)
    return spans


def common(spans: Sequence[int], others: Sequence[int]) -> Spans:
    """What both have."""
    return without(spans, without(spans, others))


def without(spans: Sequence[int], others: Sequence[int]) -> Spans:
    """What of `spans` is not in `others`."""
    known = list(others)
    return [bound for start, end in pairs(spans) for bound in missing(known, start, end)]


def before(spans: Sequence[int], limit: int) -> Spans:
    """What of them lies before `limit`."""
    return [bound for start, end in pairs(spans) if start < limit
            for bound in (start, min(end, limit))]
