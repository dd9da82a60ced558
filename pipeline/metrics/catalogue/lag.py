"""Metrics of `xueshi lag --serve`. What other exporters tell too has their name for it."""

from pipeline.metrics.metric import Kind, Metric, Process

HERE = (Process.LAG,)
GROUP = {"group": "consumer group"}
TOPIC = {"topic": "full name of a topic", "partition": "number of the partition"}

UP = Metric("xueshi_lag_kafka_up", Kind.GAUGE, "",
            "1 if Kafka answered the last look; without it the figures stay away", HERE)
LOOKED_AT = Metric("xueshi_lag_looked_timestamp_seconds", Kind.GAUGE, "seconds",
                   "when the figures were taken, since 1970", HERE)
LATEST = Metric("kafka_partition_latest_offset", Kind.GAUGE, "",
                "offset that the next record will get", HERE, TOPIC)
EARLIEST = Metric("kafka_partition_earliest_offset", Kind.GAUGE, "",
                  "offset of the first record that Kafka still has", HERE, TOPIC)
OFFSET = Metric("kafka_consumergroup_group_offset", Kind.GAUGE, "",
                "offset that the group reads next", HERE, {**GROUP, **TOPIC})
LAG = Metric("kafka_consumergroup_group_lag", Kind.GAUGE, "", "records behind", HERE,
             {**GROUP, **TOPIC})
LAG_SECONDS = Metric("kafka_consumergroup_group_lag_seconds", Kind.GAUGE, "seconds",
                     "age of the first record that is not committed", HERE, {**GROUP, **TOPIC})
MOST_LAG = Metric("kafka_consumergroup_group_max_lag", Kind.GAUGE, "",
                  "records behind of its worst partition", HERE, GROUP)
MOST_LAG_SECONDS = Metric("kafka_consumergroup_group_max_lag_seconds", Kind.GAUGE, "seconds",
                          "seconds behind of its worst partition", HERE, GROUP)
SUM_LAG = Metric("kafka_consumergroup_group_sum_lag", Kind.GAUGE, "",
                 "records behind of all its partitions", HERE, GROUP)
STATE = Metric("xueshi_lag_state", Kind.GAUGE, "",
               "1 for the state that the partition is in, 0 for the others", HERE,
               {**GROUP, **TOPIC, "state": "OK, WARN, STALL, STOP, REWIND"})
FRESHNESS = Metric(
    "xueshi_freshness_seconds", Kind.GAUGE, "seconds",
    "how old what a stage has not dealt with is; absent where it cannot be known", HERE,
    {"stage": "decided, loaded, published; and event_to_warehouse, event_to_published"})

METRICS = (UP, LOOKED_AT, LATEST, EARLIEST, OFFSET, LAG, LAG_SECONDS, MOST_LAG, MOST_LAG_SECONDS,
           SUM_LAG, STATE, FRESHNESS)
