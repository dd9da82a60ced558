"""What the demo's processes are told: a Kafka, a fresh place for data, free ports, own keys."""

import json
import secrets
import shutil
from pathlib import Path

from pydantic import SecretStr

from pipeline.broker import ports
from pipeline.settings import Settings


def demo_settings(base: Settings, kafka: str, run: str) -> Settings:
    """Settings of one run. Its topics have names of their own, its files start afresh."""
    collector_port, worker_port = ports.free()
    return base.model_copy(update={
        "kafka_bootstrap_servers": kafka,
        "topic_prefix": f"demo-{run}.",
        "var_dir": fresh(base.var_dir / "demo"),
        "simulation": True,
        "partitions": 4,
        "platform_key": SecretStr(secrets.token_urlsafe(24)),
        "token_secret": SecretStr(secrets.token_urlsafe(48)),
        "collector_port": collector_port,
        "worker_port": worker_port,
        "publish_seconds": 3.0,
    })


def fresh(folder: Path) -> Path:
    """The folder, empty: a demo never mixes with the one before."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder.resolve()


def environment(settings: Settings) -> dict[str, str]:
    """The settings as the variables that a process reads them from."""
    told = {
        f"XUESHI_{name.upper()}": _text(value)
        for name, value in settings if value is not None and name != "kafka_bootstrap_servers"
    }
    return {**told, "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers or ""}


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return json.dumps(value) if isinstance(value, tuple | dict) else str(value)
