"""Every cheat of the simulator, and everybody of it who is to earn nothing."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from pipeline.settings import Settings
from simulator.actions import Action
from simulator.behaviours import CHEATS, FUTILE, HONEST, Behaviour
from simulator.catalogue import Quiz, Resource
from simulator.door import Reply
from simulator.http_player import Tally, TeacherPlayer
from simulator.human import Human
from tests.attacks.lab import FILM, MALLORY, Lab, Outcome, laboratory

VIDEO = Resource("film", FILM.duration_ms, FILM.credit_seconds, tuple(
    Quiz(one.id, one.at_ms, one.key) for one in FILM.quizzes))

SAID = {
    "speed_script": "实际经过的时间不够，看不完所上报的内容（no_time_left）",
    "whole_film": "实际经过的时间不够，看不完所上报的内容（no_time_left）",
    "ten_tabs": "同一段时间已经算给了别的播放，一份时间只能算一次（no_time_left）",
    "replaying": "实际经过的时间不够，看不完所上报的内容（no_time_left）",
    "forged_token": "系统没有收到过这位教师打开这个资源的记录。",
    "claimed_score": "08:00处的测验还没有通过：最近一次",
    "anothers_resource": "系统没有收到过这位教师打开这个资源的记录。",
    "garbage": "上报的内容有错误，系统无法识别（malformed）",
    "beyond_the_end": "上报的位置超出了视频长度，或者起止颠倒（bad_stretch）",
    "two_at_once": "同一段时间已经算给了别的播放，一份时间只能算一次（no_time_left）",
}


@dataclass(frozen=True, slots=True)
class Door:
    """The simulator's way into the collector of the test."""

    lab: Lab

    async def open(self, at: int, teacher_id: str, resource_id: str) -> Reply:
        self.lab.clock.now = at
        response = await self.lab.try_to_open(resource_id, teacher_id)
        return Reply(response.status_code, response.content, 0)

    async def post(self, at: int, token: str, body: bytes) -> Reply:
        self.lab.clock.now = at
        response = await self.lab.send(token, body)
        return Reply(response.status_code, response.content,
                     float(response.headers.get("Retry-After", 0)))


def tried(settings: Settings, behaviour: Behaviour) -> tuple[Outcome, Tally, float]:
    """What came of it, and how many seconds went by meanwhile."""
    tally = Tally()

    async def act() -> tuple[Outcome, float]:
        async with laboratory(settings) as lab:
            began = lab.clock.now
            human = Human(MALLORY, random.Random(7), began, beat_ms=15_000, batch=4)
            await TeacherPlayer(Door(lab), MALLORY, tally).play(acts(behaviour, human))
            return lab.outcome(), (lab.clock.now - began) / 1000

    outcome, took = asyncio.run(act())
    return outcome, tally, took


def acts(behaviour: Behaviour, human: Human) -> Iterator[Action]:
    assert behaviour.fits(VIDEO)
    return behaviour.act(human, VIDEO)


@pytest.mark.parametrize("behaviour", [*CHEATS, *FUTILE], ids=lambda one: one.name)
def test_rules_8_to_19_who_cheats_or_skips_earns_nothing(
    offline: Settings, behaviour: Behaviour
) -> None:
    outcome, tally, took = tried(offline, behaviour)
    assert (outcome.credited, outcome.done) == (0, set())
    assert outcome.watched <= took + 10
    assert tally.unexpected == 0, tally.examples
    assert SAID.get(behaviour.name, "还") in outcome.page


def test_who_really_watches_earns_it(offline: Settings) -> None:
    """Else all of the above would prove nothing."""
    outcome, tally, _ = tried(offline, HONEST)
    assert (outcome.credited, outcome.done, tally.unexpected) == (600, {"film"}, 0)


def test_every_cheat_has_its_sentence() -> None:
    assert {one.name for one in CHEATS} <= set(SAID)
