"""Players of several makes against what they really played, second by second."""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.collector.xapi.identity import stretch_identity
from pipeline.collector.xapi.shapes import Statement
from pipeline.collector.xapi.taking import Played
from pipeline.collector.xapi.tape import MOST_LISTED, Tape, hear
from pipeline.collector.xapi.verbs import Verb, verb_of
from pipeline.collector.xapi.video import Playing, playing
from tests.collector.xapi.speaking import paused, played, video

LENGTH = 60


def read(said: dict[str, Any]) -> Playing:
    verb = verb_of(said["verb"]["id"])
    assert verb is not None
    return playing(verb, said["id"], Statement.model_validate(said))


@dataclass(slots=True)
class Player:
    """Plays whole seconds, notes each of them, and tells in statements. It says played-segments in
    those of the verbs `lists`.
    """

    lists: frozenset[Verb]
    at: int = 0
    begun: int | None = None
    segments: list[str] = field(default_factory=list)
    seconds: Counter[int] = field(default_factory=Counter)
    told: list[dict[str, Any]] = field(default_factory=list)

    def play(self, seconds: int) -> None:
        if self.begun is None:
            self.begun = self.at
            self.told.append(played(self.at))
        for _ in range(min(seconds, LENGTH - self.at)):
            self.seconds[self.at] += 1
            self.at += 1

    def seek(self, to: int) -> None:
        self.told.append(video(Verb.SEEKED, time_from=self.at, time_to=to))
        if self.begun is not None:
            self._end()
            self.begun = to
        self.at = to

    def complete(self, _: int = 0) -> None:
        self._tell(Verb.COMPLETED, progress=1.0)

    def pause(self, _: int = 0) -> None:
        if self.begun is not None:
            self._end()
            self.begun = None
            self._tell(Verb.PAUSED)

    def close(self) -> None:
        self.pause()
        self._tell(Verb.TERMINATED)

    def _tell(self, verb: Verb, **more: Any) -> None:
        listed = {"played_segments": "[,]".join(self.segments)} if verb in self.lists else {}
        self.told.append(video(verb, time=self.at, **listed, **more))

    def _end(self) -> None:
        self.segments.append(f"{self.begun}[.]{self.at}")


NONE: frozenset[Verb] = frozenset()
BY_PROFILE = frozenset({Verb.PAUSED, Verb.COMPLETED, Verb.TERMINATED})
BY_REFERENCE = frozenset({Verb.PAUSED})  # as the profile's reference player for video.js does

DOINGS = st.lists(st.one_of(
    st.tuples(st.just("play"), st.integers(0, 20)), st.tuples(st.just("pause"), st.just(0)),
    st.tuples(st.just("seek"), st.integers(0, LENGTH)), st.tuples(st.just("complete"), st.just(0)),
), max_size=30)


def watched(lists: frozenset[Verb], doings: list[tuple[str, int]]) -> Player:
    player = Player(lists)
    for name, number in doings:
        getattr(player, name)(number)
    player.close()
    return player


