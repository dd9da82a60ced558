"""Certificates of the tests' own making."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pipeline.clock import now_ms

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs certificates; its own is `path`."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def path(self) -> Path:
        return self.folder / "authority.pem"

    def issue(self, name: str, address: str = "127.0.0.1") -> Path:
        """A certificate for CN=`name` at `address`, with its key before it, in a file."""
        key = ec.generate_private_key(ec.SECP256R1())
        host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        made = _builder(name, self.certificate.subject, key).add_extension(host, critical=False)
        path = self.folder / f"{name}.pem"
        path.write_bytes(_key(key) + _certificate(made.sign(self.key, hashes.SHA256())))
        return path


def authority(folder: Path) -> Authority:
    """A new authority, whose certificate nobody else has."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named("authority")
    made = _builder("authority", name, key).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    ).sign(key, hashes.SHA256())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "authority.pem").write_bytes(_certificate(made))
    return Authority(folder, key, made)


def _builder(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.fromtimestamp(now_ms() / 1000, UTC)
    return x509.CertificateBuilder(
        issuer_name=issuer, subject_name=_named(name), public_key=key.public_key(),
        serial_number=x509.random_serial_number(), not_valid_before=now - DAY,
        not_valid_after=now + DAY)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _certificate(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption())
