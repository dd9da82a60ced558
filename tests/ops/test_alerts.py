"""Alerts: Prometheus takes them, each is tested both ways, asks for what is served, and leads to
an entry of the runbook that says what to do.
"""

import re
import shutil
import subprocess
from collections import defaultdict
from typing import Any

import pytest
import yaml

from pipeline.metrics.catalogue import METRICS
from pipeline.metrics.metric import Process
from pipeline.metrics.ops import ABOVE, OWN_PORTS
from pipeline.settings import ROOT, Settings
from tests.ops.queries import faults

OPS = ROOT / "ops" / "prometheus"
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
SEVERITIES = {"critical", "warning", "info"}
PARTS = ("**Means:**", "**Look:**", "**Do:**")


def read(name: str) -> Any:
    return yaml.safe_load((OPS / name).read_text(encoding="utf-8"))


RULES = [rule for group in read("alerts.yml")["groups"] for rule in group["rules"]]


def promtool(*words: str) -> None:
    path = shutil.which("promtool")
    assert path, "no promtool: `make system` installs it on Debian (package prometheus)"
    done = subprocess.run([path, *words], capture_output=True, text=True, check=False, cwd=OPS)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_the_configuration_and_the_rules() -> None:
    promtool("check", "config", "prometheus.yml")
    promtool("check", "rules", "alerts.yml")


def test_each_alert_fires_when_it_must_and_keeps_silent_when_it_must() -> None:
    promtool("test", "rules", "alerts_test.yml")


def test_no_alert_is_without_a_test_of_both() -> None:
    said = defaultdict[str, set[bool]](set)
    for test in read("alerts_test.yml")["tests"]:
        for case in test["alert_rule_test"]:
            said[case["alertname"]].add("exp_alerts" in case)
    assert said == {rule["alert"]: {True, False} for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_what_is_served_and_says_what_to_do(rule: dict[str, Any]) -> None:
    assert list(faults(rule["expr"])) == []
    assert rule["labels"]["severity"] in SEVERITIES
    assert rule["annotations"]["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"
    assert ": " in rule["annotations"]["summary"] or "?" in rule["annotations"]["summary"]


def test_every_alert_has_its_entry_in_the_runbook_and_every_entry_its_alert() -> None:
    _, *entries = re.split(r"(?m)^#### ", RUNBOOK)
    named = {entry.partition("\n")[0]: entry for entry in entries}
    assert list(named) == [rule["alert"] for rule in RULES]
    for name, entry in named.items():
        assert [part for part in PARTS if entry.count(f"- {part}") != 1] == [], name


def test_what_the_runbook_names_is_there() -> None:
    alerts = {rule["alert"] for rule in RULES}
    entries = RUNBOOK.partition("## Alerts")[2]
    named = set(re.findall(r"[`*]([A-Z][a-z]+(?:[A-Z][a-z]+)+)[`*]", entries))
    assert named <= alerts


def test_targets_are_all_processes_at_their_default_ports() -> None:
    fields = Settings.model_fields
    ports = {process.value: ABOVE + (OWN_PORTS.get(process) or fields[f"{process}_port"].default)
             for process in Process}
    for name in ("targets.yml", "targets-compose.yml"):
        found = {one["labels"]["job"]: one["targets"] for one in read(name)}
        assert set(found) == set(ports)
        for job, targets in found.items():
            assert {int(target.rpartition(":")[2]) for target in targets} == {ports[job]}


def test_metrics_that_mean_lost_time_are_watched() -> None:
    """Whatever counts failures, and whatever says that a dependency is away, has its alert."""
    text = "\n".join(rule["expr"] for rule in RULES)
    grave = {metric.name for metric in METRICS
             if re.search(r"failures|gaps|stuck|away|kafka_up|connected|cases", metric.name)}
    # A record that Kafka did not take is a 503 to the player, which is watched.
    assert {name for name in grave if name not in text} == {
        "xueshi_collector_send_failures_total"}
