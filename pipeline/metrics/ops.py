"""`/metrics`, `/healthz` and `/readyz` of a process, on a port of their own.

They are apart from what a process serves to others, which may face the whole country, and are
answered by a thread, which still answers when the process itself hangs, and says that it does.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import click

from pipeline.logs.setup import Lines
from pipeline.metrics.board import CONTENT_TYPE, Board
from pipeline.metrics.machine import log_lines, machine
from pipeline.metrics.metric import Process
from pipeline.settings import Settings

log = logging.getLogger("xueshi.metrics")

ABOVE = 1000            # the process's own port
OWN_PORTS = {Process.LOADER: 8740, Process.PUBLISHER: 8750, Process.LAG: 8760}   # have none
PATIENCE_S = 10         # with a client that is slow
Shortcomings = Callable[[], list[str]]


@dataclass(frozen=True, slots=True)
class Health:
    """Why a process does not live, and why it cannot do its work now; [] if it does and can."""

    dead: Shortcomings
    unready: Shortcomings


@contextmanager
def ops(
    settings: Settings, board: Board, health: Health, lines: Lines, own_port: int | None = None
) -> Iterator[None]:
    """Serve them as long as the block runs. `own_port`: where the process itself listens;
    `lines`: its log.

    Raises:
        ClickException: XUESHI_OPS_PORT cannot be had. A port that nobody has asked for and is
            taken only costs the metrics, and is said in the log.
    """
    board.add(machine(board.process, settings.var_dir))
    board.add(log_lines(lines.counts))
    server = _listening(settings, board, health, own_port)
    try:
        if server is not None:
            threading.Thread(target=server.serve_forever, name="ops", daemon=True).start()
        yield
    finally:
        if server is not None:
            server.shutdown()
            server.server_close()


def port_of(settings: Settings, process: Process, own_port: int | None) -> int:
    """Where they are served."""
    return settings.ops_port or (own_port or OWN_PORTS[process]) + ABOVE


def _listening(
    settings: Settings, board: Board, health: Health, own_port: int | None
) -> ThreadingHTTPServer | None:
    port = port_of(settings, board.process, own_port)
    try:
        return Server((settings.ops_host, port), handler(board, health))
    except (OSError, OverflowError) as error:
        why = f"no metrics at {settings.ops_host}:{port}: {getattr(error, 'strerror', error)}"
        if settings.ops_port is not None:
            raise click.ClickException(f"{why}: choose another XUESHI_OPS_PORT") from error
        log.warning("%s; set XUESHI_OPS_PORT", why)
        return None


class Server(ThreadingHTTPServer):
    """One thread a request; none keeps the process from ending."""

    daemon_threads = True
    # Two of them on one port would answer by turns.
    allow_reuse_port = False


def handler(board: Board, health: Health) -> type[BaseHTTPRequestHandler]:
    """What answers."""

    def live() -> tuple[int, bytes, str]:
        dead = health.dead()
        status = {"status": "dead" if dead else "ok", "shortcomings": dead}
        return _json(503 if dead else 200, status)

    def ready() -> tuple[int, bytes, str]:
        missing = [*health.dead(), *health.unready()]
        return _json(503 if missing else 200, {"ready": not missing, "shortcomings": missing})

    pages = {"/metrics": lambda: (200, board.text(), CONTENT_TYPE), "/healthz": live,
             "/readyz": ready}

    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE_S
        server_version = "xueshi"
        sys_version = ""

        def do_GET(self) -> None:
            page = pages.get(self.path.partition("?")[0])
            status, body, kind = page() if page else _json(404, {"error": "there is nothing here"})
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815  # http.server's names

        def log_message(self, *_: object) -> None:
            """Whoever scrapes need not be in the log."""

    return Handler


def _json(status: int, body: Mapping[str, object]) -> tuple[int, bytes, str]:
    return status, json.dumps(body, ensure_ascii=False).encode(), "application/json"
