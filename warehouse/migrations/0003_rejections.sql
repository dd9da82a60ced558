-- What was refused anywhere on the path, and why (rule 19).

-- One row a rejection. Its identity is (topic, kafka_partition, kafka_offset, reason,
-- session_id); what the collector refused before Kafka has -1, -1 and no identity.
CREATE TABLE rejections (
    topic           VARCHAR     NOT NULL,
    kafka_partition BIGINT      NOT NULL,
    kafka_offset    BIGINT      NOT NULL,
    reason          VARCHAR     NOT NULL,
    count           BIGINT      NOT NULL,  -- events refused
    refused_at      TIMESTAMPTZ NOT NULL,
    teacher_id      VARCHAR,
    resource_id     VARCHAR,
    session_id      VARCHAR,
    detail          VARCHAR     NOT NULL,
    raw             BLOB        NOT NULL
);
