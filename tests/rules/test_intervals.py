"""What the generated cases (tests/generated/test_spans.py) do not say of spans."""

import pytest

from pipeline.rules.intervals import MAX_PIECES, Spans, add, missing, scatters


@pytest.mark.parametrize(("before", "start", "end", "after"), [
    ([], 3, 5, [3, 5]),
    ([0, 3], 3, 5, [0, 5]),            # what touches is one
    ([5, 9], 3, 5, [3, 9]),
    ([0, 3, 5, 9], 3, 5, [0, 9]),
    ([0, 9], 3, 5, [0, 9]),
    ([3, 5], 0, 9, [0, 9]),
    ([0, 2, 6, 9], 3, 5, [0, 2, 3, 5, 6, 9]),
])
def test_rule_9_what_overlaps_or_touches_is_one(
    before: Spans, start: int, end: int, after: Spans
) -> None:
    add(before, start, end)
    assert before == after


@pytest.mark.parametrize(("start", "end"), [(10, 10), (0, 0), (5, 5), (9, 3)])
def test_nothing_is_missing_of_an_empty_stretch(start: int, end: int) -> None:
    assert missing([0, 10], start, end) == []


@pytest.mark.parametrize(("start", "end", "scattered"), [
    (1, 2, True),                      # a piece of its own, between two
    (10, 11, False),                   # becomes one with [10, 15),
    (15, 16, False),                   # continues it,
    (9, 10, False),                    # leads up to it,
    (0, 10**6, False),                 # or swallows all
    (-5, -1, True),
])
def test_rule_19_only_a_new_loose_piece_is_one_too_many(
    start: int, end: int, scattered: bool
) -> None:
    full = [bound for n in range(1, MAX_PIECES + 1) for bound in (10 * n, 10 * n + 5)]
    assert scatters(full, start, end) == scattered
    assert not scatters(full[2:], start, end)
