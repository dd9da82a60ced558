"""The workers' consumer group as the broker sees it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kafka.errors import CoordinatorNotAvailableError, KafkaError

from pipeline.broker import lag
from pipeline.broker.errors import BrokerError
from pipeline.broker.topics import connected
from pipeline.settings import Settings

LOOK_S = 0.3
WORKED = ("telemetry", "enrolments", "completions")


class NotSettledError(Exception):
    """The group did not come to be what was waited for."""


@dataclass(frozen=True, slots=True)
class Members:
    """Who is in the group: member id → (topic, partition) that it owns."""

    state: str
    owned: Mapping[str, frozenset[lag.Position]]

    @property
    def stable(self) -> bool:
        return self.state == "Stable"


@dataclass(frozen=True, slots=True)
class Group:
    """The group of all workers of one run."""

    bootstrap: str
    settings: Settings

    @property
    def name(self) -> str:
        return self.settings.topic("worker")

    def members(self) -> Members:
        """Who is in it now; nobody while Kafka is away."""
        try:
            with connected(self.bootstrap) as admin:
                found = admin.describe_groups([self.name])[self.name]
        except (BrokerError, KafkaError, CoordinatorNotAvailableError, OSError):
            return Members("Away", {})
        return Members(str(found["group_state"]), {
            member["member_id"]: _owned(member["member_assignment"]) for member in found["members"]
        })

    def wait(self, what: str, met: Callable[[Members], bool], patience_s: float) -> Members:
        """Wait until the group is so; raises NotSettledError."""
        deadline = time.monotonic() + patience_s
        while not met(found := self.members()):
            if time.monotonic() > deadline:
                raise NotSettledError(f"the workers' group is not {what} after {patience_s:.0f} s:"
                                      f" {found.state}, {len(found.owned)} members")
            time.sleep(LOOK_S)
        return found

    def committed(self) -> dict[lag.Position, int]:
        """How far every partition of the input is committed."""
        return lag.committed(self.bootstrap, self.name)

    def ends(self) -> dict[lag.Position, int]:
        """Where every partition of the input ends."""
        return lag.ends(self.bootstrap, map(self.settings.topic, WORKED))


def _owned(assignment: object) -> frozenset[lag.Position]:
    if not isinstance(assignment, Mapping):
        return frozenset()
    return frozenset((one["topic"], number) for one in assignment["assigned_partitions"]
                     for number in one["partitions"])
