"""Heartbeats of several teachers by the record are what they are one by one."""

from collections.abc import Iterator, Sequence
from itertools import islice

from hypothesis import event, given
from hypothesis import strategies as st

from audit.reference.log import Entry, Played
from pipeline.rules.columns import NOT_HERE, UNREADABLE, Columns, Hearing, Row, as_row
from pipeline.rules.completion import NO_AFTER, NO_ATTEMPTS, NO_PASSES, NO_PENDING
from pipeline.rules.crowd import Crowd
from pipeline.rules.programme import Catalogue
from pipeline.rules.viewer_values import dump_viewer
from pipeline.rules.viewing import Viewing
from pipeline.rules.watching import Heartbeat, Milestone, Verdict, Viewer, hear
from pipeline.schemas.base import is_id
from pipeline.schemas.packed import packed, places
from tests.generated.dense import dense_catalogues
from tests.generated.profile import examples
from tests.generated.test_viewing import entries, steps

# Ids that are as long as a hash takes at once, a byte less and more; one that is none; one who is
# of another partition.
TEACHERS = ("teacher8", "teacher", "teacher-9", "no id", "stranger")
SESSIONS = {"a": "s", "b": "session-of-more-than-16-bytes"}
Sent = tuple[str, Played]


def merged(logs: Sequence[list[Entry | None]], turns: list[int]) -> Iterator[Sent]:
    """Each log's heartbeats in their order, and whose turn it is."""
    left = [iter([one for one in log if isinstance(one, Played)]) for log in logs]
    for turn in turns:
        number = turn % len(left)
        yield from ((TEACHERS[number], one) for one in islice(left[number], 1 + turn // 5))


def row(teacher: str, one: Played) -> Row:
    return (one.received_at, teacher, one.resource_id, SESSIONS[one.session_id], one.opened_at,
            one.seq, one.start, one.end, one.rate)


def columns(sent: Sequence[Sent]) -> Columns:
    raw = packed([row(*one) for one in sent], b"[]")
    at = places(raw)
    return Columns(raw, raw[at.resources:at.quizzes].decode().split("\n"), *at[:-2])


class OneByOne:
    """What the same heartbeats are to `watching.hear`."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.viewers: dict[str, Viewer] = {}
        self.said: list[str] = []
        self.news: list[tuple[str, Milestone]] = []

    def hear(self, teacher: str, one: Played) -> None:
        if teacher in TEACHERS[3:]:
            self.said.append(NOT_HERE if is_id(teacher) else UNREADABLE)
            return
        news: list[Milestone] = []
        beat = Heartbeat(one.resource_id, SESSIONS[one.session_id], one.opened_at, one.seq,
                         one.received_at, one.start, one.end, one.rate)
        viewer = self.viewers.setdefault(teacher, Viewer())
        self.said.append(hear(viewer, self.catalogue, beat, news))
        self.news += [(teacher, milestone) for milestone in news]


@examples(500)
@given(dense_catalogues(), st.lists(steps, min_size=5, max_size=5),
       st.lists(st.integers(0, 24), min_size=20, max_size=120), st.integers(1, 20))
def test_rule_14_heartbeats_by_the_record_are_what_they_are_one_by_one(
    catalogue: Catalogue, made: list[list[tuple[str, int]]], turns: list[int], size: int
) -> None:
    sent = list(merged([entries(one) for one in made], turns))
    crowd, expected = Crowd(), OneByOne(catalogue)

    def find(teacher: str) -> Viewing | None:
        if teacher == "stranger":
            return None
        crowd[teacher] = Viewing()
        return crowd[teacher]

    for begin in range(0, len(sent), size):
        hearing = Hearing(catalogue, crowd, find, is_id)
        hearing.hear_all(columns(sent[begin:begin + size]))
        expected.said, expected.news = [], []
        for teacher, one in sent[begin:begin + size]:
            expected.hear(teacher, one)
        assert_same(hearing, expected, sent[begin:begin + size])
    assert {teacher: dump_viewer(one.folded(), catalogue.clock) for teacher, one in crowd.items()
            } == {teacher: dump_viewer(one, catalogue.clock)
                  for teacher, one in expected.viewers.items()}
    assert not [*NO_AFTER, *NO_PASSES, *NO_PENDING, *NO_ATTEMPTS], "nobody's, as they are shared"


def assert_same(hearing: Hearing, expected: OneByOne, sent: Sequence[Sent]) -> None:
    assert hearing.accepted == expected.said.count(Verdict.ACCEPTED)
    assert hearing.repeated == expected.said.count(Verdict.REPEATED)
    assert [(note.teacher_id, one) for note in hearing.notes for one in note.news] == expected.news
    taken = {Verdict.ACCEPTED, Verdict.REPEATED}
    assert [(as_row(note.teacher_id, note.beat), note.said)
            for note in hearing.notes if note.said not in taken] == [
        (row(*one), said) for one, said in zip(sent, expected.said, strict=True)
        if said not in taken]
    for said in expected.said:
        event(said)
