"""Cheats. Each ends at zero by construction: too little time goes by, or nothing gets in (16, 18).

In all of them the teacher's clock moves by at most a tenth of the video's length, so that
even if every second of it, and the slack, were accepted, most of the video stays unwatched.
"""

from collections.abc import Iterator
from itertools import pairwise

from simulator.actions import Action, Post, Trick
from simulator.behaviours.behaviour import Behaviour, any_video
from simulator.behaviours.devices import side_by_side
from simulator.behaviours.quizzes import has_quiz
from simulator.catalogue import Resource
from simulator.human import MINUTE, SECOND, Human, Play, claim_view, quizzes_in

SLICES = 16
"""Posts of the speed script: fewer than a session may send at once."""


def worth_cheating(video: Resource) -> bool:
    """Long enough that slack and delays are nothing beside it."""
    return any_video(video) and video.duration_ms >= 5 * MINUTE


def speed_script(human: Human, video: Resource) -> Iterator[Action]:
    """Posts at sixteen times real time, and says it was normal speed."""
    play = Play(human, video)
    yield from play.open()
    edges = [video.duration_ms * cut // SLICES for cut in range(SLICES + 1)]
    for start, end in pairwise(edges):
        human.now += (end - start) // 16
        claim_view(play, start, end)
        yield from play.post()


def whole_film(human: Human, video: Resource) -> Iterator[Action]:
    """The whole film in one post, seconds after it was opened, at the fastest honest rate."""
    play = Play(human, video)
    yield from play.open()
    claim_view(play, 0, video.duration_ms, rate=200)
    yield from play.post()


def ten_tabs(human: Human, video: Resource) -> Iterator[Action]:
    """Ten tabs in parallel, a tenth of the video in each, in a tenth of its length."""
    edges = [video.duration_ms * tab // 10 for tab in range(11)]
    yield from side_by_side(human, video, pairwise(edges))


def replaying(human: Human, video: Resource) -> Iterator[Action]:
    """A colleague's recording under a new session, and then the very same posts once more."""
    for _ in range(2):
        play = Play(human, video)
        yield from play.open()
        claim_view(play, 0, video.duration_ms)
        posts = list(play.post())
        for post in posts * 3:
            human.wait(SECOND, 2 * SECOND)
            yield post._replace(at=human.now)


def forged_token(human: Human, video: Resource) -> Iterator[Action]:
    """A token that the server never signed, with a view that would earn everything."""
    play = Play(human, video)
    yield from play.open()
    for quiz in quizzes_in(video, 0, video.duration_ms):
        play.claim_answers(quiz)
    play.claim(0, video.duration_ms)
    human.now += video.duration_ms
    yield from play.post(Trick.FORGED_TOKEN)


def claimed_score(human: Human, video: Resource) -> Iterator[Action]:
    """Watches all of it, answers wrongly, and claims full marks (rule 10)."""
    play = Play(human, video)
    yield from play.open()
    at = 0
    for quiz in quizzes_in(video, 0, video.duration_ms):
        yield from play.watch(at, quiz.at_ms, 100)
        yield from play.post()
        play.claim_answers(quiz, right=False, claims_pass=True)
        yield from play.post(Trick.CLAIMED_SCORE)
        at = quiz.at_ms
    yield from play.watch(at, video.duration_ms, 100)
    yield from play.post()


def anothers_resource(human: Human, video: Resource) -> Iterator[Action]:
    """Opens one resource, and posts a whole view as if it were of another (rule 18)."""
    play = Play(human, video)
    yield from play.open()
    claim_view(play, 0, video.duration_ms)
    human.now += video.duration_ms
    yield from play.post(Trick.OTHER_RESOURCE, claimed_resource=f"{video.id}-2")


GARBAGE = (
    b"\x00\xff\xfe not json at all",
    b'{"events":[{"type":"heartbeat","seq":1,"from":NaN,"to":Infinity,"rate":1.0}]}',
    b'{"events":[{"type":"heartbeat","seq":1,"from":-30.0,"to":-15.0,"rate":1.0}]}',
    b'{"events":[{"type":"heartbeat","seq":1,"from":900.0,"to":0.0,"rate":1.0}]}',
    b'{"events":[{"type":"heartbeat","seq":"1","from":"0","to":"1e9","rate":1.0}]}',
    b'{"events":[{"type":"heartbeat","seq":1,"from":0.0,"to":15.0,"rate":-1.0}]}',
    b'{"events":[{"type":"credit","seq":1,"hours":10}]}',
    b'{"events":"all of them"}',
    b"[]",
)


def garbage(human: Human, video: Resource) -> Iterator[Action]:
    """Whatever comes to mind, in the hope that something breaks."""
    play = Play(human, video)
    yield from play.open()
    for body in GARBAGE:
        human.wait(SECOND, 3 * SECOND)
        yield Post(human.now, play.label, (), Trick.GARBAGE, body=body)


def beyond_the_end(human: Human, video: Resource) -> Iterator[Action]:
    """Really takes the time, and claims stretches that lie behind the video's end."""
    play = Play(human, video, offline=True)
    yield from play.open()
    yield from play.watch(video.duration_ms + MINUTE, 2 * video.duration_ms + MINUTE, 100)
    yield from play.post(Trick.BEYOND_THE_END)


CHEATS = (
    Behaviour("speed_script", speed_script, earns=False, fits=worth_cheating),
    Behaviour("whole_film", whole_film, earns=False, fits=worth_cheating),
    Behaviour("ten_tabs", ten_tabs, earns=False, fits=worth_cheating,
              one_session=False),
    Behaviour("replaying", replaying, earns=False, fits=worth_cheating,
              one_session=False),
    Behaviour("forged_token", forged_token, earns=False, fits=worth_cheating),
    Behaviour("claimed_score", claimed_score, earns=False, fits=has_quiz),
    Behaviour("anothers_resource", anothers_resource, earns=False,
              fits=worth_cheating),
    Behaviour("garbage", garbage, earns=False),
    Behaviour("beyond_the_end", beyond_the_end, earns=False, fits=worth_cheating),
)
