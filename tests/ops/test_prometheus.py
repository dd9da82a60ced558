"""Real Prometheus scrapes real processes under a little load: every panel has data, every alert
can be evaluated, and when the worker is killed, somebody is told.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import httpx
import pytest

from ops.dashboards import DASHBOARDS
from pipeline.metrics.metric import Process
from tests.metrics.route import Route, running, until
from tests.ops.prometheus import Prometheus, prometheus

pytestmark = pytest.mark.kafka
OF_A_DEAD_WORKER = {"ProcessDown", "NobodyLeft", "PartitionStopped"}
RESOURCE = "ideals-01"


@dataclass(frozen=True, slots=True)
class Watched:
    """The path, and a Prometheus that has watched it at work."""

    route: Route
    prometheus: Prometheus
    play: Callable[[], None]


@pytest.fixture(scope="module")
def watched(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("route")
    with running(kafka, folder, XUESHI_SESSION_TIMEOUT_SECONDS="6") as route:
        targets = {process.value: found.url.removeprefix("http://")
                   for process, found in route.processes.items()}
        with (prometheus(tmp_path_factory.mktemp("prometheus"), targets) as asked,
              player(route) as play):
            until(lambda: set(asked.values("up")) >= {1.0})
            for _ in range(8):
                play()
                route.visit()
                time.sleep(1)
            yield Watched(route, asked, play)


@contextmanager
def player(route: Route) -> Iterator[Callable[[], None]]:
    """Posts one good event and a bad one each time it is called."""
    settings, numbers = route.settings, count(1)
    with httpx.Client(base_url=f"http://127.0.0.1:{settings.collector_port}") as http:
        key = {"Authorization": f"Bearer {settings.secret('platform_key')}"}
        token = http.post("/v1/plays", headers=key, json={
            "teacher_id": "teacher-who-is-watched", "resource_id": RESOURCE}).json()["token"]
        http.headers["Authorization"] = f"Bearer {token}"

        def play() -> None:
            seq = next(numbers)
            for to, status in ((seq / 2 + 0.5, 202), (0.0, 422)):
                beat = {"type": "heartbeat", "seq": seq, "from": seq / 2, "to": to, "rate": 1}
                answer = http.post("/v1/events", json={"events": [beat]})
                assert answer.status_code == status, answer.text

        yield play


def test_every_target_is_up(watched: Watched) -> None:
    def up() -> bool:
        found = watched.prometheus.get("targets")["activeTargets"]
        return {one["labels"]["job"] for one in found if one["health"] == "up"} == set(Process)

    until(up, 20)


def test_every_panel_shows_something(watched: Watched) -> None:
    """A query that fails is no answer of 200 and ends the test at once."""
    empty = [f"{dashboard.name}: {panel.title}: {query.expr}" for dashboard in DASHBOARDS
             for panel in dashboard.panels() for query in panel.queries
             if "ALERTS" not in query.expr and not watched.prometheus.values(query.expr)]
    assert empty == []


def test_the_panels_show_what_was_done(watched: Watched) -> None:
    titles = {panel.title: panel.queries for dashboard in DASHBOARDS
              for panel in dashboard.panels()}

    def most(title: str, line: int = 0) -> float:
        return max(watched.prometheus.values(titles[title][line].expr))

    assert 0 < most("Taken") < 3           # one a second at most
    assert 0 < most("Events taken") < 3
    assert most("Partitions owned") == watched.route.settings.partitions
    assert most("Posts answered with 5xx") == 0
    assert 0 < most("Time of a post of events") < 5


def test_every_alert_can_be_evaluated(watched: Watched) -> None:
    groups = watched.prometheus.get("rules")["groups"]
    assert len([rule for group in groups for rule in group["rules"]]) > 30
    assert [(rule["name"], rule.get("lastError")) for group in groups for rule in group["rules"]
            if rule["health"] != "ok"] == []


def test_a_worker_that_is_killed_is_told_of(watched: Watched) -> None:
    """The last test: the worker does not come back."""
    asked = watched.prometheus
    until(lambda: not OF_A_DEAD_WORKER & set(asked.alerts()), 20)
    watched.route[Process.WORKER].popen.kill()
    watched.play()                          # what nobody reads

    def told() -> bool:
        firing = {name for name, found in asked.alerts().items()
                  if any(one["state"] == "firing" for one in found)}
        return firing >= OF_A_DEAD_WORKER

    until(told, 40)
    found = asked.alerts()
    for name in ("ProcessDown", "NobodyLeft"):
        assert Process.WORKER in {one["labels"]["job"] for one in found[name]}
    summaries = {one["labels"]["topic"]: one["annotations"]["summary"]
                 for one in found["PartitionStopped"]}
    assert "start a process of it" in summaries[watched.route.settings.topic("telemetry")]
    assert asked.values('ALERTS{alertstate="firing"}')
