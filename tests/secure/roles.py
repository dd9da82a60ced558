"""Processes as the users of their roles."""

from dataclasses import dataclass

from pipeline.broker import wire
from pipeline.broker.acls import USERS
from pipeline.schemas.access import ROLES
from pipeline.settings import Settings
from tests.secure.broker import SecureKafka


@dataclass(frozen=True, slots=True)
class Roles:
    """Settings by role; `admin` is the super user."""

    kafka: SecureKafka
    base: Settings

    @property
    def names(self) -> list[str]:
        return [role.name for role in ROLES]

    def user(self, role: str) -> str:
        return USERS.format(role=role)

    def settings(self, role: str) -> Settings:
        return self.kafka.settings(self.base, self.user(role))

    def address(self, role: str) -> str:
        return wire.named(self.settings(role)) or ""

    @property
    def admin(self) -> str:
        return wire.named(self.kafka.settings(self.base)) or ""
