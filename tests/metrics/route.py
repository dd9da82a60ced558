"""The whole path as real processes, after some teachers have watched and one has cheated."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from kafka import KafkaProducer

from pipeline.broker import ports
from pipeline.metrics.metric import Process
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings
from tests.conftest import own_settings
from tests.metrics.scraping import Scraped, scraped
from tests.worker.feed import watch_together

TEACHERS = [f"teacher-of-the-test-{number}" for number in range(30)]
CHEAT = "teacher-of-the-test-cheat"
RESOURCE = "ideals-01"
COMMANDS = {Process.LAG: "lag --serve --every 0.5 --window 6"}


@dataclass(frozen=True, slots=True)
class Route:
    """All processes of the path, after some teachers have watched and one has cheated.
    `pages`: ports of the dashboard and of the teachers' page.
    """

    settings: Settings
    pages: tuple[int, int]
    processes: dict[Process, Scraped]

    def __getitem__(self, process: Process) -> Scraped:
        return self.processes[process]

    def visit(self) -> None:
        """A look at each kind of page."""
        for port in self.pages:
            httpx.get(f"http://127.0.0.1:{port}/")


@contextmanager
def running(kafka: str, folder: Path, **more: str) -> Iterator[Route]:
    """`more`: variables of every process."""
    dashboard, learner = ports.free()
    of_all = {"XUESHI_DASHBOARD_PORT": str(dashboard), "XUESHI_LEARNER_PORT": str(learner),
              "XUESHI_LOG_FORMAT": "json", **more}
    with own_settings(kafka, folder) as settings, ExitStack() as stack:
        found = Route(settings, (dashboard, learner), {process: stack.enter_context(
            scraped(settings, COMMANDS.get(process, process), **of_all)) for process in Process})
        for process in (Process.COLLECTOR, Process.WORKER):
            found[process].until("/readyz", 200)
        watch(settings)
        found.visit()
        until(lambda: _is_through(found))
        yield found


def watch(settings: Settings) -> None:
    """The honest through Kafka, in the summer of 2023; the cheat through the collector, now."""
    catalogue = load_catalogue(settings.programmes_dir)
    watch_together(settings, catalogue, catalogue.resources[RESOURCE], TEACHERS)
    producer = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    producer.send(settings.topic("telemetry"), b"garbage of " + CHEAT.encode(), partition=0)
    producer.send(settings.topic("ledger"), b"garbage of " + CHEAT.encode(), partition=0)
    producer.close()
    key = {"Authorization": f"Bearer {settings.secret('platform_key')}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{settings.collector_port}") as http:
        play = http.post("/v1/plays", headers=key,
                         json={"teacher_id": CHEAT, "resource_id": RESOURCE}).json()
        mine = {"Authorization": f"Bearer {play['token']}"}
        beats = [{"type": "heartbeat", "seq": n, "from": n * 300.0, "to": n * 300.0 + 300,
                  "rate": 1} for n in range(1, 4)]
        assert http.post("/v1/events", headers=mine, json={"events": beats}).status_code == 202
        bad = {"type": "heartbeat", "seq": 9, "from": 5.0, "to": 2.0, "rate": 1}
        assert http.post("/v1/events", headers=mine, json={"events": [bad]}).status_code == 422
        assert http.get("/v1/teachers/" + CHEAT).status_code == 404
    progress = f"http://127.0.0.1:{settings.worker_port}/v1/teachers/{CHEAT}/progress"
    httpx.get(progress, headers=key)


def _is_through(route: Route) -> bool:
    loader, publisher = route[Process.LOADER], route[Process.PUBLISHER]
    return (loader.value("xueshi_loader_ledger_entries_total") >= 4 * len(TEACHERS)
            and loader.value("xueshi_loader_refused_records_total", reason="malformed") == 1
            and loader.values().get((
                "xueshi_loader_records_total",
                (("topic", route.settings.topic("rejections")),)), 0) >= 4
            and publisher.value("xueshi_published_sequence") > 0
            and "xueshi_loader_snapshot_seconds" in loader.families())


def until(holds: Callable[[], bool], patience_s: float = 40.0) -> None:
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.3)
