"""Metrics of the collector."""

from pipeline.metrics.metric import Kind, Metric, Process

HERE = (Process.COLLECTOR,)

EVENTS = Metric("xueshi_collector_events_total", Kind.COUNTER, "",
                "events that Kafka has acknowledged, and were answered with 202", HERE)
RECORDS = Metric("xueshi_collector_records_total", Kind.COUNTER, "",
                 "telemetry records that Kafka has acknowledged, each of many events", HERE)
BYTES = Metric("xueshi_collector_record_bytes_total", Kind.COUNTER, "bytes",
               "their size before compression", HERE)
REFUSED = Metric("xueshi_collector_refused_events_total", Kind.COUNTER, "",
                 "events refused and kept as rejections", HERE, {"reason": "reason code"})
SEND_FAILURES = Metric("xueshi_collector_send_failures_total", Kind.COUNTER, "",
                       "telemetry records that Kafka did not acknowledge: their posts got 503",
                       HERE)
WAITING_POSTS = Metric("xueshi_collector_waiting_posts", Kind.GAUGE, "",
                       "posts that are waiting to be packed", HERE)
WAITING_BYTES = Metric("xueshi_collector_waiting_bytes", Kind.GAUGE, "bytes",
                       "what waits for Kafka or is on its way there, at most", HERE)
CONNECTED = Metric("xueshi_collector_kafka_connected", Kind.GAUGE, "",
                   "1 while there is a producer that is connected to Kafka", HERE)

METRICS = (EVENTS, RECORDS, BYTES, REFUSED, SEND_FAILURES, WAITING_POSTS, WAITING_BYTES, CONNECTED)
