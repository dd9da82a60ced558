"""The attacks. Each is a script against the collector, with what comes of it: the table that
`test_scripts.py` tries line by line.
"""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from pipeline.collector.arrival import HEADER
from pipeline.collector.xapi.verbs import Verb
from tests.attacks.lab import ALICE, MALLORY, Lab, answers, beat, beats
from tests.collector.xapi import speaking
from tests.collector.xapi.speaking import Speaker
from tests.spec.story import HOUR

FASTER = "实际经过的时间不够，看不完所上报的内容（no_time_left）"
SPENT = "同一段时间已经算给了别的播放，一份时间只能算一次（no_time_left）"
OFFLINE = "断网期间看得太久，联网后一次上报的内容超出了允许补报的时长（no_time_left）"
MALFORMED = "上报的内容有错误，系统无法识别（malformed）"
BAD_STRETCH = "上报的位置超出了视频长度，或者起止颠倒（bad_stretch）"
NOTHING = "系统没有收到过这位教师打开这个资源的记录。"
UNSEEN = "拖动进度条跳过的部分不算看过。"
TAIL = "08:00处的测验通过以后，08:00–10:00没有再看；通过之前看的不算。"
LIMIT = "24小时以内最多批改3次"


@dataclass(frozen=True, slots=True)
class Attack:
    """What is claimed, what the clock allowed, what that earns, and what is said of it.

    allowed   wall seconds between the first opening and the last post; the slack comes on top
    answers   posts by status, or by the type of the refusal
    verdicts  of the rules, on what the collector let in
    done      what counts as done all the same: nothing, unless real time went by for it
    said      in what `xueshi explain` prints
    """

    name: str
    claims: str
    script: Callable[[Lab], Awaitable[None]]
    allowed: float
    answers: Mapping[str, int]
    said: str
    verdicts: Mapping[str, int] = field(default_factory=dict)
    done: frozenset[str] = frozenset()


async def jump_to_the_end(lab: Lab) -> None:
    film = await lab.open()
    lab.wait(5)
    await film.post(beat(595, 600), answers(2))
    await film.post({"type": "complete", "seq": 3}, completed=True, progress=1.0)


async def xapi_completed(lab: Lab) -> None:
    film, about = await lab.open(), speaking.PREFIX + "film"
    lab.wait(5)
    said = {"completion": True, "success": True, "score": {"scaled": 1}, "duration": "PT10M"}
    for verb in (Verb.COMPLETED, Verb.PASSED, Verb.TERMINATED):
        one = {"verb": {"id": verb}, "actor": speaking.actor(MALLORY), "object": {"id": about},
               "result": said}
        lab.note(await Speaker(lab.http, film.token).post(one))


async def xapi_whole_list(lab: Lab) -> None:
    """A list of all of it, under progress 1.0, at sixteen times the speed."""
    film = await lab.open()
    lab.wait(60)
    said = speaking.paused(600, "0[.]300[,]300[.]600", speed="16x", progress=1.0)
    said |= {"actor": speaking.actor(MALLORY), "object": {"id": speaking.PREFIX + "film"}}
    lab.note(await Speaker(lab.http, film.token).post(said))


async def fake_visibility(lab: Lab) -> None:
    """Says that the page was seen all the time; fields nobody asked for are not read."""
    film = await lab.open()
    lab.wait(30)
    for one in beats(0, 600):
        await film.post({**one, "visible": True, "focused": True, "watched_ms": 600_000,
                         "received_at": 0})


async def all_at_once(lab: Lab) -> None:
    film = await lab.open()
    await film.post(*beats(0, 480), answers(40), *beats(480, 600, 41))


async def half_speed_claiming_double(lab: Lab) -> None:
    """Plays five minutes at half speed, and says that it was ten at double speed… twice."""
    film = await lab.open()
    lab.wait(150)
    await film.post(*beats(0, 300, rate=0.5))
    await film.post(*beats(0, 300, 101, rate=2.0))
    await film.post(*beats(300, 600, 201, rate=2.0))


async def rate_lies(lab: Lab) -> None:
    """0.05 to have more time on record, 16 to have more of the film."""
    film = await lab.open()
    lab.wait(60)
    await film.post(beat(0, 60, 1, 0.05))
    await film.post(beat(0, 600, 2, 16))
    await film.post(beat(0, 140, 3, 16))
    await film.post(beat(140, 141, 4, 16))


async def back_dated(lab: Lab) -> None:
    """The client's clock is not asked; the header of simulations is refused."""
    film = await lab.open()
    lab.wait(20)
    body = orjson.dumps({"events": [
        {**beat(0, 600), "at": 0, "timestamp": "2020-01-01T00:00:00Z", "received_at": 1,
         "opened_at": 1}], "opened_at": 1, "received_at": 1})
    for when in (lab.clock.now - HOUR * 1000, lab.clock.now + HOUR * 1000):
        await lab.send(film.token, body, **{HEADER: str(when)})
    await lab.send(film.token, body, Date="Mon, 01 Jan 2029 00:00:00 GMT")


