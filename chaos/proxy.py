"""A TCP proxy in front of a broker: late, slow, silent or cut, at the wish of a test.

Clients of Kafka go where the broker tells them, so it must tell them the proxy's port:
`advertising` makes brokers that are started in its block do so.
"""

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from pipeline.broker import server

CHUNK = 64 * 1024
WAITING_CHUNKS = 64
LOOK_S = 0.01


@dataclass(slots=True)
class Proxy:
    """What is set holds from then on, for bytes that are under way already, too.

    port         where it listens, on 127.0.0.1
    upstream     the port behind it; 0 as long as there is none
    delay_s      how much later every byte arrives, each way
    bytes_per_s  how many get through a connection, each way
    stalled      connections are taken and no byte gets through
    came         bytes that came in, from either side; `passed`: those that were handed on
    """

    port: int
    upstream: int = 0
    delay_s: float = 0.0
    bytes_per_s: float = float("inf")
    stalled: bool = False
    came: int = 0
    passed: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def cut(self) -> int:
        """Break all connections, and tell how many those were; new ones are taken."""
        return asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(10)

    async def _cut(self) -> int:
        for writer in self._open:
            writer.transport.abort()
        return len(self._open) // 2

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it."""
        try:
            source, sink = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, sink}
        try:
            await asyncio.gather(self._pump(reader, sink), self._pump(source, writer))
        finally:
            self._open -= {writer, sink}

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(WAITING_CHUNKS)
        delivering = asyncio.create_task(self._deliver(under_way, sink))
        data = b"-"
        while data:
            data = await _read(source)
            self.came += len(data)
            await under_way.put((time.monotonic(), data))
        await delivering

    async def _deliver(
        self, under_way: "asyncio.Queue[tuple[float, bytes]]", sink: asyncio.StreamWriter
    ) -> None:
        """Hand on what came, each at its time; b"" is the end."""
        while True:
            came, data = await under_way.get()
            while self.stalled or came + self.delay_s > time.monotonic():
                await asyncio.sleep(LOOK_S)
            await asyncio.sleep(len(data) / self.bytes_per_s)
            if not data:
                sink.close()
                return
            self.passed += len(data)
            with suppress(OSError):
                sink.write(data)
                await sink.drain()


async def _read(source: asyncio.StreamReader) -> bytes:
    try:
        return await source.read(CHUNK)
    except OSError:
        return b""


@contextmanager
def proxying(port: int) -> Iterator[Proxy]:
    """A proxy that listens at `port`, in a thread of its own, as long as the block runs."""
    proxy = Proxy(port)
    loop = proxy._loop
    listening = loop.run_until_complete(asyncio.start_server(proxy.serve, "127.0.0.1", port))
    thread = threading.Thread(target=loop.run_forever, name=f"proxy-{port}", daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        listening.close()
        asyncio.run_coroutine_threadsafe(_end_all(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextmanager
def advertising(proxy: Proxy) -> Iterator[None]:
    """Local brokers started in the block tell their clients the proxy's port, and the proxy
    leads to them.
    """
    properties = server.properties

    def advertised(ports: server.Ports) -> str:
        proxy.upstream = ports.broker
        return re.sub(r"(?m)^advertised\.listeners=.*$",
                      f"advertised.listeners=BROKER://127.0.0.1:{proxy.port}", properties(ports))

    server.properties = advertised
    try:
        yield
    finally:
        server.properties = properties
