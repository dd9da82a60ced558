"""Metrics of the publisher, and of those who read what it publishes."""

from pipeline.metrics.metric import SECONDS_TO_MINUTES, Kind, Metric, Process

HERE = (Process.PUBLISHER,)
READERS = (Process.PUBLISHER, Process.DASHBOARD, Process.LEARNER)

ATTEMPTS = Metric(
    "xueshi_publisher_attempts_total", Kind.COUNTER, "", "attempts to publish", HERE,
    {"result": "published, nothing_new, check_failed, failed, stopped"})
SECONDS = Metric("xueshi_publisher_seconds", Kind.HISTOGRAM, "seconds", "time of an attempt", HERE,
                 {}, SECONDS_TO_MINUTES)
CASES = Metric("xueshi_publisher_check_cases", Kind.GAUGE, "",
               "cases that the checks of the last attempt found; 0 is good", HERE,
               {"check": "name of the check", "severity": "fail, warn"})
CHECKED_AT = Metric("xueshi_publisher_checked_timestamp_seconds", Kind.GAUGE, "seconds",
                    "when the checks ran last, since 1970; 0 before the first time", HERE)
AS_OF = Metric("xueshi_published_as_of_timestamp_seconds", Kind.GAUGE, "seconds",
               "up to when the last good publication has all, since 1970; 0 where there is none",
               READERS)
SEQUENCE = Metric("xueshi_published_sequence", Kind.GAUGE, "",
                  "number of the last good publication", READERS)
FILES = Metric("xueshi_published_files", Kind.GAUGE, "", "its files", READERS)
BYTES = Metric("xueshi_published_bytes", Kind.GAUGE, "bytes", "their size", READERS)

METRICS = (ATTEMPTS, SECONDS, CASES, CHECKED_AT, AS_OF, SEQUENCE, FILES, BYTES)
