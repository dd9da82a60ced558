"""What everything that serves HTTP shares: a port of its own, and a server that ends well."""

import asyncio
import errno
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import uvicorn

from pipeline.metrics.loop import Looped

BACKLOG = 2048  # connections that wait to be taken


class Server(uvicorn.Server):
    """Uvicorn that ends with exit code 0 when it is told to stop. `loop`: where it runs."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.loop = Looped()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Uvicorn would raise the signal again at the end, as if it had been killed; and one that
        comes when the loop is over would kill.
        """
        loop = asyncio.get_running_loop()
        self.loop.begun()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)


def listen(host: str, port: int, setting_name: str) -> socket.socket:
    """A socket that listens, which alone makes the port ours. An IPv6 address takes IPv6 only.

    `setting_name`: the variable that says the port.

    Raises:
        ClickException: the port is taken, or cannot be had.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address, family=family, backlog=BACKLOG)
    except OSError as error:
        raise click.ClickException(_unlistenable(host, port, setting_name, error)) from error


def listen_together(host: str, port: int, count: int, setting_name: str) -> list[socket.socket]:
    """As `listen`, `count` sockets among which the kernel deals out connections (Linux).

    Raises:
        ClickException: the port is taken, by whatever means, or cannot be had.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return _together(family, address, count)
    except OSError as error:
        raise click.ClickException(_unlistenable(host, port, setting_name, error)) from error


def _together(family: int, address: Any, count: int) -> list[socket.socket]:
    """The first is bound without SO_REUSEPORT, which fails if anybody else has the port: with it,
    a second collector would silently get half of the connections.
    """
    sockets = [socket.socket(family) for _ in range(count)]
    try:
        for place, one in enumerate(sockets):
            _bind(one, address, reuse=place > 0)
        for one in sockets:
            one.listen(BACKLOG)
    except OSError:
        for one in sockets:
            one.close()
        raise
    return sockets


def _bind(one: socket.socket, address: Any, reuse: bool) -> None:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if one.family == socket.AF_INET6:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(reuse))
    one.bind(address)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


def _unlistenable(host: str, port: int, setting_name: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (f"port {port} on {host} is taken: stop what uses it, or choose another with "
                f"--port or {setting_name}")
    why = str(error.strerror).partition(" (while")[0]  # create_server adds the address once more
    return f"cannot listen on {host} port {port}: {why}: choose another with --host and --port"


def shown(listening: socket.socket) -> str:
    """Host and port as they stand in a URL."""
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
