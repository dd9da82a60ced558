"""Who may do what on Kafka: from it the ACLs are made, checked and documented.

A user of Kafka a role, and each process runs as one of them: nothing else is open to it.
"""

from dataclasses import dataclass

from pipeline.schemas.topics import (
    ADJUSTMENTS,
    COMPLETIONS,
    CREDITING_CHANGELOG,
    ENROLMENTS,
    LEDGER,
    REJECTIONS,
    REPLAYS,
    ROSTER_TOPIC,
    TELEMETRY,
    WATCHING_CHANGELOG,
    Topic,
)

WORKER_GROUP = "worker"
# Nobody is in it: the loader notes there how far it is (warehouse/notes.py).
LOADER_GROUP = "loader"
CHANGELOGS = (WATCHING_CHANGELOG, CREDITING_CHANGELOG)
INPUT = (TELEMETRY, COMPLETIONS, ENROLMENTS, ADJUSTMENTS)
LOADED = (LEDGER, ROSTER_TOPIC, REJECTIONS)


@dataclass(frozen=True, slots=True)
class Role:
    """`transactions`: topics written in transactions, whose ids begin with the topic's name;
    `joins`: consumer groups it is a member of; `watches`: groups it may look at.
    """

    name: str
    processes: str
    reads: tuple[Topic, ...] = ()
    writes: tuple[Topic, ...] = ()
    transactions: tuple[Topic, ...] = ()
    joins: tuple[str, ...] = ()
    watches: tuple[str, ...] = ()


COLLECTOR = Role(
    name="collector",
    processes="`xueshi collector`",
    writes=(TELEMETRY, REJECTIONS),
)
WORKER = Role(
    name="worker",
    processes="`xueshi worker`",
    reads=(*INPUT, *CHANGELOGS),
    writes=(COMPLETIONS, LEDGER, REJECTIONS, *CHANGELOGS),
    transactions=CHANGELOGS,
    joins=(WORKER_GROUP,),
)
LOADER = Role(
    name="loader",
    processes="`xueshi loader`",
    reads=LOADED,
    writes=(REJECTIONS,),
    joins=(LOADER_GROUP,),
)
REGISTRAR = Role(
    name="registrar",
    processes="`xueshi roster import`, `xueshi adjust`, and the platform where it writes itself",
    writes=(ROSTER_TOPIC, ENROLMENTS, ADJUSTMENTS),
)
AUDITOR = Role(
    name="auditor",
    processes="`xueshi explain`, `rebuild`, `lag`, `rejections list`, `count` and `show`",
    reads=(*INPUT, *LOADED, REPLAYS),
    watches=(WORKER_GROUP, LOADER_GROUP),
)
REPLAYER = Role(
    name="replayer",
    processes="`xueshi rejections replay`",
    reads=(REJECTIONS, REPLAYS, TELEMETRY),
    writes=(*INPUT, LEDGER, ROSTER_TOPIC, REPLAYS),
)

ROLES = (COLLECTOR, WORKER, LOADER, REGISTRAR, AUDITOR, REPLAYER)
