"""Metrics of the loader and its warehouse."""

from pipeline.metrics.metric import SECONDS_TO_MINUTES, Kind, Metric, Process

HERE = (Process.LOADER,)
TOPIC = {"topic": "full name of a loaded topic"}

RECORDS = Metric("xueshi_loader_records_total", Kind.COUNTER, "", "records landed", HERE, TOPIC)
ENTRIES = Metric("xueshi_loader_ledger_entries_total", Kind.COUNTER, "",
                 "new ledger entries landed, without repeats", HERE)
GAPS = Metric("xueshi_loader_ledger_gaps_total", Kind.COUNTER, "",
              "gaps in the ledger's numbering: entries were lost", HERE)
REFUSED = Metric("xueshi_loader_refused_records_total", Kind.COUNTER, "",
                 "records that could not be read and are kept as rejections", HERE,
                 {"reason": "reason code"})
WATERMARK = Metric("xueshi_loader_watermark_timestamp_seconds", Kind.GAUGE, "seconds",
                   "timestamp of the newest record landed since the start, since 1970", HERE, TOPIC)
OFFSET = Metric("xueshi_loader_next_offset", Kind.GAUGE, "", "offset that is read next", HERE,
                {**TOPIC, "partition": "number of the partition"})
TRANSACTION_SECONDS = Metric("xueshi_loader_transaction_seconds", Kind.HISTOGRAM, "seconds",
                             "time of a landing: one transaction in DuckDB", HERE, {},
                             SECONDS_TO_MINUTES)
LANDED_AT = Metric("xueshi_loader_landed_timestamp_seconds", Kind.GAUGE, "seconds",
                   "when the last landing was committed, since 1970; 0 before the first", HERE)
WAITING = Metric("xueshi_loader_waiting_records", Kind.GAUGE, "",
                 "records read and not landed", HERE)
AWAY = Metric("xueshi_loader_kafka_away", Kind.GAUGE, "", "1 while Kafka does not answer", HERE)
STUCK = Metric("xueshi_loader_stuck", Kind.GAUGE, "",
               "1 while Kafka does not take the loader's rejections, so that nothing lands", HERE)
SNAPSHOT_SECONDS = Metric("xueshi_loader_snapshot_seconds", Kind.HISTOGRAM, "seconds",
                          "time to copy the warehouse for the publisher", HERE, {},
                          SECONDS_TO_MINUTES)
SNAPSHOT_FAILURES = Metric("xueshi_loader_snapshot_failures_total", Kind.COUNTER, "",
                           "copies that failed: publications are late", HERE)
FILE_BYTES = Metric("xueshi_warehouse_bytes", Kind.GAUGE, "bytes", "size of the files", HERE,
                    {"file": "warehouse, wal, snapshot"})

METRICS = (RECORDS, ENTRIES, GAPS, REFUSED, WATERMARK, OFFSET, TRANSACTION_SECONDS, LANDED_AT,
           WAITING, AWAY, STUCK, SNAPSHOT_SECONDS, SNAPSHOT_FAILURES, FILE_BYTES)
