"""States that only grow: each way in which one could shrink is found."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from chaos.changelog import Entry, entries
from chaos.invariants.states import shrunk_crediting, shrunk_watching, vanished
from tests.chaos.summer import Summer


def history(made: Summer, topic: str, partition: int = 0) -> list[Entry]:
    return list(entries(one for one in made.topics[topic].records if one.partition == partition))


Change = Callable[[Any], None]


def changed(made: Summer, topic: str, change: Change) -> list[Entry]:
    """The history with one more value at its end: the newest bucket, changed."""
    past = history(made, topic)
    last = next(one for one in reversed(past) if one.bucket is not None)
    body = deepcopy(last.body)
    change(body["teachers"])
    return [*past, last._replace(offset=past[-1].offset + 1, body=body)]


def first_coverage(teachers: Any, done: bool) -> tuple[Any, str, str]:
    """(videos, resource, programme) of a coverage that is done, or open with something in it."""
    for state in teachers.values():
        for resource, video in state[3].items():
            for programme, coverage in video[1].items():
                if isinstance(coverage, int) == done and (done or coverage[0]):
                    return state[3], resource, programme
    raise AssertionError("no such coverage")


def uncover(teachers: Any) -> None:
    videos, resource, programme = first_coverage(teachers, done=False)
    covered = videos[resource][1][programme][0]
    covered[-1] -= 1


def undo(teachers: Any) -> None:
    videos, resource, programme = first_coverage(teachers, done=True)
    videos[resource][1][programme] = [[0, 10**6], {}, {}, [], 0]


def redate(teachers: Any) -> None:
    videos, resource, programme = first_coverage(teachers, done=True)
    videos[resource][1][programme] += 1


def forget_programme(teachers: Any) -> None:
    videos, resource, programme = first_coverage(teachers, done=True)
    del videos[resource][1][programme]


def forget_video(teachers: Any) -> None:
    videos, resource, _ = first_coverage(teachers, done=True)
    del videos[resource]


def go_back(teachers: Any) -> None:
    next(iter(teachers.values()))[0] -= 1


WATCHING: list[tuple[Change, str]] = [
    (uncover, "fell to"), (undo, "done at"), (redate, "and now"),
    (forget_programme, "nothing is known"), (forget_video, "watch time"),
    (go_back, "the newest event"),
]


@pytest.mark.parametrize(("change", "what"), WATCHING)
def test_rule_9_coverage_that_shrinks_is_found(
    one_summer: Summer, change: Change, what: str
) -> None:
    assert list(shrunk_watching(history(one_summer, "watching-changelog"))) == []
    found = list(shrunk_watching(changed(one_summer, "watching-changelog", change)))
    assert found
    assert any(what in broken.what for broken in found), found


def test_what_is_covered_after_a_quiz_may_not_shrink_either(one_summer: Summer) -> None:
    def less(teachers: Any) -> None:
        videos, resource, programme = first_coverage(teachers, done=False)
        videos[resource][1][programme][1] = {"q": [0, 5]}

    def lesser(teachers: Any) -> None:
        less(teachers)
        videos, resource, programme = first_coverage(teachers, done=False)
        videos[resource][1][programme][1] = {"q": [0, 4]}

    more = changed(one_summer, "watching-changelog", less)
    assert list(shrunk_watching(more)) == []
    after = changed(one_summer, "watching-changelog", lesser)[-1]
    [broken] = shrunk_watching([*more, after._replace(offset=after.offset + 1)])
    assert "less is covered after the quizzes ['q']" in broken.what


def test_forgetting_what_only_the_clock_needs_is_fine(one_summer: Summer) -> None:
    def forget(teachers: Any) -> None:
        for state in teachers.values():
            state[1], state[2] = [], {}

    later = changed(one_summer, "watching-changelog", forget)
    assert list(shrunk_watching(later)) == []
    assert list(vanished(later)) == []


def test_a_teacher_who_is_forgotten_is_found(one_summer: Summer) -> None:
    def drop(teachers: Any) -> None:
        teachers.pop(next(iter(teachers)))

    for topic in ("watching-changelog", "crediting-changelog"):
        assert list(vanished(history(one_summer, topic))) == []
        [broken] = vanished(changed(one_summer, topic, drop))
        assert broken.what.endswith("is not in it any more")


def someone_done(teachers: Any) -> Any:
    return next(state for state in teachers.values() if state[2])


def lose_enrolment(teachers: Any) -> None:
    someone_done(teachers)[0].clear()


def lose_start(teachers: Any) -> None:
    someone_done(teachers)[1].clear()


def lose_done(teachers: Any) -> None:
    next(iter(someone_done(teachers)[2].values())).popitem()


def be_later(teachers: Any) -> None:
    done = next(iter(someone_done(teachers)[2].values()))
    done[next(iter(done))] += 1


def count_back(teachers: Any) -> None:
    seqs = someone_done(teachers)[4]
    seqs[next(iter(seqs))] -= 1


@pytest.mark.parametrize("change", [lose_enrolment, lose_start, lose_done, be_later, count_back])
def test_rule_12_what_is_completed_and_gets_lost_is_found(
    one_summer: Summer, change: Change
) -> None:
    assert list(shrunk_crediting(history(one_summer, "crediting-changelog"))) == []
    assert list(shrunk_crediting(changed(one_summer, "crediting-changelog", change)))


def test_an_earlier_moment_may_come_later(one_summer: Summer) -> None:
    def be_earlier(teachers: Any) -> None:
        done = next(iter(someone_done(teachers)[2].values()))
        done[next(iter(done))] -= 1

    assert list(shrunk_crediting(changed(one_summer, "crediting-changelog", be_earlier))) == []
