"""Attackers of every kind at once, and honest players beside them, on one collector's port."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp
import psutil

from tests import hostile
from tests.collector.processes import RESOURCE
from tests.collector.serving import KEY

LORISES = 200
GARBAGE = hostile.post(*[{"type": "credit", "filling": "a" * 400}] * 450)
PLATFORM = {"Authorization": f"Bearer {KEY}"}
LOOP_S = 0.01   # between an attacker's requests: the test's own cores are the collector's


@dataclass(slots=True)
class Flood:
    """What came back: `statuses` by attack; of the honest players `sent` and the `latencies` in
    seconds; `rss` is the largest resident memory of the collector, bytes.
    """

    port: int
    seconds: float
    http: aiohttp.ClientSession
    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    unanswered: int = 0
    without_retry_after: int = 0
    sent: int = 0
    broken: int = 0
    latencies: list[float] = field(default_factory=list)
    refused_honest: list[str] = field(default_factory=list)
    rss: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open(self, teacher: str) -> tuple[int, str]:
        """The status, and the token of the play."""
        async with self.http.post(f"{self.url}/v1/plays", headers=PLATFORM, json={
                "teacher_id": teacher, "resource_id": RESOURCE, "progress": False}) as response:
            return response.status, (await response.json()).get("token", "")

    async def attack(
        self, name: str, token: str | None, body: bytes, **headers: str
    ) -> None:
        """One post of an attack, whose answer is counted."""
        sent = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with self.http.post(f"{self.url}/v1/events", data=body,
                                  headers={**sent, **headers}) as response:
            errors = (await response.json()).get("errors")
            self.note(name, errors[0]["type"] if errors else str(response.status))
            if response.status == 429 and "Retry-After" not in response.headers:
                self.without_retry_after += 1

    def has_met_all(self) -> bool:
        return all(answers <= set(self.statuses.get(name, ()))
                   for name, answers in EXPECTED.items())

    def note(self, name: str, answer: str) -> None:
        self.statuses.setdefault(name, Counter())[answer] += 1


EXPECTED = {
    "runaway": {"202", "too_fast"}, "opening": {"201", "429"}, "many plays": {"202"},
    "garbage": {"event_type", "too_much_refused"}, "full posts": {"202", "too_much"},
    "forged": {"token_invalid"}, "no token": {"token_missing"},
    "oversized": {"body_too_large"}, "compressed": {"compressed"},
    "long head": {"431"}, "trailers": {"431"}, "pipelined": {"closed"}, "stalled": {"503"},
}
"""What each attack must at least get; more on the way, where others have used the limit up."""
PATIENCE_S = 60   # for a machine so busy that not every limit is met in time


Attacker = Callable[[Flood], Awaitable[None]]


async def runaway(flood: Flood) -> None:
    """A player that posts without end, and waits for no answer."""
    _, token = await flood.open("runaway")
    for seq in count(1, 25):
        await asyncio.gather(*(
            flood.attack("runaway", token, hostile.post(hostile.beat(seq=seq + n)))
            for n in range(25)))
        await asyncio.sleep(25 * LOOP_S)


async def many_plays(flood: Flood) -> None:
    """A script that clicks on “play”, and posts in all of them."""
    tokens = [""]
    for number in count(1):
        for status, token in await asyncio.gather(*(flood.open("many-plays") for _ in range(5))):
            flood.note("opening", str(status))
            tokens += [token] if token else []
        await flood.attack("many plays", tokens[number % len(tokens)] or "none",
                           hostile.post(hostile.beat(seq=number)))
        await asyncio.sleep(LOOP_S)


async def garbage(flood: Flood) -> None:
    """Fills the disk with what must be kept."""
    for number in count(1):
        _, token = await flood.open(f"garbage-{number % 3}")
        for _ in range(20):
            await flood.attack("garbage", token or "none", GARBAGE)
            await asyncio.sleep(5 * LOOP_S)


async def full_posts(flood: Flood) -> None:
    """As many events as a post may have, in many sessions."""
    for number in count(1):
        _, token = await flood.open("full")
        beats = [hostile.beat(seq=1 + n) for n in range(500)]
        await flood.attack("full posts", token or "none", hostile.post(*beats))
        await asyncio.sleep(5 * LOOP_S + number / 1000)


async def forged(flood: Flood) -> None:
    for number in count(1):
        await flood.attack("forged", f"{number}.a.b", b"{}")
        await flood.attack("no token", None, b" " * 30_000 + b"{}")
        await asyncio.sleep(LOOP_S)


async def oversized(flood: Flood) -> None:
    """And compressed."""
    _, token = await flood.open("oversized")
    while True:
        with suppress(aiohttp.ClientError):  # closed while it was still sending
            await flood.attack("oversized", token, b" " * 1_000_000)
        await flood.attack("compressed", token, b"\x1f\x8b", **{"Content-Encoding": "gzip"})
        await asyncio.sleep(0.5)


async def loris(flood: Flood) -> None:
    """Holds a connection, and sends a head byte by byte."""
    while True:
        async with connection(flood, "loris") as (writer, answer):
            writer.write(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            while not answer.done():
                writer.write(b"a")
                await asyncio.wait([answer], timeout=1)
        await asyncio.sleep(1)


async def long_head(flood: Flood) -> None:
    await _raw(flood, "long head", b"GET / HTTP/1.1\r\n", b"X-A: " + b"a" * 8000 + b"\r\n")


async def trailers(flood: Flood) -> None:
    _, token = await flood.open("trailers")
    head = (b"POST /v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nAuthorization: "
            b"Bearer %b\r\n\r\n2\r\n{}\r\n0\r\n" % token.encode())
    await _raw(flood, "trailers", head, b"X-A: " + b"a" * 8000 + b"\r\n")


async def pipelined(flood: Flood) -> None:
    """Hundreds of requests without waiting for an answer."""
    _, token = await flood.open("pipelined")
    one = (b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nAuthorization: Bearer "
           b"%b\r\n\r\n{}" % token.encode())
    await _raw(flood, "pipelined", b"", one * 300)


async def stalled(flood: Flood) -> None:
    """Bodies of 200 kB whose last byte never comes."""
    _, token = await flood.open("stalled")
    head = (b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 250000\r\nAuthorization: "
            b"Bearer %b\r\n\r\n" % token.encode())
    await _raw(flood, "stalled", head + b" " * 200_000, b"")


async def _raw(flood: Flood, name: str, first: bytes, again: bytes) -> None:
    """Send `first` and then `again` and again, until there is an answer or the end."""
    while True:
        async with connection(flood, name) as (writer, answer):
            writer.write(first)
            while not answer.done():
                writer.write(again)
                async with asyncio.timeout(5):
                    await writer.drain()
                await asyncio.wait([answer], timeout=0.05)
        await asyncio.sleep(0.2)


@asynccontextmanager
async def connection(
    flood: Flood, name: str
) -> AsyncIterator[tuple[asyncio.StreamWriter, "asyncio.Task[bytes]"]]:
    """A bare connection, and what comes back on it, which is noted in the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", flood.port)
    answer = asyncio.create_task(reader.read(4096))
    try:
        yield writer, answer
    except OSError:  # it was closed while it was still sending
        await asyncio.wait([answer], timeout=1)
    finally:
        flood.note(name, _status(answer))
        writer.transport.abort()
        await asyncio.gather(answer, return_exceptions=True)


