"""Every client speaks to Kafka as the settings say, or not at all."""

import asyncio
import ssl
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer
from pydantic import SecretStr, ValidationError

from pipeline.agents.changelog import take_over
from pipeline.agents.missed import missed
from pipeline.broker import health, local, topics, wire
from pipeline.broker.errors import BrokerError
from pipeline.collector.kafka import Kafka
from pipeline.settings import ROOT, SECRETS_DIR, SettingMissingError, Settings
from tests.secure.authority import authority
from tests.secure.broker import SecureKafka
from tests.secure.roles import Roles

NAMED = {"kafka_bootstrap_servers": "127.0.0.1:9092"}
USER = {"kafka_user": "u", "kafka_password": "p"}


@pytest.mark.parametrize(("given", "said"), [
    ({"kafka_security": "SSL"}, "needs KAFKA_BOOTSTRAP_SERVERS"),
    ({**NAMED, "kafka_security": "SASL_SSL"}, "needs XUESHI_KAFKA_USER"),
    ({**NAMED, "kafka_security": "SASL_SSL", "kafka_user": "u"}, "XUESHI_KAFKA_PASSWORD"),
    ({**NAMED, **USER}, "and these need it"),
    ({**NAMED, **USER, "kafka_security": "SASL_PLAINTEXT"}, "Input should be"),
])
def test_settings_that_would_not_secure_what_they_seem_to_are_refused(
    given: dict[str, str], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings.model_validate(given)


def test_secrets_come_from_files_and_the_environment_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xueshi_token_secret").write_text("from a file, with white space around it \n")
    (tmp_path / "XUESHI_PLATFORM_KEY").write_text("key from a file, in capitals\n")
    (tmp_path / "kafka_bootstrap_servers").write_text("kafka:9092\n")
    monkeypatch.setenv(SECRETS_DIR, str(tmp_path))
    monkeypatch.setenv("XUESHI_PLATFORM_KEY", "key of the environment")
    found = Settings()
    assert found.secret("token_secret") == "from a file, with white space around it"
    assert found.secret("platform_key") == "key of the environment"
    assert found.kafka_bootstrap_servers == "kafka:9092"
    monkeypatch.setenv(SECRETS_DIR, str(tmp_path / "nowhere"))
    with pytest.raises(SettingMissingError, match=SECRETS_DIR):
        Settings()


def test_passwords_are_never_shown(secure: SecureKafka, base: Settings) -> None:
    settings = secure.settings(base)
    address = wire.named(settings)
    assert address is not None
    shown = f"{address} {address!r} {address.security!r} {settings!r}"
    assert "password of" not in shown
    assert secure.clients in shown


def test_no_client_is_made_in_another_way() -> None:
    """Every process gets its clients' arguments from wire.client, or it would speak plain text."""
    folders = ("pipeline", "warehouse", "audit", "registry")
    beside = [str(path.relative_to(ROOT))
              for folder in folders for path in (ROOT / folder).rglob("*.py")
              if "bootstrap_servers=" in path.read_text("utf-8").replace(
                  "kafka_bootstrap_servers=", "")]
    assert beside == []


@pytest.mark.parametrize("variable", ["kafka_ca_file", "kafka_cert_file"])
def test_a_file_that_is_no_certificate_is_said_by_its_setting(
    variable: str, secure: SecureKafka, base: Settings, tmp_path: Path
) -> None:
    (tmp_path / "wrong.pem").write_text("nothing")
    for path in (tmp_path / "wrong.pem", tmp_path / "none.pem"):
        settings = secure.settings(base).model_copy(update={variable: path})
        with pytest.raises(BrokerError, match=f"XUESHI_{variable.upper()}: cannot use .*{path}"):
            local.bootstrap(settings)
        with pytest.raises(BrokerError, match=f"XUESHI_{variable.upper()}"):
            Kafka(wire.named(settings) or "", 1.0)


@pytest.mark.kafka
def test_whoever_speaks_otherwise_is_not_heard_and_is_told_why(
    roles: Roles, base: Settings, tmp_path: Path
) -> None:
    good = roles.settings("collector")
    stranger = authority(tmp_path).path
    cases: list[tuple[dict[str, object], str]] = [
        ({"kafka_security": "PLAINTEXT"}, "in plain text"),
        ({"kafka_password": SecretStr("wrong")}, "password of user xueshi-collector"),
        ({"kafka_user": "nobody"}, "password of user nobody"),
        ({"kafka_ca_file": stranger}, "certificate verify failed"),
        ({"kafka_ca_file": None}, "certificate verify failed"),
        ({"kafka_security": "SSL", "kafka_bootstrap_servers": roles.kafka.brokers}, "TLS is well"),
    ]
    for change, said in cases:
        wrong = wire.named(good.model_copy(update=change)) or ""
        with pytest.raises(BrokerError, match=said):
            health.require(wrong, 2.0)
    assert health.answers(wire.named(good) or "", 10.0)


@pytest.mark.kafka
def test_a_broker_with_another_hosts_certificate_is_not_believed(
    secure: SecureKafka, base: Settings
) -> None:
    elsewhere = secure.clients.replace("127.0.0.1", "localhost")  # 127.0.0.1 is certified
    settings = secure.settings(base).model_copy(update={"kafka_bootstrap_servers": elsewhere})
    address = wire.named(settings)
    assert address is not None
    assert not health.answers(address, 2.0)
    assert "doesn't match" in wire.hint(address) or "not valid for" in wire.hint(address)
    assert address.security.context().verify_mode is ssl.CERT_REQUIRED


@pytest.mark.kafka
def test_a_certificate_says_who_one_is_as_well(roles: Roles, base: Settings) -> None:
    certified = roles.kafka.with_certificate(base, "admin")
    assert topics.check(wire.named(certified) or "", certified) == []
    collector = roles.kafka.with_certificate(base, "xueshi-collector")
    with pytest.raises(BrokerError, match="may not see how"):
        topics.check(wire.named(collector) or "", collector)


@pytest.mark.kafka
def test_both_client_libraries_write_and_read_over_tls(roles: Roles, base: Settings) -> None:
    """kafka-python, and aiokafka as collector and worker use it, in transactions too."""
    topic = base.topic("replays")
    with KafkaProducer(**wire.client(roles.admin)) as producer:
        at = producer.send(topic, b"over TLS").get(20).offset
    consumer = KafkaConsumer(topic, **wire.client(roles.admin), auto_offset_reset="earliest")
    found = [r.value for rs in consumer.poll(20_000).values() for r in rs]
    consumer.close()
    assert found[at] == b"over TLS"
    assert asyncio.run(_over_aiokafka(roles.admin, base)) == [b"by aiokafka"]


async def _over_aiokafka(address: str, base: Settings) -> list[bytes | None]:
    topic, changelog = base.topic("telemetry"), base.topic("watching-changelog")
    kafka = Kafka(address, 20.0)
    await kafka.start()
    while kafka._producer is None:
        await asyncio.sleep(0.1)
    await kafka.send(topic, 3, b"by aiokafka")
    await kafka.stop()
    log, _ = await take_over(address, changelog, 3)
    await log.write({b"of this test": b"state"})
    await log.close()
    log, table = await take_over(address, changelog, 3)
    await log.close()
    assert table[b"of this test"] == b"state"
    end = topics.end_offsets(address, topic)[3]
    return [value async for _, value in missed(address, topic, 3, end - 1, end)]
