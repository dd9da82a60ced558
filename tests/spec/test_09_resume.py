"""Rule 26 for one resource: what is covered, what is missing, where to play on."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules.programme import Catalogue, Programme, Resource, Window
from pipeline.rules.resume import Asked, resource_progress
from tests.spec.story import (
    BEGIN,
    DAY,
    EARLIER_WINDOW,
    Again,
    Answer,
    Claim,
    Step,
    Story,
    Wait,
    Watch,
    course,
    of_video,
    programme,
    quiz,
    tell,
    video,
)

ONE = video(quiz(40))
TWO = video(quiz(20, "q1"), quiz(40, "q2"))


def shown(story: Story) -> dict[str, Any]:
    asked = Asked("video", story.now, "pc/video")
    return resource_progress(story.catalogue, asked, story.viewer, story.account())


def at(steps: list[Step], of: Resource = ONE) -> tuple[float, str]:
    """Where to play on, in seconds, and the mark."""
    page = shown(tell(steps, programme(course(of))))
    return page["continue_at_ms"] / 1000, page["programmes"][0]["mark"]


WATCHED: list[Step] = [Watch(0, 60), Wait(1), Answer()]


@pytest.mark.parametrize(("steps", "where", "mark"), [
    ([], 0, "○"),
    ([Watch(0, 15)], 15, "◐"),
    ([Watch(0, 15), Watch(20, 30)], 15, "◐"),  # the first gap
    ([Watch(0, 40)], 40, "◐"),                 # the quiz
    ([Watch(0, 60)], 40, "◐"),                 # all watched, but the quiz is open
    ([Watch(0, 60), Answer(0)], 40, "◐"),      # and answered wrong
    (WATCHED, 40, "◐"),                        # passed, the rest must be watched after it
    ([*WATCHED, Wait(1), Watch(40, 50)], 50, "◐"),
    ([*WATCHED, Wait(1), Watch(40, 60)], 0, "✔"),
    ([Watch(0, 59), Wait(1), Answer(), Wait(1), Watch(40, 59.5)], 0, "✔"),  # forgiven (rule 9)
])
def test_rule_26_where_to_play_on(steps: list[Step], where: float, mark: str) -> None:
    assert at(steps) == (where, mark)


def test_rule_26_what_is_covered_and_what_is_missing() -> None:
    [one] = shown(tell([Watch(0, 15), Watch(30, 45)], programme(course(ONE))))["programmes"]
    assert one["covered"] == [0, 15_000, 30_000, 45_000]
    assert one["missing"] == [15_000, 30_000, 45_000, 60_000]
    assert one["quizzes"] == [
        {"quiz_id": "q", "passed": False, "missing_after": [40_000, 60_000], "attempts": None}]


def test_rule_26_what_is_done_shows_as_whole() -> None:
    [one] = shown(tell([*WATCHED, Wait(1), Watch(40, 60), Again()],
                       programme(course(ONE))))["programmes"]
    assert (one["state"], one["covered"], one["missing"]) == ("done", [0, 60_000], [])
    assert one["quizzes"] == [
        {"quiz_id": "q", "passed": True, "missing_after": [], "attempts": None}]
    assert one["done_at"] is not None


def test_rule_12_what_last_years_programme_has_does_not_move_this_years_place() -> None:
    """One programme has all of it; the other one's window had not opened."""
    earlier = programme(course(video()), id="earlier", window=EARLIER_WINDOW)
    story = tell([Watch(0, 30)], programme(course(video())), earlier)
    assert shown(story)["continue_at_ms"] == 30_000
    assert {one["programme_id"]: one["covered"] for one in shown(story)["programmes"]} == {
        "summer": [0, 30_000], "earlier": [0, 30_000]}


def test_rule_5_what_the_earlier_programme_counts_is_done_here() -> None:
    earlier = programme(course(video(), id="ethics"), id="earlier", window=EARLIER_WINDOW)
    both = (earlier, programme(course(video(), shared_with="earlier/ethics"), through=("earlier",)))
    page = shown(tell([Watch(0, 60)], *both))
    assert [one["mark"] for one in page["programmes"]] == ["✔", "✔"]
    assert page["continue_at_ms"] == 0


PLAYS = st.lists(st.tuples(st.integers(0, 58), st.integers(1, 30)), max_size=6)


@given(plays=PLAYS, of=st.sampled_from([video(), ONE, TWO]))
def test_rule_26_who_always_goes_on_where_told_gets_done(
    plays: list[tuple[int, int]], of: Resource
) -> None:
    """From any beginning, and it never takes more than the gaps and quizzes that there are."""
    story = tell([Watch(start, min(60, start + length)) for start, length in plays],
                 programme(course(of)))
    for _ in range(20):
        page = shown(story)
        [one] = page["programmes"]
        if one["state"] == "done":
            return
        story.take(Wait(1))
        story.take(_next(page["continue_at_ms"], one, of))
    raise AssertionError("20 steps, and still not done")


