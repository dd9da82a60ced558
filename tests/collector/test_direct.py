"""The short cut of posts that come at one go: no client can tell it from ASGI's own way."""

import re
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pipeline.collector.room import SMALL
from pipeline.settings import Settings
from tests import hostile
from tests.collector.playing import stored
from tests.collector.processes import Running, running

pytestmark = pytest.mark.kafka

PAUSE_S = 0.15
ORIGIN = "https://learn.example"


@pytest.fixture
def collector(settings: Settings) -> Iterator[Running]:
    with running(settings, XUESHI_CORS_ORIGINS=f'["{ORIGIN}"]') as started:
        started.until_ready()
        yield started


def request(token: str, body: bytes, *more: str, version: str = "1.1") -> bytes:
    head = [f"POST /v1/events HTTP/{version}", "Host: x", f"Authorization: Bearer {token}",
            f"Origin: {ORIGIN}", *more]
    if not any(line.startswith("Transfer-Encoding") for line in more):
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode() + body


def said(settings: Settings, parts: Sequence[bytes]) -> list[bytes]:
    """Every answer on one connection, until it is silent or closed; the date is blotted out. The
    last one is b"closed" if it was closed.
    """
    with socket.create_connection(("127.0.0.1", settings.collector_port)) as player:
        for part in parts:
            player.sendall(part)
            time.sleep(PAUSE_S)
        heard = read(player)
    answers = re.split(rb"(?=HTTP/1\.1 )", re.sub(rb"date: [^\r]+", b"date: -", heard))
    return [one for one in answers if one]


def read(player: socket.socket) -> bytes:
    heard = b""
    player.settimeout(1.0)
    try:
        while data := player.recv(65536):
            heard += data
    except TimeoutError:
        return heard
    return heard + b"HTTP/1.1 closed"


def in_two(whole: bytes) -> list[bytes]:
    """Head and body, so that the handler begins before the body is there: ASGI's way."""
    head, blank, body = whole.partition(b"\r\n\r\n")
    return [head + blank, body]


CLOSED = b"HTTP/1.1 closed"
CASES = {
    "kept alive": ((), "1.1", [b"202"]),
    "told to close": (("Connection: close",), "1.1", [b"202", CLOSED]),
    "an old client": ((), "1.0", [b"202", CLOSED]),
    "one that asks first": (("Expect: 100-continue",), "1.1", [b"202"]),
}


def test_whole_and_piecemeal_are_answered_alike(settings: Settings, collector: Running) -> None:
    token = collector.open()
    for name, (more, version, expected) in CASES.items():
        whole = request(token, hostile.post(hostile.beat()), *more, version=version)
        straight, slow = said(settings, [whole]), said(settings, in_two(whole))
        slow = [one for one in slow if not one.startswith(b"HTTP/1.1 100 ")]
        assert straight == slow, name
        assert [one if one == CLOSED else one[9:12] for one in straight] == expected, name
        assert b"content-length: 14\r\n" in straight[0], name
        assert b"access-control-allow-origin: " + ORIGIN.encode() in straight[0], name
        assert (b"connection: close" in straight[0]) == (CLOSED in expected), name


@pytest.mark.parametrize("body", [
    pytest.param(b"no json", id="no JSON"),
    pytest.param(b"", id="nothing"),
    pytest.param(hostile.post(hostile.beat(to=-1.0)), id="bad event"),
    pytest.param(hostile.post(hostile.beat()) + b" " * SMALL, id="large"),
    pytest.param(b" " * 300_000, id="too large"),
])
def test_refusals_are_the_same_by_both_ways(
    settings: Settings, collector: Running, body: bytes
) -> None:
    whole = request(collector.open(), body)
    assert said(settings, [whole]) == said(settings, in_two(whole))


def test_posts_in_one_piece_are_answered_in_their_order(
    settings: Settings, collector: Running
) -> None:
    """Pipelined, and chunked ones among them."""
    token = collector.open()
    good, two = hostile.post(hostile.beat(seq=1)), hostile.post(hostile.beat(seq=2),
                                                                 hostile.beat(seq=3))
    chunked = request(token, b"%x\r\n%b\r\n0\r\n\r\n" % (len(two), two),
                      "Transfer-Encoding: chunked")
    answers = said(settings, [request(token, good) + chunked + request(token, b"bad")])
    assert [one[9:12] for one in answers] == [b"202", b"202", b"422"]
    assert [one.partition(b"\r\n\r\n")[2] for one in answers[:2]] == [
        b'{"accepted":1}', b'{"accepted":2}']
    assert len(stored(settings)) == 3


def test_whoever_leaves_before_the_answer_does_no_harm(
    settings: Settings, collector: Running
) -> None:
    token = collector.open()
    for seq in range(1, 9):
        with socket.create_connection(("127.0.0.1", settings.collector_port)) as player:
            player.sendall(request(token, hostile.post(hostile.beat(seq=seq))))
    time.sleep(0.5)
    assert collector.post(token, hostile.post(hostile.beat(seq=9))).status_code == 202
    assert len(stored(settings)) == 9
    assert "Traceback" not in (Path(settings.var_dir) / "collector.log").read_text()
