"""The load: what players send, as bytes ready to be written.

Every session has its own teacher and its own signed token, and sends a post in its turn, so that
the collector finds as many tokens and as many teachers as there would be at that rate. Heads are
as long as Chromium's, which a proxy hands on; of the posts most have one heartbeat, some two or
three (a retry, a rate change), and a few are quizzes.
"""

from collections.abc import Iterator
from itertools import count
from random import Random
from typing import NamedTuple

import orjson

from pipeline.collector.tokens import Play, Tokens
from pipeline.rules.programme import Catalogue, Resource

ORIGIN = "https://learn.example.cn"
BEAT_S = 15
BODIES = 997           # prime, so that a session's bodies differ from turn to turn
SHARES = {"one": 68, "two": 20, "three": 9, "quiz": 3}   # per cent of the posts
BROWSERS_HEAD = (
    "POST /v1/events HTTP/1.1\r\n"
    "Host: collect.example.cn\r\n"
    "Connection: keep-alive\r\n"
    "sec-ch-ua-platform: \"Windows\"\r\n"
    "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36\r\n"
    "sec-ch-ua: \"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\"\r\n"
    "Content-Type: application/json\r\n"
    "sec-ch-ua-mobile: ?0\r\n"
    "Accept: */*\r\n"
    f"Origin: {ORIGIN}\r\n"
    "Sec-Fetch-Site: same-site\r\n"
    "Sec-Fetch-Mode: cors\r\n"
    "Sec-Fetch-Dest: empty\r\n"
    f"Referer: {ORIGIN}/\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: zh-CN,zh;q=0.9\r\n"
)


class Ending(NamedTuple):
    """The end of a request: length and body; how many events are in it."""

    data: bytes
    events: int


class Load(NamedTuple):
    """`heads`: one a session; `endings`: by resource, the same number of each. A request is a head
    and an ending of the head's resource.
    """

    heads: list[bytes]
    resources: list[str]
    endings: dict[str, list[Ending]]

    def requests(self) -> Iterator[tuple[bytes, int]]:
        """For ever, session after session: the bytes, and how many events they have."""
        for number in count():
            session = number % len(self.heads)
            ending = self.endings[self.resources[session]][number % BODIES]
            yield self.heads[session] + ending.data, ending.events


def make(catalogue: Catalogue, tokens: Tokens, sessions: int, now: int, seed: int) -> Load:
    """`now`: epoch milliseconds at which all plays were opened. The same seed, the same load."""
    random = Random(seed)
    videos = [one for one in catalogue.resources.values() if one.kind == "video" and one.quizzes]
    played = [random.choice(videos) for _ in range(sessions)]
    heads = [_head(tokens.sign(_play(number, one, now, random)))
             for number, one in enumerate(played)]
    endings = {one.id: [_ending(one, random) for _ in range(BODIES)] for one in videos}
    return Load(heads, [one.id for one in played], endings)


def _play(number: int, resource: Resource, now: int, random: Random) -> Play:
    session = f"{random.getrandbits(128):032x}"
    return Play(f"teacher-{number:08d}", resource.id, session, now, now + 12 * 3_600_000)


def _head(token: str) -> bytes:
    return f"{BROWSERS_HEAD}Authorization: Bearer {token}\r\n".encode()


def _ending(resource: Resource, random: Random) -> Ending:
    kind = random.choices(list(SHARES), list(SHARES.values()))[0]
    seq = random.randrange(1, 400)
    events = [_quiz(resource, seq)] if kind == "quiz" else [
        _beat(resource, seq + number, random)
        for number in range({"one": 1, "two": 2, "three": 3}[kind])]
    body = orjson.dumps({"events": events})
    return Ending(b"Content-Length: %d\r\n\r\n%b" % (len(body), body), len(events))


def _beat(resource: Resource, seq: int, random: Random) -> dict[str, object]:
    start = round(random.uniform(0, resource.duration_ms / 1000 - BEAT_S - 1), 3)
    return {"type": "heartbeat", "seq": seq, "from": start,
            "to": round(start + BEAT_S + random.uniform(-0.1, 0.1), 3), "rate": 1}


def _quiz(resource: Resource, seq: int) -> dict[str, object]:
    quiz = resource.quizzes[0]
    answers = {question: list(key) if isinstance(key, tuple) else key
               for question, key in quiz.key.items()}
    return {"type": "quiz", "seq": seq, "quiz_id": quiz.id, "answers": answers}
