"""A real Prometheus with the project's own configuration, only in more of a hurry."""

import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from pipeline.broker import ports
from pipeline.settings import ROOT

OPS = ROOT / "ops" / "prometheus"
HURRY = {"scrape_interval": "2s", "scrape_timeout": "2s", "evaluation_interval": "1s"}
SPAN = "15s"    # for rates: many scrapes, also where some are late


@dataclass(frozen=True, slots=True)
class Prometheus:
    """`begun`: when it was started, by its own clock."""

    http: httpx.Client
    begun: float

    def get(self, path: str, **params: str | float) -> Any:
        answer = self.http.get(f"/api/v1/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def now(self) -> float:
        return float(self.get("query", query="time()")["result"][0])

    def values(self, expr: str) -> list[float]:
        """All that the expression was since the start, second by second; NaN is nothing."""
        found = self.get("query_range", query=expr.replace("$__rate_interval", SPAN),
                         start=self.begun, end=self.now(), step=1)
        return [number for line in found["result"] for _, text in line["values"]
                if (number := float(text)) == number]

    def alerts(self) -> dict[str, list[dict[str, Any]]]:
        """What is pending or fires now, by name."""
        found: dict[str, list[dict[str, Any]]] = {}
        for alert in self.get("alerts")["alerts"]:
            found.setdefault(alert["labels"]["alertname"], []).append(alert)
        return found


@contextmanager
def prometheus(folder: Path, targets: Mapping[str, str]) -> Iterator[Prometheus]:
    """Scrapes `targets`: job → host:port. Alerts fire as soon as they held for a second."""
    binary = shutil.which("prometheus")
    assert binary, "no prometheus: `make system` installs it on Debian"
    _configure(folder, targets)
    port, _ = ports.free()
    command = [binary, f"--config.file={folder}/prometheus.yml", "--log.level=warn",
               f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}"]
    with ((folder / "log").open("wb") as log,
          httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as http,
          subprocess.Popen(command, stdout=log, stderr=log) as popen):
        try:
            yield _ready(http, popen, folder / "log")
        finally:
            popen.terminate()


def _configure(folder: Path, targets: Mapping[str, str]) -> None:
    config = _read("prometheus.yml")
    config["global"] |= HURRY
    alerts = _read("alerts.yml")
    for group in alerts["groups"]:
        for rule in group["rules"]:
            if "for" in rule:
                rule["for"] = "1s"
    listed = [{"labels": {"job": job}, "targets": [target]} for job, target in targets.items()]
    for name, content in (
        ("prometheus.yml", config), ("alerts.yml", alerts), ("targets.yml", listed)):
        (folder / name).write_text(yaml.safe_dump(content), encoding="utf-8")


def _read(name: str) -> Any:
    return yaml.safe_load((OPS / name).read_text(encoding="utf-8"))


def _ready(http: httpx.Client, popen: subprocess.Popen[bytes], log: Path) -> Prometheus:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert popen.poll() is None, log.read_text()
        try:
            if http.get("/-/ready").status_code == 200:
                return Prometheus(http, Prometheus(http, 0).now())
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(log.read_text())
