"""Rules 5, 14 and 21: one log, told in every order, with everything in it twice."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise, permutations

import pytest

from pipeline.rules.changes import NOTHING_YET, Change, changes
from pipeline.rules.credit import Account, Standing, enrol, mark_done, standing
from pipeline.rules.programme import Catalogue, Programme, Resource
from pipeline.rules.watching import Verdict
from pipeline.schemas.rejections import Reason
from tests.spec.story import (
    EARLIER_WINDOW,
    Answer,
    Event,
    Step,
    Story,
    Wait,
    Watch,
    balance,
    course,
    moment,
    of_video,
    programme,
    quiz,
    tell,
    video,
)

ONE = video(quiz(40))
TWO = video(quiz(20, "q1"), quiz(40, "q2"))

LOGS: dict[str, tuple[Resource, list[Step], set[str]]] = {
    "several devices": (
        ONE,
        [Watch(0, 40, on="a"), Wait(1), Answer(on="b"), Wait(1), Watch(40, 50, on="c"),
         Watch(50, 60, on="a")], {"video"}),
    "tail skipped": (ONE, [Watch(0, 60, on="a"), Wait(1), Answer(on="b")], set()),
    "failed, then passed": (
        ONE,
        [Watch(0, 40, on="a"), Wait(1), Answer(0, on="b"), Watch(40, 50, on="c"), Wait(1),
         Answer(on="b"), Wait(1), Watch(50, 60, on="d")], set()),
    "two quizzes": (
        TWO,
        [Watch(0, 20, on="a"), Wait(1), Answer(quiz="q1", on="b"), Wait(1),
         Watch(20, 40, on="c"), Wait(1), Answer(quiz="q2", on="d"), Wait(1),
         Watch(40, 60, on="e")], {"video"}),
    "the tail between two passes": (
        TWO,
        [Watch(0, 20, on="a"), Wait(1), Answer(quiz="q1", on="b"), Wait(1),
         Watch(20, 60, on="c"), Wait(1), Answer(quiz="q2", on="d")], set()),
}


def orders(events: Sequence[Event]) -> Iterator[tuple[Event, ...]]:
    """All orders in which each play session's numbers go up: a player sends one post at a time,
    and a teacher's events share a partition (ADR 3). Between sessions anything may happen."""
    for order in permutations(events):
        if all(one.session_id != later.session_id or one.seq < later.seq
               for one, later in combinations(order, 2)):
            yield order


def heard(events: Sequence[Event], rules: Programme) -> Story:
    story = Story(Catalogue.of([rules]))
    for event in events:
        story.arrive(event)
    return story


@pytest.mark.parametrize(("resource", "steps", "done"), LOGS.values(), ids=LOGS)
def test_rule_14_a_shuffled_and_repeated_log_tells_the_same(
    resource: Resource, steps: list[Step], done: set[str]
) -> None:
    """Every interleaving of its play sessions, each told twice over."""
    rules = of_video(resource)
    told = tell(steps, rules)
    assert told.done() == done
    for order in orders(told.sent):
        again = heard([*order, *order], rules)
        assert again.done() == done, order
        assert again.watch_time() == told.watch_time(), order
        assert again.verdicts[len(order):] == [Verdict.REPEATED] * len(order)


Happening = Callable[[Account], None]
EARLIER = programme(course(video(id="a"), id="ethics", required=60), id="earlier",
                    window=EARLIER_WINDOW)
SUMMER = programme(
    course(video(id="a"), id="ethics", required=60, shared_with="earlier"),
    course(video(id="b", seconds=90), id="own", required=60))


def done(programme_id: str, resource_id: str, text: str) -> Happening:
    return lambda account: mark_done(account, programme_id, resource_id, moment(text))


def enrolled(programme_id: str, text: str) -> Happening:
    return lambda account: enrol(account, programme_id, moment(text))


def opening(account: Account) -> None:
    account.openings["summer"] = {"ethics": balance(30, "2023-07-01 00:00")}


HAPPENINGS: list[Happening] = [
    done("earlier", "a", "2023-06-20 08:00"),
    done("summer", "a", "2023-07-20 08:00"),   # the same video again: once, not twice
    done("summer", "b", "2023-07-22 08:00"),
    enrolled("summer", "2023-07-25 08:00"),    # late: all of it was learned before
]


def through(order: Sequence[Happening]) -> list[Standing]:
    """The standing before the first and after each."""
    account, stands = Account(), [NOTHING_YET]
    for happening in order:
        happening(account)
        stands.append(standing(SUMMER, account))
    return stands


def lines(stands: Sequence[Standing]) -> list[Change]:
    return [line for before, after in pairwise(stands) for line in changes(before, after, at=0)]


@pytest.mark.parametrize("order", list(permutations(HAPPENINGS)))
def test_rule_14_completions_and_enrolment_may_come_in_any_order(
    order: tuple[Happening, ...]
) -> None:
    last = through([*order, *order])[-1]
    assert (last.learned, last.credited, last.recognised) == (150, 120, 120)
    assert last.completed_at == last.enrolled_at == moment("2023-07-25 08:00")


@pytest.mark.parametrize("order", list(permutations(HAPPENINGS)))
def test_rule_21_the_ledger_adds_up_to_the_standing_also_when_enrolment_is_late(
    order: tuple[Happening, ...]
) -> None:
    stands = through([*order, *order])
    written = lines(stands)
    assert sum(line.seconds for line in written if line.kind == "learned") == 150
    totals = {line.course_id: (line.learned, line.credited) for line in written if line.course_id}
    assert totals == {c.course_id: (c.learned, c.credited) for c in stands[-1].courses}
    assert [line.kind for line in written].count("completed") == 1
    assert [line.kind for line in written].count("enrolled") == 1


@pytest.mark.parametrize(("before", "learned"), [
    # 30 s are handed over as of 1 July; the video's 60 s were done before or after that
    (done("earlier", "a", "2023-06-30 23:59:59"), 30),
    (done("earlier", "a", "2023-07-01 00:00:00"), 90),
    (done("summer", "a", "2023-07-20 08:00"), 90),
])
def test_rule_05_an_opening_balance_may_come_before_or_after_the_completions(
    before: Happening, learned: int
) -> None:
    for order in permutations([before, opening, enrolled("earlier", "2023-06-05 08:00")]):
        assert through(order)[-1].learned == learned


def test_rule_05_a_video_done_in_both_programmes_is_done_when_it_was_first_done() -> None:
    late = [done("summer", "a", "2023-07-20 08:00"), done("earlier", "a", "2023-06-30 23:00"),
            opening]
    assert through(late)[-1].learned == 30, "the balance already holds it"


def test_rule_19_every_refusal_has_a_reason_code() -> None:
    refusals = set(Verdict) - {Verdict.ACCEPTED, Verdict.REPEATED}
    assert {str(verdict) for verdict in refusals} <= {str(reason) for reason in Reason}
