"""A real Kafka as docs/how-to/secure.md says: TLS, users, ACLs, and no plain listener."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kafka.admin import ScramMechanism, UserScramCredentialUpsertion
from pydantic import SecretStr

from pipeline.broker import distribution, health, java, ports, server, wire
from pipeline.broker.topics import connected
from pipeline.settings import ROOT, Settings
from tests.secure.authority import Authority, authority

PATIENCE_S = 120.0
ADMIN = "admin"
PASSWORD = "password of {user}"
# What one node needs to have, and to be quick; on loopback as the local broker (server.py).
ONE_NODE = """
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=33554432
"""


@dataclass(frozen=True, slots=True)
class SecureKafka:
    """Where it listens for users, and for whoever has a certificate."""

    clients: str
    brokers: str
    authority: Authority

    def settings(self, base: Settings, user: str = ADMIN) -> Settings:
        """The settings of a process that runs as `user`."""
        return base.model_copy(update={
            "kafka_bootstrap_servers": self.clients, "kafka_security": "SASL_SSL",
            "kafka_ca_file": self.authority.path, "kafka_user": user,
            "kafka_password": SecretStr(PASSWORD.format(user=user)),
        })

    def with_certificate(self, base: Settings, name: str) -> Settings:
        """The settings of a process that shows a certificate instead."""
        return base.model_copy(update={
            "kafka_bootstrap_servers": self.brokers, "kafka_security": "SSL",
            "kafka_ca_file": self.authority.path,
            "kafka_cert_file": self.authority.issue(name),
        })

    def add_user(self, user: str) -> None:
        password = PASSWORD.format(user=user)
        with connected(wire.named(self.settings(Settings())) or "") as admin:
            refused = admin.alter_user_scram_credentials([
                UserScramCredentialUpsertion(user, ScramMechanism.SCRAM_SHA_512, password)])
        assert refused == {user: None}


@contextmanager
def secure_kafka(folder: Path) -> Iterator[SecureKafka]:
    """Runs as long as the block."""
    signing = authority(folder)
    signing.issue("broker")
    clients, brokers = ports.free()
    controller, _ = ports.free()
    made = SecureKafka(f"127.0.0.1:{clients}", f"127.0.0.1:{brokers}", signing)
    _configure(folder, {"9092": clients, "9091": brokers, "9090": controller})
    _run(folder, "kafka.tools.StorageTool", "format", "--cluster-id", "xueshi-secure-tests-00",
         "--config", server.PROPERTIES, "--add-scram",
         f"SCRAM-SHA-512=[name={ADMIN},password={PASSWORD.format(user=ADMIN)}]")
    with (folder / server.LOG).open("wb") as log, subprocess.Popen(
        _command("kafka.Kafka", server.PROPERTIES), cwd=folder, stdout=log, stderr=log
    ) as process:
        try:
            _wait(made, process, folder)
            yield made
        finally:
            process.terminate()


def _configure(folder: Path, chosen: dict[str, int]) -> None:
    page = (ROOT / "docs" / "how-to" / "secure.md").read_text("utf-8")
    shown = page.partition("```properties\n")[2].partition("```")[0]
    for port, ours in chosen.items():
        shown = shown.replace(f":{port}", f":{ours}")
    (folder / server.PROPERTIES).write_text(shown + ONE_NODE, "ascii")
    (folder / server.LOG4J).write_text(server.LOG4J_PROPERTIES, "ascii")


def _run(folder: Path, *main: str) -> None:
    subprocess.run(_command(*main), cwd=folder, check=True, capture_output=True, timeout=PATIENCE_S)


def _command(*main: str) -> list[str]:
    return server.command(java.find(), distribution.class_path(), *main)


def _wait(kafka: SecureKafka, process: subprocess.Popen[bytes], folder: Path) -> None:
    address = wire.named(kafka.settings(Settings())) or ""
    deadline = time.monotonic() + PATIENCE_S
    while not health.answers(address, 2.0):
        assert process.poll() is None, (folder / server.LOG).read_text()[-3000:]
        assert time.monotonic() < deadline, (folder / server.LOG).read_text()[-3000:]
        time.sleep(0.2)
