"""A small real HTTP server that answers as a worker does, or as one that is in trouble."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import unquote

from tests.learner import people

KEY = "platform-key-of-the-tests"


@dataclass
class Mood:
    """What it does instead of answering, and what it was asked."""

    status: int = 200
    body: bytes = b"{}"
    sleep_s: float = 0.0
    url: str = ""
    asked: list[str] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    mood: ClassVar[Mood]

    def do_GET(self) -> None:
        self.mood.asked.append(self.path)
        time.sleep(self.mood.sleep_s)
        status, body = self._answer()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self) -> tuple[int, bytes]:
        if self.headers["Authorization"] != f"Bearer {KEY}":
            return 401, b"{}"
        if self.mood.status != 200 or self.mood.body != b"{}":
            return self.mood.status, self.mood.body
        return _said(*map(unquote, self.path.split("/")[3:]))

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def _said(teacher: str, what: str, *more: str) -> tuple[int, bytes]:
    if teacher not in people.PEOPLE:
        return 404, b'{"error":"nothing is known"}'
    said = people.progress(teacher) if what == "progress" else people.detail(teacher, *more)
    return 200, json.dumps(said).encode()


@contextmanager
def worker() -> Iterator[tuple[str, Mood]]:
    """Its address, and its mood to change."""
    mood = Mood()
    handler = type("Handler", (_Handler,), {"mood": mood})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", mood
        server.shutdown()
        thread.join()
