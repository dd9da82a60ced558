"""The collector as a process of its own, as it runs in life."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from pipeline.settings import ROOT, Settings
from tests.collector.serving import KEY

RUN = "from pipeline.collector.cli import collector; collector()"
STUCK = [sys.executable, "-m", "tests.collector.stuck"]
RESOURCE = "teaching-01"


@dataclass(frozen=True, slots=True)
class Running:
    """A collector that listens."""

    process: subprocess.Popen[str]
    http: httpx.Client

    def open(self, teacher: str = "teacher-1") -> str:
        response = self.http.post("/v1/plays", headers={"Authorization": f"Bearer {KEY}"},
                                  json={"teacher_id": teacher, "resource_id": RESOURCE})
        assert response.status_code == 201, response.text
        token: str = response.json()["token"]
        return token

    def post(self, token: str, body: bytes | Iterator[bytes]) -> httpx.Response:
        return self.http.post("/v1/events", content=body,
                              headers={"Authorization": f"Bearer {token}"})

    def until_ready(self, status: int = 200) -> None:
        for _ in range(200):
            if self.http.get("/readyz").status_code == status:
                return
            time.sleep(0.05)
        raise AssertionError(f"/readyz never was {status}")


def environment(settings: Settings, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "KAFKA_BOOTSTRAP_SERVERS": str(settings.kafka_bootstrap_servers),
        "XUESHI_TOPIC_PREFIX": settings.topic_prefix,
        "XUESHI_PARTITIONS": str(settings.partitions),
        "XUESHI_VAR_DIR": str(settings.var_dir),
        "XUESHI_PLATFORM_KEY": KEY,
        "XUESHI_TOKEN_SECRET": settings.secret("token_secret"),
        "XUESHI_COLLECTOR_PORT": str(settings.collector_port),
        "XUESHI_KAFKA_TIMEOUT_SECONDS": str(settings.kafka_timeout_seconds),
        **more,
    }


@contextmanager
def running(
    settings: Settings, command: list[str] | None = None, **more: str
) -> Iterator[Running]:
    log = Path(settings.var_dir) / "collector.log"
    with log.open("w") as out, subprocess.Popen(
        command or [sys.executable, "-c", RUN], env=environment(settings, **more), cwd=ROOT,
        stdout=out, stderr=subprocess.STDOUT, text=True,
    ) as process:
        try:
            url = f"http://127.0.0.1:{settings.collector_port}"
            with httpx.Client(base_url=url, timeout=20) as http:
                _until_alive(http, process, log)
                yield Running(process, http)
        finally:
            process.kill()


def _until_alive(http: httpx.Client, process: subprocess.Popen[str], log: Path) -> None:
    for _ in range(200):
        try:
            if http.get("/healthz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())
