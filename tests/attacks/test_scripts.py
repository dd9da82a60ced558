"""Each attack of the table: no credit that real time did not earn, and a reason that is said."""

import asyncio
from collections import Counter

import pytest

from pipeline.settings import Settings
from tests.attacks.lab import FILM, SLACK, Outcome, beat, laboratory
from tests.attacks.scripts import ATTACKS, Attack


def tried(settings: Settings, one: Attack) -> tuple[Outcome, Counter[str], float]:
    async def act() -> tuple[Outcome, Counter[str], float]:
        async with laboratory(settings) as lab:
            began = lab.clock.now
            await one.script(lab)
            return lab.outcome(), lab.statuses, (lab.clock.now - began) / 1000

    return asyncio.run(act())


@pytest.mark.parametrize("one", ATTACKS, ids=lambda one: one.name)
def test_rules_15_to_19_nothing_beyond_real_time_and_a_reason(
    offline: Settings, one: Attack
) -> None:
    outcome, statuses, took = tried(offline, one)
    assert "film" not in outcome.done, outcome.page
    assert outcome.done == one.done
    assert outcome.credited == len(one.done) * FILM.credit_seconds
    assert outcome.watched <= one.allowed + SLACK
    assert one.allowed <= took or one.allowed == pytest.approx(took, abs=1)
    assert one.said in outcome.page, outcome.page
    if one.answers:
        assert dict(statuses) == dict(one.answers)
    if one.verdicts:
        assert dict(outcome.verdicts) == dict(one.verdicts)


def test_rule_16_a_thousand_plays_have_one_slack_even_if_all_may_be_opened(
    offline: Settings,
) -> None:
    """The limit on opening plays is not what keeps them from earning."""
    one = next(one for one in ATTACKS if one.name == "many_plays")
    unlimited = offline.model_copy(update={
        "teacher_plays_burst": 10_000, "teacher_posts_burst": 10_000})
    outcome, statuses, took = tried(unlimited, one)
    assert dict(statuses) == {"202": 1000}
    assert outcome.watched <= took + SLACK == 110
    assert (outcome.done, outcome.credited) == (set(), 0)


def test_known_limit_accounts_on_one_device_each_earn_their_own_real_time(
    offline: Settings,
) -> None:
    """Three accounts play at once at one computer. Nothing says so: addresses are shared by whole
    schools, and are not looked at. Each earns ten minutes for ten minutes, and none a second more.
    """
    teachers = ("one", "two", "three")

    async def act() -> list[Outcome]:
        async with laboratory(offline) as lab:
            players = [await lab.open("plain", teacher) for teacher in teachers]
            for start in range(0, 600, 30):
                lab.wait(30)
                for player in players:
                    await player.post(beat(start, start + 30, 1 + start))
                    await player.post(beat(start, start + 30, 2 + start))
            return [lab.outcome(teacher, "plain") for teacher in teachers]

    for outcome in asyncio.run(act()):
        assert (outcome.done, outcome.credited) == ({"plain"}, 600)
        assert outcome.watched <= 600 + SLACK
        assert outcome.verdicts["no_time_left"] >= 19
