"""Copy (b): the changelogs hold the truth, and every change of a state is found."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from chaos.changelog import Entry, entries, newest
from chaos.copies import rebuilt
from chaos.copies.figures import Difference, Figures, compare, compared
from chaos.copies.rebuilt import of_accounts, of_watchers, when_written
from chaos.unreadable import UnreadableError
from simulator.catalogue import Catalogue
from tests.chaos.summer import Summer


def what(differences: list[Difference]) -> set[tuple[object, ...]]:
    return {(d.copy, d.what, d.expected, d.actual) for d in differences}


def states(made: Summer, topic: str) -> dict[str, Any]:
    """Every teacher's newest state on both partitions."""
    records = sorted(made.topics[topic].records, key=lambda one: (one.partition, one.offset))
    return {t: s for n in (0, 1)
            for t, s in newest(entries(r for r in records if r.partition == n)).items()}


def test_rule_14_the_changelogs_hold_the_truth(
    one_summer: Summer, truth: Figures, programmes: Catalogue
) -> None:
    for copy in (of_accounts(states(one_summer, "crediting-changelog"), programmes),
                 of_watchers(states(one_summer, "watching-changelog"), programmes)):
        assert compare(copy, truth) == []
        assert compared(copy, truth) > 50


def test_a_changed_account_is_found(
    one_summer: Summer, truth: Figures, programmes: Catalogue, finisher: str
) -> None:
    teacher, kept = finisher, states(one_summer, "crediting-changelog")
    enrolled, started, done, *more = kept[teacher]
    video = next(iter(done["2023-summer"]))
    less = {**done, "2023-summer": {v: at for v, at in done["2023-summer"].items() if v != video}}
    changed = {"lost": [enrolled, started, less, *more], "not enrolled": [{}, started, done, *more],
               "decided": [enrolled, started, done, *more[:-1], {"2023-summer": ["a1"]}]}
    found = {name: compare(of_accounts({**kept, teacher: state}, programmes), truth)
             for name, state in changed.items()}
    assert {one.what for one in found["lost"]} >= {"learned", "done", "counted"}
    assert {one.what for one in found["not enrolled"]} == {"credited", "recognised"}
    assert [(one.what, one.actual) for one in found["decided"]] == [("adjustments", ["a1"])]
    assert all(one.teacher_id == teacher for some in found.values() for one in some)


def test_a_video_that_is_not_done_any_more_is_found(
    one_summer: Summer, truth: Figures, programmes: Catalogue, finisher: str
) -> None:
    teacher, kept = finisher, states(one_summer, "watching-changelog")
    newest_at, spent, sessions, videos = kept[teacher]
    video = next(v for v, (_, coverage) in videos.items() if isinstance(
        coverage.get("2023-summer"), int))
    fewer = {v: state for v, state in videos.items() if v != video}
    copy = of_watchers({**kept, teacher: [newest_at, spent, sessions, fewer]}, programmes)
    assert ("watching changelog", "done", 1, 0) in what(compare(copy, truth))


def progress(partition: int, written: int, decided: int) -> Entry:
    return Entry(partition, written, 0, None, {
        "positions": {"telemetry": decided}, "whole": {"telemetry": written}, "outcomes": []})


def looks(*answers: list[Entry]) -> Callable[[], Iterable[Entry]]:
    """What a reader finds, look by look."""
    rest = iter(answers)
    return lambda: next(rest)


def test_a_changelog_is_compared_when_every_partition_has_had_its_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rebuilt, "LOOK_S", 0.0)
    whole = [progress(0, 9, 9), progress(1, 4, 7), progress(1, 7, 7)]
    assert when_written(looks(whole[:2], whole, []), 60) == whole


def test_one_that_is_never_written_is_told_and_not_compared() -> None:
    stuck = [progress(0, 9, 9), progress(1, 4, 7)]
    with pytest.raises(UnreadableError, match="telemetry/1 is written up to offset 4, and decided "
                                              "up to 7"):
        when_written(lambda: stuck, -1)
