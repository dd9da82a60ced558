"""Settings of a measurement that has a Kafka and a folder of its own."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import click
from pydantic import SecretStr

from demo.environment import fresh
from pipeline.broker import local, ports, state
from pipeline.broker.errors import BrokerError
from pipeline.settings import Settings


@contextmanager
def own_kafka(name: str) -> Iterator[tuple[Settings, int | None]]:
    """Settings of all runs, and the Kafka's process id if it is local. All is gone afterwards."""
    base = Settings()
    collector_port, worker_port = ports.free()
    own = base.model_copy(update={
        "var_dir": fresh(base.var_dir / f"bench-{name}-{os.getpid()}"),
        "platform_key": SecretStr(secrets.token_urlsafe(24)),
        "token_secret": SecretStr(secrets.token_urlsafe(48)),
        "collector_port": collector_port,
        "worker_port": worker_port,
    })
    try:
        servers = local.bootstrap(own)
        running = state.recall(own.var_dir / "kafka")
        yield (own.model_copy(update={"kafka_bootstrap_servers": servers}),
               running.pid if running else None)
    except BrokerError as error:
        raise click.ClickException(str(error)) from error
    finally:
        local.stop(own)
        shutil.rmtree(own.var_dir)
