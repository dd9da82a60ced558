"""How Kafka is spoken to: in plain text, over TLS, or over TLS with a user's name (SCRAM)."""

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from pipeline.broker.errors import BrokerError
from pipeline.settings import Settings

HINT_S = 3.0


@dataclass(frozen=True, slots=True)
class Security:
    """Names of protocol and mechanism are Kafka's own. Without `ca_file` the system's
    authorities count; `cert_file` and `key_file` are for brokers that ask clients for one.
    """

    protocol: str
    mechanism: str
    user: str | None
    password: SecretStr | None
    ca_file: Path | None
    cert_file: Path | None
    key_file: Path | None

    @classmethod
    def of(cls, settings: Settings) -> "Security":
        return cls(
            settings.kafka_security, settings.kafka_sasl_mechanism, settings.kafka_user,
            settings.kafka_password, settings.kafka_ca_file, settings.kafka_cert_file,
            settings.kafka_key_file,
        )

    def options(self) -> dict[str, Any]:
        """Arguments of a client, of kafka-python or aiokafka, that make it speak so.

        Raises:
            BrokerError: a file of it cannot be read, or is no certificate or key.
        """
        spoken: dict[str, Any] = {"security_protocol": self.protocol}
        if self.protocol != "PLAINTEXT":
            spoken["ssl_context"] = self.context()
        if self.protocol == "SASL_SSL":
            spoken |= {"sasl_mechanism": self.mechanism, "sasl_plain_username": self.user,
                       "sasl_plain_password": self.revealed()}
        return spoken

    def revealed(self) -> str | None:
        """The password, for a client alone."""
        return self.password.get_secret_value() if self.password else None

    def hint(self, host: str, port: int) -> str:
        """Why it may be that a server that listens there does not answer. The clients do not say:
        they try again until their time is over.
        """
        if self.protocol == "PLAINTEXT":
            return ", spoken to in plain text (XUESHI_KAFKA_SECURITY)"
        try:
            with socket.create_connection((host, port), HINT_S) as raw, \
                    self.context().wrap_socket(raw, server_hostname=host):
                pass
        except OSError as error:
            return f", spoken to over TLS ({error})"
        if self.protocol == "SASL_SSL":
            return f"; TLS is well, so look at the password of user {self.user} (or at Kafka)"
        return "; TLS is well"

    def context(self) -> ssl.SSLContext:
        """Certificates are checked, and that they are for the host asked. Raises BrokerError."""
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            raise _unusable("XUESHI_KAFKA_CA_FILE", self.ca_file, error) from error
        try:
            if self.cert_file:
                context.load_cert_chain(self.cert_file, self.key_file)
        except OSError as error:
            raise _unusable("XUESHI_KAFKA_CERT_FILE", self.cert_file, error) from error
        return context


def _unusable(variable: str, path: Path | None, error: OSError) -> BrokerError:
    return BrokerError(f"{variable}: cannot use {path}: {error.strerror or error}")


class Address(str):
    """host:port,… of a Kafka that is spoken to with `security`. A str that is none of these is
    spoken to in plain text, as the local broker is. Shown, it is host:port and no secret.
    """

    security: Security

    @classmethod
    def of(cls, servers: str, security: Security) -> "Address":
        address = cls(servers)
        address.security = security
        return address


def named(settings: Settings) -> Address | None:
    """The Kafka that the settings name, if they do; it need not answer."""
    servers = settings.kafka_bootstrap_servers
    return Address.of(servers, Security.of(settings)) if servers else None


def part(bootstrap: str, servers: str) -> str:
    """Some servers of `bootstrap`, spoken to in the same way."""
    return Address.of(servers, bootstrap.security) if isinstance(bootstrap, Address) else servers


def hint(bootstrap: str) -> str:
    """Words to go behind "does not answer"; none for a Kafka in plain text on its own machine."""
    if not isinstance(bootstrap, Address):
        return ""
    host, _, port = bootstrap.split(",", maxsplit=1)[0].strip().rpartition(":")
    return bootstrap.security.hint(host.strip("[]"), int(port))


def client(bootstrap: str) -> dict[str, Any]:
    """The arguments with which any client, of kafka-python or aiokafka, connects there.

    Raises:
        BrokerError: a certificate or key cannot be used.
    """
    options = bootstrap.security.options() if isinstance(bootstrap, Address) else {}
    return {"bootstrap_servers": bootstrap.split(","), **options}