def _next(place: int, one: dict[str, Any], of: Resource) -> Step:
    """The quiz there, if it is open; else play on to the next open quiz, or to the end."""
    is_open = {known["quiz_id"] for known in one["quizzes"] if not known["passed"]}
    asked = {known.at_ms: known.id for known in of.quizzes if known.id in is_open}
    if place in asked:
        return Answer(quiz=asked[place])
    return Watch(place / 1000, min([one for one in asked if one > place] + [of.duration_ms]) / 1000)


def test_a_resource_of_two_programmes_is_told_for_each() -> None:
    both: tuple[Programme, ...] = (programme(course(ONE)), programme(course(ONE), id="other"))
    assert len(shown(tell([], *both))["programmes"]) == len(Catalogue.of(both).programmes)


@pytest.mark.parametrize(("steps", "to_watch"), [
    ([], [0, 60]),
    ([Watch(0, 59)], []),                                    # forgiven (rule 9)
    ([Watch(0, 50)], [50, 60]),
    ([Watch(0, 60)], []),                                    # the quiz is all that is said
    (WATCHED, [40, 60]),                                     # and then what is behind it
    ([*WATCHED, Wait(1), Watch(40, 50)], [50, 60]),
    ([Watch(5, 60), Wait(1), Answer()], [0, 5, 40, 60]),     # in order, and never twice
    ([Watch(0, 50), Wait(1), Answer()], [40, 60]),
])
def test_rules_8_9_what_has_still_to_be_watched(steps: list[Step], to_watch: list[int]) -> None:
    [one] = shown(tell(steps, programme(course(ONE))))["programmes"]
    assert one["to_watch"] == [second * 1000 for second in to_watch]


def test_rules_1_12_what_is_closed_does_not_move_the_place() -> None:
    """Its window is over: whoever plays on plays for the other one."""
    over = programme(course(ONE), id="over", window=Window(0, BEGIN - 1, 0))
    page = shown(tell([Watch(0, 30)], over, programme(course(ONE))))
    assert page["continue_at_ms"] == 30_000
    assert {one["programme_id"]: one["counts_now"] for one in page["programmes"]} == {
        "over": False, "summer": True}
    assert shown(tell([Watch(0, 30)], over))["continue_at_ms"] == 0, "it is all there is"


def test_rule_18_its_player_learns_which_numbers_are_decided() -> None:
    story = tell([Watch(0, 15), Watch(15, 30), Watch(30, 40, on="tv")], programme(course(ONE)))
    assert shown(story)["heard"] == [1, 3]
    story.take(Claim(0, 50))  # refused: there is no time for it; decided all the same
    assert shown(story)["heard"] == [1, 4]
    assert resource_progress(story.catalogue, Asked("video", story.now, "x"), story.viewer,
                             story.account())["heard"] == []


def attempts(steps: list[Step], **settings: Any) -> dict[str, Any]:
    [one] = shown(tell(steps, of_video(ONE, **settings)))["programmes"]
    [asked] = one["quizzes"]
    known: dict[str, Any] = asked["attempts"]
    return known


def test_rule_10_a_player_is_told_how_often_a_quiz_may_be_tried() -> None:
    wrong, day_after = Answer(right=0), BEGIN + DAY * 1000
    assert attempts([]) is None
    cases: list[tuple[int, list[Step], int, int | None]] = [
        (2, [], 2, None), (2, [wrong], 1, None), (2, [wrong, wrong], 0, day_after),
        (2, [wrong, wrong, wrong], 0, day_after),       # what was not looked at is no attempt
        (2, [wrong, Wait(3600), wrong], 0, day_after),  # the first is what is waited for
        (2, [wrong, wrong, Wait(DAY)], 2, None),
        (2, [wrong, Wait(1), wrong, Wait(DAY - 1)], 1, None),
    ]
    for limit, steps, left, next_at in cases:
        assert attempts(steps, quiz_attempts=limit) == {
            "limit": limit, "left": left, "next_at": next_at}, steps


def names(found: Any) -> set[str]:
    """All keys, however deep."""
    if isinstance(found, list):
        return set().union(*map(names, found))
    return set(found).union(*map(names, found.values())) if isinstance(found, dict) else set()


@pytest.mark.parametrize("right", range(6))
def test_rule_10_of_a_mark_one_bit_is_told(right: int) -> None:
    """Whether it is passed: the same for every share that passes, or fails."""
    story = tell([Watch(0, 60), Answer(right)], of_video(ONE, quiz_attempts=9))
    like = tell([Watch(0, 60), Answer(5 if right >= 3 else 0)], of_video(ONE, quiz_attempts=9))
    assert shown(story) == shown(like)
    assert not names(shown(story)) & {"key", "answers", "score", "right", "share"}
