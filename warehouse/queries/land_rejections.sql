-- From incoming_rejections to rejections: one row a rejection, by its identity (topic,
-- kafka_partition, kafka_offset, reason, teacher_id, resource_id, session_id). What has no place
-- in Kafka (offset -1) has no identity either: every one of those counts.

INSERT INTO rejections
WITH once AS (
    FROM incoming_rejections
    WHERE kafka_offset >= 0
    QUALIFY row_number() OVER (
        PARTITION BY topic, kafka_partition, kafka_offset, reason,
                     teacher_id, resource_id, session_id) = 1
), unplaced AS (
    FROM incoming_rejections WHERE kafka_offset < 0
), fresh AS (
    FROM once
    WHERE NOT EXISTS (
        FROM rejections AS known
        WHERE known.topic = once.topic AND known.kafka_partition = once.kafka_partition
            AND known.kafka_offset = once.kafka_offset AND known.reason = once.reason
            AND known.teacher_id IS NOT DISTINCT FROM once.teacher_id
            AND known.resource_id IS NOT DISTINCT FROM once.resource_id
            AND known.session_id IS NOT DISTINCT FROM once.session_id)
    UNION ALL
    FROM unplaced
)
SELECT topic, kafka_partition, kafka_offset, reason, count, make_timestamptz(refused_ms * 1000),
       teacher_id, resource_id, session_id, detail, raw
FROM fresh;
