"""When a worker is held to differ: not while it has records to read, nor while somebody plays."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from audit.explain.comparing import Comparing
from audit.explain.explanation import Explanation
from audit.explain.live import Standing
from pipeline.rules.programme import Catalogue
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings
from tests.audit.telling import explained
from tests.spec.story import Step, Watch, of_video, video
from tests.worker.feed import watch_together

pytestmark = pytest.mark.kafka

SUMMER = of_video(video(seconds=900))
Page = Sequence[dict[str, Any]] | int


def told(*steps: Step) -> Explanation:
    return explained(steps, SUMMER)


NOTHING, HALF, DONE = told(), told(Watch(0, 450)), told(Watch(0, 900))


@contextmanager
def showing(*pages: Page) -> Iterator[str]:
    """The URL of a worker that shows these pages one after the other, then the last for ever."""
    left = list(pages)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(page if isinstance(page, int) else 200)
            self.end_headers()
            self.wfile.write(json.dumps({"programmes": page}).encode())

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("pages", "again", "expected"), [
    ([HALF.progress], HALF, Standing.AGREES),
    ([DONE.progress], HALF, Standing.DIFFERS),
    ([404], HALF, Standing.DIFFERS),
    ([503], HALF, Standing.NO_ANSWER),
    ([401], HALF, Standing.NO_ANSWER),
    # It has read on since the evidence was read; read again, the evidence has it too.
    ([DONE.progress], DONE, Standing.AGREES),
    ([NOTHING.progress, NOTHING.progress, HALF.progress], HALF, Standing.AGREES),
    ([NOTHING.progress, HALF.progress, DONE.progress], HALF, Standing.AGREES),
    # It reads on all the time.
    ([NOTHING.progress, NOTHING.progress, DONE.progress], HALF, Standing.BEHIND),
])
def test_a_difference_is_one_that_stays(
    settings: Settings, pages: list[Page], again: Explanation, expected: Standing
) -> None:
    with showing(*pages) as url:
        comparing = Comparing(settings, settings.kafka_bootstrap_servers or "",
                              Catalogue.of([SUMMER]), url, lambda: again)
        found, live = comparing.compare(HALF)
    assert live.standing is expected
    assert bool(live.differences) == (expected is Standing.DIFFERS)
    assert found in (HALF, again)


def test_workers_with_records_left_to_read_are_only_behind(settings: Settings) -> None:
    real = load_catalogue(settings.programmes_dir)
    watch_together(settings, real, real.resources["ideals-01"], ["t1"])
    with showing(DONE.progress) as url:
        comparing = Comparing(settings, settings.kafka_bootstrap_servers or "",
                              Catalogue.of([SUMMER]), url, lambda: HALF, settle_s=0.1)
        assert comparing.compare(HALF)[1].standing is Standing.BEHIND
