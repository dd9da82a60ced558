"""Metrics of a worker and its two agents."""

from pipeline.metrics.metric import SECONDS_TO_MINUTES, Kind, Metric, Process

HERE = (Process.WORKER,)
AGENT = {"agent": "watching, crediting"}

RECORDS = Metric("xueshi_worker_records_total", Kind.COUNTER, "", "input records decided", HERE,
                 AGENT)
EVENTS = Metric("xueshi_worker_events_total", Kind.COUNTER, "", "events that were taken", HERE,
                AGENT)
REFUSED = Metric(
    "xueshi_worker_refused_events_total", Kind.COUNTER, "", "events that were refused", HERE,
    {**AGENT, "kind": "`broken` input, or `disbelieved` claims", "reason": "reason code"})
VERDICTS = Metric("xueshi_worker_verdicts_total", Kind.COUNTER, "",
                  "what the rules said of heartbeats and quizzes, repeats too", HERE,
                  {"verdict": "accepted, repeated, or the reason code of a refusal"})
OUTCOMES = Metric("xueshi_worker_outcomes_total", Kind.COUNTER, "",
                  "completions and ledger entries sent", HERE, AGENT)
FLUSH_SECONDS = Metric("xueshi_worker_flush_seconds", Kind.HISTOGRAM, "seconds",
                       "time to make one partition's decisions durable", HERE, AGENT,
                       SECONDS_TO_MINUTES)
FLUSHING_SECONDS = Metric(
    "xueshi_worker_flushing_seconds", Kind.GAUGE, "seconds",
    "how long the flush under way has lasted; the worker ends when Kafka has not taken it after "
    "30 s", HERE, AGENT)
UNFLUSHED_SECONDS = Metric("xueshi_worker_oldest_unflushed_seconds", Kind.GAUGE, "seconds",
                           "age of the oldest decision that is not durable", HERE, AGENT)
UNACKNOWLEDGED = Metric("xueshi_worker_unacknowledged_records", Kind.GAUGE, "",
                        "input records decided and not acknowledged", HERE, AGENT)
DIRTY = Metric("xueshi_worker_dirty_buckets", Kind.GAUGE, "",
               "buckets of teachers changed since the last flush", HERE, AGENT)
HOT = Metric("xueshi_worker_decoded_buckets", Kind.GAUGE, "",
             "buckets kept decoded (XUESHI_HOT_BUCKETS a partition at most)", HERE, AGENT)
STORED = Metric("xueshi_worker_stored_buckets", Kind.GAUGE, "", "buckets of state in memory",
                HERE, AGENT)
PARTITIONS = Metric("xueshi_worker_partitions", Kind.GAUGE, "", "partitions owned", HERE, AGENT)
CHANGELOG_BYTES = Metric("xueshi_worker_changelog_bytes_total", Kind.COUNTER, "bytes",
                         "state written to the changelog, before compression by Kafka", HERE, AGENT)
CHANGELOG_RECORDS = Metric("xueshi_worker_changelog_records_total", Kind.COUNTER, "",
                           "values written to the changelog", HERE, AGENT)
CHANGELOG_ERRORS = Metric(
    "xueshi_worker_changelog_errors_total", Kind.COUNTER, "",
    "writes that failed; the worker ends with the first one, so look at its restarts too", HERE,
    AGENT)
RECOVERING = Metric("xueshi_worker_recovering_partitions", Kind.GAUGE, "",
                    "partitions whose state is being read back", HERE, AGENT)
RECOVERY_LEFT = Metric("xueshi_worker_recovery_offsets_left", Kind.GAUGE, "",
                       "offsets of their changelogs still to be read", HERE, AGENT)
RECOVERY_SECONDS = Metric("xueshi_worker_recovery_seconds", Kind.HISTOGRAM, "seconds",
                          "time to take a partition over and read its state back", HERE, AGENT,
                          SECONDS_TO_MINUTES)
REBALANCES = Metric("xueshi_worker_rebalances_total", Kind.COUNTER, "",
                    "how often partitions were given out anew", HERE)
COMMITS = Metric("xueshi_worker_commits_total", Kind.COUNTER, "",
                 "commits of offsets to the consumer group", HERE)
COMMIT_AGE = Metric("xueshi_worker_commit_age_seconds", Kind.GAUGE, "seconds",
                    "time since the last one, or since the start; it grows while nothing comes",
                    HERE)

METRICS = (RECORDS, EVENTS, REFUSED, VERDICTS, OUTCOMES, FLUSH_SECONDS, FLUSHING_SECONDS,
           UNFLUSHED_SECONDS, UNACKNOWLEDGED, DIRTY, HOT, STORED, PARTITIONS, CHANGELOG_BYTES,
           CHANGELOG_RECORDS, CHANGELOG_ERRORS, RECOVERING, RECOVERY_LEFT, RECOVERY_SECONDS,
           REBALANCES, COMMITS, COMMIT_AGE)
