"""The catalogue of topics: from it they are created, checked and documented."""

from dataclasses import dataclass
from typing import Literal

DAY_MS = 24 * 3600 * 1000
FOR_EVER = -1


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `partitions` None means: as many as the settings say for teachers' data."""

    name: str
    meaning: str
    key: str
    cleanup: Literal["delete", "compact"]
    retention_ms: int
    writer: str
    readers: tuple[str, ...]
    dead_letter: str | None
    models: tuple[str, ...]
    partitions: int | None = None


TELEMETRY = Topic(
    name="telemetry",
    meaning="heartbeats and quiz answers, packed in columns: the evidence for every credit",
    key="none; the partition is chosen by the fixed hash of teacher_id",
    cleanup="delete",
    retention_ms=(92 + 30) * DAY_MS,  # June to August, and 30 days: a rebuild reads it again
    writer="collector",
    readers=("watching agent", "`xueshi explain`"),
    dead_letter="rejections",
    models=("TelemetryBatch",),
)
COMPLETIONS = Topic(
    name="completions",
    meaning="resources started and done, per programme",
    key="teacher_id",
    cleanup="delete",
    retention_ms=FOR_EVER,
    writer="watching agent",
    readers=("crediting agent",),
    dead_letter="rejections",
    models=("Completion",),
)
ENROLMENTS = Topic(
    name="enrolments",
    meaning="who enrolled in which programme",
    key="teacher_id",
    cleanup="delete",
    retention_ms=FOR_EVER,
    writer="registration platform",
    readers=("crediting agent", "`xueshi explain`"),
    dead_letter="rejections",
    models=("Enrolment",),
)
ADJUSTMENTS = Topic(
    name="adjustments",
    meaning="what people decide: hours granted, withdrawn, held, handed over; and its reversal",
    key="teacher_id",
    cleanup="delete",
    retention_ms=FOR_EVER,
    writer="administrators, by `xueshi adjust` and `xueshi roster import`",
    readers=("crediting agent", "`xueshi explain`"),
    dead_letter="rejections",
    models=("Grant", "Withdrawal", "Hold", "Reversal", "OpeningBalance"),
)
LEDGER = Topic(
    name="ledger",
    meaning="every change of a teacher's standing, numbered",
    key="teacher_id",
    cleanup="delete",
    retention_ms=FOR_EVER,
    writer="crediting agent",
    readers=("loader",),
    dead_letter="rejections",
    models=("LedgerEntry",),
)
ROSTER_TOPIC = Topic(
    name="roster",
    meaning="regions, schools, teachers and their verification",
    key="kind:id",
    cleanup="delete",  # changes are dated and may come in any order (22): the last sent is not all
    retention_ms=FOR_EVER,
    writer="registration platform",
    readers=("loader", "`xueshi explain`"),
    dead_letter="rejections",
    models=("Region", "School", "Teacher", "Verification"),
    partitions=1,  # a school must be read before its teachers, so one order for all
)
REJECTIONS = Topic(
    name="rejections",
    meaning="what was refused, why, and its raw bytes",
    key="reason",
    cleanup="delete",
    retention_ms=FOR_EVER,
    writer="collector, agents, loader",
    readers=("loader", "`xueshi rejections`", "`xueshi explain`"),
    dead_letter=None,
    models=("Rejection",),
    partitions=1,
)
REPLAYS = Topic(
    name="replays",
    meaning="which rejection was put back after a fix, when, and where it stands now",
    key="reason",
    cleanup="delete",
    retention_ms=FOR_EVER,
    writer="`xueshi rejections replay`",
    readers=("`xueshi rejections`",),
    dead_letter=None,
    models=("Replay",),
    partitions=1,
)

WATCHING_CHANGELOG = Topic(
    name="watching-changelog",
    meaning="state of the watching agent: what each teacher has watched (pipeline/agents/shard.py)",
    key="number of a bucket of teachers, or `progress`",
    cleanup="compact",
    retention_ms=FOR_EVER,
    writer="watching agent, in transactions",
    readers=("watching agent, when it takes a partition over",),
    dead_letter=None,
    models=(),
)
CREDITING_CHANGELOG = Topic(
    name="crediting-changelog",
    meaning="state of the crediting agent: what each teacher has completed",
    key="number of a bucket of teachers, or `progress`",
    cleanup="compact",
    retention_ms=FOR_EVER,
    writer="crediting agent, in transactions",
    readers=("crediting agent, when it takes a partition over",),
    dead_letter=None,
    models=(),
)

TOPICS = (TELEMETRY, COMPLETIONS, ENROLMENTS, ADJUSTMENTS, LEDGER, ROSTER_TOPIC, REJECTIONS,
          REPLAYS, WATCHING_CHANGELOG, CREDITING_CHANGELOG)
