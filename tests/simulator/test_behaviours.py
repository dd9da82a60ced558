"""Each behaviour's actions bear out what it says of itself."""

import random
from collections.abc import Iterator

import pytest

from simulator.actions import Action, Beat, Open, Post, Trick
from simulator.behaviours import (
    CHEATS,
    EARNING,
    FIRST_HALF,
    FUTILE,
    LONGEST_STEP,
    MARGIN,
    ORDINARY,
    READING,
    SECOND_HALF,
    Behaviour,
)
from simulator.catalogue import Catalogue, Resource
from simulator.human import EVENTS_A_POST, Human
from tests.simulator.physics import Claims, missing

NOON = 1_660_000_000_000

UNWATCHED = {"leaving", "skipping", "skipping_tail", "first_half", "second_half"}
NOT_PASSED = {"failing", "claimed_score"}
TAIL_NOT_REWATCHED = {"tail_before_quiz"}
TOO_LITTLE_TIME = {"two_at_once", "speed_script", "whole_film", "ten_tabs", "replaying"}
NEVER_GETS_IN = {"forged_token", "anothers_resource", "garbage", "beyond_the_end"}

ALL = (*ORDINARY, *CHEATS, FIRST_HALF, SECOND_HALF)


def act(behaviour: Behaviour, video: Resource, seed: int) -> list[Action]:
    rng = random.Random(seed)
    human = Human("t000001", rng, NOON, beat_ms=rng.randint(5000, 15000),
                  batch=rng.choice((1, 7, 40)))
    return list(behaviour.act(human, video))


def played(
    behaviour: Behaviour, catalogues: tuple[Catalogue, ...], seeds: int = 2
) -> Iterator[tuple[Resource, list[Action]]]:
    """The behaviour on every video that it fits."""
    found = False
    for video in (v for catalogue in catalogues for v in catalogue.main.videos):
        if behaviour.fits(video):
            found = True
            for seed in range(seeds):
                yield video, act(behaviour, video, seed)
    assert found, "fits no video at all"


@pytest.fixture
def both(small: Catalogue, real: Catalogue) -> tuple[Catalogue, ...]:
    return small, real


def named(behaviour: Behaviour) -> str:
    return behaviour.name


@pytest.mark.parametrize("behaviour", ALL, ids=named)
def test_actions_are_in_order_and_bounded(
    behaviour: Behaviour, both: tuple[Catalogue, ...]
) -> None:
    for video, actions in played(behaviour, both):
        assert [a.at for a in actions] == sorted(a.at for a in actions)
        assert actions[0].at >= NOON
        assert actions[-1].at <= NOON + LONGEST_STEP
        opened: set[str] = set()
        for action in actions:
            if isinstance(action, Open):
                assert action.resource_id == video.id
                opened.add(action.play)
            else:
                assert action.play in opened
                assert len(action.events) <= EVENTS_A_POST
                assert action.events or action.body
        if behaviour.one_session:
            assert len(opened) == 1


@pytest.mark.parametrize("behaviour", ALL, ids=named)
def test_events_are_numbered_once_a_play(
    behaviour: Behaviour, both: tuple[Catalogue, ...]
) -> None:
    for video, actions in played(behaviour, both):
        numbered: dict[tuple[str, int], object] = {}
        for post in (a for a in actions if isinstance(a, Post)):
            for event in post.events:
                assert numbered.setdefault((post.play, event.seq), event) == event
                if isinstance(event, Beat) and post.trick is not Trick.BEYOND_THE_END:
                    assert 0 <= event.start < event.end <= video.duration_ms


@pytest.mark.parametrize("behaviour", EARNING, ids=named)
def test_rule_8_who_earns_watched_all_passed_and_watched_on(
    behaviour: Behaviour, both: tuple[Catalogue, ...]
) -> None:
    for video, actions in played(behaviour, both):
        claims = Claims.of(actions)
        assert claims.unwatched(video) == 0
        assert [claims.unwatched_after(quiz, video) for quiz in video.quizzes] == [
            0 for _ in video.quizzes
        ]


@pytest.mark.parametrize("behaviour", EARNING, ids=named)
def test_rule_16_who_earns_took_the_time(
    behaviour: Behaviour, both: tuple[Catalogue, ...]
) -> None:
    assert all(Claims.of(actions).fits_real_time() for _, actions in played(behaviour, both, 4))


