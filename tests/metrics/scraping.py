"""Processes as they run in life, and what they serve of themselves."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from pipeline.broker import ports
from pipeline.settings import ROOT, Settings


@dataclass(frozen=True, slots=True)
class Scraped:
    """A process, and where it serves its metrics and health. `log`: its stderr and stdout."""

    popen: subprocess.Popen[bytes]
    url: str
    log: Path

    def values(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        """By the sample's name and its labels."""
        return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value
                for family in text_string_to_metric_families(self.text())
                for sample in family.samples}

    def families(self) -> set[str]:
        """Names of the metrics that have at least one value."""
        found = text_string_to_metric_families(self.text())
        return {family.name + ("_total" if family.type == "counter" else "")
                for family in found if family.samples}

    def value(self, name: str, **labels: str) -> float:
        return self.values()[name, tuple(sorted(labels.items()))]

    def text(self) -> str:
        return httpx.get(f"{self.url}/metrics", timeout=10).text

    def health(self, path: str) -> int:
        return httpx.get(f"{self.url}{path}", timeout=10).status_code

    def until(self, path: str, status: int, patience_s: float = 40.0) -> None:
        deadline, found = time.monotonic() + patience_s, 0
        while time.monotonic() < deadline:
            assert self.popen.poll() is None, self.log.read_text()
            try:
                found = self.health(path)
            except httpx.TransportError:
                found = 0
            if found == status:
                return
            time.sleep(0.1)
        raise AssertionError(f"{path} is {found}, not {status}: {self.log.read_text()}")


@contextmanager
def scraped(settings: Settings, command: str, **more: str) -> Iterator[Scraped]:
    """`xueshi COMMAND` with an ops port of its own."""
    ops_port, _ = ports.free()
    log = settings.var_dir / f"{command.partition(' ')[0]}-{ops_port}.log"
    with log.open("wb") as out, subprocess.Popen(
        [sys.executable, "-m", "pipeline", *command.split()], stdout=out, stderr=out, cwd=ROOT,
        env={**environment(settings), "XUESHI_OPS_PORT": str(ops_port), **more},
    ) as popen:
        try:
            yield Scraped(popen, f"http://127.0.0.1:{ops_port}", log)
        finally:
            popen.terminate()
            try:
                popen.wait(15)
            except subprocess.TimeoutExpired:
                popen.kill()


def environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers or "",
        "XUESHI_TOPIC_PREFIX": settings.topic_prefix,
        "XUESHI_PARTITIONS": str(settings.partitions),
        "XUESHI_VAR_DIR": str(settings.var_dir),
        "XUESHI_PLATFORM_KEY": settings.secret("platform_key"),
        "XUESHI_TOKEN_SECRET": settings.secret("token_secret"),
        "XUESHI_COLLECTOR_PORT": str(settings.collector_port),
        "XUESHI_WORKER_PORT": str(settings.worker_port),
        "XUESHI_FLUSH_SECONDS": "0.2",
        "XUESHI_LAND_SECONDS": "0.2",
        "XUESHI_PUBLISH_SECONDS": "0.5",
    }
