"""The teachers' page over real HTTP."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from learner.app import create_learner
from learner.cli import config
from pipeline.serving import listen
from pipeline.settings import Settings
from tests.learner.people import CATALOGUE, NOON
from tests.learner.worker import KEY

SECRET = "token-secret-of-the-tests-0123456789" * 2


@dataclass
class Clock:
    """Stands still until it is set."""

    now: int = NOON

    def __call__(self) -> int:
        return self.now


@contextmanager
def learner(settings: Settings, clock: Clock) -> Iterator[str]:
    """The page's address."""
    app = create_learner(settings, CATALOGUE, clock)
    with listen("127.0.0.1", 0, "XUESHI_LEARNER_PORT") as listening:
        server = uvicorn.Server(config(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            deadline = time.monotonic() + 10
            while not server.started:
                assert time.monotonic() < deadline, "it does not start"
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def visit(address: str, body: Any, key: str = KEY, **headers: str) -> httpx.Response:
    """What the platform's back end posts."""
    return httpx.post(f"{address}/v1/visits", json=body,
                      headers={"Authorization": f"Bearer {key}", **headers})


def ticket(address: str, teacher_id: str) -> str:
    """The address for the teacher's browser."""
    answer = visit(address, {"teacher_id": teacher_id})
    assert answer.status_code == 201
    url: str = answer.json()["url"]
    return url


@contextmanager
def browsing(address: str, teacher_id: str) -> Iterator[httpx.Client]:
    """The browser of a teacher who came from the platform."""
    with httpx.Client(base_url=address, timeout=30) as client:
        assert client.get(ticket(address, teacher_id), follow_redirects=True).url.path == "/"
        yield client
