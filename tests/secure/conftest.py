"""One secure Kafka for all tests of a module; idle until the end it would take time of others."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from pipeline.broker import acls, ports, topics, wire
from pipeline.settings import Settings
from tests.secure.broker import SecureKafka, secure_kafka
from tests.secure.roles import Roles


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    from tests.conftest import GIVEN_KAFKA

    if GIVEN_KAFKA is not None:
        pytest.skip("starts a Kafka of its own, and here one is given")
    with secure_kafka(tmp_path_factory.mktemp("secure")) as kafka:
        yield kafka


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """What all processes have in common; nothing of how Kafka is spoken to."""
    collector_port, worker_port = ports.free()
    return Settings(
        topic_prefix="secure.", partitions=4, simulation=True, publish_seconds=1.0,
        var_dir=tmp_path_factory.mktemp("var"), collector_port=collector_port,
        worker_port=worker_port, platform_key=SecretStr("platform-key-of-the-tests"),
        token_secret=SecretStr("token-secret-of-the-tests-0123456789"),
    )


@pytest.fixture(scope="module")
def roles(secure: SecureKafka, base: Settings) -> Roles:
    """The topics are there, and a user each role, with its ACLs."""
    admin = secure.settings(base)
    address = wire.named(admin) or ""
    topics.create(address, admin)
    acls.apply(address, admin)
    made = Roles(secure, base)
    for name in made.names:
        secure.add_user(made.user(name))
    return made