def test_every_futile_behaviour_has_one_reason() -> None:
    reasons = (UNWATCHED, NOT_PASSED, TAIL_NOT_REWATCHED, TOO_LITTLE_TIME, NEVER_GETS_IN)
    named_once = sorted(name for reason in reasons for name in reason)
    assert named_once == sorted(b.name for b in (*FUTILE, *CHEATS, FIRST_HALF, SECOND_HALF))


@pytest.mark.parametrize("behaviour", ALL, ids=named)
def test_who_earns_nothing_stays_far_from_earning(
    behaviour: Behaviour, both: tuple[Catalogue, ...]
) -> None:
    for video, actions in played(behaviour, both, 4):
        claims = Claims.of(actions)
        if behaviour.name in UNWATCHED:
            assert claims.unwatched(video) >= MARGIN
        elif behaviour.name in NOT_PASSED:
            assert any(claims.passed_at(quiz) is None for quiz in video.quizzes)
        elif behaviour.name in TAIL_NOT_REWATCHED:
            tails = [claims.unwatched_after(quiz, video) for quiz in video.quizzes]
            assert max(tail or 0 for tail in tails) >= MARGIN
        elif behaviour.name in TOO_LITTLE_TIME:
            assert claims.unwatched(video) == 0, "it claims everything"
            assert claims.most_media_in_time() <= video.duration_ms - MARGIN
        elif behaviour.name in NEVER_GETS_IN:
            assert not claims.heard
        else:
            assert behaviour.earns


def test_rule_18_repeating_sends_the_very_same_events_again(real: Catalogue) -> None:
    repeating = next(b for b in ORDINARY if b.name == "repeating")
    for _, actions in played(repeating, (real,), 1):
        seqs = [tuple(event.seq for event in a.events) for a in actions if isinstance(a, Post)]
        assert all(seqs.count(sent) in (2, 3) for sent in seqs)


def test_rule_14_late_posts_of_the_first_session_come_last(real: Catalogue) -> None:
    late = next(b for b in ORDINARY if b.name == "late")
    for _, actions in played(late, (real,), 1):
        assert [a.play for a in actions if isinstance(a, Post)][-1] == "p1"
        assert {"p1", "p2"} == {a.play for a in actions}


def test_rule_16_offline_posts_nothing_until_all_is_watched(real: Catalogue) -> None:
    offline = next(b for b in ORDINARY if b.name == "offline")
    for video, actions in played(offline, (real,), 1):
        first = next(a for a in actions if isinstance(a, Post))
        assert first.at - actions[0].at >= video.duration_ms // 2
        assert actions[-1].at - first.at <= 10_000


def test_rule_4_a_text_is_read_wholly_or_by_half(real: Catalogue) -> None:
    texts = [r for c in real.main.courses for r in c.resources if READING.fits(r)]
    assert texts
    read = {
        max(event.end for action in act(READING, texts[0], seed) if isinstance(action, Post)
            for event in action.events if isinstance(event, Beat)) for seed in range(20)
    }
    assert read == {texts[0].duration_ms // 2, texts[0].duration_ms}


def test_wrong_answers_are_wrong_to_every_question(real: Catalogue) -> None:
    failing = next(b for b in ORDINARY if b.name == "failing")
    for video, actions in played(failing, (real,), 1):
        last = actions[-1]
        assert isinstance(last, Post)
        answers = last.events[-1]
        assert not isinstance(answers, Beat)
        key = next(quiz.key for quiz in video.quizzes if quiz.id == answers.quiz_id)
        assert answers.answers.keys() == key.keys()
        assert all(answers.answers[question] != key[question] for question in key)


@pytest.mark.parametrize(("stretches", "start", "expected"), [
    ([], 0, 100), ([(0, 100)], 0, 0), ([(0, 40), (60, 100)], 0, 20), ([(0, 40)], 50, 50),
    ([(50, 80), (40, 60)], 30, 30), ([(0, 30), (200, 300)], 0, 70),
])
def test_the_checker_itself(
    stretches: list[tuple[int, int]], start: int, expected: int
) -> None:
    assert missing(stretches, start, 100) == expected
