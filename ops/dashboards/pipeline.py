"""Kafka's groups and the workers: what comes, what is decided, what is durable."""

from ops.dashboards.model import Dashboard, Panel, Query, Row, Unit
from ops.dashboards.promql import age, mean, most, quantile, rate, total
from pipeline.metrics.catalogue import lag, worker

AGENT = "{{agent}} {{instance}}"
BY_AGENT = "agent, instance"

LAG = Row("Lag", (
    Panel("Seconds behind", "Age of the first record that is not committed, of the group's worst "
          "partition. Alerts: LagGrowing, LagHigh.",
          (Query(most(lag.MOST_LAG_SECONDS, "group"), "{{group}}"),), Unit.SECONDS, bad=600),
    Panel("Records behind", "Of all partitions, and of the worst.",
          (Query(most(lag.SUM_LAG, "group"), "{{group}}: all"),
           Query(most(lag.MOST_LAG, "group"), "{{group}}: the worst"))),
    Panel("Partitions that are not OK", "WARN: what is behind does not get less; STALL: it has an "
          "owner and does not move; STOP: nobody owns it; REWIND: it went back. Alerts: "
          "PartitionStalled, PartitionStopped, PartitionRewound.",
          (Query(total(lag.STATE, "group, state", 'state!="OK"'), "{{group}} {{state}}"),), bad=1),
    Panel("Seconds behind, by partition", "One line far above the others: its owner is slow.",
          (Query(most(lag.LAG_SECONDS, "group, topic, partition", 'group=~".*worker"'),
                 "{{topic}} {{partition}}"),), Unit.SECONDS, bad=600),
    Panel("Records behind, by topic", "What waits, and where.",
          (Query(total(lag.LAG, "group, topic"), "{{group}}: {{topic}}"),)),
    Panel("Committed", "Records a second that each group gets done.",
          (Query(f"sum by (group) (rate({lag.OFFSET.name}[$__rate_interval]))", "{{group}}"),),
          Unit.PER_SECOND),
    Panel("Produced", "Records a second that come onto each topic.",
          (Query(f"sum by (topic) (rate({lag.LATEST.name}[$__rate_interval]))", "{{topic}}"),),
          Unit.PER_SECOND),
    Panel("Records in Kafka", "Which it still has.",
          (Query(f"sum by (topic) ({lag.LATEST.name} - {lag.EARLIEST.name})", "{{topic}}"),)),
    Panel("Age of these figures", "Alert: LagFiguresOld.",
          (Query(age(lag.LOOKED_AT, "instance"), "{{instance}}"),), Unit.SECONDS, bad=60),
))

DECIDING = Row("Workers: deciding", (
    Panel("Events taken", "By agent and worker.",
          (Query(rate(worker.EVENTS, BY_AGENT), AGENT),), Unit.PER_SECOND),
    Panel("Records", "Input records decided; telemetry has many events in each.",
          (Query(rate(worker.RECORDS, BY_AGENT), AGENT),), Unit.PER_SECOND),
    Panel("Outcomes", "Completions (watching) and ledger entries (crediting).",
          (Query(rate(worker.OUTCOMES, "agent"), "{{agent}}"),), Unit.PER_SECOND),
    Panel("Verdicts", "What the rules said of heartbeats and quizzes; repeats change nothing.",
          (Query(rate(worker.VERDICTS, "verdict"), "{{verdict}}"),), Unit.PER_SECOND),
    Panel("Refused, by reason", "Alerts: InputBroken, ClaimsDisbelieved.",
          (Query(rate(worker.REFUSED, "kind, reason"), "{{kind}}: {{reason}}"),),
          Unit.PER_SECOND),
    Panel("Partitions owned", "All workers together have all of them, shared out evenly.",
          (Query(total(worker.PARTITIONS, BY_AGENT), AGENT),)),
))

DURABLE = Row("Workers: making it durable", (
    Panel("Age of the oldest decision that is not durable", "Alert: FlushLate.",
          (Query(most(worker.UNFLUSHED_SECONDS, BY_AGENT), AGENT),), Unit.SECONDS, bad=15),
    Panel("Flushes", "How long one takes: half of them, and all but one in a hundred.",
          (Query(quantile(0.5, worker.FLUSH_SECONDS, "agent"), "{{agent}}: half"),
           Query(quantile(0.99, worker.FLUSH_SECONDS, "agent"), "{{agent}}: 99 %")),
          Unit.SECONDS, bad=15),
    Panel("The flush under way", "The worker ends when Kafka has not taken it after 30 s.",
          (Query(most(worker.FLUSHING_SECONDS, BY_AGENT), AGENT),), Unit.SECONDS, bad=15),
    Panel("Changelog", "State written.",
          (Query(rate(worker.CHANGELOG_BYTES, BY_AGENT), AGENT),), Unit.BYTES_A_SECOND),
    Panel("Bytes a write", "Of one bucket's state; it grows with what teachers have watched.",
          (Query(mean(worker.CHANGELOG_BYTES, worker.CHANGELOG_RECORDS), "bytes a write"),),
          Unit.BYTES),
    Panel("Writes that failed", "The worker ends with the first one.",
          (Query(total(worker.CHANGELOG_ERRORS, BY_AGENT), AGENT),), bad=1),
    Panel("Records not acknowledged", "Decided, and read again if the worker ends now.",
          (Query(total(worker.UNACKNOWLEDGED, BY_AGENT), AGENT),)),
    Panel("Buckets changed since the last flush", "What the next one writes.",
          (Query(total(worker.DIRTY, BY_AGENT), AGENT),)),
    Panel("Buckets in memory", "All of them, and those that are kept decoded.",
          (Query(total(worker.STORED, BY_AGENT), f"{AGENT}: all"),
           Query(total(worker.HOT, BY_AGENT), f"{AGENT}: decoded"))),
))

MOVING = Row("Workers: taking over", (
    Panel("Partitions being read back", "Alert: RecoveryDoesNotEnd.",
          (Query(total(worker.RECOVERING, BY_AGENT), AGENT),)),
    Panel("Offsets still to be read", "Fewer and fewer, or it hangs.",
          (Query(total(worker.RECOVERY_LEFT, BY_AGENT), AGENT),)),
    Panel("Mean time to take a partition over", "Since each worker was started.",
          (Query(f"sum by ({BY_AGENT}) ({worker.RECOVERY_SECONDS.name}_sum) / "
                 f"sum by ({BY_AGENT}) ({worker.RECOVERY_SECONDS.name}_count > 0)", AGENT),),
          Unit.SECONDS),
    Panel("Partitions given out anew", "How often, since each worker was started. Alert: "
          "PartitionsMoveOften.", (Query(most(worker.REBALANCES, "instance"), "{{instance}}"),)),
    Panel("Commits", "Of offsets to the group.",
          (Query(rate(worker.COMMITS, "instance"), "{{instance}}"),), Unit.PER_SECOND),
    Panel("Time since the last commit", "It grows while nothing comes.",
          (Query(most(worker.COMMIT_AGE, "instance"), "{{instance}}"),), Unit.SECONDS),
))

DASHBOARD = Dashboard("pipeline", "xueshi: pipeline", "Kafka's groups, and the workers.",
                      (LAG, DECIDING, DURABLE, MOVING))