def counted(heard: list[Played]) -> Counter[int]:
    """The seconds in all stretches, each stretch once by its identity, as the agents do."""
    stretches = {stretch_identity("s", key): stretch
                 for one in heard for key, (stretch, _) in one.stretches.items()}
    return Counter(second for start, end, _ in stretches.values()
                   for second in range(start // 1000, end // 1000))


@settings(max_examples=150, deadline=None)
@given(DOINGS, st.integers(1, 3), st.randoms(use_true_random=False))
def test_rule_14_a_player_with_lists_may_speak_to_any_process_and_be_lost_or_repeated(
    doings: list[tuple[str, int]], processes: int, chance: random.Random
) -> None:
    """All but the last statement may be lost, all may be repeated, and nobody need remember."""
    player = watched(BY_PROFILE, doings)
    last = len(player.told) - 1
    heard = [Played(None) for _ in range(processes)]
    for index, said in enumerate(player.told):
        if index == last or chance.random() < 0.7:
            chance.choice(heard).take(read(said))
    for said in chance.sample(player.told, len(player.told) // 2):
        fresh = Played(None)  # a process that has just been started
        fresh.take(read(said))
        heard.append(fresh)
    assert counted(heard) == player.seconds


@settings(max_examples=150, deadline=None)
@given(DOINGS, st.randoms(use_true_random=False))
def test_rule_14_the_reference_player_lists_in_paused_alone(
    doings: list[tuple[str, int]], chance: random.Random
) -> None:
    """Its `seeked`, `completed` and `terminated` have no list, and claim nothing twice."""
    player, heard = watched(BY_REFERENCE, doings), Played(None)
    for said in player.told:
        heard.take(read(said))
    fresh = Played(None)
    for said in chance.sample(player.told, len(player.told) // 2):
        if said["verb"]["id"] == Verb.PAUSED:
            fresh.take(read(said))
    assert counted([heard, fresh]) == player.seconds


def test_rule_14_terminated_at_another_process_claims_nothing_twice() -> None:
    """What `completed` cut and what followed is one stretch, as the list has it."""
    player = watched(BY_REFERENCE, [("play", 9), ("complete", 0), ("play", 1)])
    here, there = Played(None), Played(None)
    for process, said in zip((here, here, there, here), player.told, strict=True):
        process.take(read(said))
    assert counted([here, there]) == player.seconds


@settings(max_examples=150, deadline=None)
@given(DOINGS)
def test_a_player_without_lists_is_followed_by_one_process(doings: list[tuple[str, int]]) -> None:
    player, heard = watched(NONE, doings), Played(None)
    for said in player.told:
        heard.take(read(said))
    assert counted([heard]) == player.seconds
    assert heard.problems == []


@settings(max_examples=100, deadline=None)
@given(DOINGS, st.data())
def test_a_player_without_lists_gains_nothing_by_what_is_lost(
    doings: list[tuple[str, int]], data: st.DataObject
) -> None:
    """What a lost statement hides is lost; a seek that was lost may join what it parted."""
    player, heard = watched(NONE, doings), Played(None)
    kept = [said for said in player.told
            if said["verb"]["id"] == Verb.SEEKED or data.draw(st.booleans())]
    for said in kept:
        heard.take(read(said))
    assert counted([heard]) <= player.seconds


def test_paused_and_terminated_at_once_are_one_stretch() -> None:
    """Sent side by side while a tab closes, both find the stretch open."""
    tape = hear(Tape(), read(played(3))).tape
    ends = [hear(tape, read(said)).stretches
            for said in (paused(9), video(Verb.TERMINATED, time=9))]
    assert ends[0] == ends[1] != ()


def test_rule_8_a_tail_played_again_is_another_stretch() -> None:
    once, twice = (hear(None, read(paused(60, segments))).stretches
                   for segments in ("0[.]60", "0[.]60[,]0[.]60"))
    assert len(set(once) | set(twice)) == 2


def test_a_long_list_is_read_from_its_end() -> None:
    segments = "[,]".join(f"{n}[.]{n + 1}" for n in range(MOST_LISTED + 50))
    stretches = hear(None, read(paused(MOST_LISTED + 50, segments))).stretches
    assert len(stretches) == MOST_LISTED
    assert (stretches[0].start, stretches[-1].start) == (50_000, (MOST_LISTED + 49) * 1000)


@pytest.mark.parametrize(("value", "pieces", "bad"), [
    ("0[.]12.5[,]14.0004[.]21", ((0, 12_500), (14_000, 21_000)), 0),
    (" 0 [.] 1 ", ((0, 1000),), 0),
    ("5[.]5", ((5000, 5000),), 0),
    ("null[.]12[,]1[.]2", ((1000, 2000),), 1),
    ("3[.]2", (), 1), ("1", (), 1), ("1[.]2[.]3", (), 1), ("-1[.]2", (), 1), ("nan[.]2", (), 1),
    ("0[.]inf", (), 1), ("0[.]1e999", (), 1), ("0[.]" + "9" * 400, (), 1), ("x[,]x[,]x[,]x", (), 3),
])
def test_a_list_is_read_entry_by_entry(
    value: str, pieces: tuple[tuple[int, int], ...], bad: int
) -> None:
    listed = read(paused(0, value)).listed
    assert listed is not None
    assert (listed.pieces, len(listed.bad)) == (pieces, bad)


@pytest.mark.parametrize("value", ["", "  ", 3, None, True, ["0[.]1"], {}])
def test_what_is_no_list_is_none(value: object) -> None:
    assert read(video(Verb.PAUSED, time=1, played_segments=value)).listed is None


@pytest.mark.parametrize(("value", "at"), [
    (1, 1000), (1.2345, 1235), ("23.560", 23_560), (0, 0), (-1, None), ("x", None), (True, None),
    (None, None), ([], None), (1e400, None), (10**400, None),
])
def test_a_time_is_read_leniently(value: object, at: int | None) -> None:
    assert read(video(Verb.PAUSED, time=value)).at == at


@pytest.mark.parametrize(("said", "rate"), [
    ("1x", 100), ("1.5x", 150), ("0.25x", 25), ("2", 200), ("-2x", 100), ("64x", 1600),
    ("fast", 100),
])
def test_rule_17_the_speed_is_what_the_statement_says(said: str, rate: int) -> None:
    assert hear(None, read(paused(9, "0[.]9", speed=said))).rate == rate


def test_rule_16_who_slows_down_pays_for_the_fastest() -> None:
    tape = None
    rates = []
    for said in (video(Verb.INITIALIZED, speed="1x"), played(0),
                 video(Verb.INTERACTED, time=4, speed="2x"),
                 video(Verb.INTERACTED, time=8, speed="1.25x"), paused(9), played(9), paused(12)):
        heard = hear(tape, read(said))
        tape = heard.tape
        rates += [heard.rate for _ in heard.stretches]
    assert rates == [200, 125]


@pytest.mark.parametrize(("statements", "problem"), [
    ([paused(9)], "has no played-segments, and its `played` was not heard here"),
    ([video(Verb.PLAYED)], "says no time and no played-segments"),
    ([played(0), video(Verb.PAUSED)], "says no time and no played-segments"),
    ([played(9), paused(3)], "ends before it began"),
])
def test_rule_19_what_cannot_be_used_is_told(
    statements: list[dict[str, Any]], problem: str
) -> None:
    heard = Played(None)
    for said in statements:
        heard.take(read(said))
    assert not heard.stretches
    assert [told.msg for _, told in heard.problems] == [problem]
