"""Kafka's access control lists: made from the catalogue of roles, compared, and applied."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)

from pipeline.broker.errors import BrokerError
from pipeline.broker.topics import connected
from pipeline.schemas.access import ROLES, Role
from pipeline.settings import Settings

USERS = "xueshi-{role}"
ANYWHERE = "*"


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """`user` may do `operation` (READ, WRITE …) with the `kind` (TOPIC, GROUP …) `name`, or, if
    `prefixed`, with all whose names begin so. READ and WRITE imply DESCRIBE.
    """

    user: str
    operation: str
    kind: str
    name: str
    prefixed: bool = False

    def __str__(self) -> str:
        return (f"User:{self.user} {self.operation} {self.kind} {self.name}"
                f"{'*' if self.prefixed else ''}")


def wanted(settings: Settings, users: str = USERS) -> set[Rule]:
    """All that the roles need, and nothing else. `users`: a user's name, with {role} in it."""
    return {rule for role in ROLES for rule in _of(role, users.format(role=role.name), settings)}


def _of(role: Role, user: str, settings: Settings) -> Iterator[Rule]:
    for topic in role.reads:
        yield Rule(user, "READ", "TOPIC", settings.topic(topic.name))
    for topic in role.writes:
        yield Rule(user, "WRITE", "TOPIC", settings.topic(topic.name))
    for topic in role.transactions:
        ids = f"{settings.topic(topic.name)}-"
        yield Rule(user, "WRITE", "TRANSACTIONAL_ID", ids, prefixed=True)
    for group in role.joins:
        yield Rule(user, "READ", "GROUP", settings.topic(group))
    for group in role.watches:
        yield Rule(user, "DESCRIBE", "GROUP", settings.topic(group))


def differences(bootstrap: str, settings: Settings, users: str = USERS) -> list[str]:
    """What is missing, and what these users may do beyond the catalogue, a line each.

    Raises:
        BrokerError: Kafka does not answer, has no authorizer, or does not let us look.
    """
    asked, found = wanted(settings, users), _found(bootstrap)
    ours = {rule.user for rule in asked}
    beyond = {rule for rule in found if rule.user in ours} - asked
    return [*(f"missing: {rule}" for rule in sorted(asked - found)),
            *(f"beyond the catalogue: {rule}" for rule in sorted(beyond))]


def apply(bootstrap: str, settings: Settings, users: str = USERS) -> list[Rule]:
    """Add what is missing; what was added. Nothing is taken away.

    Raises:
        BrokerError: as `differences`; or Kafka refuses.
    """
    missing = sorted(wanted(settings, users) - _found(bootstrap))
    if missing:
        with connected(bootstrap) as admin:
            failed = admin.create_acls([_acl(rule) for rule in missing])["failed"]
        if failed:
            raise BrokerError(f"cannot add ACLs: {failed[0].__name__}")
    return missing


def _found(bootstrap: str) -> set[Rule]:
    everything = ACLFilter(
        None, None, ACLOperation.ANY, ACLPermissionType.ANY,
        ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY))
    with connected(bootstrap) as admin:
        acls, _ = admin.describe_acls(everything)
    return {_rule(acl) for acl in acls
            if acl.permission_type is ACLPermissionType.ALLOW and acl.host == ANYWHERE}


def _rule(acl: Any) -> Rule:
    resource = acl.resource_pattern
    return Rule(
        acl.principal.removeprefix("User:"), acl.operation.name, resource.resource_type.name,
        resource.resource_name, resource.pattern_type is ACLResourcePatternType.PREFIXED)


def _acl(rule: Rule) -> Any:
    pattern = (ACLResourcePatternType.PREFIXED if rule.prefixed
               else ACLResourcePatternType.LITERAL)
    return ACL(
        f"User:{rule.user}", ANYWHERE, ACLOperation[rule.operation], ACLPermissionType.ALLOW,
        ResourcePattern(ResourceType[rule.kind], rule.name, pattern))
