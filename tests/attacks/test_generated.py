"""An attacker who may post anything at any time, against arithmetic of a few lines.

No part of the rules is used to judge them: the oracle counts the milliseconds of the world in
which a teacher's accepted posts may lie, and no more than those may have been earned.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from hypothesis import event, example, given, target
from hypothesis import strategies as st
from pydantic import SecretStr

from pipeline.settings import Settings
from tests.attacks.lab import (
    ALICE,
    CATALOGUE,
    MALLORY,
    PROGRAMME,
    SLACK,
    Lab,
    Outcome,
    Player,
    answers,
    beat,
    laboratory,
)
from tests.collector.serving import KEY
from tests.generated.profile import examples

GRACE_MS = 2 * 3600 * 1000
RESOURCES = ("film", "other", "plain")


class Open(NamedTuple):
    """A play of one of the teachers."""

    teacher: str
    resource: str


class Post(NamedTuple):
    """Claims (seq, from, length, rate) with the token of a play; `quiz`: and right answers."""

    play: int
    claims: tuple[tuple[int, int, int, float], ...]
    quiz: bool = False


class Wait(NamedTuple):
    seconds: int


Move = Open | Post | Wait
teachers = st.sampled_from([MALLORY, MALLORY, ALICE])
positions = st.sampled_from([0, 0, 15, 150, 300, 450, 480, 599, 600, -1])
lengths = st.sampled_from([1, 15, 30, 120, 150, 300, 450, 600, 602, 10_000])
rates = st.sampled_from([0.05, 0.5, 1.0, 1.0, 2.0, 2.0, 4.0, 16.0, -1.0])
claims = st.lists(st.tuples(st.integers(0, 60), positions, lengths, rates), max_size=8)
moves: st.SearchStrategy[list[Move]] = st.lists(st.one_of(
    st.builds(Open, teachers, st.sampled_from(RESOURCES)),
    st.builds(Post, st.integers(0, 6), claims.map(tuple), st.booleans()),
    st.builds(Post, st.integers(0, 6), claims.map(tuple)),
    st.builds(Wait, st.sampled_from([0, 1, 30, 150, 300, 600, 3600, 3 * 3600, 90_000])),
), min_size=4, max_size=30)


@dataclass(slots=True)
class World:
    """What the oracle needs to know: when who opened a play, and when something of it arrived."""

    plays: list[tuple[Player, int]] = field(default_factory=list)
    windows: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    async def make(self, lab: Lab, move: Move) -> None:
        match move:
            case Wait(seconds):
                lab.wait(seconds)
            case Open(teacher, resource):
                self.plays.append((await lab.open(resource, teacher), lab.clock.now))
            case Post(play, some, quiz) if self.plays:
                await self._post(lab, *self.plays[play % len(self.plays)], some, quiz)

    async def _post(
        self, lab: Lab, player: Player, opened_at: int,
        some: Sequence[tuple[int, int, int, float]], quiz: bool,
    ) -> None:
        told = [beat(start, start + length, seq, rate) for seq, start, length, rate in some]
        handed = [answers(70, quiz_id=name) for name in ("q", "p")] if quiz else []
        await player.post(*handed, *told, *handed)
        now = lab.clock.now
        self.windows.setdefault(player.teacher, []).append(
            (max(opened_at, now - GRACE_MS), now + SLACK * 1000))

    def real_ms(self, teacher: str) -> int:
        """How much of the world's time lies in any window: each millisecond once."""
        total, reached = 0, 0
        for start, end in sorted(self.windows.get(teacher, [])):
            total += max(0, end - max(start, reached))
            reached = max(reached, end)
        return total


def lived(some: Sequence[Move]) -> tuple[World, dict[str, Outcome]]:
    settings = Settings(topic_prefix="test.", partitions=4, var_dir=Path("unused"), linger_ms=0,
                        platform_key=SecretStr(KEY), token_secret=SecretStr("s" * 32))
    world = World()

    async def act() -> dict[str, Outcome]:
        async with laboratory(settings) as lab:
            for move in some:
                await world.make(lab, move)
            return {teacher: lab.outcome(teacher) for teacher in (MALLORY, ALICE)}

    return world, asyncio.run(act())


HONEST_TWICE_AS_FAST: list[Move] = [
    Open(MALLORY, "plain"), Wait(290), Post(0, ((1, 0, 600, 2.0), (2, 0, 600, 16.0)))]


@examples(60)
@given(moves)
@example(HONEST_TWICE_AS_FAST)
def test_rules_16_17_whatever_is_posted_credit_is_paid_with_real_time(some: list[Move]) -> None:
    world, outcomes = lived(some)
    for teacher, outcome in outcomes.items():
        real = world.real_ms(teacher)
        assert outcome.watched * 1000 <= real
        forgiven = len(outcome.done) * PROGRAMME.gap_tolerance_ms
        learned = sum(CATALOGUE.resources[id_].credit_seconds for id_ in outcome.done)
        assert learned * 1000 <= real * CATALOGUE.clock.max_rate / 100 + forgiven
        assert outcome.credited == learned
        event(f"{len(outcome.done)} done")
    target(float(sum(len(one.done) for one in outcomes.values())))


def test_the_attacker_does_earn_what_was_paid_for() -> None:
    _, outcomes = lived(HONEST_TWICE_AS_FAST)
    assert outcomes[MALLORY].done == {"plain"}