def _status(answer: "asyncio.Task[bytes]") -> str:
    """The status, or that the connection was closed without one."""
    if not answer.done():
        answer.cancel()
        return "open"
    said = b"" if answer.exception() else answer.result()
    return said.split(b" ")[1].decode() if said.startswith(b"HTTP/1.1 ") else "closed"


async def honest(flood: Flood, number: int) -> None:
    """A heartbeat twice a second, sent again only where the connection broke (SDKs do)."""
    loop = asyncio.get_running_loop()
    _, token = await flood.open(f"honest-{number}")
    end = loop.time() + flood.seconds
    for seq in count(1):
        if loop.time() > end and (flood.has_met_all() or loop.time() > end + PATIENCE_S):
            return
        flood.sent += 1
        await _post_until_answered(flood, token, hostile.post(hostile.beat(seq=seq)))
        await asyncio.sleep(0.5)


async def _post_until_answered(flood: Flood, token: str, body: bytes) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        try:
            async with flood.http.post(f"{flood.url}/v1/events", data=body,
                                       headers={"Authorization": f"Bearer {token}"}) as response:
                if response.status != 202:
                    flood.refused_honest.append(f"{response.status} {await response.text()}")
                flood.latencies.append(loop.time() - began)
                return
        except aiohttp.ClientConnectionError:
            flood.broken += 1


async def watch_memory(flood: Flood, pid: int) -> None:
    process = psutil.Process(pid)
    while True:
        flood.rss = max(flood.rss, process.memory_info().rss)
        await asyncio.sleep(0.2)


ATTACKERS: tuple[tuple[Attacker, int], ...] = (
    (runaway, 2), (many_plays, 1), (garbage, 2), (full_posts, 1), (forged, 2), (oversized, 1),
    (loris, LORISES), (long_head, 2), (trailers, 2), (pipelined, 2), (stalled, 40),
)


async def flooded(port: int, pid: int, seconds: float, players: int) -> Flood:
    """Everything at once, until the honest players have played for so long."""
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        flood = Flood(port, seconds, http)
        others = [asyncio.create_task(_again(attacker, flood))
                  for attacker, number in ATTACKERS for _ in range(number)]
        others.append(asyncio.create_task(watch_memory(flood, pid)))
        await asyncio.gather(*(honest(flood, number) for number in range(players)))
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
    return flood


async def _again(attacker: Attacker, flood: Flood) -> None:
    """An attacker whose connection is closed comes again."""
    while True:
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            await attacker(flood)
        await asyncio.sleep(0.1)


def described(flood: Flood) -> dict[str, Any]:
    """The figures, for whoever runs the soak."""
    took = sorted(flood.latencies)
    return {
        "sent": flood.sent, "broken": flood.broken, "refused": len(flood.refused_honest),
        "p50_ms": round(1000 * took[len(took) // 2]), "max_ms": round(1000 * took[-1]),
        "p99_ms": round(1000 * took[len(took) * 99 // 100]), "rss_mib": flood.rss // 2**20,
        **{name: dict(answers) for name, answers in flood.statuses.items()}}