async def many_plays(lab: Lab) -> None:
    """Ten seconds of slack for each of a thousand plays? They are the same ten seconds."""
    for number in range(1000):
        response = await lab.try_to_open("film", MALLORY)
        if response.status_code == 201:
            body = orjson.dumps({"events": [beat(number % 60 * 10, number % 60 * 10 + 10)]})
            await lab.send(response.json()["token"], body)
        lab.wait(0.1)


async def slack_again_and_again(lab: Lab) -> None:
    """One play after the other over ten minutes, ten seconds ahead in each."""
    for number in range(60):
        film = await lab.open()
        await film.post(beat(number * 10, number * 10 + 10))
        lab.wait(1)


async def shared_token(lab: Lab) -> None:
    """Three devices with one token, a third of the film each, at the same time."""
    film = await lab.open()
    for step in range(0, 200, 20):
        lab.wait(20)
        for device in range(3):
            at = device * 200 + step
            await film.post(beat(at, at + 20, 1 + device * 100 + step // 20))


async def own_tokens_of_one_teacher(lab: Lab) -> None:
    """Two videos at the same time: only one of them fits in."""
    film, plain = await lab.open(), await lab.open("plain")
    for start in range(0, 600, 30):
        lab.wait(30)
        await plain.post(beat(start, start + 30, 1 + start))
        await film.post(beat(start, start + 30, 1 + start))


async def expired(lab: Lab) -> None:
    film = await lab.open()
    lab.wait(12 * HOUR)
    await film.post(*beats(0, 600))
    await lab.send(None, orjson.dumps({"token": film.token, "events": beats(0, 600)}))
    await lab.send(film.token + "x", orjson.dumps({"events": beats(0, 600)}))


async def anothers_recording(lab: Lab) -> None:
    """Alice really watched; her posts under a token of one's own are claims like any other."""
    alice = await lab.open(teacher=ALICE)
    await alice.watch(0, 600)
    film = await lab.open()
    lab.wait(30)
    await film.post(*beats(0, 600), teacher_id=ALICE, session_id="hers")


async def anothers_token(lab: Lab) -> None:
    """What is sent with Alice's token is Alice's, whatever the body says."""
    alice = await lab.open(teacher=ALICE)
    await alice.watch(0, 30)
    await alice.post(beat(30, 45, 9), teacher_id=MALLORY, sub=MALLORY)


async def changed_body(lab: Lab) -> None:
    """A short video is played, and told as if it were another resource, or another session."""
    plain = await lab.open("plain")
    lab.wait(600)
    await plain.post(*beats(0, 600), resource_id="film")
    await plain.post(*beats(0, 300), resource_id="plain", session_id="mine", sid="mine")


async def mixed_tokens(lab: Lab) -> None:
    """A token in the header and another in the body: the header's counts, the body's is kept by
    nobody.
    """
    film, plain = await lab.open(), await lab.open("plain", ALICE)
    lab.wait(30)
    await lab.send(plain.token, orjson.dumps({"token": film.token, "events": beats(0, 30)}))
    await lab.send("", orjson.dumps({"token": film.token, "events": beats(0, 30)}))
    await lab.send(None, orjson.dumps({"token": [film.token], "events": beats(0, 30)}))


async def numbers(lab: Lab) -> None:
    """The same number with other content, gaps, a huge one, and what is none."""
    film = await lab.open()
    lab.wait(60)
    await film.post(beat(0, 15, 7), beat(15, 30, 7), beat(30, 45, 7))
    await film.post(beat(15, 30, 2**31 - 1), beat(30, 45, 500))
    for seq in (-1, 0, 2**63, 10**30, 1.5, "8", None, True):
        await film.post(beat(45, 60, seq))


async def positions(lab: Lab) -> None:
    film = await lab.open()
    lab.wait(HOUR)
    for start, end in (("NaN", "600"), ("0", "Infinity"), ("-Infinity", "600"), ("-600", "600"),
                       ("0", "1e400"), ("600", "0"), ("300", "300"), ("0", "602.001"),
                       ("600", "1200"), ('"0"', '"600"'), ("[0]", "600"), ("0", "9" * 400)):
        await lab.send(film.token, f'{{"events":[{{"type":"heartbeat","seq":1,"from":{start},'
                                   f'"to":{end},"rate":1.0}}]}}'.encode())


async def offline_for_days(lab: Lab) -> None:
    """Opened in the morning, told in the evening: more than the grace of two hours is lost."""
    film = await lab.open()
    lab.wait(11 * HOUR)
    await film.post(*[beat(0, 600, n) for n in range(1, 15)])


async def answers_first(lab: Lab) -> None:
    """The quiz before anything is watched, then all but what follows it."""
    film = await lab.open()
    await film.post(answers(1000))
    await film.watch(0, 480)


async def tail_before_the_quiz(lab: Lab) -> None:
    film = await lab.open()
    await film.watch(480, 600)
    await film.watch(0, 480, 101)
    await film.post(answers(1000))


async def brute_force(lab: Lab) -> None:
    """Every combination, one after the other; three a day are looked at."""
    film = await lab.open()
    await film.watch(0, 480)
    for number in range(30):
        lab.wait(1)
        guess = {str(q): "ABCDE"[(number + q) % 5] for q in range(1, 6)} if number < 29 else None
        await film.post(answers(100 + number, guess, score=100, passed=True))
    await film.watch(480, 600, 200)


async def anothers_answers(lab: Lab) -> None:
    """Alice passed; her hand-in again with one's own token, for a video that has no such quiz."""
    alice = await lab.open(teacher=ALICE)
    await alice.watch(0, 480)
    await alice.post(answers(100))
    plain = await lab.open("plain")
    await plain.post(answers(100))
    other = await lab.open("other")
    await other.post(answers(100), answers(101, quiz_id="nothing"))


async def skewed_sleep(lab: Lab) -> None:
    """The computer sleeps an hour; the script says it was played on, from the clock's jump."""
    film = await lab.open()
    await film.watch(0, 60)
    lab.wait(60)
    for _ in range(3):
        await film.post(*beats(60, 600, random.Random(lab.clock.now).randint(1000, 9**9)))


async def crumbs(lab: Lab) -> None:
    """Numbers with holes between them, to blow up what is remembered."""
    film = await lab.open()
    lab.wait(HOUR)
    await film.post(*[beat(n, n + 1, 1 + 2 * n) for n in range(450)])


def attack(script: Callable[[Lab], Awaitable[None]], claims: str, allowed: float,
           answers: Mapping[str, int], said: str, **more: Any) -> Attack:
    return Attack(script.__name__, claims, script, allowed, answers, said, **more)


ATTACKS = (
    attack(jump_to_the_end, "all of it, by a jump and “complete”", 5,
           {"202": 1, "event_type": 1}, UNSEEN, verdicts={"accepted": 2}),
    attack(xapi_completed, "xAPI completed and passed", 5, {"200": 3}, NOTHING),
    attack(xapi_whole_list, "600 s in an xAPI list after 60 s", 60, {"200": 1}, FASTER,
           verdicts={"no_time_left": 2}),
    attack(fake_visibility, "600 s, always visible, after 30 s", 30, {"202": 20, "too_fast": 20},
           FASTER, verdicts={"accepted": 2, "no_time_left": 18}),
    attack(all_at_once, "600 s and the quiz in one post at once", 0, {"202": 1}, FASTER,
           verdicts={"accepted": 1, "no_time_left": 40}),
    attack(half_speed_claiming_double, "150 s told three times", 150, {"202": 3}, FASTER),
    attack(rate_lies, "1,200 s of time, or 600 s of film, in 60 s", 60, {"202": 4}, FASTER,
           verdicts={"accepted": 1, "no_time_left": 3}),
    attack(back_dated, "600 s, dated an hour before or ahead", 20,
           {"simulated_time_refused": 2, "202": 1}, FASTER, verdicts={"no_time_left": 1}),
    attack(many_plays, "1,000 × 10 s of slack within 100 s", 100, {}, SPENT),
    attack(slack_again_and_again, "60 × 10 s of slack within a minute", 60, {"202": 60}, SPENT),
    attack(shared_token, "3 × 200 s on three devices in 200 s", 200, {"202": 30}, FASTER),
    attack(own_tokens_of_one_teacher, "two videos of 600 s in 600 s", 600, {"202": 40}, SPENT,
           done=frozenset({"plain"})),
    attack(expired, "600 s with a token that is over", 0,
           {"token_expired": 2, "token_invalid": 1}, NOTHING),
    attack(anothers_recording, "600 s that Alice watched", 30, {"202": 41}, FASTER),
    attack(anothers_token, "Alice's time as Mallory's", 0, {"202": 3}, NOTHING),
    attack(changed_body, "600 s of another resource", 600, {"other_resource": 1, "202": 1},
           NOTHING, verdicts={"accepted": 20}),
    attack(mixed_tokens, "30 s with a token in header and body", 0,
           {"202": 1, "token_missing": 2}, NOTHING),
    attack(numbers, "numbers used again, left out, or none", 60, {}, MALFORMED,
           verdicts={"accepted": 3, "repeated": 2}),
    attack(positions, "positions that are none", HOUR, {}, BAD_STRETCH),
    attack(offline_for_days, "14 × 600 s, eleven hours later", 2 * HOUR, {"202": 1}, OFFLINE,
           verdicts={"accepted": 12, "no_time_left": 2}),
    attack(answers_first, "the quiz passed before it is watched", 480, {"202": 33}, "08:00–10:00",
           verdicts={"accepted": 33}),
    attack(tail_before_the_quiz, "the end watched before the quiz", 600, {"202": 41}, TAIL,
           verdicts={"accepted": 41}),
    attack(brute_force, "30 guesses within 30 s", 630, {}, LIMIT),
    attack(anothers_answers, "answers of another video's quiz", 0, {}, NOTHING),
    attack(skewed_sleep, "540 s after 60 s of sleep", 120, {"202": 7}, FASTER),
    attack(crumbs, "450 numbers with a hole after each", HOUR, {"202": 1},
           "上报的片段过于零碎，或者反复打开播放的次数过多（too_scattered）",
           verdicts={"accepted": 400, "too_scattered": 50}),
)
