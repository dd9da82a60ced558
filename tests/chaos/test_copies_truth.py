"""The truth summed up, and what is not like it."""

from chaos.copies.comparison import compare_each
from chaos.copies.crediting import credit, done_figures
from chaos.copies.figures import Copy, Difference, Figures, Key, compare, compared
from simulator.catalogue import Catalogue
from tests.chaos.summer import Summer


def test_the_summer_has_something_of_everything(truth: Figures) -> None:
    kinds = {key.what for key, amount in truth.items() if amount}
    assert kinds >= {"learned", "credited", "recognised", "done", "counted", "school.completed",
                     "region.course.credited", "all.learned", "all.enrolled"}
    assert sum(key.what == "recognised" and amount > 0 for key, amount in truth.items()) > 2


def test_rule_13_summing_up_anew_comes_to_the_truth(
    one_summer: Summer, truth: Figures, programmes: Catalogue
) -> None:
    """A third way of its own: from what is done and who enrolled."""
    done = {(key.teacher_id, key.programme_id, key.place) for key in truth if key.what == "done"}
    enrolled = {(person.id, one.programme_id) for person in one_summer.world.population.people
                for one in one_summer.world.plan(person).enrols}
    figures = {**credit(programmes, enrolled, done), **done_figures(programmes, done)}
    copy = Copy("naive", frozenset({"learned", "credited", "recognised", "counted"}), figures)
    assert compare(copy, truth) == []
    assert compared(copy, truth) > 1000
    teacher = min(done)[0]
    fewer = {one for one in done if one[0] != teacher}
    less = Copy("naive", frozenset({"learned"}), credit(programmes, enrolled, fewer))
    assert {one.teacher_id for one in compare(less, truth)} == {teacher}


def test_rule_5_what_is_carried_over_counts_once_in_each_programme(programmes: Catalogue) -> None:
    shared = next(c for c in programmes.main.courses if c.shared_with and c.videos)
    earlier, video = shared.shared_with or "", shared.videos[0]
    done = {("t", earlier, video.id), ("t", programmes.main.id, video.id)}
    figures = credit(programmes, {("t", programmes.main.id)}, done)
    assert figures[Key("learned", "t", programmes.main.id, shared.id)] == video.credit_seconds
    assert figures[Key("learned", "t", earlier, shared.id)] == video.credit_seconds
    assert figures[Key("credited", "t", earlier, shared.id)] == 0, "not enrolled there"
    assert done_figures(programmes, {("t", earlier, video.id)}) == {
        Key("done", "t", earlier, video.id): 1, Key("counted", "t", earlier, video.id): 1,
        Key("counted", "t", programmes.main.id, video.id): 1}


def test_compare_finds_what_is_missing_wrong_or_too_much() -> None:
    true = {Key("learned", "a", "p", "c"): 5, Key("learned", "b", "p", "c"): 0,
            Key("done", "a", "p", "v"): 1, Key("recognised", "a", "p", ""): 7}
    held = {Key("learned", "a", "p", "c"): 6, Key("done", "z", "p", "v"): 1}
    copy = Copy("copy", frozenset({"learned", "done"}), held)
    found = compare(copy, true)
    assert [str(one) for one in found] == [
        "copy: a/p/v: done 0, should be 1", "copy: z/p/v: done 1, should be 0",
        "copy: a/p/c: learned 6, should be 5"]
    assert compared(copy, true) == 3, "what it does not hold is not asked of it"


def test_each_copy_is_read_timed_and_compared() -> None:
    true = {Key("done", "a", "p", "v"): 1}
    good = Copy("good", frozenset({"done"}), true)
    bad = Copy("bad", frozenset({"done"}), {}, [Difference("bad", "", "", "", "broken", 1, 2)])
    result = compare_each(true, [lambda: good, lambda: bad])
    assert [(one.copy, one.what) for one in result.differences] == [
        ("bad", "broken"), ("bad", "done")]
    assert result.compared == {"good": 1, "bad": 1}
    assert result.seconds.keys() == {"good", "bad"}
