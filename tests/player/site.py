"""The platform's website: the page with the player, its film, and the plays it opens."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import orjson

from pipeline.settings import ROOT
from tests.collector.processes import RESOURCE
from tests.collector.serving import KEY

PAGE = Path(__file__).with_name("page.html")
BUNDLE = ROOT / "player" / "dist" / "xueshi-player.min.js"
TEACHER = "teacher-1"
FILM_S = 30
STALL_S = 4.0


def make_film(path: Path, seconds: int = FILM_S) -> None:
    """A moving picture with a tone, in WebM."""
    subprocess.run([
        "ffmpeg", "-loglevel", "error", "-y",
        "-f", "lavfi", "-i", f"testsrc=size=160x90:rate=25:duration={seconds}",
        "-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}",
        "-c:v", "libvpx", "-b:v", "400k", "-minrate", "400k", "-maxrate", "400k",
        "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", str(path),
    ], check=True)


def open_play(
    collector: str, resource: str = RESOURCE, teacher: str = TEACHER
) -> dict[str, Any]:
    """What the platform does when a teacher opens a video."""
    response = httpx.post(f"{collector}/v1/plays", headers={"Authorization": f"Bearer {KEY}"},
                          json={"teacher_id": teacher, "resource_id": resource})
    assert response.status_code == 201, response.text
    play: dict[str, Any] = response.json()
    return play


@dataclass(slots=True)
class Site:
    """`pages`: what is served by path, as (type, body); `plays`: how many were opened; `policy`:
    the pages' Content-Security-Policy; `open`: opens a play, else one of RESOURCE.
    """

    collector: str
    film: Path
    pages: dict[str, tuple[str, Callable[[], bytes]]] = field(default_factory=dict)
    plays: int = 0
    address: str = ""
    policy: str = ""
    open: Callable[[], dict[str, Any]] | None = None

    def __post_init__(self) -> None:
        self.pages |= {
            "/": ("text/html", PAGE.read_bytes),
            "/empty": ("text/html", lambda: b"<!doctype html><title>empty</title>"),
            "/xueshi-player.min.js": ("text/javascript", BUNDLE.read_bytes),
            "/film.webm": ("video/webm", self.film.read_bytes),
            "/slow.webm": ("video/webm", self.film.read_bytes),
            "/play": ("application/json", self._play),
        }

    def _play(self) -> bytes:
        self.plays += 1
        return orjson.dumps(self.open() if self.open else open_play(self.collector))


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """The site at an address of its own, another origin than the collector's."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    server.daemon_threads = True
    site.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path not in site.pages:
                return self.send_error(404)
            try:
                type_, content = site.pages[path]
                self._send(type_, content(), slow=path.startswith("/slow"))
            except (ConnectionError, httpx.TransportError):
                self.close_connection = True
            return None

        def do_POST(self) -> None:
            self.do_GET()

        def _send(self, type_: str, body: bytes, slow: bool) -> None:
            self.send_response(200)
            self.send_header("Content-Type", type_)
            self.send_header("Content-Length", str(len(body)))
            if site.policy:
                self.send_header("Content-Security-Policy", site.policy)
            self.end_headers()
            first = len(body) // 6 if slow else len(body)
            self.wfile.write(body[:first])
            if slow:
                time.sleep(STALL_S)
                self.wfile.write(body[first:])

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
