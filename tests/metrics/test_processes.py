"""The whole path as real processes: each serves all that is documented of it, and no more; the
figures are true, and neither they nor the logs name a teacher.
"""

import json
from collections.abc import Iterator

import pytest

from pipeline.metrics.catalogue import of
from pipeline.metrics.metric import Process
from tests.metrics.route import Route, running, until

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def route(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Route]:
    with running(kafka, tmp_path_factory.mktemp("route")) as found:
        yield found
        for scrape in found.processes.values():  # all at once, not one after the other
            scrape.popen.terminate()


@pytest.mark.parametrize("process", Process)
def test_a_process_serves_all_that_is_documented_of_it_and_no_more(
    route: Route, process: Process
) -> None:
    until(lambda: route[process].families() >= {metric.name for metric in of(process)}, 10)
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
        until(lambda group=group: lag.value(  # type: ignore[misc]  # bound at once
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
