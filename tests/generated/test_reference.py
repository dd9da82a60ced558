"""The reference itself, against what is slower and more obvious still: sets, and rule 8's words."""

from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from audit.reference.completion import counts, is_after, shown
from audit.reference.history import Teacher
from audit.reference.log import Answered, Entry, Played
from audit.reference.marking import passes
from audit.reference.stretches import NOTHING, Stretches, stretch
from pipeline.rules import quiz as rules
from pipeline.rules.programme import Catalogue, Listing, Programme, Quiz, Resource
from tests.generated.catalogues import DAY, catalogues
from tests.generated.lives import Move, live, moves, picks, shuffled
from tests.generated.profile import examples
from tests.spec.story import of_video, video

bound = st.integers(0, 20)
some_stretches = st.lists(st.tuples(bound, bound), max_size=6)


def both(pairs: list[tuple[int, int]]) -> tuple[Stretches, set[int]]:
    """The union of [start, end) of all pairs."""
    united, points = NOTHING, set[int]()
    for start, end in pairs:
        united = united.union(stretch(start, end))
        points |= set(range(start, end))
    return united, points


def points_of(some: Stretches) -> set[int]:
    return {point for start, end in some.pieces for point in range(start, end)}


@examples()
@given(some_stretches, some_stretches, st.integers(0, 25))
def test_rule_9_stretches_are_sets(
    ones: list[tuple[int, int]], others: list[tuple[int, int]], length: int
) -> None:
    (one, points), (other, other_points) = both(ones), both(others)
    assert points_of(one) == points
    assert one.length == len(points)
    assert points_of(one.union(other)) == points | other_points
    assert points_of(one.minus(other)) == points - other_points
    assert points_of(one.first(length)) == set(sorted(points)[:length])
    assert (one == other) == (points == other_points)


@examples()
@given(catalogues(), moves(honest=False), picks)
def test_rule_8_a_card_says_what_the_whole_log_says(
    catalogue: Catalogue, made: list[Move], order: list[int]
) -> None:
    """Anew from every beginning of the log: nothing kept, nothing added up."""
    teacher = Teacher()
    accepted = [entry for entry in shuffled(live(catalogue, made), order, None)
                if teacher.take(catalogue, entry) == "accepted"]
    for listing in (one for places in catalogue.listings.values() for one in places):
        done_at = first_done_at(listing, accepted)
        assert teacher.done.get((listing.programme.id, listing.resource.id)) == done_at
        event("not done" if done_at is None else "done")


def first_done_at(listing: Listing, accepted: Sequence[Entry]) -> int | None:
    """The newest receive time of what was at hand when it was done for the first time."""
    programme, resource = listing.programme, listing.resource
    counted = looked_at(programme, [
        e for e in accepted if e.resource_id == resource.id and counts(programme, e)])
    for length in range(1, len(counted) + 1):
        if is_done(programme, resource, counted[:length]):
            return max(e.received_at for e in counted[:length]
                       if isinstance(e, Played) or is_pass(programme, resource, e))
    return None


def looked_at(programme: Programme, counted: Sequence[Entry]) -> list[Entry]:
    """Without the hand-ins that this programme did not look at, although another one did (10)."""
    kept: list[Entry] = []
    for entry in counted:
        if isinstance(entry, Played) or not is_too_often(programme, entry, kept):
            kept.append(entry)
    return kept


def is_too_often(programme: Programme, handed: Answered, kept: Sequence[Entry]) -> bool:
    """Whether it makes one too many within less than a day of any that were looked at."""
    others = [e.received_at for e in kept
              if isinstance(e, Answered) and e.quiz_id == handed.quiz_id]
    limit = programme.quiz_attempts
    return limit is not None and any(
        max(handed.received_at, *some) - min(handed.received_at, *some) < DAY
        for some in combinations(others, limit))


def is_pass(programme: Programme, resource: Resource, handed: Answered) -> bool:
    return any(quiz.id == handed.quiz_id and passes(programme, quiz, handed)
               for quiz in resource.quizzes)


def is_done(programme: Programme, resource: Resource, counted: Sequence[Entry]) -> bool:
    """(a) all watched, (b) every quiz passed, (c) what is behind it watched after that (8)."""
    played = [e for e in counted if isinstance(e, Played)]
    everything = stretch(0, resource.duration_ms)
    if unwatched(resource, everything, played) > programme.gap_tolerance_ms:
        return False
    for quiz in resource.quizzes:
        given = [e for e in counted if isinstance(e, Answered) and e.quiz_id == quiz.id
                 and passes(programme, quiz, e)]
        again = [e for e in played if any(is_after(e, one) for one in given)]
        tail = stretch(quiz.at_ms, resource.duration_ms)
        if not given or unwatched(resource, tail, again) > programme.tail_tolerance_ms:
            return False
    return True


def unwatched(resource: Resource, wanted: Stretches, played: Sequence[Played]) -> int:
    for one in played:
        wanted = wanted.minus(shown(resource, one))
    return wanted.length


@pytest.mark.parametrize("questions", [1, 3, 7, 10, 20, 60, 100])
def test_rule_10_both_mark_every_share_of_every_pass_mark_alike(questions: int) -> None:
    """Shares are fractions and pass marks are written as decimals: no rounding may decide."""
    quiz = Quiz("q", 0, {str(n): "A" for n in range(questions)})
    handed = [Answered("video", "s", 0, 1, 0, "q", {str(n): "A" for n in range(right)})
              for right in range(questions + 1)]
    for mark in range(1, 101):
        programme = of_video(video(), pass_mark=mark / 100)
        for right, one in enumerate(handed):
            expected = right * 100 >= mark * questions
            if abs(right * 100 - mark * questions) < questions:
                assert passes(programme, quiz, one) == expected
                assert rules.counts_as_passed(programme, quiz, one.answers) == expected
