"""What the broker's process is given: its properties, its logging, its command line."""

from dataclasses import dataclass
from pathlib import Path

LOG = "broker.log"
DATA = "data"
PROPERTIES = "server.properties"
LOG4J = "log4j2.properties"


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports of one broker."""

    broker: int
    controller: int

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.broker}"


def write(home: Path, ports: Ports) -> None:
    """Write both files that the broker reads. Paths in them are relative to `home`, because
    Java reads such a file as Latin-1 and a list of folders as separated by commas.
    """
    (home / PROPERTIES).write_text(properties(ports), "ascii")
    (home / LOG4J).write_text(LOG4J_PROPERTIES, "ascii")


def command(java: Path, class_path: str, *main: str) -> list[str]:
    """Argument list that runs one of Kafka's main classes in `home`."""
    return [
        str(java), "-Xms256m", "-Xmx1g", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true",
        f"-Dlog4j2.configurationFile={LOG4J}", "-cp", class_path, *main,
    ]


def properties(ports: Ports) -> str:
    """One node that is broker and controller, on loopback, with one replica of everything."""
    return f"""\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{ports.controller}
listeners=BROKER://{ports.bootstrap},CONTROLLER://127.0.0.1:{ports.controller}
advertised.listeners=BROKER://{ports.bootstrap}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=BROKER
controller.listener.names=CONTROLLER
log.dirs={DATA}
# a topic that the catalogue does not know is a mistake
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
# a consumer group starts at once instead of waiting 3 s for more members
group.initial.rebalance.delay.ms=0
# after a kill -9 the node waits for this long until its own old registration has expired
broker.session.timeout.ms=5000
broker.heartbeat.interval.ms=1000
# an eighth of the heap would go to compaction otherwise
log.cleaner.dedupe.buffer.size=33554432
"""


# INFO is what explains a failed start; the dump of some 400 settings at each start is not.
LOG4J_PROPERTIES = """\
status = warn
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1}: %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
logger.config.name = org.apache.kafka.common.config.AbstractConfig
logger.config.level = warn
"""
