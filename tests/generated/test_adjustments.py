"""The crediting agent, with all that people may decide, against the reference (3, 5, 13, 21)."""

from collections.abc import Sequence

from hypothesis import event, given
from hypothesis import strategies as st

from audit.reference.credit import Known, figures
from pipeline.agents.crediting import BOOK_CODEC, READ, Book, Crediting
from pipeline.agents.shard import Shard
from pipeline.rules.credit import Account, Adjustment, adjust, enrol, mark_done, standing
from pipeline.rules.programme import Catalogue
from pipeline.schemas.adjustments import (
    AnyAdjustment,
    Grant,
    Hold,
    OpeningBalance,
    Reversal,
    Withdrawal,
)
from pipeline.schemas.completions import Completion
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.topics import ADJUSTMENTS, COMPLETIONS, ENROLMENTS
from tests.agents.records import TEACHERS
from tests.agents.working import PARTITION, PARTITIONS
from tests.generated.catalogues import catalogues
from tests.generated.profile import examples
from tests.generated.test_credit import as_figures
from tests.spec import story

ANN = TEACHERS[0]
Record = Completion | Enrolment | AnyAdjustment

moments, amounts, ids = st.integers(0, 9), st.integers(1, 60), st.sampled_from("abcdefgh")


@st.composite
def records(draw: st.DrawFn, catalogue: Catalogue) -> list[Record]:
    """Of one teacher, in order of arrival. Few ids, so that some come twice, with another
    decision under them, or are taken back before they come; and some about no course.
    """
    known = {course.id for p in catalogue.programmes.values() for course in p.courses}
    programme = {"teacher_id": st.just(ANN),
                 "programme_id": st.sampled_from([*catalogue.programmes])}
    decision = {**programme, "adjustment_id": ids, "by": st.just("office"),
                "reason": st.just("why"), "at": moments}
    of_course = {**decision, "course_id": st.sampled_from([*known, *known, "none"]),
                 "seconds": amounts}
    done = st.builds(Completion, **programme, status=st.just("done"), at=moments,
                     resource_id=st.sampled_from([*catalogue.resources]))
    choices: list[st.SearchStrategy[Record]] = [
        done, done, done, st.builds(Grant, **of_course), st.builds(Withdrawal, **of_course),
        st.builds(Withdrawal, **of_course), st.builds(Enrolment, **programme, at=moments),
        st.builds(Hold, **decision), st.builds(Reversal, **decision, reverses=ids),
        st.builds(OpeningBalance, **of_course, as_of=moments),
    ]
    some = draw(st.lists(st.one_of(choices), max_size=16))
    return draw(st.permutations([*some, *draw(st.sampled_from([[], enough(catalogue)]))]))


def enough(catalogue: Catalogue) -> list[Record]:
    """All that completes every programme, so that there is something to lose."""
    found: list[Record] = []
    for programme in catalogue.programmes.values():
        found.append(Enrolment(teacher_id=ANN, programme_id=programme.id, at=0))
        found += [Grant(adjustment_id=f"{programme.id}-{course.id}", teacher_id=ANN, by="office",
                        programme_id=programme.id, reason="why", at=5, course_id=course.id,
                        seconds=course.required_seconds + 30)
                  for course in programme.courses]
    return found


def topic_of(record: Record) -> str:
    if isinstance(record, Completion):
        return COMPLETIONS.name
    return ENROLMENTS.name if isinstance(record, Enrolment) else ADJUSTMENTS.name


def known(heard: Sequence[Record]) -> Known:
    done: dict[tuple[str, str], int] = {}
    for one in heard:
        if isinstance(one, Completion):
            place = (one.programme_id, one.resource_id)
            done[place] = min(one.at, done.get(place, one.at))
    return Known(
        done,
        tuple((one.programme_id, one.at) for one in heard if isinstance(one, Enrolment)),
        tuple(one for one in heard if not isinstance(one, Completion | Enrolment)),
    )


@examples()
@given(st.data(), catalogues())
def test_rules_5_13_decisions_agree_with_the_reference_in_any_order(
    data: st.DataObject, catalogue: Catalogue
) -> None:
    heard = data.draw(records(catalogue))
    shard: Shard[Book] = Shard(PARTITION, PARTITIONS, 2, BOOK_CODEC, {})
    agent = Crediting(catalogue, "ledger")
    assert set(map(topic_of, heard)) <= set(READ)
    for one in heard:
        agent.take(shard, topic_of(one), one.to_json())
    for programme in catalogue.programmes.values():
        result = as_figures(standing(programme, shard.touch(ANN).account))
        assert result == figures(programme, known(heard))
        event("completed" if result.recognised else "not completed")


def test_rule_13_what_is_made_good_in_the_same_moment_does_not_move_the_completion() -> None:
    rules = story.programme(story.course(story.video(), required=60))
    account = Account()
    enrol(account, "summer", 0)
    mark_done(account, "summer", "video", 5)
    adjust(account, "summer", "a", Adjustment("withdraw", "course", 30, 7))
    adjust(account, "summer", "b", Adjustment("grant", "course", 30, 7))
    assert standing(rules, account).completed_at == 5
    decided: tuple[AnyAdjustment, ...] = tuple(
        kind(adjustment_id=kind.__name__, teacher_id=ANN, programme_id="summer", by="office",
             reason="why", at=7, course_id="course", seconds=30) for kind in (Withdrawal, Grant))
    known_then = Known({("summer", "video"): 5}, (("summer", 0),), decided)
    assert figures(rules, known_then).completed_at == 5
