-- Temporary tables that one landing fills from Python and empties again.
-- `happened_ms`, `since_ms`, `refused_ms`: epoch milliseconds, as on the wire.

-- One row a ledger record as it came, repeats included.
CREATE TEMP TABLE incoming_ledger (
    teacher_id VARCHAR, programme_id VARCHAR, seq BIGINT, kind VARCHAR, happened_ms BIGINT,
    course_id VARCHAR, resource_id VARCHAR, seconds BIGINT, learned BIGINT, credited BIGINT,
    kafka_partition INTEGER, kafka_offset BIGINT,
    adjustment_id VARCHAR, reverses VARCHAR, decided_by VARCHAR, reason VARCHAR
);

-- One row a roster record as it came.
CREATE TEMP TABLE incoming_regions (region VARCHAR, name VARCHAR, source_offset BIGINT);
CREATE TEMP TABLE incoming_schools (
    school_id VARCHAR, region VARCHAR, name VARCHAR, other BOOLEAN, source_offset BIGINT
);
CREATE TEMP TABLE incoming_teachers (
    teacher_id VARCHAR, school_id VARCHAR, registered BOOLEAN, since_ms BIGINT,
    source_offset BIGINT, name VARCHAR, stage VARCHAR, subject VARCHAR
);
CREATE TEMP TABLE incoming_verifications (
    teacher_id VARCHAR, verified BOOLEAN, since_ms BIGINT, source_offset BIGINT
);
-- One row a tombstone of the roster: `kind` and `id` from its key.
CREATE TEMP TABLE incoming_removals (kind VARCHAR, id VARCHAR, source_offset BIGINT);

-- One row a rejection as it came, repeats included.
CREATE TEMP TABLE incoming_rejections (
    topic VARCHAR, kafka_partition BIGINT, kafka_offset BIGINT, reason VARCHAR, count BIGINT,
    refused_ms BIGINT, teacher_id VARCHAR, resource_id VARCHAR, session_id VARCHAR,
    detail VARCHAR, raw BLOB
);

-- One row a partition: the offset to read next once this landing is committed.
CREATE TEMP TABLE incoming_offsets (topic VARCHAR, kafka_partition INTEGER, next_offset BIGINT);
