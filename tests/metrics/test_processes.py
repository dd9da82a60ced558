"""The whole path as real processes: each serves all that is documented of it, and no more; the
figures are true, and neither they nor the logs name a teacher.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest
from kafka import KafkaProducer

from pipeline.broker import ports
from pipeline.metrics.catalogue import of
from pipeline.metrics.metric import Process
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings
from tests.conftest import own_settings
from tests.metrics.scraping import Scraped, scraped
from tests.worker.feed import watch_together

pytestmark = pytest.mark.kafka
TEACHERS = [f"teacher-of-the-test-{number}" for number in range(30)]
CHEAT = "teacher-of-the-test-cheat"
RESOURCE = "ideals-01"


@dataclass(frozen=True, slots=True)
class Route:
    """All processes of the path, after some teachers have watched and one has cheated."""

    settings: Settings
    processes: dict[Process, Scraped]

    def __getitem__(self, process: Process) -> Scraped:
        return self.processes[process]


@pytest.fixture(scope="module")
def route(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Route]:
    dashboard, learner = (str(port) for port in ports.free())
    with own_settings(kafka, tmp_path_factory.mktemp("route")) as settings, ExitStack() as stack:
        found = Route(settings, {process: stack.enter_context(scraped(
            settings, "lag --serve --every 0.5" if process is Process.LAG else process.value,
            XUESHI_DASHBOARD_PORT=dashboard, XUESHI_LEARNER_PORT=learner, XUESHI_LOG_FORMAT="json",
        )) for process in Process})
        for process in (Process.COLLECTOR, Process.WORKER):
            found[process].until("/readyz", 200)
        _watch(settings)
        for url in (dashboard, learner):
            httpx.get(f"http://127.0.0.1:{url}/")
        _until(lambda: _is_through(found))
        yield found
        for scrape in found.processes.values():  # all at once, not one after the other
            scrape.popen.terminate()


def _watch(settings: Settings) -> None:
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


def _until(holds: Callable[[], bool], patience_s: float = 40.0) -> None:
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.3)


@pytest.mark.parametrize("process", Process)
def test_a_process_serves_all_that_is_documented_of_it_and_no_more(
    route: Route, process: Process
) -> None:
    _until(lambda: route[process].families() >= {metric.name for metric in of(process)}, 10)
    assert route[process].families() == {metric.name for metric in of(process)}


@pytest.mark.parametrize("process", Process)
def test_a_process_that_works_is_alive_and_ready(route: Route, process: Process) -> None:
    route[process].until("/readyz", 200)
    assert route[process].health("/healthz") == 200
    assert route[process].health("/") == 404
    assert route[process].value("xueshi_metrics_failures_total") == 0


def test_the_figures_are_those_of_what_was_done(route: Route) -> None:
    collector, worker, loader = (
        route[process] for process in (Process.COLLECTOR, Process.WORKER, Process.LOADER))
    assert collector.value("xueshi_collector_events_total") == 3
    assert collector.value("xueshi_collector_refused_events_total", reason="bad_stretch") == 1
    statuses = {("/v1/plays", "201"): 1, ("/v1/events", "202"): 1, ("/v1/events", "422"): 1,
                ("other", "404"): 1}
    for (path, status), count in statuses.items():
        assert collector.value("xueshi_http_requests_total", route=path, status=status) == count
    assert collector.value("xueshi_http_request_seconds_count", route="/v1/events") == 2
    refused = {reason: worker.value("xueshi_worker_refused_events_total", agent="watching",
                                    kind=kind, reason=reason)
               for kind, reason in (("broken", "malformed"), ("disbelieved", "no_time_left"))}
    assert refused == {"malformed": 1, "no_time_left": 3}
    assert worker.value("xueshi_worker_partitions", agent="crediting") == 4
    assert worker.value("xueshi_worker_oldest_unflushed_seconds", agent="watching") == 0
    entries = worker.value("xueshi_worker_outcomes_total", agent="crediting")
    assert loader.value("xueshi_loader_ledger_entries_total") == entries


def test_every_group_is_seen_with_an_owner_and_nothing_behind(route: Route) -> None:
    lag, prefix = route[Process.LAG], route.settings.topic_prefix
    for group in ("worker", "loader"):
        _until(lambda group=group: lag.value(  # type: ignore[misc]  # bound at once
            "kafka_consumergroup_group_sum_lag", group=prefix + group) == 0, 20)
    telemetry = {"topic": prefix + "telemetry", "partition": "0"}
    end = lag.value("kafka_partition_latest_offset", **telemetry)
    assert end > 0
    place = {"group": prefix + "worker", **telemetry}
    assert lag.value("kafka_consumergroup_group_offset", **place) == end
    assert lag.value("kafka_consumergroup_group_lag_seconds", **place) == 0
    assert lag.value("xueshi_lag_state", state="OK", **place) == 1
    assert lag.value("xueshi_freshness_seconds", stage="event_to_published") < 20


def test_no_teacher_is_named_in_metrics_or_logs(route: Route) -> None:
    for scrape in route.processes.values():
        for text in (scrape.text(), scrape.log.read_text(encoding="utf-8")):
            assert "teacher-of-the-test" not in text


def test_a_log_line_is_one_event_in_json_and_says_where_the_record_stands(route: Route) -> None:
    lines = route[Process.WORKER].log.read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    assert {"at", "level", "process", "logger", "msg"} <= set.intersection(*map(set, events))
    (malformed,) = [one for one in events if one["msg"] == "refused: malformed 1"]
    assert malformed["topic"] == route.settings.topic("telemetry")
    assert malformed["partition"] == 0
    assert malformed["offset"] > 0
